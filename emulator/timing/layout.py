"""The records that the native model works on: a decoded instruction, the machine's state, a calling context.

numpy structured types, so that native code (numba) and Python see the same bytes under the same names.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from emulator.profiling.schema import COUNTERS

NO_REGISTER: Final = -1

#: What an instruction does, besides taking clocks: bits of INSTRUCTION["flags"].
ADDRESS: Final = 1 << 0  #: has a memory operand: an address to compute (LEA as well)
READ: Final = 1 << 1  #: reads its memory operand
WRITE: Final = 1 << 2  #: writes its memory operand
PUSH: Final = 1 << 3  #: writes `stack_bytes` below ESP
POP: Final = 1 << 4  #: reads `stack_bytes` at ESP (LEAVE: at EBP)
SOURCE: Final = 1 << 5  #: reads `string_bytes` at ESI
TARGET: Final = 1 << 6  #: writes `string_bytes` at EDI
COMPARE: Final = 1 << 7  #: reads `string_bytes` at EDI (CMPS, SCAS)
REPEAT: Final = 1 << 8  #: a REP string instruction: `clocks` to begin, `each` an element
BRANCH: Final = 1 << 9  #: may go elsewhere: `taken` more clocks if it does
MULTIPLY: Final = 1 << 10  #: clocks depend on the multiplier
SIGNED: Final = 1 << 11  #: ... which is signed
SCAN: Final = 1 << 12  #: BSF, BSR: clocks depend on the position of the bit
REVERSE: Final = 1 << 13  #: ... from the top
X87: Final = 1 << 14  #: waits for the x87 instruction before; `concurrent` clocks overlap what follows
CALL: Final = 1 << 15
RETURN: Final = 1 << 16
DIVIDE: Final = 1 << 17  #: DIV, IDIV
PORT: Final = 1 << 18  #: IN, OUT, INS, OUTS
LEAVE: Final = 1 << 19  #: the stack operand is at EBP
TABLE: Final = 1 << 20  #: XLAT: AL is added to the address
FLUSH: Final = 1 << 21  #: drops the TLB (a load of CR3, INVLPG)
CONVERT: Final = 1 << 22  #: IRET and far transfers: other code follows
#: Any of the bits that ask for more than the pipeline.
SLOW: Final = REPEAT | MULTIPLY | SCAN | X87 | DIVIDE | PORT | FLUSH
MEMORY: Final = READ | WRITE | PUSH | POP | SOURCE | TARGET | COMPARE

INSTRUCTION: Final = np.dtype(
    [
        ("address", "<i8"),  #: linear
        ("next", "<i8"),  #: linear address of the instruction that follows in memory
        ("line", "<i8"),  #: address of its first byte / 16
        ("last_line", "<i8"),  #: ... and of its last
        ("counts", "<i8"),  #: host address of its row of counters
        ("mask", "<i8"),  #: FFFFh or FFFFFFFFh: how far its effective address wraps
        ("displacement", "<i8"),
        ("flags", "<i4"),
        ("clocks", "<i4"),  #: in EX, cache hit, branch not taken
        ("taken", "<i4"),  #: more clocks if the branch is taken
        ("each", "<i4"),  #: REP: clocks an element
        ("concurrent", "<i4"),  #: x87: clocks that overlap what follows
        ("prefixes", "<i4"),
        ("d2", "<i4"),  #: further clocks in D2: 1 an index register, 1 displacement with immediate (bits 0, 1)
        ("size", "<i4"),  #: bytes of its memory operand
        ("stack_bytes", "<i4"),
        ("stack_step", "<i4"),  #: bytes of one push or pop of those
        ("string_bytes", "<i4"),
        ("base", "<i1"),  #: registers of the address, 0..7 as encoded, or NO_REGISTER
        ("index", "<i1"),
        ("shift", "<i1"),  #: of the index: 0..3
        ("segment", "<i1"),  #: 0 ES, 1 CS, 2 SS, 3 DS, 4 FS, 5 GS
        ("first", "<i1"),  #: registers from which D2 computes addresses (ESP for the stack), or NO_REGISTER
        ("second", "<i1"),
        ("third", "<i1"),
        ("result", "<i1"),  #: register written, or NO_REGISTER
        ("results", "<u1"),  #: further registers written, a bit each
        ("sources", "<u1"),  #: registers read at full width as operands, a bit each
        ("bytes", "<u1"),  #: registers of which a byte was written (AL, AH, ...), a bit each
        ("multiplier", "<i1"),  #: register of the multiplier or of the scanned operand; NO_REGISTER: memory
        ("width", "<i1"),  #: its size in bytes
        ("high", "<i1"),  #: 1: it is AH, CH, DH or BH
    ],
    align=True,
)

#: The most entries of the first-level cache: 16 KB in lines of 16 bytes.
L1_LINES: Final = 1024
WRITE_BUFFERS: Final = 8
TLB_ENTRIES: Final = 32
FRAMES: Final = 4096

STATE: Final = np.dtype(
    [
        # -- time: all in core clocks since the model was switched on
        ("now", "<i8"),  #: when the instruction executed last left EX
        ("ex_start", "<i8"),  #: ... and when it entered it
        ("d2_start", "<i8"),  #: when it entered D2: from then on D1 is free
        ("fpu_free", "<i8"),
        ("ready", "<i8", 8),  #: when each register was written last
        ("byte_write", "<i8", 2),  #: when the last two writers of a byte register left EX
        ("byte_written", "<i8"),  #: registers of which the instruction before wrote a byte
        # -- the instruction executed last
        ("last", "<i8"),  #: host address of its record, 0: none (start, or an interrupt came between)
        ("repeating", "<i8"),  #: linear address of the REP instruction under way, -1: none
        ("record", "<i8"),  #: host address of the record of the instruction to come, 0: unknown
        # -- prefetch
        ("code_line", "<i8"),  #: linear address / 16 of the line that is being executed
        ("code_ready", "<i8"),  #: when the last byte of it came in, ...
        ("code_start", "<i8"),  #: ... its first, ...
        ("code_step", "<i8"),  #: ... clocks between its dwords, ...
        ("code_first", "<i8"),  #: ... and which of the four came first
        ("ahead_ready", "<i8"),  #: the same of the line after it
        ("ahead_start", "<i8"),
        ("ahead_step", "<i8"),
        # -- first-level cache
        ("l1_mask", "<i8"),  #: number of sets - 1
        ("l1", "<i8", L1_LINES),  #: physical line numbers, 4 ways a set; -1: empty
        ("l1_order", "u1", L1_LINES // 4),  #: three bits of pseudo-LRU a set
        ("recent", "<i8"),  #: the data line used last, if nothing has used its set since; -1: none
        ("fill_line", "<i8"),  #: the data line that is coming in
        ("fill_start", "<i8"),  #: when its first dword comes
        ("fill_step", "<i8"),
        ("fill_first", "<i8"),
        ("fill_end", "<i8"),
        # -- translation
        ("paging", "<i8"),  #: physical address of the page directory, -1 while paging is off
        ("tlb", "<i8", TLB_ENTRIES),  #: linear page numbers, 4 ways a set; -1: empty
        ("tlb_page", "<i8", TLB_ENTRIES),  #: their physical addresses
        ("tlb_order", "u1", TLB_ENTRIES // 4),
        # -- bus
        ("bus_free", "<i8"),
        ("queue_head", "<i8"),
        ("queue_count", "<i8"),
        ("queue_time", "<i8", WRITE_BUFFERS),  #: since when the write waits
        ("queue_address", "<i8", WRITE_BUFFERS),
        ("queue_hit", "<i8", WRITE_BUFFERS),  #: whether its line was in the first-level cache
        ("overtaken", "<i8"),  #: whether a read has overtaken the writes that wait
        ("row", "<i8"),  #: the open DRAM row
        ("l2", "<i8"),  #: host address of the second-level cache's tags (int32), 0: none
        ("l2_mask", "<i8"),  #: its number of lines - 1
        # -- the machine
        ("regs", "<i8"),  #: host address of QEMU's registers: EAX, ECX, ... in 8 bytes each
        ("ram", "<i8"),
        ("ram_size", "<i8"),
        ("real_mode", "<i8"),
        ("ratio", "<i8"),  #: core clocks a bus clock
        # -- what the board takes, in bus clocks
        ("l2_lead", "<i8"),
        ("l2_burst", "<i8"),
        ("l2_write", "<i8"),
        ("l2_back", "<i8"),  #: whether the second-level cache is write-back
        ("dram_lead", "<i8"),
        ("dram_burst", "<i8"),
        ("dram_write", "<i8"),
        ("dram_row", "<i8"),  #: more, when another row is open
        ("row_shift", "<i8"),
        ("video_read", "<i8"),  #: core clocks of an access to the display memory
        ("video_write", "<i8"),
        ("port", "<i8"),  #: core clocks of an access to a port
        # -- the assumptions (see assumptions.py)
        ("agi_real", "<i8"),
        ("index", "<i8"),
        ("displacement_immediate", "<i8"),
        ("prefix", "<i8"),
        ("byte_source", "<i8"),
        ("byte_collision", "<i8"),
        ("misaligned", "<i8"),
        ("queue_size", "<i8"),
        ("straddle", "<i8"),
        ("walk", "<i8"),
        ("multiply_base", "<i8"),
        # -- counting
        ("totals", "<i8", len(COUNTERS)),
        ("lost", "<i8"),  #: instructions without a record
        ("profiling", "<i8"),
        ("nodes", "<i8"),  #: host address of the CONTEXT records
        ("node_count", "<i8"),
        ("node_limit", "<i8"),
        ("node", "<i8"),  #: the context that is executing
        ("node_totals", "<i8", len(COUNTERS)),  #: totals when it was entered
        ("depth", "<i8"),
        ("frame_node", "<i8", FRAMES),
        ("frame_slot", "<i8", FRAMES),  #: linear address of the return address
        ("frame_calls", "<i8", FRAMES),  #: calls of split procedures that this activation has made
        ("return_slot", "<i8"),  #: linear address of what the RET that was executed last has popped
        ("splits", "<i8"),  #: host address of the linear addresses of the procedures that are split
        ("split_count", "<i8"),
    ],
    align=True,
)

CONTEXT: Final = np.dtype(
    [
        ("parent", "<i8"),
        ("child", "<i8"),  #: first child, -1: none
        ("sibling", "<i8"),
        ("site", "<i8"),
        ("entry", "<i8"),
        ("ordinal", "<i8"),
        ("calls", "<i8"),
        ("counts", "<i8", len(COUNTERS)),
    ],
    align=True,
)
