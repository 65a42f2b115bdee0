"""The instruction gate: decodes every basic block before it first runs, and keeps the table of blocks.

For each block the native hook needs the number of instructions and a few flags; the gate finds them with
capstone and refuses what the machine at hand lacks.  A block with a refused instruction is not refused as a
whole, since control may leave it before: the machine steps through it (see Machine.step_block).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import capstone
import numpy as np
import numpy.typing as npt

from emulator import hooks, isa

SLOTS: Final = 1 << 16
POOL_BYTES: Final = 1 << 24
#: The longest block: TCG ends one at 4096 - 32 bytes, give or take one instruction (QEMU, i386 translate.c).
LONGEST: Final = 4096

_STRING_OPS: Final = frozenset((*range(0x6C, 0x70), *range(0xA4, 0xA8), *range(0xAA, 0xB0)))
#: One-byte opcodes that end a block: jumps, calls, returns, interrupts, HLT, STI, POPF, segment loads.
_ENDS: Final = frozenset(b"\x07\x17\x1f\x8e\x9a\x9d\xc4\xc5\xf4\xfb\xff") | frozenset(
    (*range(0x70, 0x80), *range(0xC2, 0xC4), *range(0xCA, 0xD0), *range(0xE0, 0xE4), *range(0xE8, 0xEC))
)
#: Opcodes of the 0F map that end a block.
_ENDS_0F: Final = frozenset(b"\x00\x01\x06\x20\x21\x22\x23\xa1\xa2\xa9\xb2\xb4\xb5") | frozenset(range(0x80, 0x90))


@dataclass(frozen=True)
class Refusal:
    """An instruction that the machine lacks: its address, its bytes, and why; index counts from 0."""

    index: int
    address: int
    code: bytes
    reason: str
    x87: bool


@dataclass(frozen=True)
class Block:
    """A decoded block: instruction lengths, FLAG_* bits for the hook, and the first refusal if any."""

    lengths: bytes
    flags: int
    rep: int
    refusal: Refusal | None


class Gate:
    """Decodes blocks for a CPU with or without an FPU and fills the hook's table."""

    def __init__(self, fpu: bool) -> None:
        self.fpu = fpu
        self._decoders = {
            16: capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_16),
            32: capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_32),
        }
        self.table: Final[npt.NDArray[np.int64]] = np.zeros(SLOTS * hooks.SLOT_BYTES // 8, dtype=np.int64)
        self.pool: Final[npt.NDArray[np.uint8]] = np.zeros(POOL_BYTES, dtype=np.uint8)
        self._pool_used = 0
        self._blocks: dict[int, Block] = {}
        self.decoded = 0
        #: Makes the cycle model's records of a block: (code, instruction lengths, address, bits) -> host
        #: address of the first; 0 when there is no room left and all have been forgotten.
        self.recorder: Callable[[bytes, bytes, int, int], int] | None = None

    def judge(self, insn: Any) -> tuple[str | None, bool]:
        """(why this machine lacks an instruction or None, whether for want of an FPU)."""
        reason = isa.refusal(insn)
        if reason is None and not self.fpu and isa.is_x87(insn):
            return f"{insn.mnemonic}: an x87 instruction, and this CPU has no FPU", True
        return reason, False

    def judge_bytes(self, code: bytes, address: int, bits: int) -> Refusal | None:
        """Whether this machine lacks the instruction that `code` begins with."""
        insn = next(self._decoders[bits].disasm(code, address, 1), None)
        if insn is None:
            return Refusal(0, address, code[:2], "no i486 instruction", False)
        reason, x87 = self.judge(insn)
        return Refusal(0, address, bytes(insn.bytes), reason, x87) if reason is not None else None

    def decode(self, code: bytes, address: int, bits: int, size: int | None = None) -> Block:
        """Decode a block of `size` bytes at a linear address as 16- or 32-bit code.

        `code` may go on behind the block: Unicorn ends a block inside an instruction that it finds invalid,
        and which one that is shows only in its other bytes.
        """
        size = len(code) if size is None else size
        lengths = bytearray()
        refusal = None
        done = 0
        last: Any = None
        for insn in self._decoders[bits].disasm(code, address):
            reason, x87 = self.judge(insn)
            if reason is not None and refusal is None:
                refusal = Refusal(len(lengths), insn.address, bytes(insn.bytes), reason, x87)
            lengths.append(min(insn.size, size - done))
            done += lengths[-1]
            last = insn
            if done >= size:
                break
        if done < size:
            if refusal is None:
                refusal = Refusal(len(lengths), address + done, code[done : done + 2], "no i486 instruction", False)
            lengths.append(min(size - done, 255))
            return Block(bytes(lengths), hooks.FLAG_SPECIAL, -1, refusal)
        flags, rep = _classify(last, len(lengths))
        if refusal is not None:
            flags |= hooks.FLAG_SPECIAL
        return Block(bytes(lengths), flags, rep, refusal)

    def enter(self, code: bytes, address: int, bits: int, special: bool, size: int | None = None) -> int:
        """Decode a block and put it into the table; returns the slot's host address.

        special: Python wants to see every entry of the block.  The rest is as for decode().
        """
        size = len(code) if size is None else size
        self.decoded += 1
        block = self.decode(code, address, bits, size)
        flags = block.flags
        if special:
            flags |= hooks.FLAG_SPECIAL
        if self._pool_used + size + len(block.lengths) > POOL_BYTES:
            self.flush()
        records = 0
        if self.recorder is not None:
            records = self.recorder(code, block.lengths, address, bits)
            if not records:
                self.flush()
                records = self.recorder(code, block.lengths, address, bits)
        key = size << 32 | address | (hooks.KEY_32 if bits == 32 else 0)
        index = (address ^ (address >> 13) ^ (size << 5)) & (SLOTS - 1)
        chosen = index
        for way in range(hooks.WAYS):
            candidate = (index + way) & (SLOTS - 1)
            found = int(self.table[candidate * 8])
            if found == key:
                chosen = candidate
                break
            if found == 0:
                chosen = candidate
                break
        offset = self._pool_used
        self.pool[offset : offset + size] = np.frombuffer(code[:size], dtype=np.uint8)
        offset_lengths = offset + size
        self.pool[offset_lengths : offset_lengths + len(block.lengths)] = np.frombuffer(block.lengths, np.uint8)
        self._pool_used += size + len(block.lengths)
        at = chosen * 8
        self.table[at : at + 6] = (key, len(block.lengths), flags, block.rep, offset, records)
        slot = int(self.table.ctypes.data) + chosen * hooks.SLOT_BYTES
        self._blocks[slot] = block
        return slot

    def block(self, slot: int) -> Block:
        """The block last put into a slot."""
        return self._blocks[slot]

    def key(self, slot: int) -> tuple[int, int]:
        """(address, size) of the block in a slot."""
        key = ctypes.c_int64.from_address(slot).value
        return key & 0xFFFFFFFF, key >> 32 & 0xFFFF

    def flush(self) -> None:
        """Forget every block (they are decoded again when they next run)."""
        self.table[:] = 0
        self._blocks.clear()
        self._pool_used = 0


def _classify(insn: Any, count: int) -> tuple[int, int]:
    """FLAG_* bits and REP address of a block from its last instruction and its number of instructions."""
    prefixes, rest = isa.split(bytes(insn.bytes))
    opcode = rest[0]
    flags = 0
    rep = -1
    if opcode in _STRING_OPS and isa.REP & set(prefixes):
        rep = insn.address
    elif opcode == 0xFB:
        flags = hooks.FLAG_SETS_IF | hooks.FLAG_SHADOW
    elif opcode in (0x9D, 0xCF):
        flags = hooks.FLAG_SETS_IF | (hooks.FLAG_FAR if opcode == 0xCF else 0)
    elif opcode in (0x9A, 0xEA) or (opcode == 0xFF and rest[1] >> 3 & 7 in (3, 5)):
        flags = hooks.FLAG_FAR | hooks.FLAG_SETS_IF  # to a TSS, they load EFLAGS
    elif opcode in (0xCA, 0xCB):
        flags = hooks.FLAG_FAR
    elif opcode == 0x17 or (opcode == 0x8E and rest[1] >> 3 & 7 == 2):
        flags = hooks.FLAG_SHADOW
    elif opcode in (0xCC, 0xCD, 0xCE):
        flags = hooks.FLAG_INT
    elif opcode == 0xF4:
        flags = hooks.FLAG_HLT
    elif opcode == 0x0F and (rest[1] in (0x22, 0x06) or (rest[1] == 0x01 and rest[2] >> 3 & 7 == 6)):
        flags = hooks.FLAG_CONTROL
    elif count == 1 and (rest[1] not in _ENDS_0F if opcode == 0x0F else opcode not in _ENDS):
        flags = hooks.FLAG_PLAIN
    return flags, rep
