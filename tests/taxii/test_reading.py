"""Pages, filters, versions; and tools that do it wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accord.base.clock import format_time
from accord.node.private import keep_private
from accord.stix.markings import standard_marking, tlp_marking_id
from tests.node.support import START, Community, indicator, indicators, object_id
from tests.taxii.support import PRIVATE, TAXII, Tool, ids_of, parsed, tool_of, versions_of

OBJECTS, MANIFEST = f"{PRIVATE}objects/", f"{PRIVATE}manifest/"
ADDRESS = json.dumps(
    {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
        "value": "198.51.100.3",
    }
).encode()
GREEN = standard_marking(tlp_marking_id("green")) or b""


@pytest.fixture
def filled(tool: Tool) -> Tool:
    """25 indicators, handed in one, ten and fourteen at a time."""
    raws = indicators(25)
    for part in (raws[:1], raws[1:11], raws[11:]):
        tool.put(part)
    return tool


def test_what_was_handed_in_is_read_back_byte_for_byte(tool: Tool) -> None:
    odd = b'{ "x_own":1.50,"type" : "indicator",' + indicator(3)[1:].replace(
        b'"type": "indicator", ', b""
    )
    tool.put([odd])
    assert odd in tool.get(OBJECTS).content


def test_an_empty_collection_answers_an_empty_object(tool: Tool) -> None:
    for path in (OBJECTS, MANIFEST):
        answer = tool.get(path)
        assert answer.json() == {}
        assert "x-taxii-date-added-first" not in answer.headers


@pytest.mark.parametrize("limit", [1, 7, 24, 25, 26, 1000])
def test_pages_of_any_size_hold_everything_once_and_in_order(filled: Tool, limit: int) -> None:
    assert filled.ids(limit=limit) == ids_of(indicators(25))


def test_the_last_page_has_no_next(filled: Tool) -> None:
    *others, last = filled.pages(OBJECTS, limit=10)
    assert all(page["more"] and page["next"] for page in others)
    assert last["more"] is False
    assert "next" not in last


def test_next_may_be_repeated_and_followed_with_another_limit_or_none(filled: Tool) -> None:
    following = filled.get(OBJECTS, limit=5).json()["next"]
    rest = ids_of(indicators(25))[5:]
    queries: list[dict[str, Any]] = [{"limit": 3}, {"limit": 3}, {}, {"limit": 1000}]
    for query in queries:
        page = filled.get(OBJECTS, next=following, **query).json()
        assert [each["id"] for each in page["objects"]] == rest[: query.get("limit", 1000)]


def test_next_keeps_the_filters_for_a_tool_that_leaves_them_out(tool: Tool) -> None:
    tool.put([*indicators(4), ADDRESS, indicator(2, version=1)])
    query: dict[str, Any] = {"match_version": "all", "match_type": "indicator", "limit": 2}
    seen = []
    while True:
        page = tool.get(OBJECTS, **query).json()
        seen += page["objects"]
        if not page["more"]:
            break
        query = {"next": page["next"], "limit": 2}
    assert seen == parsed([*indicators(4), indicator(2, version=1)])


def test_a_tool_that_mixes_added_after_with_next_loses_nothing(filled: Tool) -> None:
    """As known faulty ones do: they move `added_after` on while they follow `next`."""
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 4}
    while True:
        answer = filled.get(OBJECTS, **query)
        page = answer.json()
        seen += [each["id"] for each in page.get("objects", [])]
        if not page.get("more"):
            break
        query["next"] = page["next"]
        query["added_after"] = answer.headers["x-taxii-date-added-last"]
    assert seen == ids_of(indicators(25))


def test_a_tool_that_pages_by_added_after_alone_loses_nothing(filled: Tool) -> None:
    seen: list[str] = []
    after = "1970-01-01T00:00:00Z"
    while found := filled.get(OBJECTS, added_after=after, limit=3):
        if not found.json():
            break
        seen += [each["id"] for each in found.json()["objects"]]
        after = found.headers["x-taxii-date-added-last"]
    assert seen == ids_of(indicators(25))


def test_a_tool_that_polls_from_the_last_date_it_saw_loses_nothing(tool: Tool) -> None:
    seen: list[str] = []
    after = "2020-01-01T00:00:00Z"
    for number in range(10):
        tool.put(indicators(2, first=2 * number))
        for _ in range(2):  # the second poll asks with the same time and must find nothing
            answer = tool.get(MANIFEST, added_after=after)
            rows = answer.json().get("objects", [])
            seen += [row["id"] for row in rows]
            after = rows[-1]["date_added"] if rows else after
    assert seen == ids_of(indicators(20))


def test_dates_added_are_unique_and_grow_in_commit_order(filled: Tool) -> None:
    rows = filled.get(MANIFEST).json()["objects"]
    dates = [row["date_added"] for row in rows]
    assert dates == sorted(set(dates))
    answer = filled.get(MANIFEST, limit=10)
    assert answer.headers["x-taxii-date-added-first"] == dates[0]
    assert answer.headers["x-taxii-date-added-last"] == dates[9]


def test_objects_are_matched_by_type_and_id_and_both(tool: Tool) -> None:
    tool.put([*indicators(3), ADDRESS])
    address, second = object_id(ADDRESS), object_id(indicator(1))
    assert tool.ids(match_type="ipv4-addr") == [address]
    assert tool.ids(match_type="ipv4-addr,malware") == [address]
    assert tool.ids(match_id=f"{second},{address}") == [second, address]
    assert tool.ids(match_id=f"{second},{address}", match_type="indicator") == [second]
    assert tool.ids(match_spec_version="2.0") == []
    assert len(tool.ids(match_spec_version="2.0,2.1")) == 4


def test_versions_are_matched_by_name_and_time(tool: Tool) -> None:
    raws = [indicator(1, version=number) for number in range(3)]
    stamps = [str(parsed([raw])[0]["modified"]) for raw in raws]
    tool.put([raws[1], raws[0], raws[2], indicator(2)])
    asked = {"match_id": object_id(raws[0])}

    def found(selector: str) -> set[str]:
        return {each["modified"] for each in tool.objects(match_version=selector, **asked)}

    assert found("last") == {stamps[2]}
    assert found("first") == {stamps[0]}
    assert found("all") == set(stamps)
    assert found("first,last") == {stamps[0], stamps[2]}
    assert found(stamps[1]) == {stamps[1]}
    assert found(f"{stamps[1]},first") == set(stamps[:2])
    assert found("2001-01-01T00:00:00Z") == set()
    assert {each["modified"] for each in tool.objects(**asked)} == {stamps[2]}
    assert len(tool.ids(match_version="first")) == 2


def test_one_object_and_its_versions_have_addresses_of_their_own(tool: Tool) -> None:
    raws = [indicator(1, version=number) for number in range(3)]
    tool.put([*raws, indicator(2)])
    place = f"{OBJECTS}{object_id(raws[0])}/"
    assert tool.get(place).json()["objects"] == parsed(raws[2:])
    assert tool.get(place, match_version="all").json()["objects"] == parsed(raws)
    assert tool.get(place, match_type="malware").json()["objects"] == parsed(raws[2:])
    known = tool.get(f"{place}versions/")
    assert len(known.json()["versions"]) == 3
    assert known.headers["x-taxii-date-added-last"]
    first = tool.get(f"{place}versions/", limit=2).json()
    assert first["more"]
    rest = tool.get(f"{place}versions/", next=first["next"]).json()
    assert first["versions"] + rest["versions"] == known.json()["versions"]
    assert tool.get(place, added_after="2100-01-01T00:00:00Z").json() == {}


def test_the_manifest_says_the_version_as_the_object_does(tool: Tool) -> None:
    usual = indicator(1, modified="2026-02-03T04:05:06.789Z")
    tool.put([usual, GREEN, ADDRESS])
    answer = tool.get(MANIFEST)
    dates = [row["date_added"] for row in answer.json()["objects"]]
    created = parsed([GREEN])[0]["created"]
    assert versions_of(answer) == ["2026-02-03T04:05:06.789Z", created, dates[2]]
    for row in answer.json()["objects"]:
        assert row["media_type"] == "application/stix+json;version=2.1"
        again = tool.get(MANIFEST, match_version=row["version"]).json()["objects"]
        assert again == [row]


def test_a_page_that_the_tool_has_is_not_sent_again(filled: Tool) -> None:
    first = filled.get(OBJECTS, limit=5)
    has = {"If-None-Match": first.headers["etag"]}
    again = filled.get(OBJECTS, headers=has, limit=5)
    assert again.status_code == 304
    assert again.content == b""
    assert filled.get(OBJECTS, headers=has, limit=6).status_code == 200
    filled.put(indicators(1, first=99))
    assert filled.get(OBJECTS, headers=has, limit=5).status_code == 304
    everything = filled.get(OBJECTS)
    filled.put(indicators(1, first=98))
    has = {"If-None-Match": f'"other", {everything.headers["etag"]}'}
    assert filled.get(OBJECTS, headers=has).status_code == 200


def test_each_reader_sees_up_to_its_level_and_red_by_name(lone: Community) -> None:
    node = lone["Alfa"]
    levels = ("clear", "green", "amber", "amber+strict", "red")
    raws = [
        indicator(number, object_marking_refs=[tlp_marking_id(level)])
        for number, level in enumerate(levels)
    ]
    with tool_of(node, "author", tlp="red") as author:
        author.put(raws)
        assert author.ids() == ids_of(raws)
    for place, level in enumerate(levels):
        with tool_of(node, f"reader-{place}", tlp=level) as reader:
            expected = ids_of(raws)[: min(place, 3) + 1]
            for collection in (PRIVATE, "/api/collections/everything/"):
                assert reader.ids(collection) == expected
                assert reader.ids(collection, match_version="first") == expected
            hidden = reader.get(f"{OBJECTS}{object_id(raws[4])}/")
            assert hidden.status_code == 404


def test_a_moment_before_everything_is_a_moment(filled: Tool) -> None:
    assert len(filled.ids(added_after="0001-01-01T00:00:00Z")) == 25
    assert filled.ids(added_after=format_time(START.replace(year=9999))) == []
    assert filled.get(OBJECTS, headers={"Accept": TAXII}, limit=-5).status_code == 400


def test_a_tool_that_goes_by_its_own_clock_gets_what_was_being_committed_as_it_asked(
    lone: Community,
) -> None:
    node = lone["Alfa"]
    with tool_of(node) as tool:
        asked_at: list[str] = []

        def meanwhile(*_: object) -> None:
            """Its date_added is given, and the commit takes a second."""
            lone.clock.advance(seconds=1)
            asked_at.append(format_time(node.now()))
            assert tool.get(OBJECTS).json() == {}

        item = node.checker.check(indicator(1)).object
        keep_private(node, [item], "other", meanwhile)
        lone.clock.advance(minutes=1)
        assert tool.ids(added_after=asked_at[0]) == [item.id]


def test_a_reader_sees_the_newest_version_that_it_may_read(lone: Community) -> None:
    node = lone["Alfa"]
    levels = ("clear", "amber", "green", "red")
    raws = [
        indicator(1, version=number, object_marking_refs=[tlp_marking_id(level)])
        for number, level in enumerate(levels)
    ]
    with tool_of(node, "author", tlp="red") as author:
        author.put(raws)
        assert author.objects() == parsed(raws[3:])
    for name, level, newest in (("c", "clear", 0), ("g", "green", 2), ("a", "amber", 2)):
        with tool_of(node, name, tlp=level) as reader:
            for collection in (PRIVATE, "/api/collections/everything/"):
                assert reader.objects(collection) == parsed([raws[newest]])
            place = f"{OBJECTS}{object_id(raws[0])}/"
            assert reader.get(place).json()["objects"] == parsed([raws[newest]])
    with tool_of(node, "other", tlp="red") as other:  # the newest names "author" alone
        assert other.objects() == parsed([raws[2]])


def test_a_tool_that_drops_next_when_it_changes_the_limit_loses_nothing(filled: Tool) -> None:
    """It begins anew, from the last date it saw."""
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 7}
    while True:
        answer = filled.get(OBJECTS, **query)
        page = answer.json()
        seen += [each["id"] for each in page.get("objects", [])]
        if not page.get("more"):
            break
        limit = 1 + query["limit"] % 7
        query = {"limit": limit, "added_after": answer.headers["x-taxii-date-added-last"]}
    assert seen == ids_of(indicators(25))
