"""The PC: the parts wired together, and the loop that runs them.

The loop lets Unicorn run until something is due, then does what a PC's hardware does between instructions:
ticks the timer, feeds the keyboard, takes interrupts; and what its ROM does when control reaches a service.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from unicorn import UC_ERR_INSN_INVALID, UC_MEM_FETCH_UNMAPPED, UC_MEM_WRITE_UNMAPPED, UcError

from emulator import hooks
from emulator.clock import NOMINAL_CLOCKS_PER_INSTRUCTION
from emulator.cmos import Cmos
from emulator.core import NEVER, NOWHERE, Core
from emulator.cpu import IF
from emulator.disk import Disk
from emulator.errors import GuestStopError
from emulator.interrupts import ERROR_CODE, EXCEPTION_NAMES
from emulator.keyboard import Keyboard
from emulator.memory import MB, ROM
from emulator.pic import Pics
from emulator.pit import Pit
from emulator.ports import Ports
from emulator.profiles import CpuProfile
from emulator.vga import Vga

#: Emulated time between two scan codes, in PIT clocks: about 1 ms, what the serial line needs.
_KEY_INTERVAL: Final = 1193
#: How many blocks of code a handler is given to turn interrupts on again.
_PATIENT_BLOCKS: Final = 100
#: What the clock says at power-on.  Fixed, so that runs repeat exactly.
POWER_ON: Final = datetime(1994, 5, 31, 12, 0, 0)

#: What a call of DOS or the BIOS takes, as their code is not executed here: a guess, some hundred instructions.
SERVICE_CLOCKS: Final = 400


def nothing() -> None:
    """The service of a vector where a BIOS has a bare IRET: the stub's NOP is all that runs."""


class Machine(Core):
    """A 486 PC with `megabytes` MB of RAM; without a BIOS until emulator.bios puts one in.

    The pieces are public attributes: those of Core, pics, pit, keyboard, vga, cmos, ports.
    """

    def __init__(self, profile: CpuProfile, megabytes: int) -> None:
        super().__init__(profile, megabytes)
        self.pics = Pics()
        self.pit = Pit()
        self.keyboard = Keyboard()
        self.vga = Vga()
        self.cmos = Cmos(megabytes, self.now)
        self.ports = Ports(self)
        self.disk = Disk(profile.disk, profile.clock_hz, profile.board.port_ns)
        #: Service traps: linear address in ROM -> what happens when control reaches it.
        self.services: dict[int, Callable[[], None]] = {}
        #: Called about 20 times a second of host time, between instructions.
        self.on_heartbeat: Callable[[], None] | None = None
        #: Called while the CPU is halted, with the PIT time of the next event.
        self.on_idle: Callable[[int], None] | None = None
        #: Whether the keyboard buffer has room; the BIOS sets it.
        self.keyboard_room: Callable[[], bool] = lambda: True
        self.instruction_limit = NEVER
        self._next_key = 0
        self._busy = 0
        self._held = 0
        self._passed_at = -1

    def busy(self, clocks: int) -> None:
        """Something that is not executed here, as a transfer from the disk, takes CPU clocks from now on.

        They pass before the guest goes on, but for the timer interrupts that fall into them.
        """
        self._busy += clocks
        self._passed_at = -1
        self.attend()

    def pit_now(self) -> int:
        """Emulated time in PIT clocks."""
        return self.clock.pit()

    def now(self) -> datetime:
        """Emulated date and time."""
        return POWER_ON + timedelta(microseconds=self.clock.microseconds())

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
                self.cpu.uc.emu_start(start, NOWHERE)
            except UcError as caught:
                error = caught
            self._after(error)

    def _between_instructions(self) -> None:
        """What the hardware does before the next instruction, and when it wants control again."""
        if self._get(hooks.STATE_STOP):
            self._set(hooks.STATE_STOP, 0)
            if self.on_heartbeat is not None:
                self.on_heartbeat()
        self._heed_wishes()
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
        if self._busy and self.clock.clocks != self._passed_at:
            self._pass_busy_time()
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
        due = min((self.clock.count_at(event) for event in events), default=NEVER)
        if self._busy:
            due = min(due, self.clock.count + 1)  # after the next block
        self._set(hooks.STATE_DUE, due)
        self._set(hooks.STATE_LIMIT, self.instruction_limit)

    def _pass_busy_time(self) -> None:
        """Let the time of busy() pass, up to the next tick of the timer, whose handler then comes first.

        While a handler runs with interrupts off the time stands still, so that no tick is lost; but not for long,
        since the program itself may have turned them off.  Where the host stops the guest must not matter, so this is
        asked only when the clock has gone on since, after which the hook stops anyway.
        """
        self._held += 1
        if self.cpu.eflags & IF or self._held > _PATIENT_BLOCKS:
            self._held = 0
            tick = self.pit.next_tick()
            until = self._busy if tick is None else min(self._busy, self.clock.clocks_until(tick))
            self.clock.spend(until)
            self._busy -= until
        self._passed_at = self.clock.clocks

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
        if hardware and self.modelling and self.model is not None:
            self.model.arrive(address)
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
