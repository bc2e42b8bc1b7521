"""Calling back at the shell: the order, the table of receipts, holds."""

from __future__ import annotations

from tests.node.support import indicator, object_id

from .conftest import Accord, Homes

KNOWN = object_id(indicator(0))


def test_an_order_names_who_is_asked_and_where_to_look(accord: Accord, homes: Homes) -> None:
    words = ("recall", "order", KNOWN, "--home", homes.alfa, "--reason", "Shared by mistake.")
    done = accord(*words, "--json").json
    assert (done["entries"], done["given"]) == (1, 1)
    (number,) = done["numbers"]
    table = accord("recall", "show", str(number), "--home", homes.alfa, "--json").json
    assert table["mode"] == "erase"
    assert [row["state"] for row in table["rows"]] == ["pending"]
    (called,) = table["called"]
    assert (called["index"], called["object_id"]) == (table["rows"][0]["index"], KNOWN)
    assert called["audience"] == ["parties"]
    assert called["agreement"].startswith("accord-agreement--")
    assert sum(table["answers"].values()) == len(table["rows"])
    assert list(table["members"]) == [table["rows"][0]["member"]]
    assert table["members"][table["rows"][0]["member"]] == table["answers"]
    for language, word, whom in (
        ("en", "pending", "all parties"),
        ("ru", "ожидается", "все стороны"),
        ("zh", "待答复", "全体缔约方"),
    ):
        listed = accord("recall", "list", "--home", homes.alfa, "--lang", language).out
        assert "Bravo: " in listed
        assert word in listed
        shown = accord("recall", "show", str(number), "--home", homes.alfa, "--lang", language)
        assert word in shown.out
        assert "Bravo" in shown.out
        assert whom in shown.out
    listed = accord("recall", "list", "--home", homes.alfa, "--json").json
    assert [row["number"] for row in listed] == [number]
    again = accord(*words)
    assert again.code == 0
    assert "before" in again.out


def test_ids_come_from_a_file_too(accord: Accord, homes: Homes, tmp_path: object) -> None:
    path = homes.alfa.parent / "ids.txt"
    path.write_text(f"{KNOWN}\n", "utf-8")
    words = ("recall", "order", "--ids", path, "--home", homes.alfa, "--reason", "x", "--json")
    assert accord(*words).json["entries"] == 1


def test_an_order_without_reason_object_or_sense_is_refused(accord: Accord, homes: Homes) -> None:
    order = ("recall", "order", "--home", homes.alfa)
    assert accord(*order, "--reason", "x").code == 2
    assert accord(*order, KNOWN).code == 2
    assert accord(*order, KNOWN, "--reason", "x", "--mode", "forget").code == 2
    assert accord(*order, KNOWN, "--reason", "x", "--due", "2020-01-01").code == 2
    assert accord(*order, object_id(indicator(998)), "--reason", "x").code == 1
    assert accord("recall", "show", "0", "--home", homes.alfa).code == 1


def test_a_hold_is_placed_listed_and_lifted(accord: Accord, homes: Homes) -> None:
    at = ("--home", homes.bravo)
    placed = accord("hold", "place", KNOWN, "--reason", "Evidence.", *at, "--json").json
    assert "Evidence." in accord("hold", "list", *at).out
    lifted = accord("hold", "lift", str(placed["hold"]), *at, "--json").json
    assert lifted == {"hold": placed["hold"], "entries": 0}
    assert accord("hold", "lift", str(placed["hold"]), *at).code == 1
    assert accord("recall", "list", "--by-others", *at).code == 0


def test_what_has_no_clock_is_not_listed(accord: Accord, homes: Homes) -> None:
    for language in ("en", "ru", "zh"):
        shown = accord("retention", "--home", homes.alfa, "--lang", language)
        assert (shown.code, "30" in shown.out) == (0, True)
    assert accord("retention", "--home", homes.alfa, "--json").json == []
