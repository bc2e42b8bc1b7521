"""Every clause that an agreement can hold has a test in which it alone changes a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from msgspec.structs import replace

from accord.base.messages import LANGUAGES, Message, translate
from accord.rules.clauses import DESCRIBES_A_PERSON, ORDINARY_ENTRY, PARTY_RECIPIENT, PASSED_ON
from accord.rules.fields import Spec
from accord.rules.narrowing import NARROWABLE, Narrowing
from accord.rules.release import judge, release
from accord.rules.terms import AGREEMENT, ImplementingRule, Terms
from tests.rules.clause_cases import DECIDES_NOTHING, NARROWED, TURNS, Turn, also
from tests.rules.release_cases import ALL, ALLOWED, CASES
from tests.rules.world import (
    ALFA,
    BETA,
    GAMMA,
    NOW,
    agreed,
    community,
    entry,
    envelope,
    known,
    objection,
    origin,
    peers,
    reserving,
    signature,
)


def keys(verdict: Any) -> list[str]:
    return [reason.message.key for reason in verdict.reasons]


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{turn.clause}:{turn.key}")
def test_the_clause_alone_turns_the_verdict(turn: Turn) -> None:
    before = release(turn.entry, turn.recipient, turn.before(), turn.now)
    after = release(turn.entry, turn.recipient, turn.after(), turn.now)

    assert keys(before) == []
    assert keys(after) == [f"rules.{turn.key}"]


@pytest.mark.parametrize("term", NARROWABLE)
def test_an_implementing_rule_narrows_the_term_in_its_areas(term: str) -> None:
    left, asked, terms = NARROWED[term]
    texts = dict.fromkeys(("zh", "ru", "en"), "-")
    rule = ImplementingRule(
        id="r", areas=("it-crime",), narrows=Narrowing(**{term: left}), texts=texts
    )

    assert release(asked, BETA, community(terms), NOW).allowed
    with_rule = community(replace(terms, implementing_rules=(rule,)))
    expected = "rules.onward-none" if term == "onward" else "rules.narrowed-by-rule"
    assert keys(release(asked, BETA, with_rule, NOW)) == [expected]


@pytest.mark.parametrize("term", NARROWABLE)
@pytest.mark.parametrize("who, direction", [(ALFA, "given"), (BETA, "received")])
def test_a_reservation_narrows_the_term_for_what_it_is_declared_for(
    term: str, who: str, direction: Any
) -> None:
    left, asked, terms = NARROWED[term]
    if term == "onward" and who == BETA:
        return  # how far it may go is the giver's to say
    proposed, *signed = agreed(terms)

    def reserved(direction: Any) -> Any:
        own = signature(who, reservation=reserving(direction, **{term: left}))
        rest = [one for one in signed if one.author != who]  # type: ignore[union-attr]
        return known(*peers(*ALL), proposed, *rest, own)

    other = "given" if direction == "received" else "received"
    assert release(asked, BETA, reserved(other), NOW).allowed
    for narrowing in (direction, "both"):
        verdict = release(asked, BETA, reserved(narrowing), NOW)
        expected = "rules.onward-none" if term == "onward" else "rules.narrowed-by-party"
        assert keys(verdict) == [expected]
        if term != "onward":
            args = verdict.reasons[0].message.args
            assert (args["member"], args["term"]) == (who, term)


@pytest.mark.parametrize("term", [each for each in NARROWABLE if each != "onward"])
@pytest.mark.parametrize("key", ["rules.narrowed-by-party", "rules.narrowed-by-rule"])
def test_whoever_reads_that_a_term_is_narrowed_reads_its_name_in_words(term: str, key: str) -> None:
    given = {"member": "Beta", "rule": "r", "term": term, "allowed": "1", "found": "2"}
    said = {language: translate(Message(key, dict(given)), language) for language in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    assert "_" not in "".join(said.values())
    assert term not in said["ru"] + said["zh"]


def test_a_reservation_of_a_third_party_changes_nothing_between_two_others() -> None:
    proposed, *signed = agreed()
    own = signature(GAMMA, reservation=reserving(tlp_ceiling="clear"))
    facts = known(*peers(*ALL), proposed, *signed[:-1], own)

    assert release(entry(), BETA, facts, NOW).allowed
    assert keys(release(entry(), GAMMA, facts, NOW)) == ["rules.narrowed-by-party"]


def test_nothing_flows_between_two_whom_an_objection_bars_and_all_else_does() -> None:
    facts = known(*peers(*ALL), *agreed(), objection(BETA, ALFA))
    of_beta = entry(envelope(author=BETA, origin=origin(1)))

    assert keys(release(entry(), BETA, facts, NOW)) == ["rules.objected-between"]
    assert keys(release(of_beta, ALFA, facts, NOW)) == ["rules.objected-between"]
    assert release(entry(), GAMMA, facts, NOW).allowed
    mild = known(*peers(*ALL), *agreed(), objection(BETA, ALFA, precludes=False))
    assert release(entry(), BETA, mild, NOW).allowed


def test_every_field_of_an_agreement_turns_a_verdict_or_says_why_it_does_not() -> None:
    turned = {turn.clause for turn in TURNS}
    assert turned | set(DECIDES_NOTHING) == set(_fields(Terms))
    assert not turned & set(DECIDES_NOTHING)
    assert set(NARROWED) == set(NARROWABLE)


def test_what_the_rules_read_are_the_fields_of_the_file() -> None:
    """At every depth: a clause that a file may hold is one of the terms, and so is tested above."""
    read = set(_fields(Terms)) - {"unknown", "unread"}
    assert set(_of_the_file(AGREEMENT)) == read


def _of_the_file(spec: Spec, prefix: str = "") -> Iterator[str]:
    for field in spec:
        yield f"{prefix}{field.name}"
        check = field.check.__dict__
        inner = check.get("spec") or getattr(check.get("item"), "__dict__", {}).get("spec")
        if inner is not None and field.name not in (*DECIDES_NOTHING, "narrows"):
            yield from _of_the_file(inner, f"{prefix}{field.name}.")


def _fields(struct: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """The fields of the terms, and of the clauses in them, with dots."""
    for name, hint in get_type_hints(struct).items():
        yield f"{prefix}{name}"
        for inner in _structs(hint):
            if inner is not Narrowing and name not in DECIDES_NOTHING:
                yield from _fields(inner, f"{prefix}{name}.")


def _structs(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
    for inner in get_args(hint):
        yield from _structs(inner)


def test_what_is_passed_over_would_have_held() -> None:
    """The shortened list of clauses gives the verdict of the whole one."""
    asked = [(case.entry, case.facts, case.now, case.issued_at) for case in CASES]
    asked += [(turn.entry, facts, turn.now, None) for turn in TURNS
              for facts in (turn.before(), turn.after())]  # fmt: skip
    asked += [(each, facts, NOW, None) for each, facts in ALLOWED.values()]
    for each, facts, now, issued_at in asked:
        if each.envelope.kind != "object" or each.envelope.accord != 1:
            continue
        judgement = judge(each, facts, now, issued_at)
        case = judgement.case
        clauses = ORDINARY_ENTRY
        clauses += DESCRIBES_A_PERSON if each.person_triggers else ()
        clauses += PASSED_ON if each.envelope.source is not None else ()
        whole = [reason for clause in clauses if (reason := clause(case)) is not None]
        assert judgement.reasons == whole
        for recipient in ALL:
            own = [r for clause in PARTY_RECIPIENT if (r := clause(case, recipient)) is not None]
            assert list(judgement.to(recipient).reasons) == own + whole


def test_an_agreement_that_all_must_sign_awaits_the_last() -> None:
    facts = known(*peers(*ALL), *agreed(also(adoption="all-sign"))[:-1])
    assert keys(release(entry(), BETA, facts, NOW)) == ["rules.agreement-awaits"]
