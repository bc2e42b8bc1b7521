"""Commitments and openings: one writing each, bounded, and every byte bound."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.limits import Limits
from accord.ledger.commitment import commit, commit_halves, envelope_half, frame, object_half
from accord.ledger.faults import LedgerFault, Malformed, TooLarge, WrongCommitment
from accord.ledger.opening import (
    ROUTINE,
    URGENT,
    GrantedOpening,
    Opening,
    read_opening,
    read_openings,
    write_opening,
    write_openings,
)
from tests.ledger.builders import LIMITS, Member, commitment_of, opening, seed

salts = st.binary(min_size=32, max_size=32)
fulls = st.builds(
    Opening,
    index=st.integers(0, (1 << 63) - 1),
    salt_e=salts,
    envelope=st.binary(max_size=60),
    salt_o=salts,
    object=st.binary(max_size=60),
)
openings = fulls | fulls.map(Opening.basis)
granted = st.builds(
    GrantedOpening, st.integers(0, (1 << 64) - 1), st.sampled_from((URGENT, ROUTINE)), openings
)


def test_a_commitment_is_the_hash_that_the_reference_spells_out() -> None:
    def framed_hash(*parts: bytes) -> bytes:
        return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()

    salt_e, salt_o = seed("e"), seed("o")
    half_e = framed_hash(b"accord/envelope/v1", salt_e, b"{}")
    half_o = framed_hash(b"accord/object/v1", salt_o, b"a\nb")
    assert envelope_half(salt_e, b"{}") == half_e
    assert object_half(salt_o, b"a\nb") == half_o
    assert commit_halves(half_e, half_o) == framed_hash(b"accord/entry/v1", half_e, half_o)
    assert commit(b"{}", b"a\nb", salt_e, salt_o) == commit_halves(half_e, half_o)


def test_salts_and_halves_of_another_length_are_a_bug_of_the_caller() -> None:
    for call, short in (
        (envelope_half, b""),
        (object_half, bytes(31)),
        (commit_halves, bytes(33)),
    ):
        with pytest.raises(ValueError, match="32 bytes"):
            call(short, bytes(32))


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_two_lists_of_parts_never_share_a_frame(one: list[bytes], other: list[bytes]) -> None:
    assert (frame(*one) == frame(*other)) == (one == other)


@given(openings)
def test_an_opening_without_its_object_opens_the_same_commitment(opened: Opening) -> None:
    assert opened.basis().commitment() == opened.commitment()
    assert opened.basis().object is None


@given(st.lists(granted, max_size=5))
def test_openings_come_back_as_they_were(items: list[GrantedOpening]) -> None:
    assert read_openings(write_openings(items), LIMITS) == items


@given(openings)
def test_a_single_opening_comes_back_as_it_was(opened: Opening) -> None:
    assert read_opening(write_opening(opened), LIMITS) == opened


@given(st.data(), st.lists(granted, min_size=1, max_size=3))
def test_damaged_openings_are_refused_or_are_another_writing(
    data: st.DataObject, items: list[GrantedOpening]
) -> None:
    raw = bytearray(write_openings(items))
    change = data.draw(st.sampled_from(("flip", "cut", "more")))
    place = data.draw(st.integers(0, len(raw) - 1))
    if change == "flip":
        raw[place] ^= data.draw(st.integers(1, 255))
    elif change == "cut":
        del raw[place:]
    else:
        raw += data.draw(st.binary(min_size=1, max_size=3))
    try:
        read = read_openings(bytes(raw), LIMITS)
    except LedgerFault:
        return
    assert write_openings(read) == bytes(raw)
    assert read != items


@given(st.data())
def test_an_opening_with_any_byte_altered_does_not_fit_its_commitment(data: st.DataObject) -> None:
    opened = opening(Member("Alfa"))
    raw = bytearray(write_opening(opened))
    place = data.draw(st.integers(9, len(raw) - 1))  # after form and index, which are not secret
    raw[place] ^= data.draw(st.integers(1, 255))
    try:
        altered = read_opening(bytes(raw), LIMITS)
    except LedgerFault:
        return
    with pytest.raises(WrongCommitment):
        altered.check(commitment_of(opened))


def test_the_right_opening_fits_its_commitment() -> None:
    opened = opening(Member("Alfa"))
    opened.check(commitment_of(opened))
    opened.basis().check(commitment_of(opened))


def test_openings_past_the_limits_are_refused() -> None:
    tight = msgspec.structs.replace(
        Limits(), openings_page=2, openings_page_bytes=3000, object_bytes=50, envelope_bytes=2000
    )
    item = GrantedOpening(1, URGENT, opening(Member("Alfa"), body=b"x" * 50))
    assert len(read_openings(write_openings([item, item]), tight)) == 2
    big = GrantedOpening(1, URGENT, opening(Member("Alfa"), body=b"x" * 51))
    wordy = msgspec.structs.replace(item.opening, envelope=b"x" * 2001)
    for refused in (
        write_openings([item, item, item]),
        write_openings([item]) * 5,
        write_openings([big]),
        write_openings([GrantedOpening(1, URGENT, wordy)]),
    ):
        with pytest.raises(TooLarge):
            read_openings(refused, tight)


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x00\x00\x00", b"\xff" * 40, bytes(40)])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_openings(data, LIMITS)
    with pytest.raises(LedgerFault):
        read_opening(data, LIMITS)


def test_an_opening_holds_an_object_or_its_half() -> None:
    with pytest.raises(ValueError, match="half"):
        Opening(index=0, salt_e=bytes(32), envelope=b"")
    with pytest.raises(ValueError, match="half"):
        Opening(index=0, salt_e=bytes(32), envelope=b"", salt_o=bytes(32), object_half=bytes(32))
