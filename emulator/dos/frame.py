"""What every DOS service needs: the machine's parts, and access to the caller's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.bios import Bios
    from emulator.cpu import Cpu
    from emulator.dos.kernel import Dos
    from emulator.machine import Machine
    from emulator.memory import Memory


class Services:
    """Base of the groups of INT 21h functions."""

    def __init__(self, dos: Dos) -> None:
        self.dos = dos
        self.machine: Machine = dos.machine
        self.cpu: Cpu = dos.machine.cpu
        self.memory: Memory = dos.machine.memory
        self.bios: Bios = dos.bios

    @property
    def ds_dx(self) -> int:
        """Linear address of DS:DX."""
        return self.cpu.ds * 16 + self.cpu.dx

    @property
    def es_di(self) -> int:
        """Linear address of ES:DI."""
        return self.cpu.es * 16 + self.cpu.di

    @property
    def ds_si(self) -> int:
        """Linear address of DS:SI."""
        return self.cpu.ds * 16 + self.cpu.si
