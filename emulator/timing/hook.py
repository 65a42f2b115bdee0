"""The native code hook: what the cycle model does before each instruction, and the calling contexts.

The block hook (emulator.hooks) leaves the address of the block's first instruction record in the state;
instructions come one after another from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from numba import carray, cfunc, njit, types

from emulator.native import load, pointer, source_stamp
from emulator.profiling.schema import COUNTERS
from emulator.timing import layout
from emulator.timing.pipeline import arrive, stack_top, step

_STATE = layout.STATE
_INSTRUCTION = layout.INSTRUCTION
_CONTEXT = layout.CONTEXT
_INSTRUCTION_BYTES = layout.INSTRUCTION.itemsize
_CONTEXT_BYTES = layout.CONTEXT.itemsize
_FRAMES = layout.FRAMES
_CALL = layout.CALL
_RETURN = layout.RETURN
_EVENTS = len(COUNTERS)
_ESP = 4
#: How many frames are searched for the one that a RET belongs to.
_DEEPEST = 64


@njit
def context(m: Any, index: int) -> Any:
    """The record of a calling context."""
    return carray(pointer(m.nodes + index * _CONTEXT_BYTES), (1,), _CONTEXT)[0]


@njit
def settle_context(m: Any) -> None:
    """Give the context that is executing what was counted since it was entered."""
    node = context(m, m.node)
    for event in range(_EVENTS):
        node.counts[event] += m.totals[event] - m.node_totals[event]
        m.node_totals[event] = m.totals[event]


@njit
def ordinal(m: Any, entry: int) -> int:
    """For a procedure that is split, how many such calls the caller's activation has made before; else -1."""
    for index in range(m.split_count):
        if load(m.splits + index * 8) == entry:
            calls = m.frame_calls[m.depth]
            m.frame_calls[m.depth] = calls + 1
            return calls
    return -1


@njit
def enter(m: Any, site: int, entry: int, slot: int) -> None:
    """A procedure is called from an instruction at `site`; its return address lies at `slot`."""
    if m.depth + 1 >= _FRAMES:
        return
    number = ordinal(m, entry)
    caller = context(m, m.node)
    child = caller.child
    while child >= 0:
        node = context(m, child)
        if node.entry == entry and node.site == site and node.ordinal == number:
            break
        child = node.sibling
    if child < 0:
        if m.node_count >= m.node_limit:
            return
        child = m.node_count
        m.node_count += 1
        node = context(m, child)
        node.parent = m.node
        node.child = -1
        node.sibling = caller.child
        node.site = site
        node.entry = entry
        node.ordinal = number
        node.calls = 0
        caller.child = child
    settle_context(m)
    context(m, child).calls += 1
    m.node = child
    m.depth += 1
    m.frame_node[m.depth] = child
    m.frame_slot[m.depth] = slot
    m.frame_calls[m.depth] = 0


@njit
def leave(m: Any) -> None:
    """A RET or IRET was executed: leave the procedures up to the one whose return address it took."""
    depth = m.depth
    lowest = max(1, depth - _DEEPEST)
    while depth >= lowest:
        if m.frame_slot[depth] == m.return_slot:
            settle_context(m)
            m.depth = depth - 1
            m.node = m.frame_node[m.depth]
            return
        depth -= 1


@njit
def follow(m: Any, previous: Any, address: int) -> None:
    """Control came to an address behind an instruction that was executed: enter or leave a procedure if it did."""
    if previous.flags & _CALL != 0:
        enter(m, previous.address, address, stack_top(m, _ESP, 0))
    elif previous.flags & _RETURN != 0:
        leave(m)


def _compile(stamp: str) -> tuple[Any, Any, Any, Any]:
    """The native functions; `stamp` only makes them differ from those of other sources (see emulator.native)."""

    @cfunc(types.void(types.int64, types.int64, types.uint32, types.int64), cache=True)
    def on_instruction(_engine: int, address: int, _size: int, state: int) -> None:
        """UC_HOOK_CODE: (engine, linear address, bytes, address of the STATE record)."""
        stamp  # noqa: B018
        m = carray(pointer(state), (1,), _STATE)[0]
        at = m.record
        if at == 0:
            return
        insn = carray(pointer(at), (1,), _INSTRUCTION)[0]
        if insn.address != address:
            m.lost += 1
            return
        last = m.last
        previous = carray(pointer(at if last == 0 else last), (1,), _INSTRUCTION)[0]
        taken = arrive(m, insn, previous)
        if m.profiling != 0:
            if last != 0:
                follow(m, previous, address)
            if insn.flags & _RETURN != 0:
                m.return_slot = stack_top(m, _ESP, 0)
        step(m, insn, taken)
        m.last = at
        m.record = at + _INSTRUCTION_BYTES

    @cfunc(types.void(types.int64, types.int64, types.int64, types.int64), cache=True)
    def on_interrupt(state: int, site: int, entry: int, slot: int) -> None:
        """Control goes to the handler at `entry`, whose return frame lies at `slot`."""
        stamp  # noqa: B018
        enter(carray(pointer(state), (1,), _STATE)[0], site, entry, slot)

    @cfunc(types.void(types.int64, types.int64), cache=True)
    def on_arrival(state: int, address: int) -> None:
        """Control came to an address, but what happens next is not its instruction."""
        stamp  # noqa: B018
        m = carray(pointer(state), (1,), _STATE)[0]
        if m.last != 0:
            follow(m, carray(pointer(m.last), (1,), _INSTRUCTION)[0], address)

    @cfunc(types.void(types.int64), cache=True)
    def on_settle(state: int) -> None:
        """Bring the counts of the context that is executing up to date."""
        stamp  # noqa: B018
        settle_context(carray(pointer(state), (1,), _STATE)[0])

    return on_instruction, on_interrupt, on_settle, on_arrival


_NATIVE = _compile(source_stamp(Path(__file__).parent))
ON_INSTRUCTION: Final = int(_NATIVE[0].address)
"""Host address of the code hook: void f(engine, int64 linear address, uint32 bytes, STATE *)."""

on_interrupt: Final = _NATIVE[1].ctypes
"""A ctypes function: enter the handler of an interrupt; (STATE *, site, entry, slot)."""

on_settle: Final = _NATIVE[2].ctypes
"""A ctypes function: bring the executing context's counts up to date; (STATE *)."""

on_arrival: Final = _NATIVE[3].ctypes
"""A ctypes function: control came to an address where an interrupt is taken; (STATE *, address)."""
