"""The CPU's registers as attributes, and the little that reading a far pointer or a selector takes."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final

from unicorn import UC_ARCH_X86, UC_MODE_32, Uc
from unicorn import x86_const as x86
from unicorn.unicorn_py3.unicorn import uclib

from emulator.errors import EmulatorError, GuestStopError

CF: Final = 0x0001
PF: Final = 0x0004
ZF: Final = 0x0040
SF: Final = 0x0080
TF: Final = 0x0100
IF: Final = 0x0200
DF: Final = 0x0400
NT: Final = 0x4000
RF: Final = 0x10000
VM: Final = 0x20000

_CS: Final = 1
_SS: Final = 2

CR0_PE: Final = 1
CR0_ET: Final = 0x10
CR0_WP: Final = 0x10000
CR0_PG: Final = 0x80000000

#: QEMU's CPUX86State: bytes from regs[] to hflags and segs[], from dr[] to the fields about exceptions,
#: and the two bits of hflags used here.
_HFLAGS: Final = 176
_SEGMENTS: Final = 184
_ERROR_CODE: Final = -16
_IS_INT: Final = -12
_OLD_EXCEPTION: Final = 96
_HF_CPL: Final = 3
_HF_CS32: Final = 0x10
_HF_SS32: Final = 0x20
_HF_ADDSEG: Final = 0x40
#: How much of Unicorn's engine structure is searched, and of what its pointers lead to.
_ENGINE_BYTES: Final = 2048
_STATE_BYTES: Final = 1 << 18
#: The general registers in the order of their numbers.
_GENERAL: Final = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi")
#: Bytes of one of QEMU's SegmentCache: selector, base, limit, flags.
_SEGMENT_BYTES: Final = 24


class _Register:
    """A register of 8, 16 or 32 bits as an attribute of Cpu.

    It goes to Unicorn's C functions directly: the Python binding's reg_read() takes ten times as long.
    """

    def __init__(self, number: int, bits: int) -> None:
        self.number = number
        self.mask = (1 << bits) - 1

    def __get__(self, cpu: Cpu, _owner: type | None = None) -> int:
        uclib.uc_reg_read(cpu.handle, self.number, cpu.pointer)
        return cpu.buffer.value & self.mask

    def __set__(self, cpu: Cpu, value: int) -> None:
        cpu.buffer.value = value & self.mask
        if uclib.uc_reg_write(cpu.handle, self.number, cpu.pointer):
            raise GuestStopError("exception", f"the guest's descriptor {value:04X}h cannot be loaded")


def _search(memory: BinaryIO, engine: int, wanted: bytes) -> Iterator[int]:
    """Where, in what the pointers of the engine's structure lead to, some bytes lie."""
    memory.seek(engine)
    for (pointer,) in struct.iter_unpack("<Q", memory.read(_ENGINE_BYTES)):
        if pointer % 8 or not 0x10000 <= pointer < 1 << 47:
            continue
        try:
            memory.seek(pointer)
            found = memory.read(_STATE_BYTES)
        except OSError:
            continue  # no memory of this process
        at = found.find(wanted)
        while at >= 0:
            yield int(pointer) + at
            at = found.find(wanted, at + 1)


class Cpu:
    """Unicorn's i486 with named registers.

    The engine is opened in 32-bit mode, where it loads segment registers as CR0 says, and then put into
    real mode; in 16-bit mode it would load them as in real mode always.
    """

    eax = _Register(x86.UC_X86_REG_EAX, 32)
    ebx = _Register(x86.UC_X86_REG_EBX, 32)
    ecx = _Register(x86.UC_X86_REG_ECX, 32)
    edx = _Register(x86.UC_X86_REG_EDX, 32)
    esi = _Register(x86.UC_X86_REG_ESI, 32)
    edi = _Register(x86.UC_X86_REG_EDI, 32)
    ebp = _Register(x86.UC_X86_REG_EBP, 32)
    esp = _Register(x86.UC_X86_REG_ESP, 32)
    eip = _Register(x86.UC_X86_REG_EIP, 32)
    eflags = _Register(x86.UC_X86_REG_EFLAGS, 32)
    ax = _Register(x86.UC_X86_REG_AX, 16)
    bx = _Register(x86.UC_X86_REG_BX, 16)
    cx = _Register(x86.UC_X86_REG_CX, 16)
    dx = _Register(x86.UC_X86_REG_DX, 16)
    si = _Register(x86.UC_X86_REG_SI, 16)
    di = _Register(x86.UC_X86_REG_DI, 16)
    bp = _Register(x86.UC_X86_REG_BP, 16)
    sp = _Register(x86.UC_X86_REG_SP, 16)
    al = _Register(x86.UC_X86_REG_AL, 8)
    ah = _Register(x86.UC_X86_REG_AH, 8)
    bl = _Register(x86.UC_X86_REG_BL, 8)
    bh = _Register(x86.UC_X86_REG_BH, 8)
    cl = _Register(x86.UC_X86_REG_CL, 8)
    ch = _Register(x86.UC_X86_REG_CH, 8)
    dl = _Register(x86.UC_X86_REG_DL, 8)
    dh = _Register(x86.UC_X86_REG_DH, 8)
    cs = _Register(x86.UC_X86_REG_CS, 16)
    ds = _Register(x86.UC_X86_REG_DS, 16)
    es = _Register(x86.UC_X86_REG_ES, 16)
    ss = _Register(x86.UC_X86_REG_SS, 16)
    fs = _Register(x86.UC_X86_REG_FS, 16)
    gs = _Register(x86.UC_X86_REG_GS, 16)
    cr0 = _Register(x86.UC_X86_REG_CR0, 32)
    cr2 = _Register(x86.UC_X86_REG_CR2, 32)
    cr3 = _Register(x86.UC_X86_REG_CR3, 32)

    def __init__(self) -> None:
        self.uc: Any = Uc(UC_ARCH_X86, UC_MODE_32)
        self.uc.ctl_set_cpu_model(x86.UC_CPU_X86_486)
        # No address to run up to: Unicorn would look it up in the guest's page tables after every run, and
        # the page fault there would overwrite CR2 and leave an exception in flight.
        self.uc.ctl_exits_enabled(True)
        self.handle = self.uc._uch
        self.buffer = ctypes.c_uint64()
        self.pointer = ctypes.byref(self.buffer)
        self._context = self.uc.context_save()
        self._regs, self._debug = self._find_hidden_state()

    def reset(self) -> None:
        """Real mode, all segments 0, as at power-on (CR0.ET set: the i486 hard-wires it)."""
        self.cr0 = CR0_ET
        for name in ("cs", "ds", "es", "ss", "fs", "gs"):
            setattr(self, name, 0)
        self.uc.reg_write(x86.UC_X86_REG_IDTR, (0, 0, 0x3FF, 0))
        self.eflags = 2

    @property
    def protected(self) -> bool:
        """Whether the CPU is in protected mode and not in virtual-8086 mode."""
        return bool(self.cr0 & CR0_PE) and not self.eflags & VM

    @property
    def idt(self) -> tuple[int, int]:
        """(linear base, limit) of the interrupt descriptor table."""
        value = self.uc.reg_read(x86.UC_X86_REG_IDTR)
        return value[1], value[2]

    @property
    def gdt(self) -> tuple[int, int]:
        """(linear base, limit) of the global descriptor table."""
        value = self.uc.reg_read(x86.UC_X86_REG_GDTR)
        return value[1], value[2]

    @property
    def ldt(self) -> tuple[int, int]:
        """(linear base, limit) of the local descriptor table."""
        value = self.uc.reg_read(x86.UC_X86_REG_LDTR)
        return value[1], value[2]

    @property
    def task(self) -> tuple[int, int]:
        """(linear base, limit) of the task state segment."""
        value = self.uc.reg_read(x86.UC_X86_REG_TR)
        return value[1], value[2]

    def _find_hidden_state(self) -> tuple[int, int]:
        """Host addresses of QEMU's regs[] and dr[] in the saved context, found by patterns.

        Unicorn has no register for "the code segment is 32-bit", and the descriptor table does not say it
        either between a change of CR0.PE and the far jump; nor does it tell an exception's error code.
        QEMU's CPU state begins with 16 registers of 8 bytes, EIP, EFLAGS, three words for the flags and two
        32-bit ones, then hflags and the segments; error_code, exception_is_int and exception_next_eip
        precede the debug registers, old_exception follows them after four pointers (target/i386/cpu.h).
        """
        general = self._set_pattern(0x10486A00)
        debug = struct.pack("<4Q", *range(0x20486B00, 0x20486B04))
        for index in range(4):
            self.uc.reg_write(x86.UC_X86_REG_DR0 + index, 0x20486B00 + index)
        self.uc.context_update(self._context)
        for name in _GENERAL:
            setattr(self, name, 0)
        for index in range(4):
            self.uc.reg_write(x86.UC_X86_REG_DR0 + index, 0)
        address = int(self._context.context.value)
        image = ctypes.string_at(address, int(self._context.size))
        found = [image.find(part) for part in (general, debug)]
        if min(found) < 0:
            raise EmulatorError("this version of Unicorn keeps its registers elsewhere: install unicorn 2.1.4")
        return address + found[0], address + found[1]

    @cached_property
    def live_registers(self) -> int:
        """Host address of QEMU's regs[] itself, 8 bytes a register, for native code; EmulatorError if not found.

        Unicorn's engine structure leads there: one of its pointers points to the CPU's state, in which a pattern
        in the registers shows the place.  Copies of the pattern that do not follow the registers are passed over.
        """
        before = [getattr(self, name) for name in _GENERAL]
        try:
            with Path("/proc/self/mem").open("rb", buffering=0) as memory:
                for place in _search(memory, int(self.handle.value), self._set_pattern(0x30486C00)):
                    changed = self._set_pattern(place & 0xFFFFFFF | 0x40000000)
                    memory.seek(place)
                    if memory.read(len(changed)) == changed:
                        return place
                    self._set_pattern(0x30486C00)
        except OSError:
            pass
        finally:
            for name, value in zip(_GENERAL, before, strict=True):
                setattr(self, name, value)
        raise EmulatorError("the cycle model cannot find the CPU's registers: it needs /proc and unicorn 2.1.4")

    def _set_pattern(self, first: int) -> bytes:
        """Set the general registers to consecutive values; returns how QEMU's regs[] looks then."""
        for index, name in enumerate(_GENERAL):
            setattr(self, name, first + index)
        return struct.pack("<8Q", *range(first, first + 8))

    def _field(self, address: int) -> int:
        self.uc.context_update(self._context)
        return ctypes.c_uint32.from_address(address).value

    @property
    def code_bits(self) -> int:
        """16 or 32: the size of code in the code segment as loaded (its D bit)."""
        return 32 if self._field(self._regs + _HFLAGS) & _HF_CS32 else 16

    @property
    def stack_mask(self) -> int:
        """FFFFh or FFFFFFFFh: which part of ESP the stack segment as loaded uses (its B bit)."""
        return 0xFFFFFFFF if self._field(self._regs + _HFLAGS) & _HF_SS32 else 0xFFFF

    def base(self, segment: int) -> int:
        """Linear base of a segment as loaded: 0 ES, 1 CS, 2 SS, 3 DS, 4 FS, 5 GS."""
        return self._field(self._regs + _SEGMENTS + segment * _SEGMENT_BYTES + 8)

    def load_segment(self, segment: int, selector: int, base: int, limit: int, high: int) -> None:
        """Load a segment register as it is, unchecked: `high` is the descriptor's upper half.

        Numbers as for base().  CS sets the privilege level from the selector, CS and SS set the sizes.
        """
        self.uc.context_update(self._context)
        at = self._regs + _SEGMENTS + segment * _SEGMENT_BYTES
        ctypes.c_uint32.from_address(at).value = selector
        ctypes.c_uint64.from_address(at + 8).value = base
        ctypes.c_uint32.from_address(at + 16).value = limit
        ctypes.c_uint32.from_address(at + 20).value = high
        hidden = ctypes.c_uint32.from_address(self._regs + _HFLAGS)
        big = bool(high & 0x400000)
        if segment == _CS:
            hidden.value = hidden.value & ~(_HF_CPL | _HF_CS32) | selector & 3 | big * _HF_CS32
        elif segment == _SS:
            hidden.value = hidden.value & ~_HF_SS32 | big * _HF_SS32
        hidden.value |= _HF_ADDSEG  # add segment bases: right for any, needed for some
        self.uc.context_restore(self._context)

    @property
    def linear_ip(self) -> int:
        """Linear address of CS:EIP."""
        return self.base(1) + self.eip & 0xFFFFFFFF

    def take_exception(self) -> tuple[bool, int]:
        """(whether it was an INT instruction, error code) of what stopped the CPU; the CPU may go on.

        Without this QEMU would take the next exception for a double fault, since it never delivers one.
        """
        self.uc.context_update(self._context)
        software = ctypes.c_uint32.from_address(self._debug + _IS_INT).value != 0
        code = ctypes.c_uint32.from_address(self._debug + _ERROR_CODE).value
        ctypes.c_int32.from_address(self._debug + _OLD_EXCEPTION).value = -1
        self.uc.context_restore(self._context)
        return software, code
