"""The 8254 timer (ports 40h..43h): three counters of 1.193182 MHz; channel 0 drives IRQ 0.

Counters are computed from emulated time when they are read; nothing runs in between.  BCD counting is not
modelled.  Intel 8254 data sheet.
"""

from __future__ import annotations

from typing import Final

_LATCH_COUNT: Final = 0
_BOTH: Final = 3


class Channel:
    """One counter; times are PIT input clocks since power-on."""

    def __init__(self, now: int) -> None:
        self.mode = 3
        self.reload = 0x10000
        self.started = now
        self._access = _BOTH
        self._low: int | None = None
        self._latched: list[int] = []
        self._status_latched = False
        self._high_next = False
        self._waiting = False
        self._gate = True
        self._stopped: int | None = None

    def set_gate(self, level: bool, now: int) -> None:
        """The GATE pin: low stops the count in modes 0, 2, 3 and 4; rising starts it anew in 1, 2, 3 and 5."""
        if level == self._gate:
            return
        self._gate = level
        if self.mode in (1, 5):
            self._stopped = None
            if level:
                self.started = now
        elif not level:
            self._stopped = now
        elif self._stopped is not None:
            self.started = now if self.mode in (2, 3) else self.started + now - self._stopped
            self._stopped = None

    def _elapsed(self, now: int) -> int:
        """Clocks counted since the count was loaded."""
        return (now if self._stopped is None else self._stopped) - self.started

    def control(self, access: int, mode: int) -> None:
        """A control word: how bytes are read and written, and the counting mode 0..5."""
        self._access = access
        self.mode = mode - 4 if mode > 5 else mode
        self._low = None
        self._latched = []
        self._status_latched = False
        self._high_next = False
        self._waiting = True

    def write(self, value: int, now: int) -> bool:
        """A byte of the reload value; True when it is complete and counting starts."""
        if self._access == _BOTH and self._low is None:
            self._low = value
            return False
        if self._access == _BOTH:
            count = (self._low or 0) | value << 8
            self._low = None
        else:
            count = value if self._access == 1 else value << 8
        self.reload = count or 0x10000
        self.started = now
        self._stopped = None if self._gate or self.mode in (1, 5) else now
        self._waiting = False
        return True

    def value(self, now: int) -> int:
        """The counter's 16 bits."""
        if self._waiting:
            return 0
        elapsed = self._elapsed(now)
        if self.mode in (2, 3):
            phase = elapsed % self.reload
            if self.mode == 3:
                phase = phase * 2 % self.reload  # counts down by twos, twice a period
                return (self.reload - phase) & 0xFFFE
            return (self.reload - phase) & 0xFFFF
        return (self.reload - elapsed) & 0xFFFF

    def output(self, now: int) -> bool:
        """The level of the OUT pin."""
        elapsed = self._elapsed(now)
        if self._stopped is not None and self.mode in (2, 3):
            return True
        if self.mode == 2:
            return elapsed % self.reload != self.reload - 1
        if self.mode == 3:
            return elapsed % self.reload < (self.reload + 1) // 2
        return not self._waiting and elapsed >= self.reload

    def latch(self, now: int) -> None:
        """Hold the counter's value for the next reads."""
        if not self._latched or self._latched_status_only():
            count = self.value(now)
            parts = {1: [count & 0xFF], 2: [count >> 8]}
            self._latched += parts.get(self._access, [count & 0xFF, count >> 8])

    def _latched_status_only(self) -> bool:
        return self._status_latched and len(self._latched) == 1

    def latch_status(self, now: int) -> None:
        """Hold the status byte (read-back command) in front of what is latched."""
        if self._status_latched:
            return
        self._status_latched = True
        status = self._access << 4 | self.mode << 1 | self._waiting << 6 | self.output(now) << 7
        self._latched.insert(0, status)

    def read(self, now: int) -> int:
        """The next byte of the latched or running count."""
        if self._latched:
            self._status_latched = False
            return self._latched.pop(0)
        count = self.value(now)
        if self._access == 1:
            return count & 0xFF
        if self._access == 2:
            return count >> 8
        self._high_next = not self._high_next
        return count & 0xFF if self._high_next else count >> 8

    def next_edge(self, now: int) -> int | None:
        """The first time after `now` at which OUT rises, or None if it will not."""
        if self._waiting or self._stopped is not None:
            return None
        if self.mode in (2, 3):
            return self.started + ((now - self.started) // self.reload + 1) * self.reload
        end = self.started + self.reload
        return end if end > now else None


class Pit:
    """The timer chip; `now` is always PIT input clocks since power-on."""

    def __init__(self) -> None:
        self.channels = [Channel(0), Channel(0), Channel(0)]
        self._seen = 0

    def read(self, port: int, now: int) -> int:
        """Ports 0..2: the channels; the control port reads as FF."""
        return self.channels[port].read(now) if port < 3 else 0xFF

    def write(self, port: int, value: int, now: int) -> None:
        """Ports 0..2: reload bytes; port 3: control, latch and read-back commands."""
        if port < 3:
            self.channels[port].write(value, now)
            return
        which = value >> 6
        if which == 3:
            for index, channel in enumerate(self.channels):
                if value & 2 << index:
                    if not value & 0x20:
                        channel.latch(now)
                    if not value & 0x10:
                        channel.latch_status(now)
        elif value >> 4 & 3 == _LATCH_COUNT:
            self.channels[which].latch(now)
        else:
            self.channels[which].control(value >> 4 & 3, value >> 1 & 7)

    def next_tick(self) -> int | None:
        """When channel 0 raises IRQ 0 next, after the ticks already taken."""
        return self.channels[0].next_edge(max(self._seen, self.channels[0].started))

    def take_ticks(self, now: int) -> bool:
        """Whether channel 0 ticked up to `now`; several missed edges make one request, as in the 8259A."""
        edge = self.next_tick()
        ticked = edge is not None and edge <= now
        self._seen = max(self._seen, now)
        return ticked
