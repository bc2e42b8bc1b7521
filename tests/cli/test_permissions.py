"""Asking for permission at the shell, and answering."""

from __future__ import annotations

from tests.cli.test_answers import settle
from tests.node.support import indicator, object_id

from .conftest import Accord, Homes

KNOWN = object_id(indicator(0))
THIRD = "identity--c1b2a3d4-0000-5000-8000-000000000003"


def test_what_cannot_be_asked_or_answered_is_refused(accord: Accord, homes: Homes) -> None:
    ours, theirs = ("--home", homes.alfa), ("--home", homes.bravo)
    why = ("--purpose", "defence", "--reason", "They are hit.")
    assert accord("permission", "ask", KNOWN, "--to", "Alfa", *why, *theirs).code == 2
    assert accord("permission", "ask", KNOWN, "--to", "Nobody", *why, *theirs).code == 1
    assert accord("permission", "ask", KNOWN, "--to", "Bravo", *why, *ours).code == 2
    assert accord("permission", "grant", "accord-permission-request--x", *ours).code == 1
    nothing = accord("permission", "list", *ours)
    assert (nothing.code, nothing.out.strip()) == (0, "No requests are known here.")


def test_a_request_is_listed_granted_and_withdrawn(accord: Accord, homes: Homes) -> None:
    from accord.node.node import open_node
    from accord.node.permissions import ask_permission

    bravo = open_node(homes.bravo)
    request = ask_permission(bravo, KNOWN, [THIRD], "defence", "They are hit.").id
    bravo.close()
    settle(homes)
    ours, theirs = ("--home", homes.alfa), ("--home", homes.bravo)
    (row,) = accord("permission", "list", *ours, "--json").json
    assert (row["id"], row["asker"], row["state"]) == (request, homes.bravo_id, "open")

    until = ("--until", "2999-01-01", "--text", "Once.")
    assert "granted" in accord("permission", "grant", request, *until, *ours).out
    settle(homes)
    for language, word in (("en", "granted"), ("ru", "разрешено"), ("zh", "已准许")):
        out = accord("permission", "list", *theirs, "--lang", language).out
        assert word in out
        assert "Once." in out
    refused = accord("permission", "refuse", request, *ours, "--json").json
    assert refused["state"] == "refused"
    assert accord("permission", "refuse", request, *theirs).code == 1


def test_a_restriction_is_shown_acknowledged_and_on_record(accord: Accord, homes: Homes) -> None:
    raw = homes.alfa / "coded.json"
    raw.write_bytes(indicator(50))
    known = object_id(indicator(50))
    at, there = ("--home", homes.alfa), ("--home", homes.bravo)
    tokens = []
    for name in ("anna", "boris"):
        made = accord("token", "add", name, "--role", "releaser", *at, "--json").json
        tokens += ["--approval", made["token"]]
    order = ("--agreement", homes.agreement, "--tlp", "green", "--code", "H3")
    words = ("publish", raw, *order, "--restriction", "Ask us first.", *at)
    assert accord(*words).code == 1, "nobody lets it go alone"
    assert accord(*words, *tokens).code == 0
    settle(homes)

    withheld = accord("show", known, *there)
    assert "Ask us first." in withheld.out
    assert "192.0.2" not in withheld.out
    (waiting,) = accord("acknowledge", *there, "--json").json
    assert (waiting["object_id"], waiting["text"]) == (known, "Ask us first.")
    assert accord("acknowledge", known, *there).code == 0
    assert "192.0.2" in accord("show", known, *there).out
    (row,) = accord("acknowledge", known, "--record", *there, "--json").json
    assert row["reader"] == "@shell"
    assert accord("acknowledge", known, *at).code == 1
