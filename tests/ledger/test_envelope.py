"""Envelopes: canonical, complete, checked; RFC 8785 by another's implementation is the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.ledger.envelope import (
    NO_HANDLING,
    AgreementRef,
    EntryRef,
    Envelope,
    EnvelopeReader,
    Evaluation,
    Handling,
    ObjectRef,
    PersonalData,
    decode_envelope,
    encode_envelope,
)
from tests.ledger.builders import ISSUED, Member, envelope

ALFA = Member("Alfa")
GROUP = "accord-group--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
texts = st.text(max_size=20) | st.sampled_from(
    ["\x00\x1f\x7f\x80\u2028", '"\\/\b\f\n\r\t', "𝄞é中文", "\ue000\U0001f600"]
)
maybe = st.none() | texts
handlings = st.builds(
    Handling,
    tlp=st.sampled_from([None, "clear", "green", "amber", "amber+strict", "red"]),
    pap=st.sampled_from([None, "clear", "green", "amber", "red"]),
    area=maybe,
    purpose=maybe,
    incident=maybe,
    codes=st.lists(texts, max_size=3).map(tuple),
    evaluation=st.none() | st.builds(Evaluation, scheme=texts, source=texts, information=texts),
    named=st.lists(texts, max_size=3).map(tuple),
    personal=st.none()
    | st.builds(PersonalData, retain_until=st.just(ISSUED), approvals=st.just(("a", "b"))),
)
refs = st.none() | st.builds(
    EntryRef,
    origin=st.just(ALFA.origin),
    index=st.integers(0, (1 << 53) - 1),
    commitment=st.just("0f" * 32),
)
envelopes = st.builds(
    envelope,
    st.just(ALFA),
    kind=texts,
    handling=handlings,
    source=refs,
    supersedes=refs,
    operation=maybe,
    expires=st.sampled_from([None, ISSUED]),
)


@st.composite
def for_a_group(draw: st.DrawFn) -> Envelope:
    return msgspec.structs.replace(
        draw(envelopes), accord=2, audience=(GROUP,), roster=draw(st.sampled_from(["ab" * 32]))
    )


@given(envelopes | for_a_group())
def test_what_is_written_is_rfc_8785_and_comes_back(written: Envelope) -> None:
    raw = encode_envelope(written)
    fields = msgspec.to_builtins(written)
    assert ("roster" in fields) == (written.group is not None) == (written.accord == 2)
    assert raw == rfc8785.dumps(fields)
    assert decode_envelope(raw) == written


@given(envelopes | for_a_group(), st.data())
def test_an_envelope_that_is_accepted_is_the_one_that_is_written(
    written: Envelope, data: st.DataObject
) -> None:
    raw = bytearray(encode_envelope(written))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = decode_envelope(bytes(raw))
    except InputError:
        return
    assert encode_envelope(read) == bytes(raw)


objects = st.sampled_from(["malware", "indicator", "url"]).flatmap(
    lambda kind: st.builds(
        ObjectRef,
        id=st.uuids(version=4).map(lambda uuid: f"{kind}--{uuid}"),
        type=st.sampled_from([kind, kind, "tool"]),
        modified=st.sampled_from([None, ISSUED, "2026-02-30T00:00:00Z", "}", ""]),
    )
)


def read_or_refused(read: Callable[[bytes], Envelope], raw: bytes) -> Envelope | str:
    try:
        return read(raw)
    except InputError as error:
        return error.message.key


@given(st.lists(envelopes, min_size=1, max_size=2), st.lists(objects, max_size=8), st.data())
def test_many_read_together_are_read_as_each_by_itself(
    frames: list[Envelope], refs: list[ObjectRef], data: st.DataObject
) -> None:
    reader = EnvelopeReader()
    for ref in refs:
        frame = data.draw(st.sampled_from(frames))
        raw = bytearray(encode_envelope(msgspec.structs.replace(frame, object=ref)))
        if data.draw(st.booleans()):
            where = raw.index(b'"object":') + data.draw(st.integers(-9, 130))
            raw[where % len(raw)] = data.draw(st.integers(0, 255))
        assert read_or_refused(reader.read, bytes(raw)) == read_or_refused(
            decode_envelope, bytes(raw)
        )


def spoilt(**changes: Any) -> bytes:
    return encode_envelope(envelope(ALFA, **changes))


UNKNOWN = "identity--8E2E2D2B-17d4-4cbf-938f-98ee46b3cd3f"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (spoilt(issued="2026-02-30T00:00:00Z"), "ledger.envelope-time"),
        (spoilt(expires="tomorrow"), "ledger.envelope-time"),
        (spoilt(origin="accord/" + "A" * 40), "ledger.envelope-origin-form"),
        (spoilt(author="identity--x"), "ledger.envelope-member"),
        (spoilt(audience=(UNKNOWN,)), "ledger.envelope-member"),
        (spoilt(audience=("parties", "parties")), "ledger.envelope-audience"),
        (spoilt(audience=tuple(f"{n}" for n in range(201))), "ledger.envelope-audience"),
        (spoilt(agreement=AgreementRef(id="x", sha256="ab" * 32)), "ledger.envelope-agreement"),
        (
            spoilt(agreement=AgreementRef(id=envelope(ALFA).object.id, sha256="AB" * 32)),
            "ledger.envelope-hash",
        ),
        (
            spoilt(object=ObjectRef(id=UNKNOWN, type="malware", modified=None)),
            "ledger.envelope-object",
        ),
        (
            spoilt(source=EntryRef(origin=ALFA.origin, index=-1, commitment="ab" * 32)),
            "ledger.envelope-index",
        ),
        (
            spoilt(source=EntryRef(origin="x", index=0, commitment="ab" * 32)),
            "ledger.envelope-origin-form",
        ),
        (spoilt(accord=3), "ledger.envelope-version"),
        (spoilt(accord=2), "ledger.envelope-roster"),
        (spoilt(roster="ab" * 32), "ledger.envelope-roster"),
        (spoilt(accord=2, audience=(GROUP,), roster="AB" * 32), "ledger.envelope-roster"),
        (spoilt(accord=2, audience=("parties",), roster="ab" * 32), "ledger.envelope-roster"),
        (spoilt(accord=2, audience=(GROUP, GROUP), roster="ab" * 32), "ledger.envelope-roster"),
        (spoilt(audience=(GROUP,)), "ledger.envelope-member"),
        (b'{"accord":7,"new":1}', "ledger.envelope-version"),
        (b"{}", "ledger.envelope-invalid"),
        (b"[1]", "ledger.envelope-invalid"),
        (b"\xff", "base.json-invalid"),
        (spoilt().replace(b'{"accord":1', b'{ "accord":1'), "ledger.envelope-not-canonical"),
        (
            spoilt().replace(b'"accord":1', b'"accord":1,"accord":1'),
            "ledger.envelope-not-canonical",
        ),
        (spoilt().replace(b'"accord":1,', b'"accord":1,"extra":1,'), "ledger.envelope-invalid"),
        (spoilt().replace(b'"expires":null,', b""), "ledger.envelope-invalid"),
        (spoilt().replace(b'"amber"', b'"AMBER"'), "ledger.envelope-invalid"),
    ],
)
def test_an_envelope_that_is_not_right_is_refused_with_the_reason(raw: bytes, key: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_envelope(raw)
    assert caught.value.message.key == key


def test_times_are_read_as_moments() -> None:
    plain = envelope(ALFA, handling=NO_HANDLING, expires=ISSUED)
    assert plain.issued_at == plain.expires_at
    assert envelope(ALFA).expires_at is None


def test_a_later_version_is_told_from_one_that_is_wrong() -> None:
    """What a node does not know yet is kept as such; it says which versions it reads."""
    later = spoilt().replace(b'"accord":1', b'"accord":3').replace(b"}", b',"zone":"x"}', 1)
    with pytest.raises(InputError) as caught:
        decode_envelope(later)
    assert caught.value.message.args == {"found": 3, "known": 2}
