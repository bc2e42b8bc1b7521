"""Files of lists, searches and objects: whole, within one's scope, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from accord.node.indexing import catch_up
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def objects(text: str) -> list[str]:
    found = json.loads(text).get("objects", [])
    return [each["id"] for each in found if each["type"] != "marking-definition"]


def test_a_list_a_search_and_an_object_go_into_files(community: Community, client: Client) -> None:
    raws = [indicator(name=f"Falcon {number}") for number in range(3)]
    for raw, tlp in zip(raws, ("green", "green", "amber"), strict=True):
        community.publish(community["Alfa"], community.agreement, raw, tlp=tlp)
    catch_up(community["Alfa"], 10.0)
    ids = [id_of(raw) for raw in raws]
    for role, fields, seen in (("analyst", {}, 3), ("duty", {"tlp": "green"}, 2)):
        person = client(role, **fields)
        for path in ("/intelligence/export", "/intelligence/search/export"):
            asked = "?q=falcon" if "search" in path else "?type=indicator"
            assert sorted(objects(person.get(f"{path}.json{asked}"))) == sorted(ids[:seen])
            assert sorted(row["id"] for row in rows(person.get(f"{path}.csv{asked}"))) == sorted(
                ids[:seen]
            )
        path = f"/intelligence/objects/{ids[2]}/export"
        for suffix in ("json", "csv"):
            person.get(f"{path}.{suffix}", 200 if seen == 3 else 404)


def test_a_bundle_holds_each_object_as_it_was_written(community: Community, client: Client) -> None:
    raw = indicator(name="Точно так", x_own=[1, {"b": 2}])
    community.publish(community["Alfa"], community.agreement, raw)
    text = client().get(f"/intelligence/objects/{id_of(raw)}/export.json")
    assert raw.decode() in text


def test_no_cell_is_a_formula(community: Community, client: Client) -> None:
    for text in FORMULAS:
        raw = indicator(name=text, description=text, labels=[text])
        community.publish(community["Alfa"], community.agreement, raw)
    table = client().get("/intelligence/export.csv")
    found = rows(table)
    assert len(found) == len(FORMULAS)
    for row in found:
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell


@pytest.mark.parametrize("asked", ["since=x", "tlp=x", "member=%00", "until=0000-00-00"])
def test_odd_questions_are_refused_or_find_nothing(client: Client, asked: str) -> None:
    person = client()
    for suffix in ("json", "csv"):
        answer = person.client.get(f"/intelligence/export.{suffix}?{asked}")
        assert answer.status_code in (200, 400)


def test_a_search_for_nothing_gives_an_empty_bundle(client: Client) -> None:
    assert objects(client().get("/intelligence/search/export.json?q=")) == []
