"""Calls one assembly kernel on a bare 486 in Unicorn: flat 32-bit memory, cdecl arguments, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import jinja2
import numpy as np
from numpy.typing import NDArray
from unicorn import UC_ARCH_X86, UC_MODE_32, Uc
from unicorn.x86_const import (
    UC_CPU_X86_486,
    UC_X86_REG_EAX,
    UC_X86_REG_EBP,
    UC_X86_REG_EBX,
    UC_X86_REG_EDI,
    UC_X86_REG_EDX,
    UC_X86_REG_ESI,
    UC_X86_REG_ESP,
)

from gpt486.paths import ASM
from gpt486.toolchain.assembler import AsmLine, assemble

CODE, STACK, DATA, SIZE = 0x10000, 0x80000, 0x100000, 0x400000
RETURN = 0xF000
SAVED = (UC_X86_REG_EBX, UC_X86_REG_ESI, UC_X86_REG_EDI, UC_X86_REG_EBP)


class Kernel:
    """One kernel file, assembled."""

    def __init__(self, name: str, data: Mapping[str, Sequence[int]] | None = None, **values: object) -> None:
        """Assemble it; `data` are the program's tables of Longs that it refers to, by their names."""
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader([ASM / "kernels", ASM]))
        text = environment.get_template(f"{name}.asm").render(**values)
        lines = []
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r";! \w+ (\w+)\(", line)
            code = f"{match[1]}:" if match else line.partition(";")[0].strip()
            if code:
                lines.append(AsmLine(code, f"{name}.asm", number))
        for table, longs in (data or {}).items():
            lines.append(AsmLine(f"{table}:", f"{name}.asm", 0))
            lines += [AsmLine(f".long {value}", f"{name}.asm", 0) for value in longs]
        self._object = assemble(lines, origin=CODE)
        self._uc = Uc(UC_ARCH_X86, UC_MODE_32)
        self._uc.ctl_set_cpu_model(UC_CPU_X86_486)
        self._uc.mem_map(0, SIZE)
        self._uc.mem_write(CODE, self._object.code)
        self._next = DATA

    def place(self, array: NDArray[np.generic] | bytes, align: int = 16) -> int:
        """Copy an array into the machine's memory; returns its address."""
        data = array if isinstance(array, bytes) else array.tobytes()
        self._next = -(-self._next // align) * align
        address, self._next = self._next, self._next + len(data)
        self._uc.mem_write(address, data)
        return address

    def read(self, address: int, dtype: str, count: int) -> NDArray[np.int64]:
        """Read an array back."""
        size = np.dtype(dtype).itemsize * count
        return np.frombuffer(self._uc.mem_read(address, size), dtype).astype(np.int64)

    def call(self, name: str, arguments: Sequence[int]) -> int:
        """Call a procedure; returns eax. Checks that it keeps the registers that it must keep, and the stack."""
        self._next = DATA
        frame = b"".join(int(a & 0xFFFFFFFF).to_bytes(4, "little") for a in (RETURN, *arguments))
        self._uc.mem_write(STACK, frame)
        self._uc.reg_write(UC_X86_REG_ESP, STACK)
        for i, register in enumerate(SAVED):
            self._uc.reg_write(register, 0x1111 * (i + 1))
        self._uc.emu_start(self._object.symbols[name], RETURN)
        assert [self._uc.reg_read(r) for r in SAVED] == [0x1111 * (i + 1) for i in range(4)]
        assert self._uc.reg_read(UC_X86_REG_ESP) == STACK + 4
        value = int(self._uc.reg_read(UC_X86_REG_EAX))
        return value - (value >> 31 << 32)

    def call_wide(self, name: str, arguments: Sequence[int]) -> tuple[int, int]:
        """Call a procedure whose result has 64 bits; returns its lower half, unsigned, and its upper half, signed."""
        low = self.call(name, arguments) & 0xFFFFFFFF
        high = int(self._uc.reg_read(UC_X86_REG_EDX))
        return low, high - (high >> 31 << 32)
