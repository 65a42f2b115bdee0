"""Delivering interrupts and exceptions as the CPU does: through the IVT or the guest's IDT.

Unicorn stops at them and delivers nothing by itself.  Real mode pushes FLAGS, CS and IP and goes to the
vector of the table that IDTR points to; protected mode follows interrupt and trap gates of 16 and 32 bits,
changes to an inner privilege level through the TSS, and pushes the error code where the CPU does.
i486 Programmer's Reference Manual (1990), chapters 9 and 22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.cpu import CR0_PE, CR0_PG, CR0_WP, IF, NT, RF, TF, VM, Cpu
from emulator.errors import GuestStopError

if TYPE_CHECKING:
    from emulator.memory import Memory

#: Exceptions that push an error code in protected mode.
ERROR_CODE: Final = frozenset((8, 10, 11, 12, 13, 14, 17))

#: Bits of a page table's entry; the first three are those of a page fault's error code, too.
_PRESENT: Final = 1
_WRITE: Final = 2
_USER: Final = 4
_ACCESSED: Final = 0x20
_DIRTY: Final = 0x40

EXCEPTION_NAMES: Final = {
    0: "divide error",
    1: "debug exception",
    3: "breakpoint",
    4: "overflow",
    5: "bound range exceeded",
    6: "invalid opcode",
    7: "device not available",
    8: "double fault",
    10: "invalid TSS",
    11: "segment not present",
    12: "stack fault",
    13: "general protection fault",
    14: "page fault",
    16: "x87 error",
    17: "alignment check",
}


@dataclass(frozen=True)
class Descriptor:
    """A segment descriptor: type and rights in `access`, 32-bit code or stack in `big`, raw upper half."""

    base: int
    limit: int
    access: int
    big: bool
    high: int

    @property
    def dpl(self) -> int:
        """The descriptor's privilege level."""
        return self.access >> 5 & 3

    @property
    def present(self) -> bool:
        """Whether the present bit is set."""
        return bool(self.access & 0x80)


class Interrupts:
    """Delivers interrupts to `cpu`, reading and writing guest memory at linear addresses."""

    def __init__(self, cpu: Cpu, memory: Memory) -> None:
        self.cpu = cpu
        self.memory = memory
        self._old_cs = 0

    def deliver(self, vector: int, error: int | None = None) -> None:
        """Enter the handler of a vector.

        EIP is already where the handler returns to: after an INT, at the instruction of a fault.  error:
        the error code of an exception.  Raises GuestStopError when the guest has no usable handler.
        """
        if self.cpu.cr0 & CR0_PE:
            self._protected(vector, error)
        else:
            self._real(vector)

    def objection(self, vector: int) -> tuple[int, int] | None:
        """(exception, error code) that an INT instruction raises instead of its interrupt, or None."""
        if not self.cpu.cr0 & CR0_PE:
            return None
        code = vector * 8 + 2
        base, limit = self.cpu.idt
        if vector * 8 + 7 > limit:
            return 13, code
        low = self.memory.u32(self.physical(base + vector * 8))
        access = self.memory.u32(self.physical(base + vector * 8 + 4)) >> 8 & 0xFF
        cpl = 3 if self.cpu.eflags & VM else self.cpu.cs & 3
        if access & 0x1F not in (5, 6, 7, 14, 15) or access >> 5 & 3 < cpl:
            return 13, code
        if not access & 0x80:
            return 11, code
        target = self.descriptor(low >> 16)
        if target is None or (not target.access & 4 and target.dpl < cpl):
            return None  # another stack
        return self._stack_fault(4 if access & 8 else 2, user=cpl == 3)

    def _stack_fault(self, size: int, *, user: bool) -> tuple[int, int] | None:
        """(14, error code) when FLAGS, CS and IP, of `size` bytes each, meet a page fault; CR2 is set then."""
        cpu = self.cpu
        for count in (1, 2, 3):
            at = cpu.base(2) + (cpu.esp - count * size & cpu.stack_mask) & 0xFFFFFFFF
            code = self.write_fault(at, user=user)
            if code is not None:
                cpu.cr2 = at
                return 14, code
        return None

    def write_fault(self, linear: int, *, user: bool) -> int | None:
        """The error code of the page fault that a write raises; None when it raises none and the page is dirty now.

        user: on privilege level 3.
        """
        if not self.cpu.cr0 & CR0_PG:
            return None
        at = (self.cpu.cr3 & 0xFFFFF000) + (linear >> 22 & 0x3FF) * 4
        table = self.memory.u32(at)
        if not table & _PRESENT:
            return _WRITE | user << 2
        self.memory.set_u32(at, table | _ACCESSED)
        at = (table & 0xFFFFF000) + (linear >> 12 & 0x3FF) * 4
        entry = self.memory.u32(at)
        if not entry & _PRESENT:
            return _WRITE | user << 2
        rights = table & entry
        guarded = user or self.cpu.cr0 & CR0_WP
        if (user and not rights & _USER) or (guarded and not rights & _WRITE):
            return _PRESENT | _WRITE | user << 2
        self.memory.set_u32(at, entry | _ACCESSED | _DIRTY)
        return None

    def physical(self, linear: int) -> int:
        """Translate a linear address through the guest's page tables (identity while paging is off)."""
        if not self.cpu.cr0 & CR0_PG:
            return linear
        table = self.memory.u32((self.cpu.cr3 & 0xFFFFF000) + (linear >> 22 & 0x3FF) * 4)
        entry = self.memory.u32((table & 0xFFFFF000) + (linear >> 12 & 0x3FF) * 4) if table & 1 else 0
        if not entry & 1:
            raise GuestStopError("exception", f"page fault at {linear:08X}h while delivering an interrupt")
        return entry & 0xFFFFF000 | linear & 0xFFF

    def _real(self, vector: int) -> None:
        cpu, memory = self.cpu, self.memory
        base, limit = cpu.idt
        if vector * 4 + 3 > limit:
            raise self._dead(vector, "its vector lies beyond the limit of IDTR")
        target = memory.u32(self.physical(base + vector * 4))
        flags = cpu.eflags
        sp = cpu.esp
        stack = cpu.base(2)
        for value in (flags, cpu.cs, cpu.eip):
            sp = sp & ~0xFFFF | (sp - 2) & 0xFFFF
            memory.set_u16(self.physical(stack + (sp & 0xFFFF)), value)
        cpu.esp = sp
        cpu.eflags = flags & ~(IF | TF)
        cpu.cs = target >> 16
        cpu.eip = target & 0xFFFF

    def _dead(self, vector: int, why: str) -> GuestStopError:
        name = EXCEPTION_NAMES.get(vector, "interrupt")
        return GuestStopError("exception", f"{name} (vector {vector:02X}h) cannot be delivered: {why}")

    def descriptor(self, selector: int) -> Descriptor | None:
        """The descriptor of a selector, or None for the null selector and beyond the table's limit."""
        if selector & 0xFFFC == 0:
            return None
        base, limit = self.cpu.ldt if selector & 4 else self.cpu.gdt
        at = selector & 0xFFF8
        if at + 7 > limit:
            return None
        low = self.memory.u32(self.physical(base + at))
        high = self.memory.u32(self.physical(base + at + 4))
        size = low & 0xFFFF | high & 0xF0000
        if high & 0x800000:
            size = size << 12 | 0xFFF
        return Descriptor(
            low >> 16 | (high & 0xFF) << 16 | high & 0xFF000000,
            size,
            high >> 8 & 0xFF,
            bool(high & 0x400000),
            high,
        )

    def _protected(self, vector: int, error: int | None) -> None:
        cpu = self.cpu
        base, limit = cpu.idt
        if vector * 8 + 7 > limit:
            raise self._dead(vector, "it lies beyond the limit of the IDT")
        low = self.memory.u32(self.physical(base + vector * 8))
        high = self.memory.u32(self.physical(base + vector * 8 + 4))
        access = high >> 8 & 0xFF
        kind = access & 0x1F
        if kind == 5:
            raise GuestStopError("unsupported", f"vector {vector:02X}h is a task gate: no task switches here")
        if kind not in (6, 7, 14, 15):
            raise self._dead(vector, f"its gate has the type {kind:02X}h")
        if not access & 0x80:
            raise self._dead(vector, "its gate is not present")
        was = cpu.eflags
        cpl = 3 if was & VM else cpu.cs & 3
        selector = low >> 16
        target = self.descriptor(selector)
        if target is None or not target.present or target.access & 0x18 != 0x18:
            raise self._dead(vector, f"its selector {selector:04X}h is no present code segment")
        wide = kind >= 14
        frame: list[int] = []
        inner = not target.access & 4 and target.dpl < cpl
        if was & VM and not (inner and target.dpl == 0):
            raise self._dead(vector, "out of virtual-8086 mode it must lead to privilege level 0")
        if inner:
            frame = self._inner_stack(selector, target, vector)
        frame += [was, self._old_cs, cpu.eip] if inner else [was, cpu.cs, cpu.eip]
        if error is not None:
            frame.append(error)
        self._push(frame, wide)
        clear = TF | NT | RF | VM | (IF if kind in (6, 14) else 0)
        cpu.eflags = was & ~clear
        if not inner:
            cpu.cs = selector & ~3 | cpl
        cpu.eip = low & 0xFFFF | (high & 0xFFFF0000 if wide else 0)

    def _inner_stack(self, selector: int, code: Descriptor, vector: int) -> list[int]:
        """Go to the privilege level of a code segment, on its stack out of the TSS; what to push of the old.

        CS and SS change together, which Unicorn's register writes cannot do: each is checked against the
        other.  So the segments go into the CPU's state as the hardware would load them.
        """
        cpu, memory = self.cpu, self.memory
        level = code.dpl
        base, limit = cpu.task
        if limit < 0x67:
            raise GuestStopError("unsupported", f"vector {vector:02X}h needs a 32-bit TSS for its stack")
        esp = memory.u32(self.physical(base + 4 + level * 8))
        stack_selector = memory.u16(self.physical(base + 8 + level * 8))
        stack = self.descriptor(stack_selector)
        if stack is None or not stack.present or stack.access & 0x1A != 0x12:
            raise self._dead(vector, f"the stack segment {stack_selector:04X}h in the TSS is not usable")
        old = [cpu.ss, cpu.esp]
        self._old_cs = cpu.cs
        if cpu.eflags & VM:
            old = [cpu.gs, cpu.fs, cpu.ds, cpu.es, *old]
            for segment in (0, 3, 4, 5):
                cpu.load_segment(segment, 0, 0, 0, 0)
            cpu.eflags = cpu.eflags & ~VM
        cpu.load_segment(2, stack_selector, stack.base, stack.limit, stack.high)
        cpu.load_segment(1, selector & ~3 | level, code.base, code.limit, code.high)
        cpu.esp = esp
        return old

    def _push(self, values: list[int], wide: bool) -> None:
        cpu, memory = self.cpu, self.memory
        mask = cpu.stack_mask
        base = cpu.base(2)
        size = 4 if wide else 2
        esp = cpu.esp
        for value in values:
            esp = esp & ~mask | (esp - size) & mask
            at = base + (esp & mask) & 0xFFFFFFFF
            if wide:
                memory.set_u32(self.physical(at), value)
            else:
                memory.set_u16(self.physical(at), value)
        cpu.esp = esp
