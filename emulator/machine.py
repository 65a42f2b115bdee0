"""The PC: the parts wired together, and the loop that runs them.

The loop lets Unicorn run until something is due, then does what a PC's hardware does between instructions:
ticks the timer, feeds the keyboard, takes interrupts; and what its ROM does when control reaches a service.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final

import numpy as np
from unicorn import (
    UC_ERR_INSN_INVALID,
    UC_HOOK_BLOCK,
    UC_HOOK_CODE,
    UC_HOOK_INSN,
    UC_HOOK_INTR,
    UC_HOOK_MEM_UNMAPPED,
    UC_HOOK_MEM_WRITE_PROT,
    UC_MEM_FETCH_UNMAPPED,
    UC_MEM_WRITE_UNMAPPED,
    UcError,
)
from unicorn import x86_const as x86
from unicorn.unicorn_py3.unicorn import uclib

from emulator import hooks
from emulator.clock import NOMINAL_CLOCKS_PER_INSTRUCTION, Clock
from emulator.cmos import Cmos
from emulator.cpu import CR0_PE, CR0_PG, IF, Cpu
from emulator.errors import EmulatorError, GuestStopError
from emulator.gate import LONGEST, Gate
from emulator.interrupts import ERROR_CODE, EXCEPTION_NAMES, Interrupts
from emulator.keyboard import Keyboard
from emulator.memory import EXTENDED, MB, PAGE, ROM, Memory
from emulator.pic import Pics
from emulator.pit import Pit
from emulator.ports import Ports
from emulator.profiles import CpuProfile
from emulator.timing.model import CycleModel
from emulator.vga import Vga

#: Emulated time between two scan codes, in PIT clocks: about 1 ms, what the serial line needs.
_KEY_INTERVAL: Final = 1193
_NEVER: Final = 1 << 62
#: The address that emu_start would run up to if exits were not switched to explicit ones (see Cpu).
_NOWHERE: Final = 0
#: What the clock says at power-on.  Fixed, so that runs repeat exactly.
POWER_ON: Final = datetime(1994, 5, 31, 12, 0, 0)

#: What a call of DOS or the BIOS takes, as their code is not executed here: a guess, some hundred instructions.
SERVICE_CLOCKS: Final = 400

_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)


def nothing() -> None:
    """The service of a vector where a BIOS has a bare IRET: the stub's NOP is all that runs."""


class Machine:
    """A 486 PC with `megabytes` MB of RAM; without a BIOS until emulator.bios puts one in.

    The pieces are public attributes: cpu, memory, clock, pics, pit, keyboard, vga, cmos, gate, interrupts.
    """

    def __init__(self, profile: CpuProfile, megabytes: int) -> None:
        if not 1 <= megabytes <= 1024:
            raise EmulatorError(f"a machine of {megabytes} MB cannot be built: choose 1 to 1024 MB")
        self.profile = profile
        self.cpu = Cpu()
        self.cpu.reset()
        self.memory = Memory(self.cpu.uc, megabytes)
        self.pics = Pics()
        self.pit = Pit()
        self.keyboard = Keyboard()
        self.vga = Vga()
        self.cmos = Cmos(megabytes, self.now)
        self.ports = Ports(self)
        self.gate = Gate(profile.fpu)
        self.interrupts = Interrupts(self.cpu, self.memory)
        #: Service traps: linear address in ROM -> what happens when control reaches it.
        self.services: dict[int, Callable[[], None]] = {}
        #: Code addresses to watch: linear address -> instruction counts at each arrival.
        self.probes: dict[int, list[int]] = {}
        #: Called at each arrival at a watched address, with it and the instruction count.
        self.on_probe: Callable[[int, int], None] | None = None
        #: Called with each newly decoded block's address, before it is put into the table.
        self.on_new_code: Callable[[int], None] | None = None
        #: Called about 20 times a second of host time, between instructions.
        self.on_heartbeat: Callable[[], None] | None = None
        #: Called while the CPU is halted, with the PIT time of the next event.
        self.on_idle: Callable[[int], None] | None = None
        #: Whether the keyboard buffer has room; the BIOS sets it.
        self.keyboard_room: Callable[[], bool] = lambda: True
        self.instruction_limit = _NEVER
        self._next_key = 0
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

    def pit_now(self) -> int:
        """Emulated time in PIT clocks."""
        return self.clock.pit()

    def now(self) -> datetime:
        """Emulated date and time."""
        return POWER_ON + timedelta(microseconds=self.clock.microseconds())

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
        self._set(hooks.STATE_DUE, _NEVER)
        self._set(hooks.STATE_LIMIT, _NEVER)
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

        Signatures: SX 042xh, DX 041xh, DX2 043xh, DX4 048xh; the FPU is the one feature (AP-485).
        """
        profile = self.profile
        kind = {1: 0x0415, 2: 0x0435}.get(round(profile.clock_hz / profile.bus_hz), 0x0480) if profile.fpu else 0x0420
        values = {
            0: (1, 0x756E6547, 0x6C65746E, 0x49656E69),
            1: (kind, 0, 0, int(profile.fpu)),
        }.get(self.cpu.eax, (0, 0, 0, 0))
        self.cpu.eax, self.cpu.ebx, self.cpu.ecx, self.cpu.edx = values
        return 1

    # -- the loop ----------------------------------------------------------------------------------

    def run(self) -> None:
        """Run until a device, service or budget raises GuestStopError or GuestExitError."""
        while True:
            self._between_instructions()
            self._set(hooks.STATE_REASON, hooks.REASON_NONE)
            self._vector = self._access = None
            start = self.cpu.eip
            error: UcError | None = None
            try:
                self.cpu.uc.emu_start(start, _NOWHERE)
            except UcError as caught:
                error = caught
            self._after(error)

    def _between_instructions(self) -> None:
        """What the hardware does before the next instruction, and when it wants control again."""
        if self._get(hooks.STATE_STOP):
            self._set(hooks.STATE_STOP, 0)
            if self.on_heartbeat is not None:
                self.on_heartbeat()
        if self._wanted is not None:
            (wanted, rate), self._wanted = self._wanted, None
            if wanted:
                self.start_model()
            else:
                self.stop_model(rate)
        if self.keyboard.reset_requested:
            raise GuestStopError("unsupported", "the guest reset the machine", self.cpu.linear_ip)
        if self.keyboard.a20 != self.memory.a20:
            self.memory.set_a20(self.keyboard.a20)
        if self.count >= self.instruction_limit:
            raise GuestStopError(
                "instruction-limit",
                f"stopped after {self.count:,} instructions, the limit given",
                self.cpu.linear_ip,
            )
        now = self.pit_now()
        if self.pit.take_ticks(now):
            self.pics.raise_irq(0)
        if now >= self._next_key and not self.keyboard.idle:
            self._next_key = now + _KEY_INTERVAL
            if self.keyboard.next_code(self.keyboard_room()):
                self.pics.raise_irq(1)
        watch = 0
        if self.pics.pending():
            if self._in_shadow():
                watch = 1
            elif self.cpu.eflags & IF:
                self._take_irq()
            else:
                # What the block before did to IF is seen now: only a later block can set it.
                watch = 1
                self._set(hooks.STATE_PREV_FLAGS, self._get(hooks.STATE_PREV_FLAGS) & ~hooks.FLAG_SETS_IF)
        self._set(hooks.STATE_WATCH, watch)
        events = [event for event in (self.pit.next_tick(), self._key_event()) if event is not None]
        due = min((self.clock.count_at(event) for event in events), default=_NEVER)
        self._set(hooks.STATE_DUE, due)
        self._set(hooks.STATE_LIMIT, self.instruction_limit)

    def _key_event(self) -> int | None:
        return None if self.keyboard.idle else self._next_key

    def _in_shadow(self) -> bool:
        """Whether the instruction before was STI or a load of SS, which hold interrupts off for one more."""
        return bool(self._get(hooks.STATE_PREV_FLAGS) & hooks.FLAG_SHADOW)

    def _take_irq(self) -> None:
        if self._get(hooks.STATE_PREV_REP) == self.cpu.linear_ip:
            # A REP instruction is interrupted between iterations: it counts when it has been resumed.
            self._set(hooks.STATE_COUNT, self.count - 1)
            if self.model is not None:
                self.model.uncount(self.cpu.linear_ip)
        self._deliver(self.cpu.linear_ip, self.pics.acknowledge(), hardware=True)
        self.forget_flow()

    def forget_flow(self) -> None:
        """Tell the hook that control did not come from the block entered last, and that CS may have changed."""
        self._set(hooks.STATE_PREV_REP, -1)
        self._set(hooks.STATE_PREV_END, 0)
        self._set(hooks.STATE_PREV_FLAGS, hooks.FLAG_FAR)
        if self.model is not None:
            self.model.forget_flow()

    def _after(self, error: UcError | None) -> None:
        """Deal with why emu_start returned."""
        if self._pending is not None:
            pending, self._pending = self._pending, None
            raise pending
        if self._vector is not None:
            self._interrupt_or_exception(self._vector)
        elif error is not None:
            self._failed(error)
        elif self._step is not None:
            address, size = self._step
            self._step = None
            self._step_block(address, size)
        elif self._get(hooks.STATE_REASON) == hooks.REASON_TRAP:
            self._serve(self._get(hooks.STATE_STOPPED_AT))
        elif self._get(hooks.STATE_REASON) == hooks.REASON_NONE:
            self._halt()

    def _interrupt_or_exception(self, vector: int) -> None:
        software, code = self.cpu.take_exception()
        if software:
            self._uncount(self.cpu.linear_ip)  # INTO does not end a block
            self.forget_flow()
            self._software_interrupt(vector)
            return
        if vector != 1:
            self._uncount(self.cpu.linear_ip, faulted=True)
        self.forget_flow()
        self._raise_exception(vector, code)

    def _software_interrupt(self, vector: int) -> None:
        """INT n, INT3 or INTO, which EIP is behind."""
        address = self.cpu.linear_ip
        objection = self.interrupts.objection(vector)
        if objection is None:
            self._deliver(address, vector)
            return
        # It is a fault of the INT instruction, which has not been executed then.
        long = self._ahead(address - 2)[:2] == bytes((0xCD, vector))
        self.cpu.eip = self.cpu.eip - (2 if long else 1)
        self._set(hooks.STATE_COUNT, self.count - 1)
        if self.model is not None:
            self.model.uncount(self.cpu.linear_ip)
        self._deliver(address, *objection)

    def _deliver(self, address: int, vector: int, error: int | None = None, *, hardware: bool = False) -> None:
        """Deliver an interrupt that comes from the code at an address."""
        try:
            self.interrupts.deliver(vector, error)
        except GuestStopError as stopped:
            raise GuestStopError(stopped.reason, stopped.message, address) from stopped
        if self.modelling and self.model is not None:
            slot = self.cpu.base(2) + (self.cpu.esp & self.cpu.stack_mask) & 0xFFFFFFFF
            self.model.interrupted(self.cpu.linear_ip, slot, hardware)

    def _raise_exception(self, vector: int, code: int = 0) -> None:
        address = self.cpu.linear_ip
        if not self.cpu.protected:
            target = self.memory.u32(vector * 4)
            home = (target >> 16) * 16 + (target & 0xFFFF)
            if vector not in (0, 1, 3, 4, 5) and home >= ROM and self.cpu.idt[0] == 0:
                raise GuestStopError(
                    "exception", f"{EXCEPTION_NAMES.get(vector, 'exception')} (exception {vector})", address
                )
        self._deliver(address, vector, code if vector in ERROR_CODE else None)

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

    def _failed(self, error: UcError) -> None:
        """emu_start ended with an error: an invalid opcode, or an access where nothing is."""
        address = self.cpu.linear_ip
        if error.errno == UC_ERR_INSN_INVALID:
            self._uncount(address, faulted=True)
            self.forget_flow()
            self._raise_exception(6)
            return
        if self._access is not None:
            kind, target, size = self._access
            self._uncount(address, faulted=True)
            verb = {UC_MEM_WRITE_UNMAPPED: "write", UC_MEM_FETCH_UNMAPPED: "jump"}.get(kind, "read")
            what = f"{verb} to {target:08X}h" if verb == "jump" else f"{verb} of {size} bytes at {target:08X}h"
            raise GuestStopError("memory", f"{what}, beyond the {self.memory.size // MB} MB of the machine", address)
        raise GuestStopError("unsupported", f"Unicorn stopped: {error}", address)

    def _serve(self, address: int) -> None:
        """Control reached a trap in ROM: run its service, then go on behind the trap's byte."""
        service = self.services.get(address)
        if service is None or self.cpu.protected:
            raise GuestStopError("unsupported", "control reached ROM where no service is", address)
        self.cpu.eip = self.cpu.eip + 1
        self._set(hooks.STATE_COUNT, self.count + 1)
        self.forget_flow()
        if self.modelling and self.model is not None:
            self.model.pass_by(address, "(service)", 1 if service is nothing else SERVICE_CLOCKS)
        service()

    def _halt(self) -> None:
        """The CPU executed HLT: let time pass until the next event."""
        address = self.cpu.linear_ip
        if not self._get(hooks.STATE_PREV_FLAGS) & hooks.FLAG_HLT:
            raise GuestStopError("unsupported", "Unicorn stopped without a reason", address)
        self.forget_flow()
        if not self.cpu.eflags & IF:
            raise GuestStopError("halted", "HLT with interrupts disabled", address - 1)
        if self.pics.pending():
            return
        events = [event for event in (self.pit.next_tick(), self._key_event()) if event is not None]
        if not events:
            raise GuestStopError("halted", "HLT with no interrupt to come", address - 1)
        event = min(events)
        if self.on_idle is not None:
            self.on_idle(event)
        self.clock.idle_until(event)

    def _refuse(self, address: int) -> None:
        """Control arrived at a refused instruction: stop, unless it has been overwritten meanwhile."""
        code = self._ahead(address)
        refusal = self.gate.judge_bytes(code, address, self.cpu.code_bits)
        if refusal is not None:
            reason = "fpu" if refusal.x87 else "instruction"
            raise GuestStopError(reason, f"{refusal.reason} ({refusal.code.hex(' ').upper()})", address)

    def single_step(self) -> UcError | None:
        """Execute one instruction, or one iteration of a REP instruction; slow.

        An instruction that overwrites its own translation is begun twice, and Unicorn counts both.
        """
        start, left = self.cpu.eip, self.cpu.ecx
        self._vector = self._access = None
        for count in (1, 2):
            try:
                self.cpu.uc.emu_start(start, _NOWHERE, count=count)
            except UcError as error:
                return error
            if self._vector is not None or (self.cpu.eip, self.cpu.ecx) != (start, left):
                break
        return None

    def _step_block(self, address: int, size: int) -> None:
        """Step through a block that holds a refused instruction; stop if control reaches that."""
        refusal = self.gate.decode(self._fetch(address, size), address, self.cpu.code_bits).refusal
        if refusal is None:
            return
        self.forget_flow()
        self._set(hooks.STATE_BYPASS, 1)
        if self.model is not None:
            self.model.state["record"] = 0
        # The block is translated already, without the hook that makes single steps.
        self.cpu.uc.ctl_remove_cache(address, address + size)
        try:
            for _ in range(refusal.index + 1):
                here = self.cpu.linear_ip
                if here == refusal.address:
                    self._refuse(here)
                    return
                if not address <= here < refusal.address:
                    return
                error = self.single_step()
                if error is not None:
                    self._failed(error)
                    return
                if self._vector is not None:
                    self._interrupt_or_exception(self._vector)
                    return
                self._set(hooks.STATE_COUNT, self.count + 1)
                if self.modelling and self.model is not None:
                    self.model.pass_by(here, "(single step)", NOMINAL_CLOCKS_PER_INSTRUCTION)
        finally:
            self._set(hooks.STATE_BYPASS, 0)
            self._on_refresh(0, 0)


def _pointer(function: Any) -> int:
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)
