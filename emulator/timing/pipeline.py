"""The i486 pipeline: prefetch, D1, D2, EX, one instruction in each.

For every instruction, before it executes, step() works out when it enters and leaves EX:

    D1   begins when the instruction before has left it, or at a branch target; a clock, and one a prefix
    D2   begins when the instruction before has entered EX, and waits for registers that an address needs;
         a clock, and more for an index register, or for a displacement with an immediate
    EX   begins when the instruction before has left it; the clocks of Intel's table, and what memory adds

(Crawford, "The execution pipeline of the Intel i486 CPU", Compcon 1990; Intel486 Programmer's Reference
Manual, appendix E.)  Whether a branch was taken shows when the next instruction comes.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from emulator.native import load, load8, load16, load32
from emulator.profiling.schema import COUNTERS
from emulator.timing import layout
from emulator.timing.cache import tlb_flush
from emulator.timing.memory import count, fetch_line, put, read, translate

_INSTRUCTIONS = COUNTERS.index("instructions")
_CLOCKS = COUNTERS.index("clocks")
_MULTIPLY = COUNTERS.index("multiply")
_ADDRESS = COUNTERS.index("address")
_DECODE = COUNTERS.index("decode")
_BRANCH = COUNTERS.index("branch")
_FETCH = COUNTERS.index("fetch")
_FPU = COUNTERS.index("fpu")
_FAR_MISSES = COUNTERS.index("far_misses")

_ADDRESS_FLAG = layout.ADDRESS
_READ = layout.READ
_WRITE = layout.WRITE
_PUSH = layout.PUSH
_POP = layout.POP
_SOURCE = layout.SOURCE
_TARGET = layout.TARGET
_COMPARE = layout.COMPARE
_REPEAT = layout.REPEAT
_MULTIPLY_FLAG = layout.MULTIPLY
_SIGNED = layout.SIGNED
_SCAN = layout.SCAN
_REVERSE = layout.REVERSE
_X87 = layout.X87
_DIVIDE = layout.DIVIDE
_PORT = layout.PORT
_LEAVE = layout.LEAVE
_TABLE = layout.TABLE
_FLUSH = layout.FLUSH
_SLOW = layout.SLOW
_MEMORY = layout.MEMORY

# QEMU's CPUX86State, bytes from regs[] (see emulator.cpu).
_HFLAGS = 176
_SEGMENT_BASES = 184 + 8
_SEGMENT_BYTES = 24
_SS32 = 0x20
_SS_BASE = _SEGMENT_BASES + 2 * _SEGMENT_BYTES
_DS_BASE = _SEGMENT_BASES + 3 * _SEGMENT_BYTES
_ES_BASE = _SEGMENT_BASES

_ESP = 4
_EBP = 5
_ESI = 6
_EDI = 7
_ECX = 1


@njit(inline="always")
def register(m: Any, number: int) -> int:
    """A general register, 32 bits."""
    return load32(m.regs + number * 8)


@njit
def effective(m: Any, insn: Any) -> int:
    """The linear address of the memory operand."""
    at = insn.displacement
    if insn.base >= 0:
        at += register(m, insn.base)
    if insn.index >= 0:
        at += register(m, insn.index) << insn.shift
    if insn.flags & _TABLE != 0:
        at += register(m, 0) & 0xFF
    return ((at & insn.mask) + load(m.regs + _SEGMENT_BASES + insn.segment * _SEGMENT_BYTES)) & 0xFFFFFFFF


@njit
def stack_top(m: Any, number: int, offset: int) -> int:
    """The linear address of SS:ESP (or EBP) + offset."""
    mask = 0xFFFFFFFF if load32(m.regs + _HFLAGS) & _SS32 != 0 else 0xFFFF
    return (((register(m, number) + offset) & mask) + load(m.regs + _SS_BASE)) & 0xFFFFFFFF


@njit
def bits(value: int) -> int:
    """How many bits a number >= 0 has: ceil(log2(value + 1))."""
    found = 0
    while value > 0:
        found += 1
        value >>= 1
    return found


@njit
def operand(m: Any, insn: Any) -> int:
    """The value of the multiplier or of the scanned operand, zero-extended."""
    width = insn.width
    if insn.multiplier >= 0:
        value = register(m, insn.multiplier)
        if insn.high != 0:
            value >>= 8
    else:
        at = effective(m, insn)
        if m.paging >= 0:
            at, _ = translate(m, insn, m.now, at)
        if at + 4 > m.ram_size:
            return 0
        if width == 1:
            value = load8(m.ram + at)
        elif width == 2:
            value = load16(m.ram + at)
        else:
            value = load32(m.ram + at)
    if width == 1:
        return value & 0xFF
    return value & 0xFFFF if width == 2 else value


@njit
def multiply_clocks(m: Any, insn: Any) -> int:
    """10 + max(ceil(log2 |m|), n), n = 3 for m >= 0 and 5 for m < 0: MUL and IMUL stop early (Intel's table)."""
    value = operand(m, insn)
    least = 3
    if insn.flags & _SIGNED != 0:
        top = 1 << (insn.width * 8 - 1)
        if value >= top:
            value = 2 * top - value
            least = 5
    found = bits(value - 1) if value > 0 else 0
    return m.multiply_base + max(found, least)


@njit
def scan_clocks(m: Any, insn: Any) -> int:
    """BSF: 6 to 42 clocks; BSR: 6 to 103, about three a bit from the top (Intel's ranges, spread evenly)."""
    value = operand(m, insn)
    if value == 0:
        return 7
    last = insn.width * 8 - 1
    if insn.flags & _REVERSE != 0:
        return 6 + (last + 1 - bits(value)) * 97 // 31
    return 6 + (bits(value & -value) - 1) * 36 // 31


@njit
def fetch(m: Any, insn: Any, time: int, taken: bool) -> int:
    """When the instruction's bytes are there for D1, which wants them at `time`."""
    if taken:
        m.code_line = insn.line
        first, step = fetch_line(m, insn, time, insn.line, True)
        m.code_start = first
        m.code_step = step
        m.code_first = (insn.address >> 2) & 3
        m.code_ready = first + 3 * step
        ahead, ahead_step = fetch_line(m, insn, max(first, time) + m.straddle, insn.line + 1, False)
        m.ahead_start = ahead
        m.ahead_step = ahead_step
        m.ahead_ready = ahead + 3 * ahead_step
    while insn.last_line > m.code_line:
        if m.code_ready > time:
            time = m.code_ready
        m.code_line += 1
        m.code_start = m.ahead_start
        m.code_step = m.ahead_step
        m.code_first = 0
        m.code_ready = m.ahead_ready
        ahead, ahead_step = fetch_line(m, insn, time, m.code_line + 1, False)
        m.ahead_start = ahead
        m.ahead_step = ahead_step
        m.ahead_ready = ahead + 3 * ahead_step
    if m.code_ready > time:
        last = (insn.next - 1) if insn.last_line == m.code_line else insn.address | 15
        place = ((last >> 2) & 3) ^ m.code_first
        there = m.code_start + place * m.code_step
        if there > time:
            time = there
    return time


@njit
def repeat(m: Any, insn: Any, time: int) -> int:
    """One element of a REP string instruction; the first time also its beginning."""
    flags = insn.flags
    left = register(m, _ECX)
    if insn.mask == 0xFFFF:
        left &= 0xFFFF
    if m.repeating != insn.address:
        m.repeating = insn.address
        if left == 0:
            return time + 5
        time += insn.clocks
        if left == 1 and flags & _SOURCE != 0 and flags & _TARGET != 0:
            time -= 2  # MOVS: 13 for one element, 12 + 3 for each of more
    if left == 0:
        return time
    return strings(m, insn, time + insn.each)


@njit
def strings(m: Any, insn: Any, time: int) -> int:
    """The accesses of a string instruction."""
    flags = insn.flags
    if flags & _SOURCE != 0:
        base = load(m.regs + _SEGMENT_BASES + insn.segment * _SEGMENT_BYTES)
        time = read(m, insn, time, (base + (register(m, _ESI) & insn.mask)) & 0xFFFFFFFF, insn.string_bytes)
    if flags & (_TARGET | _COMPARE) != 0:
        at = (load(m.regs + _ES_BASE) + (register(m, _EDI) & insn.mask)) & 0xFFFFFFFF
        if flags & _COMPARE != 0:
            time = read(m, insn, time, at, insn.string_bytes)
        else:
            time = put(m, insn, time, at, insn.string_bytes)
    return time


@njit
def slow_clocks(m: Any, insn: Any, start: int) -> int:
    """When the work of an instruction ends that is not the same every time; `start` is its entry into EX."""
    flags = insn.flags
    if flags & _MULTIPLY_FLAG != 0:
        clocks = multiply_clocks(m, insn)
        count(m, insn, _MULTIPLY, clocks - 1)
        return start + clocks
    if flags & _DIVIDE != 0:
        count(m, insn, _MULTIPLY, insn.clocks - 1)
    if flags & _SCAN != 0:
        return start + scan_clocks(m, insn)
    if flags & _PORT != 0:
        start += m.port
    if flags & _FLUSH != 0:
        tlb_flush(m)
    if flags & _X87 != 0:
        m.fpu_free = start + insn.clocks
        return start + insn.clocks - insn.concurrent
    return start + insn.clocks


@njit
def arrive(m: Any, insn: Any, previous: Any) -> bool:
    """Whether control came to an instruction by a jump; the one before gets the clocks of a branch taken.

    previous: the record of the instruction executed last, or of this one itself when there is none.
    """
    if m.last == 0:
        return True
    if previous.next == insn.address or m.repeating == insn.address:
        return False
    m.now += previous.taken
    count(m, previous, _CLOCKS, previous.taken)
    count(m, previous, _BRANCH, previous.taken)
    return True


@njit
def step(m: Any, insn: Any, taken: bool) -> None:
    """Account for one instruction, which is about to execute; taken: control came to it by a jump."""
    flags = insn.flags
    if m.repeating >= 0:
        if m.repeating == insn.address:
            before = m.now
            m.now = repeat(m, insn, before)
            count(m, insn, _CLOCKS, m.now - before)
            return
        m.repeating = -1

    entered = m.now
    d1_start = m.d2_start
    if taken:
        # The target is fetched while the branch is in EX: its D1 comes two clocks before the branch is done.
        d1_start = entered if m.last == 0 else entered - 2
    far = m.totals[_FAR_MISSES]

    wanted = d1_start
    if taken or insn.last_line != m.code_line or m.code_ready > d1_start:
        d1_start = fetch(m, insn, d1_start, taken)
    waited_fetch = d1_start - wanted

    d2 = d1_start + 1
    if insn.prefixes != 0:
        d2 += insn.prefixes * m.prefix
    if d2 < m.ex_start:
        d2 = m.ex_start
    m.d2_start = d2

    waited_address = 0
    if insn.first >= 0:
        asked = d2
        late = m.agi_real if m.real_mode != 0 else 0
        if m.ready[insn.first] + late > d2:
            d2 = m.ready[insn.first] + late
        if insn.second >= 0:
            if m.ready[insn.second] + late > d2:
                d2 = m.ready[insn.second] + late
            if insn.third >= 0 and m.ready[insn.third] + late > d2:
                d2 = m.ready[insn.third] + late
        waited_address = d2 - asked
        if m.byte_collision != 0:
            while d2 == m.byte_write[0] or d2 == m.byte_write[1]:
                d2 += 1
    if insn.d2 != 0:
        if insn.d2 & 1 != 0:
            d2 += m.index
        if insn.d2 & 2 != 0:
            d2 += m.displacement_immediate
    start = d2 + 1
    if start < entered:
        start = entered
    if insn.sources & m.byte_written != 0:
        start += m.byte_source
    waited_fpu = 0
    if flags & _X87 != 0 and m.fpu_free > start:
        waited_fpu = m.fpu_free - start
        start = m.fpu_free

    # What EX stood idle for.
    idle = start - entered - waited_fpu
    if waited_fpu > 0:
        count(m, insn, _FPU, waited_fpu)
    if idle > 0:
        if waited_address > 0:
            part = min(idle, waited_address)
            count(m, insn, _ADDRESS, part)
            idle -= part
        if waited_fetch > 0 and idle > 0:
            part = min(idle, waited_fetch)
            count(m, insn, _FETCH, part)
            idle -= part
        if idle > 0:
            count(m, insn, _DECODE, idle)

    end = start
    if flags & _MEMORY != 0 and flags & _REPEAT == 0:
        at = 0
        if flags & _ADDRESS_FLAG != 0:
            at = effective(m, insn)
        if flags & _READ != 0:
            end = read(m, insn, end, at, insn.size)
        if flags & _POP != 0:
            end = pops(m, insn, end)
        if flags & (_SOURCE | _TARGET | _COMPARE) != 0:
            end = strings(m, insn, end)
        if flags & _SLOW != 0:
            end = slow_clocks(m, insn, end)
        else:
            end += insn.clocks
        if flags & _WRITE != 0:
            end = put(m, insn, end, at, insn.size)
        if flags & _PUSH != 0:
            end = pushes(m, insn, end)
    elif flags & _SLOW != 0:
        if flags & _REPEAT != 0:
            end = repeat(m, insn, end)
        else:
            end = slow_clocks(m, insn, end)
    else:
        end += insn.clocks

    # What the instructions to come will ask for.
    if insn.result >= 0:
        m.ready[insn.result] = end
        if insn.results != 0:
            for number in range(8):
                if insn.results >> number & 1 != 0:
                    m.ready[number] = end
    written = insn.bytes
    m.byte_written = written
    if written != 0:
        m.byte_write[1] = m.byte_write[0]
        m.byte_write[0] = end
    m.ex_start = start
    m.now = end

    count(m, insn, _INSTRUCTIONS, 1)
    count(m, insn, _CLOCKS, end - entered)
    far = m.totals[_FAR_MISSES] - far
    if far > 0:
        count(m, insn, _FAR_MISSES, far)
        m.totals[_FAR_MISSES] -= far


@njit
def pops(m: Any, insn: Any, time: int) -> int:
    """The reads of POP, POPA, RET, LEAVE, IRET."""
    number = _EBP if insn.flags & _LEAVE != 0 else _ESP
    done = 0
    while done < insn.stack_bytes:
        time = read(m, insn, time, stack_top(m, number, done), insn.stack_step)
        done += insn.stack_step
    return time


@njit
def pushes(m: Any, insn: Any, time: int) -> int:
    """The writes of PUSH, PUSHA, CALL, ENTER, INT."""
    done = 0
    while done < insn.stack_bytes:
        done += insn.stack_step
        time = put(m, insn, time, stack_top(m, _ESP, -done), insn.stack_step)
    return time
