"""The native block hook: what runs, without Python, each time Unicorn enters a translated block.

Unicorn calls :func:`on_block` before a block's first instruction.  The hook

* stops the emulation *before* the block when a count is due, the host asks, or a ROM service is reached;
* looks the block up in a hash table by (address, size), compares the code bytes with the copy that was
  decoded, and calls back into Python for a block it does not know (or knows by other bytes);
* adds the block's instructions to the count, so that each REP string instruction counts once although
  Unicorn enters a block of its own for every further iteration.

Everything it works on is int64 words at fixed places in one numpy array (the ``STATE_*`` offsets) and one
table (the ``SLOT_*`` offsets), addressed by plain integers as in C.  numba compiles it once and caches it.
"""

from __future__ import annotations

from typing import Any, Final

from numba import cfunc, njit, types

from emulator.native import call, load, load8, store

# Word offsets (in bytes) into the state array.
STATE_COUNT: Final = 0 * 8  #: instructions executed, up to and including the block entered last
STATE_DUE: Final = 1 * 8  #: stop before the first block boundary at which *TICKER >= due
STATE_STOP: Final = 2 * 8  #: nonzero: the host asks to stop at the next block boundary (not in a shadow)
STATE_WATCH: Final = 3 * 8  #: nonzero: stop once a block that may set IF has run (an IRQ waits)
STATE_REASON: Final = 4 * 8  #: why the hook stopped, a REASON_* value
STATE_PREV_ADDRESS: Final = 5 * 8  #: the block entered last: first byte, ...
STATE_PREV_END: Final = 6 * 8  #: ... one past its last byte (0: none), ...
STATE_PREV_FLAGS: Final = 7 * 8  #: ... its FLAG_* bits, ...
STATE_PREV_REP: Final = 8 * 8  #: ... the address of its closing REP string instruction or -1, ...
STATE_PREV_LENGTHS: Final = 9 * 8  #: ... host address of its instructions' lengths, a byte each, ...
STATE_PREV_COUNTED: Final = 10 * 8  #: ... and how many instructions were added to the count for it
STATE_BYPASS: Final = 11 * 8  #: nonzero: the hook does nothing (single stepping)
STATE_RAM: Final = 12 * 8  #: host address of guest physical address 0
STATE_RAM_SIZE: Final = 13 * 8
STATE_TRAP_FIRST: Final = 14 * 8  #: linear address range in which every fourth byte is a service trap
STATE_TRAP_SIZE: Final = 15 * 8
STATE_TABLE: Final = 16 * 8  #: host address of the block table
STATE_TABLE_MASK: Final = 17 * 8  #: number of slots - 1
STATE_POOL: Final = 18 * 8  #: host address of the pool of decoded code bytes
STATE_STOP_FUNCTION: Final = 19 * 8  #: address of uc_emu_stop
STATE_MISS_FUNCTION: Final = 20 * 8  #: address of the callback for unknown blocks
STATE_SPECIAL_FUNCTION: Final = 21 * 8  #: address of the callback for FLAG_SPECIAL blocks
STATE_REFRESH_FUNCTION: Final = 22 * 8  #: address of the callback that sets CR3, PROTECTED and MODE anew
STATE_CR3: Final = 23 * 8  #: page directory when paging is on, else -1
STATE_STOPPED_AT: Final = 24 * 8  #: the address at which the hook stopped
STATE_PROTECTED: Final = 25 * 8  #: CR0.PE
STATE_MODE: Final = 26 * 8  #: KEY_32 when the code segment is 32-bit, else 0
STATE_TICKER: Final = 27 * 8  #: host address of the counter that time follows: COUNT, or the cycle model's clock
STATE_LIMIT: Final = 28 * 8  #: stop before the first block boundary at which count >= limit
STATE_RECORD: Final = 29 * 8  #: host address of where the cycle model wants the next instruction's record
STATE_WORDS: Final = 32

REASON_NONE: Final = 0
REASON_DUE: Final = 1
REASON_HOST: Final = 2
REASON_TRAP: Final = 3
REASON_WATCH: Final = 4
REASON_CALLBACK: Final = 5

# Word offsets (in bytes) into a table slot.
SLOT_KEY: Final = 0 * 8  #: size << 32 | address, and KEY_32 for 32-bit code; 0 for a free slot
SLOT_COUNT: Final = 1 * 8  #: instructions in the block
SLOT_FLAGS: Final = 2 * 8
SLOT_REP: Final = 3 * 8  #: address of the closing REP string instruction or -1
SLOT_CODE: Final = 4 * 8  #: offset in the pool: the code bytes, then one length byte per instruction
SLOT_RECORDS: Final = 5 * 8  #: host address of the cycle model's records of its instructions, 0: none
SLOT_BYTES: Final = 64
KEY_32: Final = 1 << 48
WAYS: Final = 8  #: slots searched for a key

FLAG_SETS_IF: Final = 1  #: may have set the interrupt flag (STI, POPF, IRET, a task switch)
FLAG_SHADOW: Final = 2  #: ends with STI or a load of SS: no interrupt before one more instruction
FLAG_SPECIAL: Final = 4  #: Python wants to see every entry of this block
FLAG_CONTROL: Final = 8  #: ends by writing a control register
FLAG_PLAIN: Final = 16  #: one instruction that is no reason to end a block
FLAG_INT: Final = 32  #: ends with INT n, INT3 or INTO
FLAG_HLT: Final = 64  #: ends with HLT
FLAG_FAR: Final = 128  #: ends by loading CS: a far jump, call or return, or IRET


@njit(cache=True, inline="always")
def _physical(state: int, linear: int) -> Any:
    """Translate a linear address through the guest's page tables; -1 where nothing is mapped."""
    directory = load(state + STATE_CR3)
    if directory < 0:
        return linear
    ram = load(state + STATE_RAM)
    size = load(state + STATE_RAM_SIZE)
    at = (directory & 0xFFFFF000) + ((linear >> 22) & 0x3FF) * 4
    if at + 8 > size:
        return -1
    entry = load(ram + at) & 0xFFFFFFFF
    if entry & 1 == 0:
        return -1
    at = (entry & 0xFFFFF000) + ((linear >> 12) & 0x3FF) * 4
    if at + 8 > size:
        return -1
    entry = load(ram + at) & 0xFFFFFFFF
    if entry & 1 == 0:
        return -1
    return (entry & 0xFFFFF000) | (linear & 0xFFF)


@njit(cache=True, inline="always")
def _same(left: int, right: int, size: int) -> bool:
    """Whether two byte ranges of the host are equal (size >= 1)."""
    at = 0
    while at + 8 <= size:
        if load(left + at) != load(right + at):
            return False
        at += 8
    while at < size:
        if load8(left + at) != load8(right + at):
            return False
        at += 1
    return True


@njit(cache=True)
def _same_paged(state: int, address: int, copy: int, size: int) -> bool:
    """_same() for guest code under paging, page by page."""
    ram = load(state + STATE_RAM)
    limit = load(state + STATE_RAM_SIZE)
    done = 0
    while done < size:
        part = 0x1000 - ((address + done) & 0xFFF)
        if part > size - done:
            part = size - done
        at = _physical(state, address + done)
        if at < 0 or at + part > limit or not _same(ram + at, copy + done, part):
            return False
        done += part
    return True


@njit(cache=True)
def _instructions_before(lengths: int, start: int, address: int) -> int:
    """How many instructions of a block that begins at `start` lie before an address inside it."""
    index = 0
    at = start
    while at < address and index < 4096:
        at += load8(lengths + index)
        index += 1
    return index


@cfunc(types.void(types.int64, types.int64, types.uint32, types.int64), cache=True)
def on_block(uc: int, address: int, length: int, state: int) -> None:
    """UC_HOOK_BLOCK: (engine, linear address, bytes, address of the state array)."""
    if load(state + STATE_BYPASS) != 0:
        return
    size = types.int64(length)
    count = load(state + STATE_COUNT)
    record = load(state + STATE_RECORD)
    store(record, 0)
    before = load(state + STATE_PREV_FLAGS)
    reason = 0
    # In a shadow nothing stops, the host neither: what is due would be seen earlier than without it.
    if before & FLAG_SHADOW == 0:
        if load(state + STATE_STOP) != 0:
            reason = REASON_HOST
        elif load(load(state + STATE_TICKER)) >= load(state + STATE_DUE) or count >= load(state + STATE_LIMIT):
            reason = REASON_DUE
        elif before & FLAG_SETS_IF != 0 and load(state + STATE_WATCH) != 0:
            reason = REASON_WATCH
    if reason == 0:
        offset = address - load(state + STATE_TRAP_FIRST)
        if offset >= 0 and offset < load(state + STATE_TRAP_SIZE) and offset & 3 == 0:
            reason = REASON_TRAP
    if reason != 0:
        store(state + STATE_STOPPED_AT, address)
        store(state + STATE_REASON, reason)
        call(load(state + STATE_STOP_FUNCTION), uc, 0)
        return
    if before & (FLAG_CONTROL | FLAG_FAR) != 0:
        if before & FLAG_CONTROL != 0 or load(state + STATE_PROTECTED) != 0:
            call(load(state + STATE_REFRESH_FUNCTION), address, size)
        else:
            store(state + STATE_MODE, 0)

    key = (size << 32) | address | load(state + STATE_MODE)
    table = load(state + STATE_TABLE)
    mask = load(state + STATE_TABLE_MASK)
    index = (address ^ (address >> 13) ^ (size << 5)) & mask
    slot = 0
    for _ in range(WAYS):
        candidate = table + index * SLOT_BYTES
        if load(candidate + SLOT_KEY) == key:
            slot = candidate
            break
        index = (index + 1) & mask
    known = False
    if slot != 0:
        copy = load(state + STATE_POOL) + load(slot + SLOT_CODE)
        if load(state + STATE_CR3) >= 0:
            known = _same_paged(state, address, copy, size)
        elif address + size <= load(state + STATE_RAM_SIZE):
            known = _same(load(state + STATE_RAM) + address, copy, size)
    if not known:
        slot = call(load(state + STATE_MISS_FUNCTION), address, size)
        if slot == 0:
            store(state + STATE_REASON, REASON_CALLBACK)
            call(load(state + STATE_STOP_FUNCTION), uc, 0)
            return

    if load(slot + SLOT_FLAGS) & FLAG_SPECIAL != 0:
        slot = call(load(state + STATE_SPECIAL_FUNCTION), slot, count)
        if slot == 0:
            store(state + STATE_REASON, REASON_CALLBACK)
            call(load(state + STATE_STOP_FUNCTION), uc, 0)
            return
    store(record, load(slot + SLOT_RECORDS))
    flags = load(slot + SLOT_FLAGS)
    added = load(slot + SLOT_COUNT)
    if address == load(state + STATE_PREV_REP):
        added = 0  # a further iteration of the REP instruction that the last block ended with
    elif flags & FLAG_PLAIN != 0:
        # A single ordinary instruction inside the block before it: that block wrote to its own code, and
        # Unicorn goes on with the storing instruction alone.  Take back what had been counted from there on.
        start = load(state + STATE_PREV_ADDRESS)
        if start <= address and address < load(state + STATE_PREV_END):
            ran = _instructions_before(load(state + STATE_PREV_LENGTHS), start, address)
            count -= load(state + STATE_PREV_COUNTED) - ran
    store(state + STATE_COUNT, count + added)
    store(state + STATE_PREV_ADDRESS, address)
    store(state + STATE_PREV_END, address + size)
    if before & FLAG_SHADOW != 0:
        flags |= FLAG_SETS_IF  # an interrupt that waited for STI's shadow to pass can be taken after this block
    store(state + STATE_PREV_FLAGS, flags)
    store(state + STATE_PREV_REP, load(slot + SLOT_REP))
    store(state + STATE_PREV_LENGTHS, load(state + STATE_POOL) + load(slot + SLOT_CODE) + size)
    store(state + STATE_PREV_COUNTED, added)
