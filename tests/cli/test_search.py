"""`accord search`: found without ado, in the name of a token, and in pages."""

from __future__ import annotations

from tests.node.support import indicator, object_id

from .conftest import Accord, Homes

KNOWN = object_id(indicator(0))


def test_search_indexes_first_and_finds(accord: Accord, homes: Homes) -> None:
    answer = accord("search", "192.0.2.0", "--home", homes.bravo, "--json").json
    assert [hit["id"] for hit in answer["hits"]] == [KNOWN]
    assert (answer["total"], answer["not_indexed"], answer["next"]) == (1, 0, None)
    shown = accord("search", "indicator", "--limit", 1, "--home", homes.bravo, "--lang", "ru").out
    assert "Найден" in shown
    assert "TLP:GREEN" in shown


def test_an_unknown_token_finds_nothing(accord: Accord, homes: Homes) -> None:
    ended = accord("search", "indicator", "--token", "accord_x", "--home", homes.bravo)
    assert ended.code != 0
    assert KNOWN not in ended.out


def test_a_damaged_index_is_told_of_and_mended_by_the_next_search(
    accord: Accord, homes: Homes
) -> None:
    assert accord("search", "192.0.2.0", "--home", homes.bravo, "--json").json["total"] == 1
    index = homes.bravo / "accord.db.search-1"
    size = index.stat().st_size
    index.write_bytes(b"\xff" * size)
    told = accord("doctor", "--home", homes.bravo, "--json")
    search = [each for each in told.json["findings"] if each["subject"] == "search"]
    assert [each["state"] for each in search] == ["wrong"]
    assert accord("show", KNOWN, "--home", homes.bravo).code == 0
    assert accord("search", "192.0.2.0", "--home", homes.bravo, "--json").json["total"] == 1
    assert not index.exists()


def test_a_search_that_meets_damage_says_so(accord: Accord, homes: Homes) -> None:
    accord("search", "192.0.2.0", "--home", homes.bravo)
    (homes.bravo / "accord.db.search-1").unlink()
    ended = accord("search", "192.0.2.0", "--home", homes.bravo)
    assert ended.code != 0
    assert "search index" in ended.err
    assert accord("search", "192.0.2.0", "--home", homes.bravo, "--json").json["total"] == 1


def test_the_index_is_made_anew(accord: Accord, homes: Homes) -> None:
    assert accord("search", "--rebuild", "--home", homes.bravo, "--json").json["rebuilt"] > 0
    assert accord("search", "192.0.2.0", "--home", homes.bravo, "--json").json["total"] == 1


def test_each_filter_leaves_out_what_is_not_so(accord: Accord, homes: Homes) -> None:
    def found(*options: object) -> int:
        shown = accord("search", "indicator", *options, "--home", homes.bravo, "--json")
        return int(shown.json["total"])

    for name, right, wrong in (
        ("--tlp", "TLP:GREEN", "clear"),
        ("--area", "cyber", "narcotics"),
        ("--agreement", homes.agreement, "private"),
        ("--member", "Alfa", "Bravo"),
        ("--since", "2026-01-01", "2026-03-03"),
        ("--until", "2026-03-03", "2026-01-01T00:00:00Z"),
    ):
        assert (found(name, right), found(name, wrong)) == (3, 0), name
    assert found("--tlp", "red", "--tlp", "green") == 3
    assert accord("search", "indicator", "--tlp", "pink", "--home", homes.bravo).code != 0
