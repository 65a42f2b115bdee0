"""Which instructions an i486 has.

A whitelist over the *encoding* (prefixes, opcode, ModRM), not over names: the same name can hide a form
that an i486 lacks (``mov cr4, eax``), and an i486 executes the same bytes under other names.  The opcode
maps follow Intel's i486 Programmer's Reference Manual (1990), appendix A.  CPUID, which late i486s have
(SL-enhanced, DX4), is allowed; CR4, MSRs and everything of the Pentium and later are not, and neither are
undocumented encodings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import capstone

PREFIXES: Final = frozenset(b"\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2\xf3")
LOCK: Final = 0xF0
REP: Final = frozenset((0xF2, 0xF3))

_ALL: Final = frozenset(range(8))


def _regs(*values: int) -> frozenset[int]:
    return frozenset(values)


#: One-byte opcodes that are no i486 instruction, whatever follows.
_UNDEFINED_1: Final = {
    0xD6: "undocumented (SALC)",
    0xF1: "undocumented (INT1)",
}

#: Opcodes of the 0F map that an i486 has.
_DEFINED_0F: Final = (
    frozenset((0x00, 0x01, 0x02, 0x03, 0x06, 0x08, 0x09))
    | frozenset(range(0x20, 0x25))
    | frozenset((0x26,))
    | frozenset(range(0x80, 0xA6))
    | frozenset((0xA8, 0xA9, 0xAB, 0xAC, 0xAD, 0xAF))
    | frozenset(range(0xB0, 0xB8))
    | frozenset(range(0xBA, 0xC2))
    | frozenset(range(0xC8, 0xD0))
)

#: Groups: opcode -> ModRM.reg values that are defined.
_GROUP_1: Final = {
    0x8C: _regs(0, 1, 2, 3, 4, 5),
    0x8E: _regs(0, 2, 3, 4, 5),
    0x8F: _regs(0),
    0xC6: _regs(0),
    0xC7: _regs(0),
    0xF6: _ALL - {1},
    0xF7: _ALL - {1},
    0xFE: _regs(0, 1),
    0xFF: _ALL - {7},
    **dict.fromkeys((0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3), _ALL - {6}),
}
_GROUP_0F: Final = {
    0x00: _regs(0, 1, 2, 3, 4, 5),
    0x01: _ALL - {5},
    0x20: _regs(0, 2, 3),
    0x22: _regs(0, 2, 3),
    0x21: _regs(0, 1, 2, 3, 6, 7),
    0x23: _regs(0, 1, 2, 3, 6, 7),
    0x24: _regs(3, 4, 5, 6, 7),
    0x26: _regs(3, 4, 5, 6, 7),
    0xBA: _regs(4, 5, 6, 7),
}

#: Opcodes whose operand must lie in memory (opcode -> ModRM.reg values for which that holds).
_MEMORY_1: Final = {
    0x62: _ALL,
    0x8D: _ALL,
    0xC4: _ALL,
    0xC5: _ALL,
    0xFF: _regs(3, 5),
}
_MEMORY_0F: Final = {
    0x01: _regs(0, 1, 2, 3, 7),
    0xB2: _ALL,
    0xB4: _ALL,
    0xB5: _ALL,
}

#: Why the better known newcomers are missing: (first opcode, last opcode, reason) of the 0F map.
_NEWER_0F: Final = (
    (0x05, 0x05, "AMD K6 and later"),
    (0x07, 0x07, "AMD K6 and later"),
    (0x0B, 0x0B, "reserved as an undefined opcode"),
    (0x0D, 0x0F, "3DNow! and later"),
    (0x10, 0x17, "SSE, Pentium III and later"),
    (0x18, 0x18, "Pentium III and later"),
    (0x19, 0x1F, "long NOP or CET, Pentium Pro and later"),
    (0x28, 0x2F, "SSE, Pentium III and later"),
    (0x30, 0x32, "Pentium and later"),
    (0x33, 0x33, "Pentium MMX and later"),
    (0x34, 0x35, "Pentium II and later"),
    (0x40, 0x4F, "Pentium Pro and later"),
    (0x50, 0x5F, "SSE, Pentium III and later"),
    (0x60, 0x7F, "Pentium MMX and later"),
    (0xAA, 0xAA, "system management mode, not on the original i486"),
    (0xAE, 0xAE, "Pentium II and later"),
    (0xB8, 0xB8, "SSE4 and later"),
    (0xB9, 0xB9, "reserved as an undefined opcode"),
    (0xC2, 0xC6, "SSE, Pentium III and later"),
    (0xC7, 0xC7, "Pentium and later"),
    (0xD0, 0xFE, "Pentium MMX and later"),
    (0xFF, 0xFF, "reserved as an undefined opcode"),
)


def split(code: bytes) -> tuple[bytes, bytes]:
    """Split an instruction's bytes into (prefixes, the rest from the opcode on)."""
    at = 0
    while at < len(code) and code[at] in PREFIXES:
        at += 1
    return code[:at], code[at:]


def is_x87(insn: capstone.CsInsn) -> bool:
    """Whether the instruction is one of the x87's: an ESC opcode D8..DF or FWAIT (9B)."""
    _, rest = split(bytes(insn.bytes))
    return bool(rest) and (0xD8 <= rest[0] <= 0xDF or rest[0] == 0x9B)


def refusal(insn: capstone.CsInsn) -> str | None:
    """Say why an i486 lacks the instruction, as "name: reason"; None when an i486 has it.

    Needs no capstone detail.  An instruction that capstone cannot decode never gets here: the caller
    refuses those bytes itself.  x87 instructions of the 80387 and the i486 are i486 instructions; the
    caller decides with is_x87() whether the machine at hand has an FPU.
    """
    prefixes, rest = split(bytes(insn.bytes))
    reason = _reason(prefixes, rest)
    return None if reason is None else f"{insn.mnemonic}: {reason}"


def _reason(prefixes: bytes, rest: bytes) -> str | None:
    if not rest:
        return "prefixes without an opcode"
    two_byte = rest[0] == 0x0F
    opcode = rest[1] if two_byte and len(rest) > 1 else rest[0]
    modrm = rest[2:3] if two_byte else rest[1:2]
    reg = modrm[0] >> 3 & 7 if modrm else 0
    in_register = bool(modrm) and modrm[0] >= 0xC0
    if two_byte:
        reason = _reason_0f(opcode, reg, in_register)
    elif 0xD8 <= opcode <= 0xDF:
        reason = _reason_x87(opcode, modrm[0] if modrm else 0)
    else:
        reason = _reason_1(opcode, reg, in_register)
    if reason is not None:
        return reason
    if LOCK in prefixes and not _lockable(two_byte, opcode, reg, in_register):
        return "a LOCK prefix is not allowed on this form"
    if REP & set(prefixes):
        if not two_byte and opcode == 0x90:
            return "Pentium 4 and later"
        if two_byte and opcode in (0xBC, 0xBD):
            return "BMI1 or LZCNT; an i486 would execute BSF or BSR"
    return None


def _reason_1(opcode: int, reg: int, in_register: bool) -> str | None:
    if opcode in _UNDEFINED_1:
        return _UNDEFINED_1[opcode]
    if opcode in (0xC4, 0xC5, 0x62) and in_register:
        return "AVX and later"
    if reg not in _GROUP_1.get(opcode, _ALL):
        return "undefined on the i486"
    if in_register and reg in _MEMORY_1.get(opcode, frozenset()):
        return "the operand must lie in memory"
    return None


def _reason_0f(opcode: int, reg: int, in_register: bool) -> str | None:
    if opcode not in _DEFINED_0F:
        for first, last, reason in _NEWER_0F:
            if first <= opcode <= last:
                return reason
        return "not on the i486"
    if reg not in _GROUP_0F.get(opcode, _ALL):
        if opcode in (0x20, 0x22) and reg == 4:
            return "CR4 is of the Pentium and later"
        return "undefined on the i486"
    if in_register and reg in _MEMORY_0F.get(opcode, frozenset()):
        return "undefined on the i486 (Pentium Pro and later use this encoding)"
    return None


#: Register forms (ModRM C0..FF) of the ESC opcodes that the i486's FPU documents.
_X87_REGISTER: Final = {
    0xD8: frozenset(range(0xC0, 0x100)),
    0xD9: frozenset(range(0xC0, 0xD1)) | _regs(0xE0, 0xE1, 0xE4, 0xE5) | (frozenset(range(0xE8, 0x100)) - {0xEF}),
    0xDA: _regs(0xE9),
    0xDB: _regs(0xE0, 0xE1, 0xE2, 0xE3, 0xE4),
    0xDC: frozenset(range(0xC0, 0xD0)) | frozenset(range(0xE0, 0x100)),
    0xDD: frozenset(range(0xC0, 0xC8)) | frozenset(range(0xD0, 0xF0)),
    0xDE: frozenset(range(0xC0, 0xD0)) | _regs(0xD9) | frozenset(range(0xE0, 0x100)),
    0xDF: _regs(0xE0),
}

#: Memory forms (ModRM.reg) of the ESC opcodes that are undefined on the i486.
_X87_MEMORY_UNDEFINED: Final = {0xD9: _regs(1), 0xDB: _regs(4, 6), 0xDD: _regs(5)}


def _reason_x87(opcode: int, modrm: int) -> str | None:
    reg = modrm >> 3 & 7
    if modrm < 0xC0:
        if opcode in (0xDB, 0xDD, 0xDF) and reg == 1:
            return "SSE3, Pentium 4 and later"
        if reg in _X87_MEMORY_UNDEFINED.get(opcode, frozenset()):
            return "undefined on the i486"
        return None
    if modrm in _X87_REGISTER[opcode]:
        return None
    if opcode in (0xDA, 0xDB) and modrm < 0xE0:
        return "Pentium Pro and later"
    if opcode in (0xDB, 0xDF) and 0xE8 <= modrm < 0xF8:
        return "Pentium Pro and later"
    return "undocumented"


def _lockable(two_byte: bool, opcode: int, reg: int, in_register: bool) -> bool:
    """Whether LOCK is legal: a read-modify-write of memory out of the manual's list."""
    if in_register:
        return False
    if two_byte:
        if opcode == 0xBA:
            return reg >= 5
        return opcode in (0xAB, 0xB3, 0xBB, 0xB0, 0xB1, 0xC0, 0xC1)
    if opcode < 0x38:
        return opcode & 7 < 2
    if 0x80 <= opcode <= 0x83:
        return reg != 7
    if opcode in (0xF6, 0xF7):
        return reg in (2, 3)
    if opcode in (0xFE, 0xFF):
        return reg in (0, 1)
    return opcode in (0x86, 0x87)
