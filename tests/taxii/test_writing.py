"""Handing objects in: statuses, duplicates, bodies of every kind, and taking out again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import zstandard

from tests.node.support import Community, holds, indicator, indicators, object_id
from tests.taxii.support import PRIVATE, TAXII, Tool, ids_of, tool_of


def envelope(raws: list[bytes]) -> bytes:
    return b'{"objects": [' + b", ".join(raws) + b"]}"


def test_a_status_counts_and_names_every_object_and_is_kept(tool: Tool) -> None:
    bad = indicator(7, pattern="[nonsense")
    status = tool.put([*indicators(2), bad, b'{"type": "tool"}'])
    assert status["status"] == "complete"
    counts = [status[f"{name}_count"] for name in ("total", "success", "failure", "pending")]
    assert counts == [4, 2, 2, 0]
    assert [each["id"] for each in status["successes"]] == ids_of(indicators(2))
    first, second = status["failures"]
    assert first["id"] == object_id(bad)
    assert "pattern" in first["message"]
    assert second["message"]
    assert tool.get(f"/api/status/{status['id']}/").json() == status
    assert tool.ids() == ids_of(indicators(2))


def test_a_status_is_for_the_token_that_made_the_request(lone: Community) -> None:
    with tool_of(lone["Alfa"], "one") as one, tool_of(lone["Alfa"], "two") as two:
        status = one.put(indicators(1))
        assert one.get(f"/api/status/{status['id']}/").status_code == 200
        assert two.get(f"/api/status/{status['id']}/").status_code == 404


def test_failures_are_told_in_the_tools_language(tool: Tool) -> None:
    bad = indicator(pattern="[nonsense")
    said = {
        tool.post([bad], Accept_Language=language).json()["failures"][0]["message"]
        for language in ("en", "ru", "zh")
    }
    assert len(said) == 3


def test_duplicates_succeed_and_the_first_content_stands(tool: Tool) -> None:
    first, other = indicator(1), indicator(1, name="Another content of the same version")
    tool.put([first])
    for raws in ([first], [other], [first, other, first]):
        status = tool.put(raws)
        assert status["success_count"] == len(raws)
        assert status["failure_count"] == 0
    assert tool.get(f"{PRIVATE}objects/").content.count(b'"id"') == 1
    assert first in tool.get(f"{PRIVATE}objects/").content
    assert "message" in tool.put([other])["successes"][0]


def test_of_two_contents_in_one_envelope_the_first_stands(tool: Tool) -> None:
    first, other = indicator(1), indicator(1, name="Another content of the same version")
    assert tool.put([first, other])["success_count"] == 2
    assert first in tool.get(f"{PRIVATE}objects/").content


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


def test_bodies_may_be_chunked_and_compressed(tool: Tool) -> None:
    packings: list[tuple[Any, dict[str, str]]] = [
        (chunks(envelope(indicators(1, 0))), {}),
        (gzip.compress(envelope(indicators(1, 1))), {"Content_Encoding": "gzip"}),
        (chunks(gzip.compress(envelope(indicators(1, 2)))), {"Content_Encoding": "GZip"}),
        (zstandard.compress(envelope(indicators(1, 3))), {"Content_Encoding": "zstd"}),
        (envelope(indicators(1, 4)), {"Content_Encoding": "identity"}),
        (envelope(indicators(1, 5)), {"Content_Type": "application/taxii+json"}),
    ]
    members = gzip.compress(envelope(indicators(1, 7))[:9]) + gzip.compress(
        envelope(indicators(1, 7))[9:]
    )
    packings.append((members, {"Content_Encoding": "gzip"}))
    for body, headers in packings:
        answer = tool.send(body, **headers)
        assert answer.status_code == 202, answer.text
        assert answer.json()["success_count"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 422),
        (b"", {}, 422),
        (b"[]", {}, 422),
        (b'{"objects": []}', {}, 422),
        (b'{"objects": {}}', {}, 422),
        (b'{"objects": [1]}', {}, 422),
        (b'{"objects": ["indicator"]}', {}, 422),
        (b'{"objects": [{}', {}, 422),
        (b'{"objects": [{}], "objects": [{}]}', {}, 422),
        (b"\xff\xfe", {}, 422),
        (b"null", {}, 422),
        (indicator(), {}, 422),
        (b'{"objects": ' + b"[" * 5000 + b"]" * 5000 + b"}", {}, 422),
        (b'{"objects": [{}]}', {"Content_Type": "application/json"}, 415),
        (b'{"objects": [{}]}', {"Content_Type": "application/taxii+json;version=2.0"}, 415),
        (b'{"objects": [{}]}', {"Content_Type": "application/stix+json;version=2.1"}, 415),
        (b'{"objects": [{}]}', {"Content_Encoding": "br"}, 415),
        (b"not gzip", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b'{"objects": [{}]}')[:-9], {"Content_Encoding": "gzip"}, 400),
        (b"not zstd", {"Content_Encoding": "zstd"}, 400),
        (b"x" * 200_001, {}, 413),
        (gzip.compress(b" " * 50_000_000), {"Content_Encoding": "gzip"}, 413),
        (zstandard.compress(b" " * 50_000_000), {"Content_Encoding": "zstd"}, 413),
    ],
    ids=lambda value: "body" if isinstance(value, bytes) else str(value),  # bytes hold the time
)
def test_bodies_that_cannot_be_taken_say_why(
    tool: Tool, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = tool.send(body, **headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["http_status"] == str(status)
    assert answer.json()["description"]
    assert tool.get(f"{PRIVATE}objects/").json() == {}


def test_an_endless_body_is_cut_off_where_it_was_announced(tool: Tool) -> None:
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        while len(sent) < 1000:
            sent.append(1)
            yield b" " * 10_000

    assert tool.send(endless()).status_code == 413


def test_stix_2_0_fails_and_the_message_names_the_version(tool: Tool) -> None:
    old = json.loads(indicator())
    del old["spec_version"]
    failure = tool.put([json.dumps(old).encode()])["failures"][0]
    assert "2.0" in failure["message"]


def test_everything_and_unknown_collections_take_nothing(tool: Tool) -> None:
    everything = "/api/collections/everything/"
    assert tool.post(indicators(1), everything).status_code == 403
    assert tool.post(indicators(1), "/api/collections/nowhere/").status_code == 404
    assert tool.get(f"{PRIVATE}objects/").json() == {}


def test_delete_erases_every_version_in_private(tool: Tool) -> None:
    raws = [indicator(1, version=number) for number in range(3)]
    tool.put([*raws, indicator(2)])
    place = f"{PRIVATE}objects/{object_id(raws[0])}/"
    assert tool.request("DELETE", place).status_code == 200
    assert tool.request("DELETE", place).status_code == 404
    assert tool.ids(match_version="all") == ids_of([indicator(2)])
    assert not any(holds(tool.node, raw) for raw in raws)


def test_delete_takes_the_version_it_is_told(tool: Tool) -> None:
    raws = [indicator(1, version=number) for number in range(3)]
    tool.put(raws)
    place = f"{PRIVATE}objects/{object_id(raws[0])}/"

    def delete(selector: str) -> int:
        query = {"match[version]": selector}
        return tool.request("DELETE", place, params=query).status_code

    assert delete("2001-01-01T00:00:00Z") == 404
    assert delete("last") == 200
    assert [holds(tool.node, raw) for raw in raws] == [True, True, False]
    assert delete("first") == 200
    assert [holds(tool.node, raw) for raw in raws] == [False, True, False]
    assert tool.request("DELETE", place, params={"match[spec_version]": "2.0"}).status_code == 404


def test_delete_elsewhere_points_to_recall(tool: Tool) -> None:
    tool.put(indicators(1))
    place = f"/api/collections/everything/objects/{object_id(indicator())}/"
    answer = tool.request("DELETE", place, headers={"Accept": TAXII})
    assert answer.status_code == 403
    assert "recall" in answer.json()["description"]
    assert tool.ids() == ids_of(indicators(1))
