"""Answering at the shell: what is said reaches the author, who may take a correction over."""

from __future__ import annotations

import json
from pathlib import Path

from accord.node.node import open_node
from tests.node.support import indicator, object_id, sync

from .conftest import Accord, Homes

KNOWN = object_id(indicator(0))


def settle(homes: Homes) -> None:
    alfa, bravo = open_node(homes.alfa), open_node(homes.bravo)
    for _ in range(2):
        sync(alfa, bravo)
        sync(bravo, alfa)
    alfa.close()
    bravo.close()


def test_an_answer_is_given_listed_and_shown_with_its_counts(accord: Accord, homes: Homes) -> None:
    ours = ("--home", homes.bravo)
    seen = ("--sighting", "--count", "3", "--first-seen", "2026-03-01")
    assert accord("answer", KNOWN, *seen, *ours, "--json").json["published"] == 1
    agrees = ("--opinion", "agree", "--explanation", "Seen here.")
    assert accord("answer", KNOWN, *agrees, *ours, "--to-author").code == 0
    assert accord("answer", KNOWN, "--note", "Since May.", *ours).code == 0
    settle(homes)

    rows = accord("answers", "list", "--home", homes.alfa, "--json").json
    assert [row["kind"] for row in rows] == ["note", "opinion", "sighting"]
    assert {row["author"] for row in rows} == {homes.bravo_id}
    assert rows[2]["object"]["first_seen"] == "2026-03-01T00:00:00.000000Z"
    (shown,) = accord("show", KNOWN, "--home", homes.alfa, "--json").json
    assert shown["answers"] == {"sighting": 3, "agree": 1, "note": 1}
    for language, words in (
        ("en", ("sighting 3", "agrees: Seen here.")),
        ("ru", ("наблюдение 3", "согласен: Seen here.")),
        ("zh", ("目击 3", "同意: Seen here.")),
    ):
        for command in (("show", KNOWN), ("answers", "list", KNOWN)):
            out = accord(*command, "--home", homes.alfa, "--lang", language).out
            assert all(word in " ".join(out.split()) for word in words)


def test_a_correction_is_proposed_shown_as_such_and_accepted(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.json"
    changed.write_bytes(indicator(0, version=1, name="Better said"))
    words = ("answer", KNOWN, "--correction", changed, "--home", homes.bravo)
    assert accord(*words).code == 0
    settle(homes)
    at = ("--home", homes.alfa)
    (row,) = accord("answers", "list", *at, "--json").json
    assert (row["kind"], row["object"]["name"]) == ("correction", "Better said")
    versions = accord("show", KNOWN, *at, "--json").json
    assert {(each["own"], each["correction"]) for each in versions} == {
        (True, False),
        (False, True),
    }
    assert "proposed to the author" in accord("show", KNOWN, *at).out

    place = f"Bravo#{row['number']}"
    assert accord("answers", "accept", place, *at).code == 2
    people = {}
    for name in ("anna", "boris"):
        made = accord("token", "add", name, "--role", "releaser", *at, "--json").json
        people[name] = made["token"]
    draft = accord("answers", "accept", place, "--by", people["anna"], *at, "--json").json
    assert (draft["author"], draft["objects"]) == ("anna", 1)
    assert accord("draft", "release", draft["id"], "--by", people["anna"], *at).code == 1
    done = accord("draft", "release", draft["id"], "--by", people["boris"], *at, "--json").json
    assert done["published"] == 1
    settle(homes)
    newest = accord("show", KNOWN, "--home", homes.bravo, "--json").json
    by_alfa = next(each for each in newest if each["publisher"] == homes.alfa_id)
    assert by_alfa["object"]["name"] == "Better said"
    assert accord("answers", "accept", place, "--publish", *at, "--json").json["published"] == 1


def test_what_makes_no_sense_is_refused(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    ours, theirs = ("--home", homes.alfa), ("--home", homes.bravo)
    both = tmp_path / "both.json"
    two = [json.loads(indicator(0, version=1)), json.loads(indicator(1, version=1))]
    both.write_text(json.dumps({"type": "bundle", "objects": two}), "utf-8")
    assert accord("answer", KNOWN, *theirs).code == 2
    assert accord("answer", KNOWN, "--sighting", "--note", "x", *theirs).code == 2
    assert accord("answer", KNOWN, "--opinion", "maybe", *theirs).code == 2
    assert accord("answer", KNOWN, "--correction", both, *theirs).code == 2
    assert accord("answer", KNOWN, "--note", "x", *ours).code == 2
    assert accord("answers", "accept", "Bravo", *ours).code == 2
    assert accord("answers", "accept", "Bravo#0", "--publish", *ours).code == 1
    assert accord("answers", "list", object_id(indicator(998)), *ours).code == 1
    nothing = accord("answers", "list", *ours)
    assert (nothing.code, nothing.out.strip()) == (0, "No answers are known here.")
