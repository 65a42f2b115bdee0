"""The MZ header and the relocation table, well-formed and damaged."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.toolchain import LinkError, mz


def test_header_says_what_the_loader_needs() -> None:
    data = mz.write_mz(b"\x90" * 1000, stack_bytes=2048, minimum_bytes=100)
    header = mz.read_mz(data)
    assert data[header.load_offset :] == b"\x90" * 1000
    assert header.load_bytes == 1000
    assert (header.cs, header.ip, header.relocations) == (0, 0, 0)
    assert header.ss * 16 >= 1000
    assert header.sp == 2048
    assert header.minimum == header.maximum
    assert 1000 + header.minimum * 16 >= header.ss * 16 + header.sp


def test_memory_for_later_counts_too() -> None:
    header = mz.read_mz(mz.write_mz(bytes(1000), stack_bytes=64, minimum_bytes=40000))
    assert 40000 <= 1000 + header.minimum * 16 < 40016


@given(st.integers(0, 3000))
def test_every_length_survives(length: int) -> None:
    assert mz.read_mz(mz.write_mz(bytes(length), stack_bytes=16, minimum_bytes=0)).load_bytes == length


def test_too_large_a_program_is_refused_with_advice() -> None:
    with pytest.raises(LinkError, match=r"585 KB of code and data; DOS loads at most 560 KB.*file"):
        mz.write_mz(bytes(600_000), stack_bytes=16, minimum_bytes=0)


@pytest.mark.parametrize("data", [b"", b"MZ", b"PK" + bytes(100), b"MZ" + bytes(100)])
def test_no_executable(data: bytes) -> None:
    with pytest.raises(LinkError, match=r"MZ header|damaged"):
        mz.read_mz(data)


@given(st.integers(0, 400), st.binary(max_size=8), st.integers(0, 60))
def test_damaged_headers_are_refused_or_consistent(cut: int, patch: bytes, at: int) -> None:
    data = bytearray(mz.write_mz(bytes(300), stack_bytes=16, minimum_bytes=0))
    data[at : at + len(patch)] = patch
    data = data[:cut]
    with suppress(LinkError):
        header = mz.read_mz(bytes(data))
        assert header.load_offset + header.load_bytes <= len(data)


def test_cut_off() -> None:
    whole = mz.write_mz(bytes(300), stack_bytes=16, minimum_bytes=0)
    with pytest.raises(LinkError, match="cut off: 331 of 332"):
        mz.read_mz(whole[:-1])


def test_relocation_codes() -> None:
    offsets = [0, 1, 254, 508, 508 + 65535, 508 + 65535 + 65536]
    packed = mz.pack_relocations(offsets)
    assert packed.hex() == "fe000001fdfefe00feffffff0000010000"
    assert mz.unpack_relocations(packed) == offsets


@given(st.lists(st.integers(0, 1 << 20), unique=True).map(sorted))
def test_relocations_round_trip(offsets: list[int]) -> None:
    assert mz.unpack_relocations(mz.pack_relocations(offsets)) == offsets


@given(st.lists(st.integers(0, 1 << 18), unique=True, min_size=1).map(sorted), st.data())
def test_a_cut_table_is_noticed(offsets: list[int], data: st.DataObject) -> None:
    packed = mz.pack_relocations(offsets)
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with suppress(LinkError):
        assert mz.unpack_relocations(cut) == offsets[: len(mz.unpack_relocations(cut))]
        assert b"\0" in cut


def test_relocations_out_of_order() -> None:
    with pytest.raises(LinkError, match="order"):
        mz.pack_relocations([8, 4])
