"""Operands of instructions while code is generated, and the temporaries in them."""

from __future__ import annotations

PARTS = {
    "eax": ("al", "ax"), "ecx": ("cl", "cx"), "edx": ("dl", "dx"), "ebx": ("bl", "bx"),
    "esi": ("", "si"), "edi": ("", "di"),
}  # fmt: skip
"""Register -> its low byte (none for esi and edi) and its low word."""

SIZES = {0: "", 1: "byte ptr ", 2: "word ptr ", 4: "dword ptr "}


class Temp:
    """A value in flight: in a register (`reg`), or spilled to the frame (`slot`, its offset from ebp).

    `fixed` temporaries stand for a variable's register: they are never spilled nor freed.
    """

    __slots__ = ("fixed", "pins", "reg", "slot")

    def __init__(self, reg: str, *, fixed: bool = False) -> None:
        self.reg = reg
        self.slot = 0
        self.pins = 0
        self.fixed = fixed


class Operand:
    """What an instruction can read: an immediate, a register or memory."""

    __slots__ = ()

    def temps(self) -> tuple[Temp, ...]:
        """The temporaries that the operand holds on to."""
        return ()

    def text(self) -> str:
        """The assembler's spelling; every temporary must be in a register."""
        raise NotImplementedError


class Imm(Operand):
    """A constant, kept as the signed 32-bit number."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        value &= 0xFFFFFFFF
        self.value = value - (1 << 32) if value >> 31 else value

    def text(self) -> str:
        """The number."""
        return str(self.value)


class Sym(Operand):
    """The address of a symbol plus an offset."""

    __slots__ = ("offset", "symbol")

    def __init__(self, symbol: str, offset: int = 0) -> None:
        self.symbol = symbol
        self.offset = offset

    def text(self) -> str:
        """`offset symbol+n`."""
        return f"offset {self.symbol}{self.offset:+d}" if self.offset else f"offset {self.symbol}"


class Reg(Operand):
    """A register. With `temp` it is a temporary of ours, which may be overwritten; else it belongs to a variable."""

    __slots__ = ("name", "temp")

    def __init__(self, name: str = "", temp: Temp | None = None) -> None:
        self.name = name
        self.temp = temp

    def temps(self) -> tuple[Temp, ...]:
        """The temporary, if it is one."""
        return (self.temp,) if self.temp is not None else ()

    @property
    def reg(self) -> str:
        """The register's name."""
        return self.temp.reg if self.temp is not None else self.name

    def text(self) -> str:
        """The register's name."""
        return self.reg


class Mem(Operand):
    """Memory at [symbol + base + index*scale + disp], `size` bytes wide. A base or index is a register's name or a
    temporary."""

    __slots__ = ("base", "disp", "index", "scale", "size", "symbol")

    def __init__(
        self,
        size: int = 4,
        base: Temp | str = "",
        index: Temp | str = "",
        scale: int = 1,
        disp: int = 0,
        symbol: str = "",
    ) -> None:
        self.size = size
        self.base = base
        self.index = index
        self.scale = scale
        self.disp = disp
        self.symbol = symbol

    def temps(self) -> tuple[Temp, ...]:
        """Base and index, as far as they are temporaries."""
        return tuple(t for t in (self.base, self.index) if isinstance(t, Temp))

    def at(self, offset: int, size: int) -> Mem:
        """Memory `offset` bytes further on."""
        return Mem(size, self.base, self.index, self.scale, self.disp + offset, self.symbol)

    def address(self) -> str:
        """The expression in brackets."""
        parts: list[str] = []
        if self.symbol:
            parts.append(self.symbol)
        if self.base:
            parts.append(self.base.reg if isinstance(self.base, Temp) else self.base)
        if self.index:
            index = self.index.reg if isinstance(self.index, Temp) else self.index
            parts.append(f"{index}*{self.scale}" if self.scale > 1 else index)
        inside = "+".join(parts)
        if self.disp:
            inside += f"{self.disp:+d}" if inside else str(self.disp)
        return f"[{inside or '0'}]"

    def text(self) -> str:
        """`dword ptr [...]`."""
        return SIZES[self.size] + self.address()
