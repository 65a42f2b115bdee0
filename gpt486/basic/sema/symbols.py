"""Names in the assembler's world."""

from __future__ import annotations

RESERVED_SYMBOLS = frozenset(
    """eax ebx ecx edx esi edi ebp esp ax bx cx dx si di bp sp al ah bl bh cl ch dl dh cs ds es fs gs ss st cr0 cr2
    cr3 dr0 dr1 dr2 dr3 dr6 dr7 tr6 tr7 ptr byte word dword qword offset short near far and or xor not shl shr mod
    eq ne lt gt le ge flat tbyte oword rep lock""".split()
)
"""What the assembler would not take for a symbol, in lower case."""


def mangle(name: str) -> str:
    """A BASIC name as part of a symbol."""
    return name.lower()
