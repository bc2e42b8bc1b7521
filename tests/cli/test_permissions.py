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
