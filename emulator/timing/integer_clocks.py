"""The i486's clock table for everything but x87 instructions, as Intel prints it.

Source: Intel, i486 Microprocessor Programmer's Reference Manual (1990), appendix E, and the data book's
chapter 10; operands in the cache, no misalignment, no penalties.  Where measurements or other tables
disagree, the comment says so.  For branches the figure is that of the branch not taken, TAKEN what is added.
"""

from __future__ import annotations

from typing import Final

#: mnemonic (as capstone spells it) -> clocks with no memory operand, with one as source, as destination.
CLOCKS: Final[dict[str, tuple[int, int, int]]] = {
    "mov": (1, 1, 1),
    "movzx": (3, 3, 3),
    "movsx": (3, 3, 3),
    "lea": (1, 1, 1),  # an index register costs its clock in D2, as everywhere
    "xchg": (3, 5, 5),
    "push": (1, 4, 4),
    "pop": (1, 6, 6),  # the manual says 4 and 5; Abrash measured 1 and 6
    "pushal": (11, 11, 11),
    "pushaw": (11, 11, 11),
    "popal": (9, 9, 9),
    "popaw": (9, 9, 9),
    "pushfd": (4, 4, 4),
    "pushf": (4, 4, 4),
    "popfd": (9, 9, 9),
    "popf": (9, 9, 9),
    "xlatb": (4, 4, 4),
    "lahf": (3, 3, 3),
    "sahf": (2, 2, 2),
    "add": (1, 2, 3),
    "adc": (1, 2, 3),
    "sub": (1, 2, 3),
    "sbb": (1, 2, 3),
    "and": (1, 2, 3),
    "or": (1, 2, 3),
    "xor": (1, 2, 3),
    "cmp": (1, 2, 2),
    "test": (1, 2, 2),
    "inc": (1, 3, 3),
    "dec": (1, 3, 3),
    "neg": (1, 3, 3),
    "not": (1, 3, 3),
    "cwde": (3, 3, 3),
    "cbw": (3, 3, 3),
    "cdq": (3, 3, 3),
    "cwd": (3, 3, 3),
    "bswap": (1, 1, 1),
    "aaa": (3, 3, 3),
    "aas": (3, 3, 3),
    "daa": (2, 2, 2),
    "das": (2, 2, 2),
    "aam": (15, 15, 15),
    "aad": (14, 14, 14),
    "shld": (2, 3, 3),  # by CL one more, see decode
    "shrd": (2, 3, 3),
    "bt": (3, 3, 3),  # by a register in memory 8
    "bts": (6, 8, 8),
    "btr": (6, 8, 8),
    "btc": (6, 8, 8),
    "bsf": (6, 7, 7),  # and what the position of the bit adds, see pipeline
    "bsr": (6, 7, 7),
    "xadd": (3, 4, 4),
    "cmpxchg": (6, 7, 7),
    "nop": (1, 1, 1),
    "clc": (2, 2, 2),
    "stc": (2, 2, 2),
    "cmc": (2, 2, 2),
    "cld": (2, 2, 2),
    "std": (2, 2, 2),
    "cli": (5, 5, 5),
    "sti": (5, 5, 5),
    "hlt": (4, 4, 4),
    "enter": (14, 14, 14),
    "leave": (5, 5, 5),
    "bound": (7, 7, 7),
    "into": (3, 3, 3),
    "lds": (6, 6, 6),
    "les": (6, 6, 6),
    "lfs": (6, 6, 6),
    "lgs": (6, 6, 6),
    "lss": (6, 6, 6),
    "clts": (7, 7, 7),
    "lgdt": (11, 11, 11),
    "lidt": (11, 11, 11),
    "sgdt": (10, 10, 10),
    "sidt": (10, 10, 10),
    "lldt": (11, 11, 11),
    "sldt": (2, 3, 3),
    "ltr": (20, 20, 20),
    "str": (2, 3, 3),
    "lmsw": (13, 13, 13),
    "smsw": (2, 3, 3),
    "verr": (11, 11, 11),
    "verw": (11, 11, 11),
    "lar": (11, 11, 11),
    "lsl": (10, 10, 10),
    "arpl": (9, 9, 9),
    "invd": (4, 4, 4),
    "wbinvd": (5, 5, 5),
    "invlpg": (12, 12, 12),
    "cpuid": (14, 14, 14),
    "wait": (1, 1, 1),
    "fwait": (1, 1, 1),
    "lodsb": (5, 5, 5),
    "lodsw": (5, 5, 5),
    "lodsd": (5, 5, 5),
    "stosb": (5, 5, 5),
    "stosw": (5, 5, 5),
    "stosd": (5, 5, 5),
    "movsb": (7, 7, 7),
    "movsw": (7, 7, 7),
    "movsd": (7, 7, 7),
    "scasb": (6, 6, 6),
    "scasw": (6, 6, 6),
    "scasd": (6, 6, 6),
    "cmpsb": (8, 8, 8),
    "cmpsw": (8, 8, 8),
    "cmpsd": (8, 8, 8),
    "insb": (17, 17, 17),
    "insw": (17, 17, 17),
    "insd": (17, 17, 17),
    "outsb": (17, 17, 17),
    "outsw": (17, 17, 17),
    "outsd": (17, 17, 17),
    "in": (14, 14, 14),
    "out": (16, 16, 16),
}

#: DIV and IDIV by operand size in bytes; IDIV from memory takes one more.
DIVIDE: Final = {"div": {1: 16, 2: 24, 4: 40}, "idiv": {1: 19, 2: 27, 4: 43}}

#: Shifts and rotations: by an immediate count, by 1 (the short form), by CL; in a register and in memory.
#: Abrash measured what Intel prints: the form with a count is the faster one.
SHIFT: Final = {"imm": (2, 4), "one": (3, 4), "cl": (3, 4)}
#: RCL and RCR: by 1, and by more (8 to 30 clocks; what a count of about 4 takes).
ROTATE_CARRY: Final = {"one": (3, 4), "more": (12, 13)}

#: Branches: mnemonic -> (clocks not taken, more when taken).  Two of the clocks of a jump are the bubbles
#: that the new stream leaves in D1 and D2.
BRANCH: Final[dict[str, tuple[int, int]]] = {
    "jmp": (1, 2),
    "call": (1, 2),
    "ret": (3, 2),
    "retf": (11, 2),
    "ljmp": (15, 2),
    "lcall": (16, 2),
    "iretd": (13, 2),
    "iret": (13, 2),
    "int": (24, 2),
    "int1": (24, 2),
    "int3": (24, 2),
    "loop": (6, 1),
    "loope": (6, 3),
    "loopne": (6, 3),
    "jecxz": (5, 3),
    "jcxz": (5, 3),
}
#: JMP and CALL through a register or memory.
INDIRECT: Final = (3, 2)
#: Conditional jumps.
CONDITIONAL: Final = (1, 2)
#: In protected mode far transfers and INT take longer (same privilege).
PROTECTED_MORE: Final = {"ljmp": 2, "lcall": 2, "retf": 4, "iretd": 5, "iret": 5, "int": 18, "int3": 18, "int1": 18}

#: REP: clocks to begin, clocks an element.  MOVS of one element takes 13 in all.
REPEAT: Final = {
    "movs": (12, 3),
    "stos": (7, 4),
    "lods": (7, 4),
    "scas": (7, 5),
    "cmps": (7, 7),
    "ins": (16, 8),
    "outs": (17, 5),
}

#: Moves to and from segment, control and debug registers: real mode, protected mode.
MOVE_TO_SEGMENT: Final = (3, 9)
POP_SEGMENT: Final = (3, 9)
LOAD_FAR: Final = (6, 12)
MOVE_TO_CONTROL: Final = 16
MOVE_FROM_CONTROL: Final = 4
MOVE_DEBUG: Final = 10
PORT_PROTECTED: Final = {"in": 9, "out": 11}

#: SETcc: 4 when true, 3 when false (3 and 4 in memory); the flag is not looked at here.
SETCC: Final = (4, 4, 4)

#: An instruction that is not in the tables.
UNKNOWN: Final = 5
