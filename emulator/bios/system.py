"""System services: equipment and memory size (11h, 12h), extended services (15h), time (1Ah), and the timer
interrupt (IRQ 0, INT 8, INT 1Ch)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.bios.keys import KeyboardBios
from emulator.bios.rom import Rom
from emulator.bios.video import Video
from emulator.clock import PIT_HZ
from emulator.cmos import bcd
from emulator.cpu import CF
from emulator.errors import GuestStopError
from emulator.machine import POWER_ON
from emulator.memory import EXTENDED, KB, MB

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.machine import Machine

RESET_VECTOR: Final = 0xFFFF0
EQUIPMENT: Final = 0x410
MEMORY_KB: Final = 0x413
TICKS: Final = 0x46C
MIDNIGHT: Final = 0x470
TICKS_PER_DAY: Final = 0x1800B0
CONVENTIONAL_KB: Final = 640


class Bios:
    """Installs the BIOS in a machine; `sink` gets the text that teletype output makes, as bytes."""

    def __init__(self, machine: Machine, sink: Callable[[bytes], None]) -> None:
        self.machine = machine
        self.rom = Rom(machine)
        #: Extended memory that XMS has taken over, hidden from INT 15h AH=88h as HIMEM.SYS does.
        self.extended_hidden = False
        memory = machine.memory
        memory.write(0, bytes(0x500))
        for vector in range(256):
            self.rom.set_vector(vector)
        for vector in (*range(0x60, 0x68), *range(0xF1, 0x100)):
            memory.set_u32(vector * 4, 0)
        memory.set_u16(EQUIPMENT, 0x0021 | (2 if machine.profile.fpu else 0))
        memory.set_u16(MEMORY_KB, CONVENTIONAL_KB)
        memory.set_u32(TICKS, self._ticks_since_midnight())
        self.video = Video(machine, self.rom, sink)
        self.keys = KeyboardBios(machine, self.rom)
        configuration = bytes((8, 0, 0xFC, 0x01, 0x00, 0x70, 0x00, 0x00, 0x00, 0x00))
        self._configuration = self.rom.table(configuration)
        service = self.rom.service
        service(0x08, self._tick, tail=b"\x90\xcd\x1c\x90\xcf")
        self.rom.second_trap(0x08, 4, self._end_of_tick)
        for vector in (0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F):
            service(vector, self._end_of_interrupt)
        for vector in range(0x70, 0x78):
            service(vector, self._end_of_slave_interrupt)
        service(0x11, self._equipment)
        service(0x12, self._memory_size)
        service(0x15, self._system)
        service(0x18, self._reboot)
        service(0x19, self._reboot)
        service(0x1A, self._time)
        machine.services[RESET_VECTOR] = self._reboot
        machine.pics.master.mask = 0xB8
        machine.pics.slave.mask = 0xBF

    # -- interrupts from the hardware ------------------------------------------------------------------

    def _ticks_since_midnight(self) -> int:
        seconds = (POWER_ON - POWER_ON.replace(hour=0, minute=0, second=0)).seconds
        return seconds * PIT_HZ // 65536

    def _tick(self) -> None:
        memory = self.machine.memory
        ticks = memory.u32(TICKS) + 1
        if ticks >= TICKS_PER_DAY:
            ticks = 0
            memory.set_u8(MIDNIGHT, memory.u8(MIDNIGHT) + 1)
        memory.set_u32(TICKS, ticks)

    def _end_of_tick(self) -> None:
        self.machine.pics.master.write(0, 0x20)

    def _end_of_interrupt(self) -> None:
        master = self.machine.pics.master
        if master.in_service:
            master.write(0, 0x20)

    def _end_of_slave_interrupt(self) -> None:
        self.machine.pics.slave.write(0, 0x20)
        self._end_of_interrupt()

    def _reboot(self) -> None:
        raise GuestStopError("unsupported", "the guest restarts the machine")

    # -- services --------------------------------------------------------------------------------------

    def _equipment(self) -> None:
        self.machine.cpu.ax = self.machine.memory.u16(EQUIPMENT)

    def _memory_size(self) -> None:
        self.machine.cpu.ax = self.machine.memory.u16(MEMORY_KB)

    def _system(self) -> None:
        cpu = self.machine.cpu
        handlers = {
            0x24: self._a20,
            0x87: self._block_move,
            0x88: self._extended_size,
            0x86: self._wait,
            0xC0: self._configuration_table,
            0xE8: self._large_size,
        }
        ah = cpu.ah
        handler = handlers.get(ah)
        if ah == 0x4F:  # keyboard intercept: pass the scan code on
            self.rom.set_caller_flag(CF, True)
            return
        good = handler() if handler is not None else False
        if not good and handler is None:
            cpu.ah = 0x86
        self.rom.set_caller_flag(CF, not good)

    def _a20(self) -> bool:
        cpu, keyboard = self.machine.cpu, self.machine.keyboard
        function = cpu.al
        if function in (0, 1):
            keyboard.a20 = function == 1
            cpu.ah = 0
        elif function == 2:
            cpu.ax = int(keyboard.a20)
        elif function == 3:
            cpu.ah = 0
            cpu.bx = 3
        else:
            cpu.ah = 0x86
            return False
        return True

    def _extended_size(self) -> bool:
        """AH=88h: KB of extended memory, at most 64 MB - 1 KB; none once XMS has it."""
        size = 0 if self.extended_hidden else min(self.machine.memory.size // KB - 1024, 0xFFFF)
        self.machine.cpu.ax = size
        return True

    def _large_size(self) -> bool:
        """AX=E801h: KB between 1 and 16 MB, 64 KB blocks above 16 MB."""
        cpu = self.machine.cpu
        if cpu.al != 0x01:
            cpu.ah = 0x86
            return False
        size = 0 if self.extended_hidden else self.machine.memory.size - EXTENDED
        low = min(size, 15 * MB)
        cpu.ax = cpu.cx = low // KB
        cpu.bx = cpu.dx = (size - low) // (64 * KB)
        return True

    def _block_move(self) -> bool:
        """AH=87h: copy CX words; ES:SI points to a table with descriptors of source (+10h) and target (+18h)."""
        cpu, memory = self.machine.cpu, self.machine.memory
        table = cpu.es * 16 + cpu.si
        count = cpu.cx * 2
        source, target = (
            memory.u16(table + at + 2) | memory.u8(table + at + 4) << 16 | memory.u8(table + at + 7) << 24
            for at in (0x10, 0x18)
        )
        if cpu.cx > 0x8000 or max(source, target) + count > memory.size:
            cpu.ah = 2
            return False
        a20, memory_a20 = memory.a20, memory.set_a20
        memory_a20(True)
        memory.write(target, memory.read(source, count))
        memory_a20(a20)
        cpu.ah = 0
        return True

    def _wait(self) -> bool:
        """AH=86h: wait CX:DX microseconds of emulated time."""
        cpu, machine = self.machine.cpu, self.machine
        pause = (cpu.cx << 16 | cpu.dx) * PIT_HZ // 1_000_000
        machine.clock.idle_until(machine.pit_now() + pause)
        return True

    def _configuration_table(self) -> bool:
        self.machine.cpu.es, self.machine.cpu.bx = self._configuration
        self.machine.cpu.ah = 0
        return True

    def _time(self) -> None:
        """INT 1Ah: the tick count and the real-time clock."""
        cpu, memory = self.machine.cpu, self.machine.memory
        ah = cpu.ah
        now = self.machine.now()
        if ah == 0:
            ticks = memory.u32(TICKS)
            cpu.cx, cpu.dx = ticks >> 16, ticks & 0xFFFF
            cpu.al = memory.u8(MIDNIGHT)
            memory.set_u8(MIDNIGHT, 0)
        elif ah == 1:
            memory.set_u32(TICKS, cpu.cx << 16 | cpu.dx)
            memory.set_u8(MIDNIGHT, 0)
        elif ah == 2:
            cpu.ch, cpu.cl, cpu.dh = bcd(now.hour), bcd(now.minute), bcd(now.second)
            cpu.dl = 0
        elif ah == 4:
            cpu.ch, cpu.cl = bcd(now.year // 100), bcd(now.year % 100)
            cpu.dh, cpu.dl = bcd(now.month), bcd(now.day)
        self.rom.set_caller_flag(CF, ah not in (0, 1, 2, 3, 4, 5))
