"""The bus: line fills from the second-level cache or DRAM, and the write buffers.

Times are core clocks.  The bus begins a cycle at one of its own clock edges, every `ratio` core clocks, and
does one thing at a time.  Writes wait in a queue (four on the i486) until the bus is free; a read that misses
waits for them, unless all of them hit the first-level cache: then it overtakes them, once (Intel, Embedded
Intel486 Hardware Reference Manual, p. 53).  Code is fetched when nothing else wants the bus.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from emulator.native import load32, store32
from emulator.profiling.schema import COUNTERS

_FAR_MISSES = COUNTERS.index("far_misses")
_VIDEO = 0xA0000
_VIDEO_SIZE = 0x20000
#: In the second-level cache's tags: the line was written to (write-back boards).
_DIRTY = 0x80000000
_EMPTY = 0x7FFFFFFF


@njit(inline="always")
def edge(m: Any, time: int) -> int:
    """The first clock edge at which the bus is free, at `time` or later."""
    start = max(time, m.bus_free)
    ratio = m.ratio
    if ratio == 1:
        return start
    if ratio == 2:
        return start + (start & 1)
    beyond = start % ratio
    return start if beyond == 0 else start + ratio - beyond


@njit
def row_clocks(m: Any, address: int) -> int:
    """Open the DRAM row of a physical address; what that takes beyond an access to the open row."""
    row = address >> m.row_shift
    if row == m.row:
        return 0
    m.row = row
    return m.dram_row


@njit
def put_write(m: Any, address: int) -> int:
    """Core clocks for which one write of up to 4 bytes occupies the bus."""
    if address - _VIDEO >= 0 and address - _VIDEO < _VIDEO_SIZE:
        return m.video_write
    if m.l2 != 0:
        line = address >> 4
        at = m.l2 + (line & m.l2_mask) * 4
        if load32(at) & _EMPTY == line:
            if m.l2_back != 0:
                store32(at, line | _DIRTY)
                return m.l2_write * m.ratio
            return max(m.l2_write, m.dram_write + row_clocks(m, address)) * m.ratio
    return (m.dram_write + row_clocks(m, address)) * m.ratio


@njit(inline="always")
def after(m: Any, place: int) -> int:
    """The place in the queue that follows another."""
    place += 1
    return place if place < m.queue_size else place - m.queue_size


@njit
def drain(m: Any, time: int) -> None:
    """Let the bus do the writes that it begins before a time."""
    while m.queue_count > 0:
        head = m.queue_head
        start = edge(m, m.queue_time[head])
        if start >= time:
            return
        m.bus_free = start + put_write(m, m.queue_address[head])
        m.queue_head = after(m, head)
        m.queue_count -= 1
    m.overtaken = 0


@njit
def write(m: Any, time: int, address: int, hit: bool) -> int:
    """Put a write of up to 4 bytes into a buffer; returns when it is in: later than `time` if all were full."""
    drain(m, time)
    while m.queue_count >= m.queue_size:
        head = m.queue_head
        start = edge(m, m.queue_time[head])
        m.bus_free = start + put_write(m, m.queue_address[head])
        m.queue_head = after(m, head)
        m.queue_count -= 1
        time = max(time, m.bus_free)
    tail = after(m, m.queue_head + m.queue_count - 1)
    m.queue_time[tail] = time
    m.queue_address[tail] = address
    m.queue_hit[tail] = 1 if hit else 0
    m.queue_count += 1
    return time


@njit
def settle(m: Any, time: int, code: bool) -> int:
    """Do the writes that go before a read at `time`; returns the earliest time at which it can begin."""
    drain(m, time)
    if m.queue_count == 0:
        return time
    overtakes = m.overtaken == 0 and not code
    if overtakes:
        for index in range(m.queue_count):
            if m.queue_hit[after(m, m.queue_head + index - 1)] == 0:
                overtakes = False
                break
    if overtakes:
        m.overtaken = 1
        return time
    while m.queue_count > 0:
        head = m.queue_head
        start = edge(m, m.queue_time[head])
        m.bus_free = start + put_write(m, m.queue_address[head])
        m.queue_head = after(m, head)
        m.queue_count -= 1
    m.overtaken = 0
    return max(time, m.bus_free)


@njit
def read_line(m: Any, time: int, line: int) -> Any:
    """Fetch a line (physical address / 16): (when its first dword comes, clocks between its dwords).

    `time` is when the writes before it are done (see settle).  The bus is busy until the whole line is in.
    """
    start = edge(m, time)
    lead = m.dram_lead
    burst = m.dram_burst
    near = False
    if m.l2 != 0:
        at = m.l2 + (line & m.l2_mask) * 4
        tag = load32(at)
        if tag & _EMPTY == line:
            near = True
            lead = m.l2_lead
            burst = m.l2_burst
        else:
            if tag & _DIRTY != 0 and tag & _EMPTY != _EMPTY:
                # The line that it replaces goes back to memory first.
                start += (4 * m.dram_write + row_clocks(m, (tag & _EMPTY) << 4)) * m.ratio
            store32(at, line)
    if not near:
        lead += row_clocks(m, line << 4)
        m.totals[_FAR_MISSES] += 1
    first = start + lead * m.ratio
    step = burst * m.ratio
    m.bus_free = first + 3 * step
    return first, step


@njit
def read_video(m: Any, time: int) -> int:
    """Read the display memory, which is not cached; returns when the data comes."""
    m.bus_free = edge(m, time) + m.video_read
    return m.bus_free
