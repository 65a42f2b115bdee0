"""The CPU in Unicorn with its hooks: what runs code, counts it, and decodes every block before it first runs.

The native hooks (emulator.hooks, emulator.timing.hook) do what is needed at every block and every instruction;
here is what they ask Python for, and where the cycle model is switched on and off.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from unicorn import (
    UC_HOOK_BLOCK,
    UC_HOOK_CODE,
    UC_HOOK_INSN,
    UC_HOOK_INTR,
    UC_HOOK_MEM_UNMAPPED,
    UC_HOOK_MEM_WRITE_PROT,
    UcError,
)
from unicorn import x86_const as x86
from unicorn.unicorn_py3.unicorn import uclib

from emulator import hooks
from emulator.clock import NOMINAL_CLOCKS_PER_INSTRUCTION, Clock
from emulator.cpu import CR0_PE, CR0_PG, Cpu
from emulator.errors import EmulatorError, GuestStopError
from emulator.gate import LONGEST, Gate
from emulator.interrupts import Interrupts
from emulator.memory import EXTENDED, PAGE, ROM, Memory
from emulator.timing.model import CycleModel

if TYPE_CHECKING:
    from emulator.ports import Ports
    from emulator.profiles import CpuProfile

NEVER: Final = 1 << 62
#: The address that emu_start would run up to if exits were not switched to explicit ones (see Cpu).
NOWHERE: Final = 0

_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)


class Core:
    """The CPU and the memory of a machine, able to execute; Machine is what lets it.

    The pieces are public attributes: cpu, memory, clock, gate, interrupts, model.
    """

    ports: Ports

    def __init__(self, profile: CpuProfile, megabytes: int) -> None:
        if not 1 <= megabytes <= 1024:
            raise EmulatorError(f"a machine of {megabytes} MB cannot be built: choose 1 to 1024 MB")
        self.profile = profile
        self.cpu = Cpu()
        self.cpu.reset()
        self.memory = Memory(self.cpu.uc, megabytes)
        self.gate = Gate(profile.fpu)
        self.interrupts = Interrupts(self.cpu, self.memory)
        #: Code addresses to watch: linear address -> instruction counts at each arrival.
        self.probes: dict[int, list[int]] = {}
        #: Called at each arrival at a watched address, with it and the instruction count.
        self.on_probe: Callable[[int, int], None] | None = None
        #: Called with each newly decoded block's address, before it is put into the table.
        self.on_new_code: Callable[[int], None] | None = None
        self._vector: int | None = None
        self._access: tuple[int, int, int] | None = None
        self._pending: BaseException | None = None
        self._step: tuple[int, int] | None = None
        self._state = np.zeros(hooks.STATE_WORDS, dtype=np.int64)
        self.clock = Clock(profile.clock_hz, lambda: self.count, NOMINAL_CLOCKS_PER_INSTRUCTION)
        #: The cycle model, once there is one; it works while `modelling`.
        self.model: CycleModel | None = None
        self.modelling = False
        self._no_record = np.zeros(1, dtype=np.int64)
        self._code_hook = 0
        self._wanted: tuple[bool, Fraction] | None = None
        self._callbacks: list[Any] = []
        self._install_hooks()

    # -- counts and time ---------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Instructions executed, exact between blocks and while the loop has control."""
        return int(self._state[hooks.STATE_COUNT // 8])

    def attend(self) -> None:
        """Ask the loop to take control at the next block boundary; safe from any thread and hook."""
        self._state[hooks.STATE_STOP // 8] = 1

    # -- hooks -------------------------------------------------------------------------------------

    def _set(self, offset: int, value: int) -> None:
        self._state[offset // 8] = value

    def _get(self, offset: int) -> int:
        return int(self._state[offset // 8])

    def _install_hooks(self) -> None:
        uc = self.cpu.uc
        self._set(hooks.STATE_DUE, NEVER)
        self._set(hooks.STATE_LIMIT, NEVER)
        self._set(hooks.STATE_TICKER, int(self._state.ctypes.data) + hooks.STATE_COUNT)
        self._set(hooks.STATE_RECORD, int(self._no_record.ctypes.data))
        self._set(hooks.STATE_PREV_REP, -1)
        self._set(hooks.STATE_CR3, -1)
        self._set(hooks.STATE_RAM, self.memory.host_address)
        self._set(hooks.STATE_RAM_SIZE, self.memory.size)
        self._set(hooks.STATE_TRAP_FIRST, ROM)
        self._set(hooks.STATE_TRAP_SIZE, EXTENDED - ROM)
        self._set(hooks.STATE_TABLE, int(self.gate.table.ctypes.data))
        self._set(hooks.STATE_TABLE_MASK, len(self.gate.table) * 8 // hooks.SLOT_BYTES - 1)
        self._set(hooks.STATE_POOL, int(self.gate.pool.ctypes.data))
        self._set(hooks.STATE_STOP_FUNCTION, _pointer(uclib.uc_emu_stop))
        for offset, function in (
            (hooks.STATE_MISS_FUNCTION, self._on_miss),
            (hooks.STATE_SPECIAL_FUNCTION, self._on_special),
            (hooks.STATE_REFRESH_FUNCTION, self._on_refresh),
        ):
            callback = _CALLBACK(self._guarded(function))
            self._callbacks.append(callback)
            self._set(offset, _pointer(callback))
        self._add_native(UC_HOOK_BLOCK, hooks.on_block.address, int(self._state.ctypes.data))
        uc.hook_add(UC_HOOK_INTR, self._on_interrupt)
        uc.hook_add(UC_HOOK_MEM_UNMAPPED, self._on_unmapped)
        uc.hook_add(UC_HOOK_MEM_WRITE_PROT, lambda *_: True)  # a write to ROM is lost
        uc.hook_add(UC_HOOK_INSN, self._on_in, None, 1, 0, x86.UC_X86_INS_IN)
        uc.hook_add(UC_HOOK_INSN, self._on_out, None, 1, 0, x86.UC_X86_INS_OUT)
        uc.hook_add(UC_HOOK_INSN, self._on_cpuid, None, 1, 0, x86.UC_X86_INS_CPUID)

    def _add_native(self, kind: int, function: int, data: int) -> int:
        """Add a native hook for all addresses; returns its handle."""
        handle = ctypes.c_size_t()
        failed = uclib.uc_hook_add(
            self.cpu.uc._uch,
            ctypes.byref(handle),
            kind,
            ctypes.c_void_p(function),
            ctypes.c_void_p(data),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if failed:
            raise EmulatorError(f"Unicorn refused a hook (error {failed}): install unicorn 2.1.4")
        return handle.value

    # -- the cycle model ---------------------------------------------------------------------------

    def attach_model(self, model: CycleModel) -> None:
        """Give the machine a cycle model; start_model() lets it work.  Before the first instruction only."""
        self.model = model
        model.state["regs"] = self.cpu.live_registers
        model.state["ram"] = self.memory.host_address
        model.state["ram_size"] = self.memory.size
        self.gate.recorder = self._record
        self._set(hooks.STATE_RECORD, model.word("record"))

    def _record(self, code: bytes, lengths: bytes, address: int, bits: int) -> int:
        assert self.model is not None
        first = self.model.enter_block(code, lengths, address, bits, bool(self._get(hooks.STATE_PROTECTED)))
        if not first:
            self.model.put_aside()
        return first

    def start_model(self) -> None:
        """Model every instruction from here on: time is the model's clock.  Between instructions only."""
        if self.model is None or self.modelling:
            return
        from emulator.timing.hook import ON_INSTRUCTION

        self.modelling = True
        self._code_hook = self._add_native(UC_HOOK_CODE, ON_INSTRUCTION, self.model.address)
        self.cpu.uc.ctl_flush_tb()
        self._on_refresh(0, 0)
        self.model.forget_flow()
        self._set(hooks.STATE_TICKER, self.model.word("now"))
        model = self.model
        self.clock.follow(lambda: model.now, 1)

    def want_model(self, wanted: bool, clocks_per_instruction: Fraction) -> None:
        """Start or stop the model at the next block boundary; safe from a probe's callback."""
        if wanted != self.modelling:
            self._wanted = (wanted, clocks_per_instruction)
            self.attend()

    def _heed_wishes(self) -> None:
        """Start or stop the model if want_model() was called."""
        if self._wanted is not None:
            (wanted, rate), self._wanted = self._wanted, None
            if wanted:
                self.start_model()
            else:
                self.stop_model(rate)

    def stop_model(self, clocks_per_instruction: Fraction) -> None:
        """Go on without the model, at full speed; until it starts again time passes at the given rate."""
        if not self.modelling:
            return
        self.modelling = False
        uclib.uc_hook_del(self.cpu.uc._uch, ctypes.c_size_t(self._code_hook))
        self.cpu.uc.ctl_flush_tb()
        self._set(hooks.STATE_TICKER, int(self._state.ctypes.data) + hooks.STATE_COUNT)
        self.clock.follow(lambda: self.count, clocks_per_instruction)

    def _guarded(self, function: Callable[[int, int], int]) -> Callable[[int, int], int]:
        """Keep an exception for the loop instead of losing it in native code; 0 stops the emulation."""

        def guarded(first: int, second: int) -> int:
            try:
                return function(first, second)
            except BaseException as error:
                self._pending = error
                return 0

        return guarded

    def _on_miss(self, address: int, size: int) -> int:
        """The hook does not know a block, or its bytes changed: decode it."""
        if size > LONGEST:
            raise GuestStopError("unsupported", f"a block of {size} bytes cannot be decoded", address)
        if self.on_new_code is not None:
            self.on_new_code(address)
        code = self._fetch(address, size) + self._ahead(address + size)
        special = any(address <= probe < address + size for probe in self.probes)
        return self.gate.enter(code, address, self.cpu.code_bits, special, size)

    def _fetch(self, address: int, size: int) -> bytes:
        """The code bytes at a linear address, remembered as code."""
        parts = []
        done = 0
        while done < size:
            part = min(size - done, PAGE - (address + done) % PAGE)
            physical = self.interrupts.physical(address + done)
            parts.append(self.memory.read(physical, part))
            self.memory.note_code(physical, part)
            done += part
        return b"".join(parts)

    def _ahead(self, address: int) -> bytes:
        """Up to 15 bytes at a linear address, as far as they can be read: an instruction at the most."""
        code = b""
        while len(code) < 15:
            at = address + len(code)
            try:
                physical = self.interrupts.physical(at)
                code += self.memory.read(physical, min(15 - len(code), PAGE - physical % PAGE))
            except GuestStopError:
                break
        return code

    def _on_special(self, slot: int, count: int) -> int:
        """A block with a probe or a refused instruction is about to run."""
        address, size = self.gate.key(slot)
        block = self.gate.block(slot)
        if block.refusal is not None:
            self._step = (address, size)
            return 0
        at = address
        for index, length in enumerate(block.lengths):
            if at in self.probes and not (index == 0 and address == self._get(hooks.STATE_PREV_REP)):
                self.probes[at].append(count + index)
                if self.on_probe is not None:
                    self.on_probe(at, count + index)
            at += length
        return slot

    def _on_refresh(self, _address: int, _size: int) -> int:
        """CS or a control register was written: note the mode, the size of code, and the page tables."""
        control = self.cpu.cr0
        self._set(hooks.STATE_CR3, self.cpu.cr3 if control & CR0_PG else -1)
        self._set(hooks.STATE_PROTECTED, control & CR0_PE)
        self._set(hooks.STATE_MODE, hooks.KEY_32 if self.cpu.code_bits == 32 else 0)
        if self.model is not None:
            self.model.set_mode(real=not control & CR0_PE, page_directory=self._get(hooks.STATE_CR3))
        return 1

    def _on_interrupt(self, uc: Any, vector: int, _data: Any) -> None:
        self._vector = vector
        uc.emu_stop()

    def _on_unmapped(self, _uc: Any, kind: int, address: int, size: int, _value: int, _data: Any) -> bool:
        self._access = (kind, address, size)
        return False

    def _on_in(self, _uc: Any, port: int, size: int, _data: Any) -> int:
        return self.ports.read(port, size)

    def _on_out(self, _uc: Any, port: int, size: int, value: int, _data: Any) -> None:
        self.ports.write(port, size, value)

    def _on_cpuid(self, uc: Any, _data: Any) -> int:
        """CPUID of a late i486: Unicorn's own claims 4 MB pages, and with them CR4.

        Signatures: SX 042xh, SX2 045xh, DX 041xh, DX2 043xh, DX4 048xh; the FPU is the one feature (AP-485). There was
        no SX with a larger multiple of the bus's clock: such a one passes for an SX2.
        """
        profile = self.profile
        if profile.fpu:
            kind = {1: 0x0415, 2: 0x0435}.get(profile.ratio, 0x0480)
        else:
            kind = 0x0420 if profile.ratio == 1 else 0x045B
        values = {
            0: (1, 0x756E6547, 0x6C65746E, 0x49656E69),
            1: (kind, 0, 0, int(profile.fpu)),
        }.get(self.cpu.eax, (0, 0, 0, 0))
        self.cpu.eax, self.cpu.ebx, self.cpu.ecx, self.cpu.edx = values
        return 1

    # -- for the loop ------------------------------------------------------------------------------

    def forget_flow(self) -> None:
        """Tell the hook that control did not come from the block entered last, and that CS may have changed."""
        self._set(hooks.STATE_PREV_REP, -1)
        self._set(hooks.STATE_PREV_END, 0)
        self._set(hooks.STATE_PREV_FLAGS, hooks.FLAG_FAR)
        if self.model is not None:
            self.model.forget_flow()

    def _uncount(self, address: int, *, faulted: bool = False) -> None:
        """Take back the count of what follows, in the block entered last, the instruction at an address.

        faulted: that instruction raised an exception, after the cycle model had seen it begin.
        """
        if faulted and self.model is not None:
            self.model.uncount(address)
        start = self._get(hooks.STATE_PREV_ADDRESS)
        if not start <= address < self._get(hooks.STATE_PREV_END):
            return
        lengths = self._get(hooks.STATE_PREV_LENGTHS)
        ran = 0
        at = start
        while at < address and ran < LONGEST:
            at += ctypes.c_uint8.from_address(lengths + ran).value
            ran += 1
        # Nothing was counted for a further iteration of REP; the instruction itself was, one block before.
        counted = self._get(hooks.STATE_PREV_COUNTED) or 1
        self._set(hooks.STATE_COUNT, self.count - counted + ran)
        for arrivals in self.probes.values():
            while arrivals and arrivals[-1] > self.count:
                arrivals.pop()

    def single_step(self) -> UcError | None:
        """Execute one instruction, or one iteration of a REP instruction; slow.

        An instruction that overwrites its own translation is begun twice, and Unicorn counts both.
        """
        start, left = self.cpu.eip, self.cpu.ecx
        self._vector = self._access = None
        for count in (1, 2):
            try:
                self.cpu.uc.emu_start(start, NOWHERE, count=count)
            except UcError as error:
                return error
            if self._vector is not None or (self.cpu.eip, self.cpu.ecx) != (start, left):
                break
        return None


def _pointer(function: Any) -> int:
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)
