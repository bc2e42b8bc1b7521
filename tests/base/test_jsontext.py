"""Strict reading of JSON, and canonical writing against the vectors of RFC 8785's authors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accord.base.errors import InputError
from accord.base.jsontext import canonical, parse_strict, refuse_duplicates

keys = st.sampled_from(["a", "b", ":", '":', '" :', "\\", '\\":', "a b", "é", "id"])
texts = st.one_of(keys, st.text(st.characters(exclude_categories=["Cs"]), max_size=6))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=3),
    max_leaves=12,
)
blanks = st.sampled_from(["", "", "", " ", "\t", "\n", "\r\n", "  "])


def written(value: Any, draw: st.DrawFn) -> str:
    """JSON text of a value in which objects are lists of pairs, so that keys may repeat."""
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        members = [
            f"{spelled(key, draw)}{draw(blanks)}:{draw(blanks)}{written(inner, draw)}"
            for key, inner in value
        ]
        return "{" + f"{draw(blanks)},".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(inner, draw) for inner in value) + "]"
    return spelled(value, draw) if isinstance(value, str) else json.dumps(value)


def spelled(text: str, draw: st.DrawFn) -> str:
    """A JSON string, with one character perhaps as a `\\u` escape."""
    plain = json.dumps(text, ensure_ascii=False)
    if text and draw(st.booleans()) and text[0] not in '"\\':
        return f'"\\u{ord(text[0]):04x}' + plain[2:] if ord(text[0]) < 0x10000 else plain
    return plain


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    return written(draw(values), draw).encode()


def is_refused(raw: bytes) -> bool:
    try:
        refuse_duplicates(raw)
    except InputError:
        return True
    return False


@given(documents())
@example(b'{"a":1,"b":":","b" :2}')
@example(b'{"a":1,"\\u0061":2}')
def test_counting_keys_and_watching_them_agree(raw: bytes) -> None:
    if is_refused(raw):
        with pytest.raises(InputError) as caught:
            parse_strict(raw, max_depth=64)
        assert caught.value.message.key == "base.json-duplicate-key"
    else:
        assert parse_strict(raw, max_depth=64) == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"a" :2}',
        b'{"a":1,"a"\t:2}',
        b'{"a":1,"a"\r\n:2}',
        b'{"a":1,"a" \n :2}',
        b'{"a":1,"\\u0061":2}',
        b'{"x":{"a":1,"a":2}}',
        b'[{"b":1},{"a":[{"a":1,"a":2}]}]',
        # a text that holds `":` stands in for the key whose colon is parted from it
        b'{"a":"\\":","a" :1}',
        b'{"a":"\\":\\":","a" :1,"a" :2}',
        b'{"a":":","a" :1}',
        b'{":":1,":" :2}',
        b'{"\\":":1,"\\":" :2}',
        b'{"a\\\\":1,"a\\\\" :2}',
    ],
)
def test_a_key_given_twice_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_strict(raw, max_depth=8)
    assert caught.value.message.key == "base.json-duplicate-key"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":":","b":"\\":","c":"x\\" :"}',
        b'{"a" : 1, "b"\n:\t2}',
        b'{":":1,"\\":":2,"\\\\":3}',
        b'[{"a":1},{"a":1}]',
        b'{"a":"\\\\","b":1}',
    ],
)
def test_texts_that_look_like_keys_are_read(raw: bytes) -> None:
    assert parse_strict(raw, max_depth=8) == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"a":1}x',
        b'{"a":NaN}',
        b'{"a":01}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b'{"\xff":1}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\ud800 and more"}',
        b'{"a":"\t"}',
        b"{'a':1}",
        b'\xef\xbb\xbf{"a":1}',
    ],
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_strict(raw, max_depth=8)
    assert caught.value.message.key == "base.json-invalid"


def test_depth_is_bounded_to_the_level() -> None:
    assert parse_strict(b'{"a":[1]}', max_depth=2) == {"a": [1]}
    for raw in (b'{"a":[[1]]}', b"[[[]]]", b'{"a":{"b":{}}}'):
        with pytest.raises(InputError) as caught:
            parse_strict(raw, max_depth=2)
        assert caught.value.message.key == "base.json-too-deep"


@pytest.mark.parametrize("levels", [65, 2_000, 1_000_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_thousands_of_levels_are_refused_not_crashed_on(opening: bytes, levels: int) -> None:
    closing = b"]" if opening == b"[" else b"}"
    raw = opening * levels + b"1" + closing * levels
    with pytest.raises(InputError) as caught:
        parse_strict(raw, max_depth=64)
    assert caught.value.message.key == "base.json-too-deep"


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_that_of_rfc_8785(shared_data: Path, name: str) -> None:
    folder = shared_data / "jcs"
    value = json.loads((folder / "input" / f"{name}.json").read_bytes())
    expected = bytes.fromhex((folder / "outhex" / f"{name}.txt").read_text())
    assert canonical(value) == expected
    assert canonical(parse_strict(expected, max_depth=16)) == expected
