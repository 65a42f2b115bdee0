"""Helpers of the toolchain's tests, as fixtures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpt486.toolchain import AsmLine, Executable, Object, assemble, link


def _lines(source: str, file: str = "TEST.BAS") -> list[AsmLine]:
    return [AsmLine(text, file, number) for number, text in enumerate(source.split("\n"), 1)]


@pytest.fixture(scope="session")
def lines() -> Callable[..., list[AsmLine]]:
    """Source text -> AsmLines of TEST.BAS, one a line."""
    return _lines


@pytest.fixture(scope="session")
def asm() -> Callable[..., Object]:
    """Source text -> Object, at 1 MB for 32-bit code and at 100h for 16-bit code."""

    def build(source: str, **options: Any) -> Object:
        options.setdefault("origin", 0x100 if options.get("bits") == 16 else 0x100000)
        return assemble(_lines(source), **options)

    return build


#: Writes ecx bytes at the label in esi to standard output; the program's `main` comes first.
PRINT = """
print:
    push ecx
    mov edi, dword ptr [sys_xfer]
    rep movsb
    mov eax, dword ptr [sys_xfer_seg]
    mov dword ptr [sys_regs+32], eax
    mov dword ptr [sys_regs], 0x4000
    mov dword ptr [sys_regs+4], 1
    pop dword ptr [sys_regs+8]
    mov dword ptr [sys_regs+12], 0
    mov eax, 0x21
    jmp sys_int
print_text:             # esi: zero-terminated text
    mov ecx, esi
1:  cmp byte ptr [ecx], 0
    lea ecx, [ecx+1]
    jne 1b
    sub ecx, esi
    dec ecx
    jmp print
print_hex:              # eax and a line end
    mov edx, eax
    mov edi, offset digits
    mov ecx, 8
1:  rol edx, 4
    mov al, dl
    and al, 15
    add al, '0'
    cmp al, '9'
    jbe 2f
    add al, 7
2:  stosb
    dec ecx
    jnz 1b
    mov esi, offset digits
    mov ecx, 10
    jmp print
digits: .ascii "00000000\\r\\n"
"""


@pytest.fixture(scope="session")
def program() -> Callable[..., Executable]:
    """Source with a label main -> Executable; print (esi, ecx), print_text (esi), print_hex (eax) are at hand."""

    def build(source: str, **options: Any) -> Executable:
        body = "\n".join(line.partition("#")[0] for line in (source + PRINT).split("\n"))
        return link(_lines(body), entry="main", title="TEST", **options)

    return build
