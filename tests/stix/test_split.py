"""Uploads in every shape that tools send, cut into exact slices."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.stix.split import split_objects

A = b'{"type": "x-a",\n "id":"x-a--1", "n": 1.50}'
B = b'{"type":"x-b","objects":[{"q":"],}"}],"s":"\\u00e9 \xc3\xa9"}'


def split(data: bytes, **changes: Any) -> list[bytes]:
    return split_objects(data, msgspec.structs.replace(Limits(), **changes))


def refusal(data: bytes, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        split(data, **changes)
    return caught.value.message.key


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"bundle","id":"bundle--1","objects":[' + A + b" , " + B + b"]}",
        b'{"objects":[' + A + b"," + B + b'],"type":"bundle"}',
        b'{"more":false,"objects":[' + A + b"," + B + b"]}",
        b'{"type":"bundle","spec_version":"2.1","objects":[' + A + b"," + B + b"]}",
        b" \n[ " + A + b"\n,\n" + B + b" ]\n",
        b"\xef\xbb\xbf[" + A + b"," + B + b"]",
        A.replace(b"\n", b"") + b"\n\n" + B + b"\r\n",
        b'{"objects":[' + A.replace(b"\n", b"") + b"]}\n" + B,
        b'{"file":"a","bundle":{"type":"bundle","objects":[' + A + b"," + B + b"]}}",
    ],
)
def test_every_shape_gives_the_same_objects(data: bytes) -> None:
    assert [raw.replace(b"\n", b"") for raw in split(data)] == [A.replace(b"\n", b""), B]


def test_one_object_is_itself() -> None:
    assert split(A) == [A]
    assert split(B) == [B]


def test_an_empty_bundle_holds_nothing() -> None:
    assert split(b'{"type":"bundle","id":"bundle--1"}') == []
    assert split(b'{"objects":[]}') == []
    assert split(b"[]") == []


@pytest.mark.parametrize(
    "data, key",
    [
        (b"", "stix.upload-empty"),
        (b" \n", "stix.upload-empty"),
        (b"not json", "base.json-invalid"),
        (b'{"type":"bundle","objects":[' + A, "base.json-invalid"),
        (b"<" + A + b">", "base.json-invalid"),
        (A.replace(b"\n", b"") + b"\n{", "stix.line"),
        (b'{"more":true}', "stix.not-stix"),
        (b'{"objects":{}}', "stix.not-stix"),
        (b'"x"', "base.json-invalid"),
        (b"[1]", "stix.not-an-object"),
        (b'{"objects":[' + A + b",[]]}", "stix.not-an-object"),
        (b'{"type":"bundle","spec_version":"2.0","objects":[]}', "stix.version"),
        (b"[" * 100_000 + b"]" * 100_000, "base.json-too-deep"),
        (b'{"type":"bundle","objects":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "base.json-too-deep"),
        (b'{"bundle":' * 3 + b"{}" + b"}" * 3, "stix.not-stix"),
        (b'{"bundle":' * 900 + b"{}" + b"}" * 900, "base.json-too-deep"),
        (b'{"type":"\xff"}', "base.json-invalid"),
    ],
)
def test_anything_else_is_refused(data: bytes, key: str) -> None:
    assert refusal(data) == key


@pytest.mark.parametrize(
    "data",
    [
        b'{"objects":[' + A + b'],"objects":[' + B + b"]}",
        b'{"objects":[' + A + b'],"objects":[' + A + b"]}",
        b'{"objects":[' + A + b'],"\\u006fbjects" :[' + B + b"]}",
        b'{"type":"bundle","objects":[' + A + b'],"type":"bundle"}',
        b'{"bundle":{"objects":[' + A + b']},"bundle":{"objects":[' + B + b"]}}",
    ],
)
def test_a_container_that_gives_a_key_twice_is_refused(data: bytes) -> None:
    assert refusal(data) == "base.json-duplicate-key"


def test_bytes_and_number_are_bounded() -> None:
    assert refusal(b"[" + A + b"]", upload_bytes=20) == "stix.upload-too-large"
    assert refusal(b"[" + b",".join([A] * 3) + b"]", upload_objects=2) == "stix.too-many-objects"
    assert len(split(b"[" + b",".join([A] * 2) + b"]", upload_objects=2)) == 2


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
inner = st.recursive(
    st.none() | st.integers() | texts,
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(texts, deeper, max_size=3),
    max_leaves=6,
)
blank = st.text(" \t\r\n", max_size=3)
indents = st.sampled_from([None, 0, 1])


@given(st.data())
def test_slices_are_exact(data: st.DataObject) -> None:
    objects = data.draw(st.lists(st.dictionaries(texts, inner, max_size=3), max_size=5))
    raws = [
        json.dumps(fields, ensure_ascii=data.draw(st.booleans()), indent=data.draw(indents))
        for fields in objects
    ]
    listed = "[" + ",".join(data.draw(blank) + raw + data.draw(blank) for raw in raws) + "]"
    extra = json.dumps(data.draw(st.dictionaries(texts.map("x_".__add__), inner, max_size=2)))
    frame = '{"objects":' + data.draw(blank) + listed
    frame += "," + extra[1:] if len(extra) > 2 else "}"
    for text in (listed, frame):
        assert split(text.encode()) == [raw.encode() for raw in raws]
