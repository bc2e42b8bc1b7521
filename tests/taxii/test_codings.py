"""How answers are packed, kept by tools and caches, and asked for again."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from accord.taxii.codings import CODINGS, PACKINGS, wanted_coding
from tests.node.support import Community, indicator, indicators, object_id
from tests.taxii.support import PRIVATE, TAXII, Tool, tool_of

OBJECTS = f"{PRIVATE}objects/"
RESOURCES = [
    "/taxii2/",
    "/api/",
    "/api/collections/",
    PRIVATE,
    OBJECTS,
    f"{PRIVATE}manifest/",
    f"{OBJECTS}{object_id(indicator(1))}/",
    f"{OBJECTS}{object_id(indicator(1))}/versions/",
    "/api/collections/everything/objects/",
]


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, ""),
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("gzip; q=0.3 , zstd;q=0.8", "zstd"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0, zstd;q=0", ""),
        ("gzip;q=0.5, identity", ""),
        ("identity;q=0.2, gzip;q=0.5", "gzip"),
        ("br, deflate", ""),
        ("*", "zstd"),
        ("*, zstd;q=0", "gzip"),
        ("gzip, *;q=0", "gzip"),
        ("identity;q=0, *", "zstd"),
        ("*;q=0", None),
        ("identity;q=0", None),
        ("br, identity;q=0", None),
        ("nonsense;;;q", ""),
    ],
)
def test_the_coding_is_the_one_that_is_wanted_most(header: str | None, coding: str | None) -> None:
    assert wanted_coding(header) == coding


@given(st.text(max_size=60))
def test_no_header_of_codings_breaks_the_reader(header: str) -> None:
    assert wanted_coding(header) in (None, *PACKINGS)


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "zstd"]))
def test_what_is_packed_is_unpacked_again_and_no_further_than_asked(
    body: bytes, coding: str
) -> None:
    packed = PACKINGS[coding](body)
    assert CODINGS[coding](packed, len(body) + 1) == body
    assert CODINGS[coding](packed + packed, 2 * len(body) + 1) == body + body
    most = len(body) // 2
    assert CODINGS[coding](packed, most) == body[:most]


def raw(tool: Tool, path: str, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and the bytes as they travel."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with tool.client.stream("GET", path, headers=tool.headers | named) as answer:
        return answer.status_code, answer.headers, b"".join(answer.iter_raw())


def test_a_page_travels_as_it_is_wanted_and_is_the_same_page(tool: Tool) -> None:
    tool.put(indicators(30))
    plain = raw(tool, OBJECTS, Accept_Encoding="identity")[2]
    assert len(json.loads(plain)["objects"]) == 30
    for coding, unpack in (("gzip", gzip.decompress), ("zstd", zstandard.decompress)):
        status, headers, packed = raw(tool, OBJECTS, Accept_Encoding=coding)
        assert (status, headers["content-encoding"]) == (200, coding)
        assert headers["content-type"] == TAXII
        assert len(packed) < len(plain) / 2
        assert unpack(packed) == plain
    status, headers, _ = raw(tool, OBJECTS, Accept_Encoding="identity;q=0")
    assert status == 406


def test_what_is_small_travels_as_it_is(tool: Tool) -> None:
    status, headers, body = raw(tool, "/api/", Accept_Encoding="gzip, zstd")
    assert status == 200
    assert "content-encoding" not in headers
    assert json.loads(body)


@pytest.mark.parametrize("path", RESOURCES)
@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_every_resource_is_sent_once_and_no_cache_mixes_readers(
    tool: Tool, path: str, coding: str
) -> None:
    tool.put(indicators(20))
    status, headers, _ = raw(tool, path, Accept_Encoding=coding)
    assert status == 200
    assert headers["cache-control"] == "private, no-cache"
    varies = {each.strip() for each in headers["vary"].split(",")}
    assert varies >= {"Authorization", "Accept", "Accept-Encoding", "Accept-Language"}
    tag = headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        status, again, body = raw(tool, path, Accept_Encoding=coding, If_None_Match=known)
        assert (status, body, again["etag"]) == (304, b"", tag)
        assert again["vary"] == headers["vary"]
    assert raw(tool, path, Accept_Encoding=coding, If_None_Match='"x"')[0] == 200
    other = "gzip" if coding != "gzip" else "identity"
    assert raw(tool, path, Accept_Encoding=other, If_None_Match=tag)[0] == 200


def test_a_tag_is_of_no_use_to_who_may_not_read(lone: Community) -> None:
    with tool_of(lone["Alfa"], "one") as one, tool_of(lone["Alfa"], "two", "operator") as two:
        one.put(indicators(3))
        known = {"If-None-Match": one.get(OBJECTS).headers["etag"]}
        assert one.get(OBJECTS, known).status_code == 304
        assert two.get(OBJECTS, known).status_code == 403
        one.headers["Authorization"] = "Bearer x"
        assert one.get(OBJECTS, known).status_code == 401


def test_the_collections_have_another_tag_in_another_language(tool: Tool) -> None:
    tags = {
        tool.get("/api/collections/", {"Accept-Language": language}).headers["etag"]
        for language in ("en", "ru", "zh")
    }
    assert len(tags) == 3


def test_a_status_is_sent_again_only_when_it_changed(tool: Tool) -> None:
    place = f"/api/status/{tool.put(indicators(2))['id']}/"
    tag = tool.get(place).headers["etag"]
    assert tool.get(place, {"If-None-Match": tag}).status_code == 304


def test_no_refusal_and_no_receipt_is_kept_by_a_cache(tool: Tool) -> None:
    answers = [
        tool.get(OBJECTS, limit=0),
        tool.get("/api/nowhere/"),
        tool.get(OBJECTS, {"Accept": "text/html"}),
        tool.get(OBJECTS, {"Authorization": "Bearer x"}),
        tool.request("PUT", OBJECTS),
        tool.post(indicators(1)),
        tool.request("DELETE", f"{OBJECTS}{object_id(indicator(0))}/"),
    ]
    assert [each.status_code for each in answers] == [400, 404, 406, 401, 405, 202, 200]
    for each in answers:
        assert each.headers["cache-control"] == "no-store"
        assert "Authorization" in each.headers["vary"]


def test_an_unknown_coding_of_a_body_is_refused_with_those_that_are_known(tool: Tool) -> None:
    answer = tool.send(b"x", Content_Encoding="br")
    assert answer.status_code == 415
    assert {"gzip", "zstd"} <= {
        each.strip() for each in answer.headers["accept-encoding"].split(",")
    }
