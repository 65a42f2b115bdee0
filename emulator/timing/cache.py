"""The first-level cache and the TLB: four ways a set, pseudo-LRU, as the i486 keeps them.

One cache for code and data, 16 bytes a line, write-through, filled by reads alone (Intel, Embedded Intel486
Hardware Reference Manual).  Three bits a set say what was used last: bit 0 which pair, bits 1 and 2 which of
the first and of the second pair (Intel486 Programmer's Reference Manual, 12.4).
"""

from __future__ import annotations

from typing import Any

from numba import njit

from emulator.native import load32
from emulator.timing.layout import TLB_ENTRIES

#: A walk reads the entry of the page directory, then that of the page table.
_PRESENT = 1


@njit(inline="always")
def used(order: int, way: int) -> int:
    """The three bits of a set after its way `way` (0..3) was used."""
    if way == 0:
        return order | 3
    if way == 1:
        return (order | 1) & ~2
    if way == 2:
        return (order & ~1) | 4
    return order & ~5


@njit(inline="always")
def oldest(order: int) -> int:
    """The way to replace in a full set."""
    if order & 1 == 0:
        return 0 if order & 2 == 0 else 1
    return 2 if order & 4 == 0 else 3


@njit(inline="always")
def lookup(m: Any, line: int) -> bool:
    """Whether a line (physical address / 16) is in the cache; it counts as used."""
    row = line & m.l1_mask
    first = row * 4
    if m.l1[first] == line:
        way = 0
    elif m.l1[first + 1] == line:
        way = 1
    elif m.l1[first + 2] == line:
        way = 2
    elif m.l1[first + 3] == line:
        way = 3
    else:
        return False
    m.l1_order[row] = used(m.l1_order[row], way)
    return True


@njit
def contains(m: Any, line: int) -> bool:
    """Whether a line is in the cache, without using it."""
    first = (line & m.l1_mask) * 4
    return m.l1[first] == line or m.l1[first + 1] == line or m.l1[first + 2] == line or m.l1[first + 3] == line


@njit
def fill(m: Any, line: int) -> None:
    """Put a line into the cache: into an empty way of its set, else into the pseudo-least recently used one."""
    row = line & m.l1_mask
    first = row * 4
    way = -1
    for one in range(4):
        if m.l1[first + one] < 0:
            way = one
            break
    if way < 0:
        way = oldest(m.l1_order[row])
    m.l1[first + way] = line
    m.recent = -1
    m.l1_order[row] = used(m.l1_order[row], way)


@njit
def walk(m: Any, linear: int) -> int:
    """The physical address of a page by the guest's page tables; the linear one where nothing is mapped."""
    at = (m.paging & 0xFFFFF000) + ((linear >> 22) & 0x3FF) * 4
    if at + 4 > m.ram_size:
        return linear & 0xFFFFF000
    entry = load32(m.ram + at)
    if entry & _PRESENT == 0:
        return linear & 0xFFFFF000
    at = (entry & 0xFFFFF000) + ((linear >> 12) & 0x3FF) * 4
    if at + 4 > m.ram_size:
        return linear & 0xFFFFF000
    entry = load32(m.ram + at)
    if entry & _PRESENT == 0:
        return linear & 0xFFFFF000
    return entry & 0xFFFFF000


@njit
def tlb_lookup(m: Any, linear: int) -> int:
    """The TLB entry of a linear address, -1 on a miss."""
    page = linear >> 12
    row = page & 7
    for way in range(4):
        if m.tlb[row * 4 + way] == page:
            m.tlb_order[row] = used(m.tlb_order[row], way)
            return row * 4 + way
    return -1


@njit
def tlb_fill(m: Any, linear: int) -> int:
    """Walk the page tables for a linear address and keep the result; returns the entry."""
    page = linear >> 12
    row = page & 7
    way = -1
    for one in range(4):
        if m.tlb[row * 4 + one] < 0:
            way = one
            break
    if way < 0:
        way = oldest(m.tlb_order[row])
    entry = row * 4 + way
    m.tlb[entry] = page
    m.tlb_page[entry] = walk(m, linear)
    m.tlb_order[row] = used(m.tlb_order[row], way)
    return entry


@njit
def tlb_flush(m: Any) -> None:
    """Forget every translation, as a load of CR3 does."""
    for entry in range(TLB_ENTRIES):
        m.tlb[entry] = -1
