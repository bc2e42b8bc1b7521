"""What can be looked up and proved: show, proof, ledger, quarantine, transfers, drafts."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.node.support import indicator, object_id

from .conftest import Accord, Homes

KNOWN = object_id(indicator(0))


def test_show_gives_content_origin_and_transfers(accord: Accord, homes: Homes) -> None:
    (view,) = accord("show", KNOWN, "--home", homes.bravo, "--json").json
    assert view["publisher"] == homes.alfa_id
    assert view["object"] == json.loads(indicator(0))
    assert view["entries"][0]["transfers"][0]["direction"] == "in"
    shown = accord("show", KNOWN, "--home", homes.bravo, "--lang", "zh").out
    assert "来自 Alfa" in shown
    assert "TLP:GREEN" in shown


def test_history_has_every_version(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    path = tmp_path / "newer.json"
    path.write_bytes(indicator(0, version=60))
    words = ("publish", path, "--home", homes.alfa, "--agreement", homes.agreement)
    assert accord(*words, "--tlp", "green").code == 0
    assert len(accord("show", KNOWN, "--home", homes.alfa, "--json").json) == 1
    assert len(accord("show", KNOWN, "--history", "--home", homes.alfa, "--json").json) == 2


def test_an_object_that_is_not_here_is_not_found(accord: Accord, homes: Homes) -> None:
    assert accord("show", object_id(indicator(999)), "--home", homes.alfa).code == 1


def test_a_name_cannot_command_the_terminal(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    path = tmp_path / "evil.json"
    path.write_bytes(indicator(500, name="\x1b[2Jgone\u202e"))
    accord("publish", path, "--home", homes.alfa, "--agreement", homes.agreement, "--tlp", "green")
    shown = accord("show", object_id(indicator(500)), "--home", homes.alfa).out
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_evidence_is_written_and_holds_without_a_node(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    file = tmp_path / "evidence.tlog-proof"
    written = accord("proof", KNOWN, "--home", homes.bravo, "--out", file, "--json").json
    assert written["file"] == str(file)
    checked = accord("proof", "--check", file, "--json")
    assert checked.code == 0
    assert checked.json["author"] == homes.alfa_id
    assert [each["member"] for each in checked.json["witnesses"]] == [homes.bravo_id]
    assert "Alfa" in accord("proof", "--check", file, "--lang", "ru").out


def test_evidence_that_was_altered_does_not_hold(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    file = tmp_path / "evidence.tlog-proof"
    accord("proof", KNOWN, "--home", homes.bravo, "--out", file)
    text = file.read_text()
    place = text.index("extra ") + 200
    file.write_text(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])
    ended = accord("proof", "--check", file, "--json")
    assert ended.code == 1
    assert ended.json["holds"] is False
    assert "does not hold" in accord("proof", "--check", file).out


def test_evidence_can_go_through_a_pipe(accord: Accord, homes: Homes) -> None:
    written = accord("proof", KNOWN, "--home", homes.bravo, "--out", "-")
    assert accord("proof", "--check", "-", stdin=written.out.encode()).code == 0


@pytest.mark.parametrize("words", [(), ("x", "--check", "y")])
def test_proof_needs_an_object_or_a_file(
    accord: Accord, homes: Homes, words: tuple[str, ...]
) -> None:
    assert accord("proof", *words, "--home", homes.alfa).code == 2


def test_ledgers_verify(accord: Accord, homes: Homes) -> None:
    found = accord("ledger", "verify", "--home", homes.bravo, "--json")
    assert found.code == 0
    assert {each["member"]: each["holds"] for each in found.json} == {
        homes.alfa_id: True,
        homes.bravo_id: True,
    }
    (one,) = accord("ledger", "verify", "Alfa", "--home", homes.bravo, "--json").json
    assert one["size"] > 3
    assert accord("ledger", "verify", "Nobody", "--home", homes.bravo).code == 1


def test_a_ledger_that_was_tampered_with_is_told(accord: Accord, homes: Homes) -> None:
    database = sqlite3.connect(homes.bravo / "accord.db")
    database.execute("UPDATE tiles SET data = zeroblob(length(data)) WHERE level = -1")
    database.commit()
    database.close()
    ended = accord("ledger", "verify", "Alfa", "--home", homes.bravo)
    assert ended.code == 1
    assert "not hold" in ended.out


def test_transfers_are_listed_without_content(accord: Accord, homes: Homes) -> None:
    lines = accord("transfers", "--home", homes.bravo, "--direction", "in", "--json")
    assert {line["peer"] for line in lines.json} == {homes.alfa_id}
    assert "198.51" not in lines.out
    assert "pattern" not in lines.out
    shown = accord("transfers", "--home", homes.bravo, "--limit", "2").out
    assert "--after 2" in shown
    assert "Rivers" in shown
    assert accord("transfers", "--home", homes.bravo, "--direction", "up").code == 2
    assert accord("transfers", "--home", homes.bravo, "--peer", "Nobody").code == 1


def test_a_transfer_is_judged_as_known_then_and_now(accord: Accord, homes: Homes) -> None:
    lines = accord("transfers", "--home", homes.alfa, "--direction", "out", "--json").json
    seq = str(lines[-1]["seq"])
    accord("peer", "suspend", "Bravo", "--home", homes.alfa)
    found = accord("transfers", "--judge", seq, "--home", homes.alfa, "--json").json
    assert found["recorded"]["allowed"] is True
    assert found["then"]["allowed"] is True
    assert found["now"]["allowed"] is False
    assert (
        "приостановлен"
        in accord("transfers", "--judge", seq, "--home", homes.alfa, "--lang", "ru").out
    )


def test_an_empty_quarantine_says_so(accord: Accord, homes: Homes) -> None:
    assert "Nothing waits" in accord("quarantine", "list", "--home", homes.alfa).out
    assert accord("quarantine", "list", "--refused", "--home", homes.alfa, "--json").json == []
    assert accord("quarantine", "show", "7", "--home", homes.alfa).code == 1
    assert accord("quarantine", "retry", "--home", homes.alfa, "--json").code == 0


def test_drafts_that_are_not_there_are_not_found(accord: Accord, homes: Homes) -> None:
    assert accord("draft", "list", "--home", homes.alfa, "--json").json == []
    assert "No draft" in accord("draft", "list", "--home", homes.alfa).out
    assert accord("draft", "show", "x", "--home", homes.alfa).code == 1
    ended = accord("draft", "release", "x", "--by", "nobody", "--home", homes.alfa)
    assert ended.code == 1
    assert "nobody's" in ended.err


def test_why_an_object_reached_a_member_is_told_in_each_language(
    accord: Accord, homes: Homes
) -> None:
    at = ("--home", homes.alfa)
    known = object_id(indicator(0))
    told = accord("why", known, "Bravo", *at, "--json").json
    (entry,) = told["entries"]
    assert entry["then"]["allowed"] is entry["now"]["allowed"] is True
    assert [each["direction"] for each in entry["transfers"]] == ["out"]
    early = accord("why", known, "Bravo", "--at", "2026-01-02", *at, "--json").json
    assert early["entries"][0]["then"] is None
    assert early["entries"][0]["now"]["allowed"] is True, "judged as of its issue"
    accord("peer", "suspend", "Bravo", *at)
    for language, said in (("en", "suspend"), ("ru", "приостанов"), ("zh", "暂停")):
        shown = accord("why", known, "Bravo", *at, "--lang", language)
        assert shown.code == 0
        assert said in shown.out
        assert "(accord-agreement--" in shown.out, "the name of the agreement, and its id"
    assert accord("why", known, "Nobody", *at).code == 1
