"""What is read again in one step is what the long way would read, whatever stands in the object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.ledger.envelope import encode_envelope, reread_envelope
from accord.rules.decisions import rereading
from accord.rules.decisions.heard import Heard, heard_of
from accord.rules.decisions.rereading import heard_again
from accord.rules.fields import COMMON
from bench.chamber import stored
from bench.council import History

_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 5.0, 2**53, "", " ", "x", "yes", "absent", [], {}, [[]], ["x", 1, True]),
    *("ab" * 32, "ab" * 32 + "\n", "AB" * 32, "2026-03-01T00:00:00Z", "2026-03-01", "accord-tally"),
    *("identity--00000000-0000-5000-8000-000000000001", "accord/" + "0" * 40, "\ud7ff"),
)


@cache
def entries() -> tuple[tuple[bytes, int, dict[str, Any]], ...]:
    """An entry of each kind, and some more."""
    found: dict[str, list[tuple[bytes, int, dict[str, Any]]]] = {}
    for heard in History(1, 600).entries:
        envelope, body = stored(heard)
        some = found.setdefault(envelope.kind, [])
        if len(some) < 4:
            some.append((encode_envelope(envelope), heard.index, json.loads(body)))
    assert found.keys() >= rereading._READERS.keys()
    return tuple(each for some in found.values() for each in some)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inside:
        yield (*path, name)
        if isinstance(each, dict | list):
            yield from places(each, (*path, name))


def long_way(envelope: bytes, index: int, body: bytes) -> Heard | None:
    fields = msgspec.json.decode(body)
    return heard_of(reread_envelope(envelope), index, fields, sha256(body).hexdigest())


def said(way: Any, *given: Any) -> Any:
    try:
        return way(*given)
    except InputError as error:
        return error.message


@given(st.data())
def test_in_one_step_nothing_is_read_that_the_long_way_reads_otherwise(data: st.DataObject) -> None:
    envelope, index, fields = data.draw(st.sampled_from(entries()))
    fields = json.loads(json.dumps(fields))
    for _ in range(data.draw(st.integers(0, 2))):
        *path, last = data.draw(st.sampled_from(list(places(fields))))
        inside = fields
        for step in path:
            inside = inside[step]
        how = data.draw(st.sampled_from(("other", "gone", "twice", "more")))
        if how == "other" or not isinstance(inside, dict | list):
            inside[last] = data.draw(st.sampled_from(_ODD))
        elif how == "gone":
            del inside[last]
        elif isinstance(inside, list):
            inside.append(inside[last] if how == "twice" else data.draw(st.sampled_from(_ODD)))
        else:
            inside["further"] = data.draw(st.sampled_from(_ODD))
        if not fields:
            break
    body = json.dumps(fields).encode()
    assert said(heard_again, envelope, index, body) == said(long_way, envelope, index, body)


def test_an_entry_of_every_kind_that_is_in_order_is_read_in_one_step() -> None:
    read = set()
    for envelope, index, fields in entries():
        kind = reread_envelope(envelope).kind
        reader = rereading._READERS.get(kind)
        body = json.dumps(fields).encode()
        if reader is not None and reader.read(body) is not None:
            read.add(kind)
            assert heard_again(envelope, index, body) == long_way(envelope, index, body)
    assert read == rereading._READERS.keys() == {"motion-seen", "ballot", "tally", "outcome"}


def test_what_every_object_may_have_is_what_is_read_over() -> None:
    names = {*rereading.Common.__struct_fields__, "type"} - {"motion_sha256"}
    assert names == COMMON
