"""How the client of the benchmark finds its way from page to page."""

from __future__ import annotations

import pytest

from bench.client import following

OBJECTS = (
    b'"objects":['
    + b",".join([b'{"type":"x","next":"no","name":"' + b"y" * 900 + b'"}'] * 3)
    + b"]"
)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b'{"more":true,"next":"a.B-_","' + OBJECTS[1:] + b"}", "a.B-_"),
        (b'{"more": true, ' + OBJECTS + b', "next": "c=="}', "c=="),
        (b'{"more":false,' + OBJECTS + b"}", ""),
        (b"{}", ""),
    ],
    ids=["before the objects", "after them", "the last page", "nothing"],
)
def test_next_is_found_beside_the_objects_and_never_in_them(page: bytes, expected: str) -> None:
    assert following(page) == expected
