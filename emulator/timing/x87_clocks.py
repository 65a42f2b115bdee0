"""The i486DX's clock table for x87 instructions: clocks, and how many of them overlap integer instructions.

Source: Intel, i486 Microprocessor Programmer's Reference Manual (1990), appendix E; the average where a range
is given.  The x87 unit is not pipelined: the next x87 instruction waits until this one is done.
"""

from __future__ import annotations

from typing import Final

#: (clocks, concurrent clocks) by mnemonic for operands on the stack; by (mnemonic, bytes) for memory operands.
X87: Final[dict[str | tuple[str, int], tuple[int, int]]] = {
    "fld": (4, 0),
    ("fld", 4): (3, 0),
    ("fld", 8): (3, 0),
    ("fld", 10): (6, 0),
    "fst": (3, 0),
    ("fst", 4): (7, 0),
    ("fst", 8): (8, 0),
    ("fst", 10): (6, 0),
    ("fild", 2): (14, 4),  # 13 to 16
    ("fild", 4): (11, 4),  # 9 to 12
    ("fild", 8): (14, 8),  # 10 to 18
    ("fist", 2): (31, 0),  # 29 to 34
    ("fist", 4): (31, 0),  # 28 to 34
    ("fist", 8): (31, 0),
    ("fbld", 10): (75, 7),
    ("fbstp", 10): (175, 0),
    "fadd": (10, 7),  # 8 to 20
    "fsub": (10, 7),
    "fsubr": (10, 7),
    ("fiadd", 2): (24, 7),
    ("fiadd", 4): (22, 7),
    ("fisub", 2): (24, 7),
    ("fisub", 4): (22, 7),
    ("fisubr", 2): (24, 7),
    ("fisubr", 4): (22, 7),
    "fmul": (16, 13),
    ("fmul", 4): (11, 8),
    ("fmul", 8): (14, 11),
    ("fimul", 2): (25, 8),
    ("fimul", 4): (23, 8),
    "fdiv": (73, 70),
    "fdivr": (73, 70),
    ("fidiv", 2): (87, 70),
    ("fidiv", 4): (85, 70),
    ("fidivr", 2): (87, 70),
    ("fidivr", 4): (85, 70),
    "fcom": (4, 1),
    "fcomp": (4, 1),
    "fcompp": (5, 1),
    "fucom": (4, 1),
    "fucomp": (4, 1),
    "fucompp": (5, 1),
    ("ficom", 2): (18, 1),
    ("ficom", 4): (17, 1),
    ("ficomp", 2): (18, 1),
    ("ficomp", 4): (17, 1),
    "ftst": (4, 1),
    "fxam": (8, 0),
    "fxch": (4, 0),
    "fchs": (6, 0),
    "fabs": (3, 0),
    "fsqrt": (85, 70),
    "frndint": (29, 8),
    "fscale": (31, 2),
    "fxtract": (19, 4),
    "fprem": (84, 2),
    "fprem1": (94, 5),
    "fsin": (241, 2),
    "fcos": (241, 2),
    "fsincos": (291, 2),
    "fptan": (244, 70),
    "fpatan": (289, 5),
    "f2xm1": (242, 2),
    "fyl2x": (311, 13),
    "fyl2xp1": (313, 13),
    "fldz": (4, 0),
    "fld1": (4, 0),
    "fldpi": (8, 2),
    "fldl2e": (8, 2),
    "fldl2t": (8, 2),
    "fldlg2": (8, 2),
    "fldln2": (8, 2),
    "fninit": (17, 0),
    "fnclex": (7, 0),
    "fnstsw": (3, 0),
    "fnstcw": (3, 0),
    "fldcw": (4, 0),
    "fldenv": (44, 0),
    "fnstenv": (67, 0),
    "fnsave": (154, 0),
    "frstor": (131, 0),
    "ffree": (3, 0),
    "fdecstp": (3, 0),
    "fincstp": (3, 0),
    "fnop": (3, 0),
    "wait": (1, 0),
    "fwait": (1, 0),
}

#: An x87 instruction that is not in the table.
UNKNOWN: Final = (10, 0)


def x87_clocks(mnemonic: str, size: int) -> tuple[int, int]:
    """(clocks, concurrent clocks) of an x87 instruction with a memory operand of `size` bytes, 0 for none."""
    for name in (mnemonic, _plain(mnemonic)):
        for key in ((name, size), name) if size else (name,):
            if key in X87:
                return X87[key]
    return UNKNOWN


def _plain(mnemonic: str) -> str:
    """The name without the P of the forms that pop, and without the N that capstone may leave out or add."""
    if mnemonic.startswith("fst") and mnemonic in ("fstsw", "fstcw", "fstenv"):
        return "fn" + mnemonic[1:]
    if mnemonic in ("fsave", "finit", "fclex"):
        return "fn" + mnemonic[1:]
    if mnemonic.endswith("p") and mnemonic[:-1] in ("fst", "fist", "fadd", "fsub", "fsubr", "fmul", "fdiv", "fdivr"):
        return mnemonic[:-1]
    return mnemonic
