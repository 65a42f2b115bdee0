"""The Python side of the cycle model: its state, the records of instructions, what was counted."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from emulator.profiling.schema import COUNTERS
from emulator.timing import layout
from emulator.timing.assumptions import DEFAULTS, Assumptions
from emulator.timing.decode import Decoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.profiles import CpuProfile

#: Instructions that can be known at a time; a program that executes more has its counts put aside.
CAPACITY: Final = 1 << 17
_EVENTS: Final = len(COUNTERS)
_CONTEXTS: Final = 1 << 16
_CODE: Final = {name: index for index, name in enumerate(COUNTERS)}
#: Delivering a hardware interrupt: INT's clocks and the acknowledge cycles (Intel: 26, 44 in protected mode).
_INTERRUPT_REAL: Final = 26
_INTERRUPT_PROTECTED: Final = 44


class CycleModel:
    """The cycle model of a CPU and its board.

    `state` is the one record (layout.STATE) that the native code works on.
    """

    def __init__(self, profile: CpuProfile, assumptions: Assumptions = DEFAULTS) -> None:
        self.profile = profile
        self._state = np.zeros(1, dtype=layout.STATE)
        self.state: Any = self._state[0]
        self._records = np.zeros(CAPACITY, dtype=layout.INSTRUCTION)
        self._counts = np.zeros((CAPACITY, _EVENTS), dtype=np.int64)
        self._used = 0
        self._known: list[tuple[int, int, str]] = []  # of each record: address, bytes, text
        self._harvest: dict[tuple[int, int, str], Any] = {}
        self._unseen: dict[tuple[int, int, str], Any] = {}
        self._decoder = Decoder()
        self._contexts = np.zeros(0, dtype=layout.CONTEXT)
        self._splits = np.zeros(0, dtype=np.int64)
        self._l2 = np.zeros(0, dtype=np.int32)
        self._reset(assumptions)

    def _reset(self, assumptions: Assumptions) -> None:
        state, board = self.state, self.profile.board
        sets = self.profile.cache_bytes // 64
        state["l1_mask"] = sets - 1
        for name in ("l1", "tlb"):
            state[name][:] = -1
        for name in ("fill_line", "recent", "repeating", "paging", "row"):
            state[name] = -1
        state["code_line"] = -1
        state["ratio"] = self.profile.ratio
        for name in ("l2_lead", "l2_burst", "l2_write", "dram_lead", "dram_burst", "dram_write", "dram_row"):
            state[name] = getattr(board, name)
        state["l2_back"] = board.l2_write_back
        state["row_shift"] = (board.row_bytes - 1).bit_length()
        clock = self.profile.clock_hz / 1e9
        for name in ("video_read", "video_write", "port"):
            state[name] = round(getattr(board, f"{name}_ns") * clock)
        if board.l2_bytes:
            self._l2 = np.full(board.l2_bytes // 16, 0x7FFFFFFF, dtype=np.int32)
            state["l2"] = self._l2.ctypes.data
            state["l2_mask"] = len(self._l2) - 1
        for one in fields(assumptions):
            state[one.name] = getattr(assumptions, one.name)

    @property
    def address(self) -> int:
        """Host address of the state record."""
        return int(self._state.ctypes.data)

    def word(self, name: str) -> int:
        """Host address of a field of the state."""
        field: Any = layout.STATE.fields
        return self.address + int(field[name][1])

    @property
    def now(self) -> int:
        """Core clocks since the model was made."""
        return int(self.state["now"])

    @property
    def totals(self) -> tuple[int, ...]:
        """What was counted in all, as COUNTERS."""
        return tuple(int(count) for count in self.state["totals"])

    # -- code --------------------------------------------------------------------------------------

    def enter_block(self, code: bytes, lengths: Sequence[int], address: int, bits: int, protected: bool) -> int:
        """Records for a block's instructions; returns the host address of the first, or 0: no room, put aside."""
        if self._used + len(lengths) > CAPACITY:
            return 0
        first = self._used
        at = 0
        for length in lengths:
            record = self._records[self._used]
            text = self._decoder.fill(record, code[at : at + length], address + at, bits, protected)
            record["counts"] = int(self._counts.ctypes.data) + self._used * _EVENTS * 8
            self._known.append((address + at, length, text))
            self._used += 1
            at += length
        return int(self._records.ctypes.data) + first * layout.INSTRUCTION.itemsize

    def put_aside(self) -> None:
        """Keep what was counted and forget all records; the block table must be flushed as well."""
        self._harvest = self.places()
        self._unseen.clear()
        self._records[: self._used] = 0
        self._counts[: self._used] = 0
        self._used = 0
        self._known.clear()
        self.forget_flow()
        self.state["record"] = 0

    def places(self) -> dict[tuple[int, int, str], Any]:
        """(address, bytes, text) of every instruction executed -> its counts (int64 array, as COUNTERS)."""
        found = {key: counts.copy() for key, counts in self._harvest.items()}
        rows = [(key, self._counts[index]) for index, key in enumerate(self._known)]
        for key, counts in (*rows, *self._unseen.items()):
            if counts.any():
                found[key] = found[key] + counts if key in found else counts.copy()
        return found

    # -- what happens between instructions ---------------------------------------------------------

    def forget_flow(self) -> None:
        """Control comes from somewhere else: the next instruction is fetched anew."""
        self.state["last"] = 0
        self.state["repeating"] = -1

    def uncount(self, address: int) -> None:
        """The instruction at an address, if it was the last, has not been executed: it faulted, or will be resumed."""
        state = self.state
        if not state["last"]:
            return
        index = (int(state["last"]) - int(self._records.ctypes.data)) // layout.INSTRUCTION.itemsize
        if self._records[index]["address"] == address:
            self._counts[index, 0] -= 1
            state["totals"][0] -= 1

    def pass_by(self, address: int, text: str, clocks: int, instructions: int = 1) -> None:
        """Something happened at an address that the native code did not see: it took so many clocks."""
        state = self.state
        state["now"] += clocks
        counts = self._unseen.setdefault((address, 0, text), np.zeros(_EVENTS, dtype=np.int64))
        for row in (state["totals"], counts):
            row[_CODE["instructions"]] += instructions
            row[_CODE["clocks"]] += clocks

    def arrive(self, address: int) -> None:
        """Control came to an address where an interrupt is taken: the CALL or RET that led there is done."""
        if self.state["profiling"]:
            from emulator.timing.hook import on_arrival

            on_arrival(self.address, address)

    def interrupted(self, entry: int, slot: int, hardware: bool) -> None:
        """Control goes to an interrupt handler at `entry`, whose return frame lies at linear address `slot`."""
        state = self.state
        if hardware:
            clocks = _INTERRUPT_REAL if state["real_mode"] else _INTERRUPT_PROTECTED
            self.pass_by(entry, "(hardware interrupt)", clocks, instructions=0)
        self.forget_flow()
        if state["profiling"]:
            from emulator.timing.hook import on_interrupt

            on_interrupt(self.address, 0, entry, slot)

    def set_mode(self, *, real: bool, page_directory: int) -> None:
        """CR0 or CR3 was written; page_directory: CR3, or -1 while paging is off."""
        state = self.state
        state["real_mode"] = int(real)
        if page_directory != state["paging"]:
            state["paging"] = page_directory
            state["tlb"][:] = -1

    # -- calling contexts --------------------------------------------------------------------------

    def start_profiling(self) -> None:
        """Keep the calling context tree from now on."""
        state = self.state
        self._contexts = np.zeros(_CONTEXTS, dtype=layout.CONTEXT)
        root = self._contexts[0]
        root["parent"] = root["child"] = root["sibling"] = root["ordinal"] = -1
        state["nodes"] = self._contexts.ctypes.data
        state["node_count"] = 1
        state["node_limit"] = _CONTEXTS
        state["node"] = state["depth"] = 0
        state["frame_node"][0] = state["frame_calls"][0] = 0
        state["node_totals"][:] = state["totals"]
        state["profiling"] = 1

    def split(self, entries: Sequence[int]) -> None:
        """Tell the calls of these procedures (linear addresses) apart by their number within the caller."""
        self._splits = np.array(entries, dtype=np.int64)
        self.state["splits"] = self._splits.ctypes.data
        self.state["split_count"] = len(entries)

    def contexts(self) -> Any:
        """The nodes of the calling context tree so far (array of layout.CONTEXT)."""
        if self.state["profiling"]:
            from emulator.timing.hook import on_settle

            on_settle(self.address)
        return self._contexts[: int(self.state["node_count"])]
