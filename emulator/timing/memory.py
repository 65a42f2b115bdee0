"""What an instruction's accesses cost: translation, cache, write buffers, alignment.

Every function takes the time at which the access is made and returns the time at which it is done; what it
waited for is counted for the instruction (and in the totals) by cause.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from emulator.native import load, store
from emulator.profiling.schema import COUNTERS
from emulator.timing.bus import read_line, read_video, settle, write
from emulator.timing.cache import contains, fill, lookup, tlb_fill, tlb_lookup

CACHE = COUNTERS.index("cache")
WRITE = COUNTERS.index("write")
ALIGN = COUNTERS.index("align")
TRANSLATE = COUNTERS.index("translate")
READS = COUNTERS.index("reads")
WRITES = COUNTERS.index("writes")
READ_MISSES = COUNTERS.index("read_misses")
FETCH_MISSES = COUNTERS.index("fetch_misses")
BYTES_READ = COUNTERS.index("bytes_read")
BYTES_WRITTEN = COUNTERS.index("bytes_written")

_VIDEO = 0xA0000
_VIDEO_SIZE = 0x20000


@njit(inline="always")
def count(m: Any, insn: Any, which: int, amount: int) -> None:
    """Add to a counter of the instruction and of the run."""
    at = insn.counts + which * 8
    store(at, load(at) + amount)
    m.totals[which] += amount


@njit
def read_dword(m: Any, insn: Any, time: int, physical: int) -> int:
    """One read that does not cross a dword boundary; a hit costs nothing beyond the instruction's clocks."""
    line = physical >> 4
    if line == m.recent and time >= m.fill_end:
        return time
    if line == m.fill_line and time < m.fill_end:
        # The line is still coming in, the dword that was asked for first, then as the i486 bursts.
        place = ((physical >> 2) & 3) ^ m.fill_first
        there = m.fill_start + place * m.fill_step
        if there > time:
            count(m, insn, CACHE, there - time)
            return there
        return time
    if lookup(m, line):
        m.recent = line
        return time
    count(m, insn, READ_MISSES, 1)
    begin = settle(m, time, False)
    if begin > time:
        count(m, insn, WRITE, begin - time)
    if physical - _VIDEO >= 0 and physical - _VIDEO < _VIDEO_SIZE:
        there = read_video(m, begin)
        count(m, insn, CACHE, there - begin)
        return there
    first, step = read_line(m, begin, line)
    fill(m, line)
    m.fill_line = line
    m.fill_start = first
    m.fill_step = step
    m.fill_first = (physical >> 2) & 3
    m.fill_end = first + 3 * step
    count(m, insn, CACHE, first - begin)
    return first


@njit
def translate(m: Any, insn: Any, time: int, linear: int) -> Any:
    """(physical address, time) of a linear address; a TLB miss costs a walk through two tables."""
    if m.paging < 0:
        return linear & 0xFFFFFFFF, time
    entry = tlb_lookup(m, linear & 0xFFFFFFFF)
    if entry < 0:
        before = time
        directory = (m.paging & 0xFFFFF000) + ((linear >> 22) & 0x3FF) * 4
        time = read_dword(m, insn, time, directory)
        entry = tlb_fill(m, linear & 0xFFFFFFFF)
        time += m.walk
        count(m, insn, TRANSLATE, time - before)
    return m.tlb_page[entry] | (linear & 0xFFF), time


@njit(inline="always")
def read(m: Any, insn: Any, time: int, linear: int, size: int) -> int:
    """Read `size` bytes at a linear address."""
    count(m, insn, READS, 1)
    count(m, insn, BYTES_READ, size)
    if m.paging < 0 and (linear & 3) + size <= 4:  # most reads: within a dword, and no translation
        if linear >> 4 == m.recent and time >= m.fill_end:
            return time
        return read_dword(m, insn, time, linear)
    return read_anywhere(m, insn, time, linear, size)


@njit
def read_anywhere(m: Any, insn: Any, time: int, linear: int, size: int) -> int:
    """read() without the counting."""
    physical, time = translate(m, insn, time, linear)
    time = read_dword(m, insn, time, physical)
    if size > 1 and (linear & 3) + min(size, 4) > 4:
        time += m.misaligned
        count(m, insn, ALIGN, m.misaligned)
    last = linear + size - 1
    if last >> 2 != linear >> 2:
        if (last ^ linear) & ~0xFFF != 0:
            physical, time = translate(m, insn, time, last)
        else:
            physical += size - 1
        time = read_dword(m, insn, time, physical)
    return time


@njit
def put(m: Any, insn: Any, time: int, linear: int, size: int) -> int:
    """Write `size` bytes at a linear address, a dword at a time."""
    count(m, insn, WRITES, 1)
    count(m, insn, BYTES_WRITTEN, size)
    physical, time = translate(m, insn, time, linear)
    if size > 1 and (linear & 3) + min(size, 4) > 4:
        time += m.misaligned
        count(m, insn, ALIGN, m.misaligned)
    done = 0
    while done < size:
        part = 4 - ((linear + done) & 3)
        if part > size - done:
            part = size - done
        if done > 0 and (linear + done) & 0xFFF == 0:
            physical, time = translate(m, insn, time, linear + done)
            physical -= done
        at = physical + done
        ready = write(m, time, at, contains(m, at >> 4))
        if ready > time:
            count(m, insn, WRITE, ready - time)
            time = ready
        done += part
    return time


@njit
def fetch_line(m: Any, insn: Any, time: int, line: int, urgent: bool) -> Any:
    """Bring a line of code (linear address / 16) into the prefetcher: (first dword's time, step between dwords).

    urgent: the CPU waits for it, so what it waits is no prefetch.  A hit is there at once, all of it.
    """
    physical, when = translate(m, insn, time, line << 4)
    if (physical >> 4 ^ m.recent) & m.l1_mask == 0:
        m.recent = -1
    if lookup(m, physical >> 4):
        return when, 0
    count(m, insn, FETCH_MISSES, 1)
    begin = settle(m, when, not urgent)
    first, step = read_line(m, begin, physical >> 4)
    fill(m, physical >> 4)
    return first, step
