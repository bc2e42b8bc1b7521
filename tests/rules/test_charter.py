"""The example charter: each article is enforced by the rule it names, tested by its number."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from accord.base.clock import format_time
from accord.base.messages import LANGUAGES
from accord.ledger.envelope import AgreementRef, ObjectRef
from accord.rules.agreement_file import agreement_from_toml
from accord.rules.clauses import CONTROL_ENTRY, ORDINARY_ENTRY, PARTY_RECIPIENT
from accord.rules.facts import Facts
from accord.rules.release import Entry, judge, release
from accord.rules.terms import terms_of
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    NOW,
    OTHER_AGREEMENT,
    OTHER_SHA,
    SHA,
    TERMS,
    agreed,
    entry,
    envelope,
    handled,
    known,
    peers,
    proposal,
    signature,
    withdrawal,
)

SOURCE = Path(__file__).parents[2] / "docs/examples/charter.toml"
FIELDS = agreement_from_toml(SOURCE.read_text("utf-8"))
# The charter as it stands in the file, between the members of the tests.
CHARTER = replace(terms_of({"type": "accord-agreement", **FIELDS}), parties=(*CIRCLE, DELTA))
ALL = CHARTER.parties
GIVEN = handled(tlp="green", pap="green", area="it-crime", purpose="coordination")


def article(number: int) -> str:
    """The rule that the article names, the same in each language."""
    found: set[str] = {
        re.findall(r"\[([a-z_]+)\]", FIELDS["texts"][language])[number - 1]
        for language in LANGUAGES
    }
    (rule,) = found
    return rule


def chartered(*more: Any, charter: Any = CHARTER) -> Facts:
    return known(*peers(*ALL), *agreed(charter), *more)


def stopped(rule: str, asked: Entry, facts: Facts, to: str = BETA, now: Any = NOW) -> bool:
    """Whether the rule, and no other, stops it."""
    clauses = {each.__name__: each for each in (*ORDINARY_ENTRY, *CONTROL_ENTRY, *PARTY_RECIPIENT)}
    case = judge(asked, facts, now).case
    verdict = release(asked, to, facts, now)
    clause: Any = clauses[rule]
    reason = clause(case, to) if clause in PARTY_RECIPIENT else clause(case)
    return [each.message for each in verdict.reasons] == [reason.message]


def test_every_article_names_a_rule_and_has_a_test_of_its_number() -> None:
    numbers = range(1, len(re.findall(r"^Article ", FIELDS["texts"]["en"], re.MULTILINE)) + 1)
    rules = {each.__name__ for each in (*ORDINARY_ENTRY, *CONTROL_ENTRY, *PARTY_RECIPIENT)}
    here = vars(sys.modules[__name__])
    assert len(numbers) == 10
    for number in numbers:
        assert article(number) in rules
        assert any(name.startswith(f"test_article_{number}_") for name in here)


def test_what_the_charter_allows_flows() -> None:
    assert release(entry(GIVEN), BETA, chartered(), NOW).reasons == ()


def test_article_1_what_is_given_serves_only_the_purposes_agreed() -> None:
    other = entry(replace(GIVEN, handling=replace(GIVEN.handling, purpose="advantage")))
    assert stopped(article(1), other, chartered())


def test_article_2_agreements_under_the_charter_have_no_areas_but_its_own() -> None:
    under = replace(TERMS, charter=AGREEMENT, areas=("espionage",))
    facts = chartered(*agreed(under, OTHER_AGREEMENT, OTHER_SHA))
    cited = replace(
        handled(area="espionage"), agreement=AgreementRef(id=OTHER_AGREEMENT, sha256=OTHER_SHA)
    )
    assert stopped(article(2), entry(cited), facts)


def test_article_3_a_member_gives_to_whom_it_will_and_to_no_one_else() -> None:
    assert stopped(article(3), entry(replace(GIVEN, audience=(DELTA,))), chartered())


def test_article_4_what_has_outlived_its_retention_is_given_no_more() -> None:
    old = replace(GIVEN, issued=format_time(NOW))
    later = NOW + 3650 * DAY
    assert release(entry(old), BETA, chartered(), later - DAY).allowed
    assert stopped(article(4), entry(old), chartered(), now=later)


@pytest.mark.parametrize("missing", ALL)
def test_article_5_each_signature_weighs_the_same(missing: str) -> None:
    others = [signature(each, parties=ALL) for each in ALL if each != missing]
    facts = known(*peers(*ALL), proposal(CHARTER), *others)
    assert stopped(article(5), entry(GIVEN), facts)


def test_article_6_what_is_done_about_a_common_text_is_told_to_all() -> None:
    told = envelope(
        kind="signature",
        audience=(ALFA, BETA),
        object=ObjectRef(
            id="accord-signature--33333333-3333-4333-8333-333333333333",
            type="accord-signature",
            modified=None,
        ),
    )
    assert stopped(article(6), entry(told), chartered())
    whole = replace(told, audience=ALL)
    assert release(entry(whole), BETA, chartered(), NOW).allowed


def test_article_7_against_deeds_the_offence_is_declared() -> None:
    silent = replace(GIVEN, handling=replace(GIVEN.handling, area="terrorism"))
    named = replace(silent, handling=replace(silent.handling, incident="attack-on-railway"))
    assert stopped(article(7), entry(silent), chartered())
    assert release(entry(named), BETA, chartered(), NOW).allowed


def test_article_8_what_is_more_sensitive_needs_an_agreement_of_its_own() -> None:
    more = entry(replace(GIVEN, handling=replace(GIVEN.handling, tlp="amber")))
    assert stopped(article(8), more, chartered())


def test_article_9_a_change_takes_effect_when_every_member_has_signed_it() -> None:
    change = replace(CHARTER, amends=SHA, valid_from=NOW - DAY)
    proposed, *signed = agreed(change, sha256=OTHER_SHA)
    assert release(entry(GIVEN), BETA, chartered(proposed, *signed[:-1]), NOW).allowed
    assert stopped(article(9), entry(GIVEN), chartered(proposed, *signed))


def test_article_10_who_has_left_receives_nothing_more() -> None:
    left = replace(withdrawal(BETA), audience=ALL)
    assert stopped(article(10), entry(GIVEN), chartered(left))
