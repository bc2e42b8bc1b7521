"""What an author permits may be passed on: that entry, to those members, for that purpose."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.errors import InputError
from accord.ledger.envelope import PARTIES
from accord.rules.facts import Facts, PermissionAsked, why_void
from accord.rules.permissions import permission_of, request_of
from accord.rules.release import Entry, release
from accord.rules.terms import EvidenceClause
from tests.rules.release_cases import (
    ALL,
    PERMISSION,
    PERMITTED,
    RECEIVED,
    SOURCE,
    passed_on,
    permission,
    permitted,
)
from tests.rules.world import (
    ALFA,
    BETA,
    DAY,
    DELTA,
    GAMMA,
    HANDLING,
    NOW,
    TERMS,
    agreed,
    envelope,
    handled,
    known,
    origin,
    peers,
)

NONE = replace(TERMS, onward="none")
H2 = replace(RECEIVED, handling=replace(HANDLING, codes=("H2",)))
WITH_H2 = replace(handled(permission=PERMISSION, codes=("H2",)), audience=(BETA,))


def keys(asked: Entry, facts: Facts, recipient: str = BETA) -> list[str]:
    return [reason.message.key for reason in release(asked, recipient, facts, NOW).reasons]


@pytest.mark.parametrize("onward", ["none", "agreement"])
def test_the_permission_alone_lets_an_entry_go_on(onward: str) -> None:
    terms = replace(TERMS, onward=onward)
    without = replace(handled(codes=("H2",)), audience=(BETA,))
    expected = ["rules.onward-none"] if onward == "none" else []
    assert keys(passed_on(without, H2), permitted(terms)) == [*expected, "rules.onward-h2"]
    assert keys(passed_on(WITH_H2, H2), permitted(terms)) == []


def test_code_h1_stops_what_is_passed_on_as_evidence_until_its_author_permits_it() -> None:
    terms = replace(TERMS, evidence=EvidenceClause(codes=("H1",), purposes=("defence",)))
    h1 = replace(RECEIVED, handling=replace(HANDLING, codes=("H1",)))
    without = replace(handled(codes=("H1",)), audience=(BETA,))
    resting = replace(handled(permission=PERMISSION, codes=("H1",)), audience=(BETA,))

    assert keys(passed_on(without, h1), permitted(terms)) == ["rules.evidential-use"]
    assert keys(passed_on(resting, h1), permitted(terms)) == []
    refused = permitted(terms, granted=False)
    assert keys(passed_on(resting, h1), refused) == ["rules.permission-over"]


OTHER: dict[str, Entry] = {
    "another member": passed_on(replace(PERMITTED, audience=(BETA, GAMMA))),
    "everybody": passed_on(replace(PERMITTED, audience=(PARTIES,))),
    "another purpose": passed_on(
        replace(PERMITTED, handling=replace(PERMITTED.handling, purpose="investigation"))
    ),
    "another entry": replace(
        passed_on(PERMITTED), envelope=replace(PERMITTED, source=replace(SOURCE, index=8))
    ),
    "another content": replace(
        passed_on(PERMITTED),
        envelope=replace(PERMITTED, source=replace(SOURCE, commitment="dd" * 32)),
    ),
}


@pytest.mark.parametrize("name", OTHER)
def test_it_covers_just_what_was_asked(name: str) -> None:
    assert keys(OTHER[name], permitted(NONE)) == ["rules.permission-other"]


def test_it_is_for_the_member_that_asked_alone() -> None:
    theirs = replace(PERMITTED, author=DELTA, origin=origin(3))
    facts = permitted(replace(NONE, parties=(*TERMS.parties, DELTA)))
    assert "rules.permission-other" in keys(passed_on(theirs), facts)


def test_the_recipient_judges_it_as_the_sender_does() -> None:
    seen = replace(passed_on(WITH_H2), source=None)
    assert keys(seen, permitted(NONE, me=BETA)) == []
    unknown = release(seen, BETA, known(*peers(*ALL, me=BETA), *agreed(NONE)), NOW, NOW)
    assert unknown.waits  # the author's word may still be on its way


ENDED: dict[str, dict[str, Any]] = {
    "withdrawn": {"granted": False},
    "expired": {"until": NOW},
}


@pytest.mark.parametrize("name", ENDED)
def test_what_is_withdrawn_or_past_stops(name: str) -> None:
    asked = passed_on(PERMITTED)
    first = permission()
    later = permission(version=NOW + DAY, **ENDED[name])
    before = known(*peers(*ALL), *agreed(NONE), first)
    after = known(*peers(*ALL), *agreed(NONE), first, later)
    swapped = known(*peers(*ALL), *agreed(NONE), later, first)
    assert keys(asked, before) == []
    assert keys(asked, after) == keys(asked, swapped) == ["rules.permission-over"]
    assert keys(asked, permitted(NONE, until=NOW + DAY)) == []


def test_strict_marking_is_not_lifted() -> None:
    strict = replace(handled(permission=PERMISSION, tlp="amber+strict"), audience=(BETA,))
    assert keys(passed_on(strict), permitted()) == ["rules.onward-strict"]


VOID: dict[str, dict[str, Any]] = {
    "rules.void-permission-given": {"author": DELTA, "ledger": origin(3), "created_by": DELTA},
    "rules.void-other-ledger": {"ledger": origin(3)},
    "rules.void-not-its-author": {"created_by": DELTA},
    "rules.void-permission-audience": {"audience": (ALFA,)},
}


@pytest.mark.parametrize("key", VOID)
def test_a_permission_that_is_not_the_authors_word_counts_for_nothing(key: str) -> None:
    given = permission(**VOID[key])
    facts = known(*peers(*ALL), *agreed(NONE), given)
    found = why_void(facts, given)
    assert found is not None
    assert found.key == key
    assert facts.permissions == {}
    assert keys(passed_on(PERMITTED), facts) == ["rules.permission-unknown"]


def test_a_request_counts_where_it_goes_to_the_author_of_the_entry_alone() -> None:
    asked = PermissionAsked(
        id="accord-permission-request--55555555-5555-4555-8555-555555555555",
        author=ALFA,
        ledger=origin(0),
        audience=(GAMMA,),
        created_by=ALFA,
        issued=NOW,
        entry=SOURCE,
        members=(BETA,),
        purpose="defence",
        reason="They are affected.",
    )
    assert known(*peers(*ALL), asked).asked == {asked.id: asked}
    for wrong in (
        replace(asked, audience=(BETA,)),
        replace(asked, audience=(BETA, GAMMA)),
        replace(asked, entry=replace(SOURCE, origin=origin(0))),
    ):
        facts = known(*peers(*ALL), wrong)
        found = why_void(facts, wrong)
        assert found is not None
        assert found.key == "rules.void-permission-asked"
        assert facts.asked == {}


def test_a_malformed_request_or_answer_names_the_field() -> None:
    entry = {"origin": origin(2), "index": 7, "commitment": "cc" * 32}
    asked: dict[str, Any] = {
        "type": "accord-permission-request",
        "entry": entry,
        "members": [BETA],
        "purpose": "defence",
        "reason": "x",
    }
    assert request_of(asked).members == (BETA,)
    with pytest.raises(InputError, match="members"):
        request_of({**asked, "members": []})
    with pytest.raises(InputError, match="granted"):
        permission_of({**asked, "type": "accord-permission", "granted": "yes"})


def test_without_a_source_a_permission_says_nothing() -> None:
    assert keys(Entry(envelope=PERMITTED, markings=passed_on().markings, size=1), permitted()) == []
    assert envelope().handling.permission is None
