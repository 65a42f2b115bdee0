from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt486.emit.sections import SectionError, read_sections, write_sections

CONTENTS = {"RECS": b"\1\2\3", "TABL": b"", "WGHT": bytes(range(256))}


@given(st.dictionaries(st.sampled_from(["AAAA", "BBBB", "CCCC"]), st.binary(max_size=50)), st.integers(0, 2**32 - 1))
def test_round_trip(contents: dict[str, bytes], number: int) -> None:
    data = write_sections(contents, number)
    assert read_sections(data, "X.BIN") == contents


@given(st.integers(0, 10**6), st.integers(0, 7))
def test_every_flipped_bit_of_a_section_is_found(place: int, bit: int) -> None:
    data = bytearray(write_sections(CONTENTS, 1))
    start = len(data) - 256
    data[start + place % 256] ^= 1 << bit
    with pytest.raises(SectionError, match=r"X\.BIN: the checksum of section WGHT"):
        read_sections(bytes(data), "X.BIN")


@pytest.mark.parametrize("keep", [0, 3, 15, 16, 40, 63, 64, 100, -1])
def test_truncation_is_found(keep: int) -> None:
    with pytest.raises(SectionError, match=r"X\.BIN"):
        read_sections(write_sections(CONTENTS, 1)[:keep], "X.BIN")


def test_other_versions_are_refused() -> None:
    data = bytearray(write_sections(CONTENTS, 1))
    data[4] = 9
    with pytest.raises(SectionError, match="version 9"):
        read_sections(bytes(data), "X.BIN")
