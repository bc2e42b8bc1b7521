"""Signing as states do it: reservations, objections, accession, amendments, the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.base.messages import LANGUAGES, translate
from accord.rules.depositary import notifications
from accord.rules.facts import Fact, Facts, What, decode_fact, encode_fact, fold, why_void
from accord.rules.register import PartyState, register
from accord.rules.release import Entry, release
from accord.rules.reserving import Direction
from accord.rules.standing import Standing, standing
from accord.rules.terms import Renewal, Terms
from accord.stix.markings import Markings
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    GAMMA,
    NOW,
    OTHER_SHA,
    SHA,
    START,
    TERMS,
    agreed,
    entry,
    envelope,
    known,
    numbered,
    objection,
    peers,
    proposal,
    reserving,
    signature,
    withdrawal,
)

ALL = (ALFA, BETA, GAMMA, DELTA)
EVERYBODY = peers(*ALL)
OPEN = replace(TERMS, accession=(DELTA,))
AMENDMENT = replace(TERMS, amends=SHA, tlp_ceiling="amber", valid_from=NOW - 10 * DAY)


def stands(facts: Facts, sha256: str = SHA, at: datetime = NOW) -> Standing:
    found = standing(facts.agreements[AGREEMENT], sha256, at)
    assert found is not None
    return found


def void(facts: Facts, what: Any) -> str | None:
    message = why_void(facts, what)
    return None if message is None else message.key


# Reservations


DIRECTIONS: list[Direction] = ["both", "given", "received"]
WIDER = [
    {"areas": ("arms",)},
    {"purposes": ("defence", "marketing")},
    {"object_types": ("malware",)},
    {"pap_ceiling": "red"},
    {"onward": "public"},
    {"exercise": True},
]


@pytest.mark.parametrize("narrows", WIDER, ids=lambda each: next(iter(each)))
def test_a_reservation_that_would_widen_a_term_makes_the_signature_void(
    narrows: dict[str, Any],
) -> None:
    facts = known(*EVERYBODY, proposal(), signature(ALFA), signature(BETA))
    wide = signature(GAMMA, reservation=reserving(**narrows))

    assert void(facts, wide) == "rules.field-invalid"
    assert stands(known(*EVERYBODY, proposal(), signature(ALFA), wide)).missing == (BETA, GAMMA)


def test_personal_data_cannot_be_widened_where_the_text_has_none() -> None:
    terms = replace(TERMS, personal_data=None)
    facts = known(*EVERYBODY, proposal(terms))
    assert void(facts, signature(BETA, reservation=reserving(personal_data=True)))
    assert void(facts, signature(BETA, reservation=reserving(personal_data=False))) is None


def test_a_reservation_that_narrows_nothing_is_void_and_one_to_a_closed_term_too() -> None:
    facts = known(*EVERYBODY, proposal(replace(TERMS, reservations=("areas",))))
    assert void(facts, signature(BETA, reservation=reserving())) == "rules.field-invalid"
    closed = signature(BETA, reservation=reserving(tlp_ceiling="clear"))
    assert void(facts, closed) == "rules.field-invalid"
    assert void(facts, signature(BETA, reservation=reserving(areas=("it-crime",)))) is None


@given(st.data())
def test_no_reservation_ever_releases_what_the_text_alone_would_not(data: st.DataObject) -> None:
    pick = data.draw
    narrows = {
        "areas": pick(st.none() | st.just(("it-crime",))),
        "purposes": pick(st.none() | st.sampled_from([("defence",), ("investigation",)])),
        "object_types": pick(st.none() | st.sampled_from([("indicator",), ("identity",)])),
        "tlp_ceiling": pick(st.none() | st.sampled_from(["clear", "green", "red"])),
        "pap_ceiling": pick(st.none() | st.sampled_from(["clear", "green", "amber"])),
        "exercise": pick(st.none() | st.just(False)),
    }
    who, direction = pick(st.sampled_from(CIRCLE)), pick(st.sampled_from(DIRECTIONS))
    own = signature(who, reservation=reserving(direction, **narrows))
    rest = [signature(party) for party in CIRCLE if party != who]
    with_it = known(*EVERYBODY, proposal(), *rest, own)
    asked = entry(envelope(status=pick(st.sampled_from(["actual", "exercise"]))))
    for recipient in ALL:
        if release(asked, recipient, with_it, NOW).allowed:
            assert release(asked, recipient, known(*EVERYBODY, *agreed()), NOW).allowed


# Objections


def test_an_objection_counts_once_and_from_the_circle_only() -> None:
    facts = known(*EVERYBODY, *agreed(), objection(BETA, ALFA))
    assert void(facts, objection(BETA, ALFA)) == "rules.void-objected-before"
    assert void(facts, objection(BETA, GAMMA)) is None
    assert void(facts, objection(DELTA, ALFA)) == "rules.void-not-a-party"
    assert void(facts, objection(ALFA, DELTA)) == "rules.void-not-a-party"
    assert void(facts, objection(ALFA, ALFA)) == "rules.void-not-a-party"
    assert void(facts, objection(GAMMA, None, about="renewal")) == "rules.void-no-renewal"


def test_what_flowed_before_an_objection_is_still_explained_by_the_facts_of_then() -> None:
    facts = numbered([*EVERYBODY, *agreed(), objection(BETA, ALFA, NOW + DAY)])
    later = NOW + 2 * DAY
    assert release(entry(), BETA, fold(facts[:-1]), NOW).allowed
    assert release(entry(), BETA, fold(facts), NOW).allowed
    assert not release(entry(), BETA, fold(facts), later).allowed


# Accession


def accession(when: datetime = NOW) -> Any:
    return signature(DELTA, when=when, parties=OPEN.circle)


def test_who_may_accede_is_a_party_from_when_a_witness_saw_its_signature() -> None:
    backdated = replace(accession(), issued=START)
    whats: list[What] = [*EVERYBODY, *agreed(OPEN)]
    facts = numbered(whats)
    seen = Fact(seq=len(facts) + 1, recorded_at=NOW, witnessed_at=NOW - DAY, what=backdated)
    after = fold([*facts, seen])

    assert not release(entry(), DELTA, fold(facts), NOW).allowed
    assert stands(after, at=NOW - 2 * DAY).parties == CIRCLE
    assert stands(after).parties == (*CIRCLE, DELTA)
    assert release(entry(), DELTA, after, NOW).allowed, "what was given to all parties before, too"
    given = entry(envelope(author=DELTA, origin=EVERYBODY[-1].origin))  # type: ignore[union-attr]
    assert release(given, BETA, after, NOW).allowed
    early = replace(given, envelope=replace(given.envelope, issued="2026-02-01T00:00:00.000000Z"))
    assert not release(early, BETA, after, NOW).allowed


def test_an_accession_is_not_needed_for_the_agreement_to_be_adopted_nor_makes_it_so() -> None:
    assert stands(known(*EVERYBODY, *agreed(OPEN))).state == "in-force"
    acceded = known(*EVERYBODY, *agreed(OPEN)[:-1], accession())
    assert stands(acceded).state == "proposed"
    assert stands(acceded).missing == (GAMMA,)


def test_who_is_not_named_cannot_accede_and_who_acceded_keeps_an_agreement_alive() -> None:
    assert void(known(*EVERYBODY, *agreed()), signature(DELTA)) == "rules.void-not-a-party"
    left = [replace(withdrawal(party), audience=OPEN.circle) for party in (ALFA, BETA)]
    facts = known(*EVERYBODY, *agreed(OPEN), accession(NOW - DAY), *left)
    assert stands(facts).state == "in-force"
    assert stands(facts).parties == (GAMMA, DELTA)


# Amendments


def amended(*signers: str, terms: Terms = AMENDMENT) -> list[What]:
    signed = [signature(party, sha256=OTHER_SHA, parties=terms.circle) for party in signers]
    return [*EVERYBODY, *agreed(), proposal(terms, BETA, sha256=OTHER_SHA), *signed]


def test_an_amendment_is_adopted_like_the_first_and_takes_its_place() -> None:
    waiting = known(*amended(ALFA, BETA))
    assert (stands(waiting).state, stands(waiting, OTHER_SHA).state) == ("in-force", "proposed")

    done = known(*amended(*CIRCLE))
    assert (stands(done).state, stands(done, OTHER_SHA).state) == ("superseded", "in-force")
    assert done.agreements[AGREEMENT].in_force(NOW) is done.text(AGREEMENT, OTHER_SHA)
    assert stands(done, at=NOW - 11 * DAY).state == "in-force"


def test_what_was_issued_before_an_amendment_flows_on_among_the_parties_of_the_new_text() -> None:
    without_gamma = replace(AMENDMENT, parties=(ALFA, BETA))
    gone = replace(withdrawal(GAMMA), issued=START + DAY)
    whats = [*EVERYBODY, *agreed(), gone, proposal(without_gamma, BETA, sha256=OTHER_SHA)]
    whats += [signature(p, sha256=OTHER_SHA, parties=(ALFA, BETA)) for p in (ALFA, BETA)]
    facts = known(*whats)
    old = entry(envelope(issued="2026-02-01T00:00:00.000000Z"))

    assert release(old, BETA, facts, NOW).allowed
    assert [each.message.key for each in release(old, GAMMA, facts, NOW).reasons] == [
        "rules.recipient-not-party"
    ]
    (reason,) = release(entry(), BETA, facts, NOW).reasons
    assert reason.message.key == "rules.agreement-superseded"


def test_of_two_amendments_of_one_text_the_first_in_force_counts() -> None:
    third = "cc" * 32
    rival = replace(AMENDMENT, valid_from=NOW - 5 * DAY)
    whats = [*amended(*CIRCLE), proposal(rival, GAMMA, sha256=third)]
    whats += [signature(party, sha256=third) for party in CIRCLE]
    facts = known(*whats)
    assert stands(facts, third).state == "superseded"
    assert facts.agreements[AGREEMENT].in_force(NOW) is facts.text(AGREEMENT, OTHER_SHA)


def test_an_amendment_cannot_leave_out_a_party_nor_come_from_outside_nor_amend_the_unknown() -> (
    None
):
    facts = known(*EVERYBODY, *agreed())
    dropping = proposal(replace(AMENDMENT, parties=(ALFA, BETA)), sha256=OTHER_SHA)
    assert void(facts, dropping) == "rules.void-drops-party"
    outside = proposal(replace(AMENDMENT, parties=ALL), DELTA, sha256=OTHER_SHA)
    assert void(facts, outside) == "rules.void-not-a-party"
    unknown = proposal(replace(AMENDMENT, amends="dd" * 32), sha256=OTHER_SHA)
    assert void(facts, unknown) == "rules.void-text-unknown"
    assert void(facts, proposal(AMENDMENT, sha256=OTHER_SHA)) is None
    assert void(facts, proposal(replace(AMENDMENT, amends=None), sha256=OTHER_SHA)) is not None


def test_a_text_that_was_never_adopted_has_no_amendment_in_force() -> None:
    whats = [*EVERYBODY, *agreed()[:-1], proposal(AMENDMENT, BETA, sha256=OTHER_SHA)]
    whats += [signature(party, sha256=OTHER_SHA) for party in CIRCLE]
    assert stands(known(*whats), OTHER_SHA).state == "proposed"


# Renewal


def test_an_agreement_is_renewed_unless_a_party_objects_in_time() -> None:
    terms = replace(TERMS, renewal=Renewal(days=100, times=2, notice_days=30))
    end = TERMS.valid_until
    assert end is not None

    def until(*objections: What) -> datetime | None:
        return stands(known(*EVERYBODY, *agreed(terms), *objections)).until

    def refusal(when: datetime) -> What:
        return objection(GAMMA, None, when, "renewal", precludes=False)

    assert until() == end + 200 * DAY
    assert until(refusal(end - 30 * DAY)) == end
    assert until(refusal(end - 29 * DAY)) == end + 100 * DAY
    assert until(refusal(end + 71 * DAY)) == end + 200 * DAY


# The register and the notices


STORY: list[What] = [
    *EVERYBODY,
    proposal(OPEN),
    signature(ALFA, parties=OPEN.circle, when=START),
    signature(
        BETA, parties=OPEN.circle, when=START + DAY, reservation=reserving(tlp_ceiling="amber")
    ),
    signature(GAMMA, parties=OPEN.circle, when=START + 2 * DAY),
    replace(objection(GAMMA, BETA, START + 3 * DAY, precludes=False), audience=OPEN.circle),
    signature(DELTA, parties=OPEN.circle, when=START + 4 * DAY),
    replace(withdrawal(ALFA, START + 5 * DAY), audience=OPEN.circle),
]


def test_the_register_shows_each_party_as_treaty_registers_do() -> None:
    facts = known(*STORY)

    def at(days: float) -> dict[str, PartyState]:
        lines = register(facts.agreements[AGREEMENT], SHA, START + days * DAY)
        return {line.member: line.state for line in lines}

    assert at(-1) == {ALFA: "invited", BETA: "invited", GAMMA: "invited", DELTA: "may-accede"}
    assert at(1.5) == {ALFA: "signed", BETA: "signed", GAMMA: "invited", DELTA: "may-accede"}
    assert at(2)[GAMMA] == at(3)[ALFA] == "in-force"
    assert at(4)[DELTA] == "in-force"
    assert at(5)[ALFA] == "withdrawn"
    assert set(at(400).values()) == {"ended", "withdrawn"}

    alfa, beta, gamma, delta = register(facts.agreements[AGREEMENT], SHA, NOW)
    assert beta.reservation is not None
    assert [each.author for each in beta.objections] == [GAMMA]
    assert [each.member for each in gamma.objects] == [BETA]
    assert (delta.signed, delta.acceded) == (None, START + 4 * DAY)
    assert delta.in_force_since == START + 4 * DAY
    assert alfa.withdrawn == START + 5 * DAY
    assert alfa.in_force_since == beta.in_force_since == START + 2 * DAY


def said(facts: Facts, member: str, until: datetime = NOW) -> list[str]:
    return [
        each.message.key.partition("notify-")[2] for each in notifications(facts, member, until)
    ]


def test_every_act_and_what_follows_from_it_is_notified_to_the_whole_circle_in_order() -> None:
    facts = known(*STORY)
    expected = [
        "proposed", "signed", "reserved", "signed", "signed", "adopted", "in-force",
        "objected-reservation", "acceded", "withdrawn",
    ]  # fmt: skip
    assert said(facts, DELTA) == expected
    assert said(facts, BETA) == expected
    assert said(facts, "identity--00000000-0000-4000-8000-000000000000") == []
    assert said(facts, BETA, START + 400 * DAY)[-1] == "ended"
    for each in notifications(facts, BETA, NOW):
        assert each.to == tuple(sorted(OPEN.circle))
        for language in LANGUAGES:
            assert each.message.key not in translate(each.message, language)


def test_amendment_renewal_and_their_objections_are_notified() -> None:
    changed = said(known(*amended(*CIRCLE)), ALFA)
    assert (changed.count("amendment"), changed.count("replaced")) == (1, 1)
    terms = replace(TERMS, renewal=Renewal(days=100, times=2, notice_days=30))
    end = TERMS.valid_until
    assert end is not None
    refusal = objection(GAMMA, None, end + DAY, "renewal", precludes=False)
    keys = said(known(*EVERYBODY, *agreed(terms), refusal), ALFA, end + 300 * DAY)
    assert keys[-3:] == ["renewed", "objected-renewal", "ended"]
    barred = objection(BETA, GAMMA, about="accession")
    assert "objected-accession" in said(known(*EVERYBODY, *agreed(), barred), ALFA)


# Any past state


@given(st.permutations(STORY[len(EVERYBODY) :] + amended(*CIRCLE)[len(EVERYBODY) :]), st.data())
def test_the_fold_of_a_prefix_is_the_history_whatever_the_order(
    whats: list[What], data: st.DataObject
) -> None:
    facts = numbered([*EVERYBODY, *whats])
    cut = data.draw(st.integers(0, len(facts)))
    then = fold(facts[:cut])
    asked = Entry(envelope=envelope(), markings=Markings(), size=100)
    verdicts = [release(asked, each, then, NOW) for each in ALL]

    stored = [decode_fact(encode_fact(fact)) for fact in facts]
    again = fold(fact for fact in stored if fact.seq <= then.seq)
    assert again == then
    assert [release(asked, each, again, NOW) for each in ALL] == verdicts
    assert then.with_(*facts[cut:]) == fold(facts)
