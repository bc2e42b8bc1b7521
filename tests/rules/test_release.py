"""Each clause alone changes a verdict, and every reason can be read in three languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from msgspec.structs import replace

from accord.base.messages import LANGUAGES, Message, translate
from accord.rules import clauses
from accord.rules.clauses import (
    ANY_RECIPIENT,
    CONTROL_ENTRY,
    DESCRIBES_A_PERSON,
    FOR_A_GROUP,
    ORDINARY_ENTRY,
    PARTY_RECIPIENT,
    PASSED_ON,
    UNKNOWN_ENTRY,
)
from accord.rules.release import judge, release
from tests.rules import group_cases, release_cases
from tests.rules.clause_cases import TURNS, Turn
from tests.rules.release_cases import (
    ALL,
    ENDED,
    IN_FORCE,
    PROPOSED,
    Denied,
    about_a_person,
    personal,
)
from tests.rules.world import (
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    GAMMA,
    NOW,
    agreed,
    community,
    entry,
    envelope,
    handled,
    known,
    objection,
    peers,
    proposal,
    reserving,
    signature,
    withdrawal,
)

CASES = [*release_cases.CASES, *group_cases.GROUP_CASES]
ALLOWED = {**release_cases.ALLOWED, **group_cases.GROUP_ALLOWED}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_agreement_allows_is_released(name: str) -> None:
    asked, facts = ALLOWED[name]
    assert release(asked, BETA, facts, NOW).reasons == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}:{case.keys}")
def test_each_clause_alone_changes_a_verdict(case: Denied) -> None:
    verdict = release(case.entry, case.recipient, case.facts, case.now, case.issued_at)

    assert [reason.message.key for reason in verdict.reasons] == case.reasons
    assert not verdict.allowed
    assert verdict.waits == case.waits


def test_every_clause_has_a_case_in_which_it_fails() -> None:
    tables = (PARTY_RECIPIENT, ANY_RECIPIENT, UNKNOWN_ENTRY, CONTROL_ENTRY, ORDINARY_ENTRY,
              DESCRIBES_A_PERSON, PASSED_ON, FOR_A_GROUP)  # fmt: skip
    clauses = {clause.__name__ for table in tables for clause in table}
    failed = {case.clause for case in CASES}
    for turn in TURNS:
        case = judge(turn.entry, turn.after(), turn.now).case
        both = (*ORDINARY_ENTRY, *PASSED_ON) if turn.entry.source else ORDINARY_ENTRY
        failed |= {clause.__name__ for clause in both if clause(case) is not None}
    reserved = {"narrowed_by_author", "narrowed_by_recipient", "objected_between"}

    assert clauses == failed | reserved  # those three by tests of their own, in test_clauses.py


def said(case: Denied) -> list[Message]:
    verdict = release(case.entry, case.recipient, case.facts, case.now, case.issued_at)
    return [reason.message for reason in verdict.reasons]


def turned(turn: Turn) -> list[Message]:
    verdict = release(turn.entry, turn.recipient, turn.after(), turn.now)
    return [reason.message for reason in verdict.reasons]


def objected() -> list[Message]:
    facts = known(*peers(*ALL), *agreed(), objection(BETA, ALFA))
    return [reason.message for reason in release(entry(), BETA, facts, NOW).reasons]


def by_party() -> list[Message]:
    signed = signature(BETA, reservation=reserving(tlp_ceiling="clear"))
    facts = known(*peers(*ALL), proposal(), signature(ALFA), signed, signature(GAMMA))
    return [reason.message for reason in release(entry(), BETA, facts, NOW).reasons]


EVERY = [
    *(message for case in CASES for message in said(case)),
    *(message for turn in TURNS for message in turned(turn)),
    *objected(),
    *by_party(),
]


def test_every_reason_that_a_clause_can_give_is_given_by_a_case() -> None:
    written = {
        key
        for path in Path(clauses.__file__).parent.glob("*.py")
        for key in re.findall(r'"(rules\.[a-z0-9-]+)', path.read_text("utf-8"))
    }
    given = {message.key for message in EVERY}

    assert {key for key in written if not key.endswith("-")} <= given
    for beginning in (key for key in written if key.endswith("-")):
        assert any(key.startswith(beginning) for key in given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_a_sentence_in_each_language(language: str) -> None:
    for message in EVERY:
        sentence = translate(message, language)
        assert message.key not in sentence
        assert not [name for _, name, _, _ in Formatter().parse(sentence) if name]


def test_all_that_stands_in_the_way_is_listed_the_recipient_first() -> None:
    bad = entry(replace(handled(tlp="red", area="arms", purpose=None), audience=(GAMMA,)))

    reasons = release(bad, DELTA, IN_FORCE, NOW).reasons

    assert [reason.message.key for reason in reasons] == [
        "rules.not-in-audience",
        "rules.recipient-not-party",
        "rules.red-names",
        "rules.area-outside",
        "rules.purpose-missing",
    ]


def test_one_definite_no_among_reasons_that_wait_is_a_definite_no() -> None:
    assert release(entry(), BETA, PROPOSED, NOW).waits
    assert not release(entry(handled(tlp=None)), BETA, PROPOSED, NOW).waits


def test_the_verdict_carries_the_status_and_the_number_of_the_facts() -> None:
    verdict = release(entry(envelope(status="exercise")), BETA, IN_FORCE, NOW)

    assert verdict.status == "exercise"
    assert verdict.facts_seq == IN_FORCE.seq


def test_an_entry_judged_once_gives_each_recipient_the_verdict_of_release() -> None:
    for case in CASES:
        judgement = judge(case.entry, case.facts, case.now, case.issued_at)
        for recipient in ALL:
            alone = release(case.entry, recipient, case.facts, case.now, case.issued_at)
            assert judgement.to(recipient) == alone


def test_both_sides_come_to_the_same_verdict() -> None:
    for asked in (entry(), entry(handled(tlp=None)), about_a_person(personal())):
        sender = release(asked, BETA, community(me=ALFA), NOW)
        receiver = release(asked, BETA, community(me=BETA), NOW, issued_at=NOW)
        assert sender == receiver


def test_what_a_party_gave_before_it_left_stays_given_but_it_gives_nothing_more() -> None:
    left = (*agreed(), withdrawal(ALFA, when=NOW + DAY))
    later = NOW + 2 * DAY

    assert release(entry(), BETA, known(*peers(*ALL, me=BETA), *left), later, NOW).allowed
    assert not release(entry(), BETA, known(*peers(*ALL, me=ALFA), *left), later).allowed


def test_a_lapse_stops_the_flow_of_older_entries_too() -> None:
    assert release(entry(), BETA, IN_FORCE, NOW).allowed
    assert not release(entry(), BETA, IN_FORCE, ENDED, issued_at=NOW).allowed


def test_a_late_signature_that_was_made_in_time_releases_the_older_entry() -> None:
    late = known(*peers(*ALL), proposal(), *(signature(party) for party in CIRCLE))

    assert release(entry(), BETA, PROPOSED, NOW).waits
    assert release(entry(), BETA, late, NOW + DAY).allowed
