from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.rules.facts import (
    AgreementAct,
    Fact,
    Facts,
    PeerConfirmed,
    PeerRemoved,
    PeerResumed,
    PeerSuspended,
    What,
    decode_fact,
    encode_fact,
    fold,
    why_void,
)
from accord.rules.standing import Standing, standing
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
    known,
    member,
    numbered,
    origin,
    peers,
    proposal,
    signature,
    withdrawal,
)

EVERYBODY = peers(ALFA, BETA, GAMMA, DELTA)
PLAYED: list[What] = [
    *EVERYBODY,
    *agreed(),
    proposal(author=BETA, sha256=OTHER_SHA),
    signature(ALFA, sha256=OTHER_SHA),
    withdrawal(GAMMA, NOW),
    withdrawal(BETA, NOW + DAY),
    PeerSuspended(member=BETA),
    PeerResumed(member=BETA),
    PeerRemoved(member=GAMMA),
    PeerConfirmed(member=GAMMA, origin=origin(2)),
]


def stands(facts: Facts, at: object = NOW) -> Standing:
    found = standing(facts.agreements[AGREEMENT], SHA, at)  # type: ignore[arg-type]
    assert found is not None
    return found


@given(st.permutations(PLAYED), st.integers(0, len(PLAYED)))
def test_the_fold_of_a_prefix_is_the_state_as_it_was(whats: list[What], cut: int) -> None:
    facts = numbered(whats)

    then = fold(facts[:cut])

    assert then.with_(*facts[cut:]) == fold(facts)
    one_by_one = Facts()
    for fact in facts[:cut]:
        one_by_one = one_by_one.with_(fact)
    assert one_by_one == then == fold(facts[:cut])


@pytest.mark.parametrize("fact", numbered(PLAYED), ids=lambda fact: type(fact.what).__name__)
def test_a_fact_survives_being_stored(fact: Fact) -> None:
    assert decode_fact(encode_fact(fact)) == fact


def test_numbers_must_go_up() -> None:
    facts = numbered(EVERYBODY)
    with pytest.raises(ValueError, match="fact 1 after fact 4"):
        fold(facts).with_(facts[0])


def test_suspension_removal_and_return() -> None:
    def of_beta(*whats: What) -> str:
        return known(*EVERYBODY, *whats).members[BETA].standing

    suspended, resumed, removed = (
        what(member=BETA) for what in (PeerSuspended, PeerResumed, PeerRemoved)
    )
    assert of_beta() == "confirmed"
    assert of_beta(suspended) == "suspended"
    assert of_beta(suspended, resumed) == "confirmed"
    assert of_beta(removed, resumed) == "removed"
    assert of_beta(removed, PeerConfirmed(member=BETA, origin=origin(1))) == "confirmed"


def test_a_node_cannot_suspend_itself() -> None:
    assert known(*EVERYBODY, PeerSuspended(member=ALFA)).members[ALFA].standing == "confirmed"


SIGNED_BY_TWO = (*EVERYBODY, proposal(), signature(ALFA), signature(BETA))
VOID: list[tuple[str, AgreementAct, tuple[What, ...]]] = [
    ("not-its-author", replace(signature(GAMMA), created_by=BETA), SIGNED_BY_TWO),
    ("not-its-author", replace(proposal(), created_by=BETA), tuple(EVERYBODY)),
    ("other-ledger", replace(signature(GAMMA), ledger=origin(1)), SIGNED_BY_TWO),
    ("other-ledger", signature(GAMMA), (*peers(ALFA, BETA), proposal())),
    ("not-a-party", signature(DELTA), SIGNED_BY_TWO),
    ("not-a-party", proposal(author=DELTA), tuple(EVERYBODY)),
    ("not-whole-circle", replace(signature(GAMMA), audience=(ALFA,)), SIGNED_BY_TWO),
    ("not-whole-circle", replace(withdrawal(GAMMA), audience=(*CIRCLE, DELTA)), SIGNED_BY_TWO),
    ("not-whole-circle", replace(proposal(), audience=(ALFA, BETA)), tuple(EVERYBODY)),
    ("second-text", proposal(sha256=OTHER_SHA), SIGNED_BY_TWO),
    ("second-text", proposal(author=BETA), SIGNED_BY_TWO),
    ("text-unknown", signature(GAMMA), tuple(EVERYBODY)),
    ("text-unknown", signature(GAMMA, sha256=OTHER_SHA), SIGNED_BY_TWO),
    ("has-withdrawn", signature(BETA), (*EVERYBODY, proposal(), withdrawal(BETA))),
    ("has-withdrawn", withdrawal(BETA), (*EVERYBODY, *agreed(), withdrawal(BETA))),
    ("signed-before", replace(signature(BETA), person="Another"), SIGNED_BY_TWO),
]


@pytest.mark.parametrize(("reason", "what", "before"), VOID)
def test_a_void_statement_changes_nothing_and_says_why(
    reason: str, what: AgreementAct, before: tuple[What, ...]
) -> None:
    facts = known(*before)

    message = why_void(facts, what)
    after = facts.with_(Fact(seq=facts.seq + 1, recorded_at=NOW, what=what))

    assert message is not None
    assert message.key == f"rules.void-{reason}"
    assert after == replace(facts, seq=facts.seq + 1)
    assert "{" not in str(message)


def test_two_proposers_may_have_texts_under_one_id_each_with_its_own_signatures() -> None:
    facts = known(*SIGNED_BY_TWO, proposal(author=BETA, sha256=OTHER_SHA))

    assert set(facts.agreements[AGREEMENT].texts) == {SHA, OTHER_SHA}
    other = standing(facts.agreements[AGREEMENT], OTHER_SHA, NOW)
    assert other is not None
    assert other.signed == ()


def test_a_proposal_stands_as_proposed_until_every_named_party_has_signed() -> None:
    proposed = stands(known(*SIGNED_BY_TWO))
    assert (proposed.state, proposed.signed, proposed.missing) == (
        "proposed",
        (ALFA, BETA),
        (GAMMA,),
    )
    assert proposed.parties == ()
    assert stands(known(*SIGNED_BY_TWO, signature(GAMMA))).state == "in-force"


def test_it_is_in_force_from_the_last_signature_or_its_start_whichever_is_later() -> None:
    signed_late = known(*SIGNED_BY_TWO, signature(GAMMA, when=START + 10 * DAY))
    starts_late = known(*EVERYBODY, *agreed(replace(TERMS, valid_from=START + 20 * DAY)))

    assert stands(signed_late).since == START + 10 * DAY
    assert stands(signed_late, START + 9 * DAY).state == "proposed"
    assert stands(starts_late).since == START + 20 * DAY
    assert stands(starts_late, START + 9 * DAY).state == "adopted"


def test_the_end_is_the_first_moment_at_which_it_is_no_longer_in_force() -> None:
    facts = known(*EVERYBODY, *agreed())
    end = TERMS.valid_until
    assert end is not None
    assert stands(facts, end - timedelta(microseconds=1)).state == "in-force"
    assert stands(facts, end).state == "ended"
    assert stands(known(*SIGNED_BY_TWO), end).state == "ended"


def test_a_withdrawing_party_leaves_and_the_others_stay() -> None:
    facts = known(*EVERYBODY, *agreed(), withdrawal(GAMMA, NOW))

    assert stands(facts, NOW - DAY).parties == CIRCLE
    assert stands(facts, NOW).parties == (ALFA, BETA)


def test_with_fewer_than_two_parties_nothing_is_in_force() -> None:
    facts = known(*EVERYBODY, *agreed(), withdrawal(GAMMA, NOW), withdrawal(ALFA, NOW + DAY))

    assert stands(facts, NOW).state == "in-force"
    assert stands(facts, NOW + DAY).state == "withdrawn"
    assert stands(facts, NOW + DAY).parties == ()
    assert stands(facts).until == NOW + DAY


def test_a_withdrawal_before_adoption_means_that_it_is_never_adopted() -> None:
    facts = known(*SIGNED_BY_TWO, withdrawal(ALFA, START + DAY), signature(GAMMA, when=NOW))

    assert stands(facts).state == "withdrawn"


def test_a_withdrawal_takes_effect_when_it_was_witnessed_not_when_it_says() -> None:
    backdated = withdrawal(GAMMA, when=START)
    facts = known(*EVERYBODY, *agreed())
    seen = Fact(seq=99, recorded_at=NOW + DAY, witnessed_at=NOW, what=backdated)

    left = facts.with_(seen).agreements[AGREEMENT].withdrawals[GAMMA]

    assert left.at == NOW


def test_a_signature_counts_from_its_own_time_but_never_from_the_future() -> None:
    facts = known(*SIGNED_BY_TWO)
    said = signature(GAMMA, when=START + DAY)
    ahead = signature(GAMMA, when=NOW + DAY)

    def signed_at(what: What) -> object:
        fact = Fact(seq=99, recorded_at=NOW, what=what)
        return facts.with_(fact).agreements[AGREEMENT].texts[SHA].signatures[GAMMA].at

    assert signed_at(said) == START + DAY
    assert signed_at(ahead) == NOW


@pytest.mark.slow
@pytest.mark.timeout(60)  # a fold gone quadratic would not end
def test_a_hundred_thousand_facts_are_folded() -> None:
    everybody = [member(number) for number in range(50)]
    whats = list(peers(*everybody))
    for number in range(1_925):
        agreement = f"accord-agreement--{number:08x}-1111-4111-8111-111111111111"
        whats += agreed(replace(TERMS, parties=tuple(everybody)), agreement)
    facts = numbered(whats)

    folded = fold(facts)

    assert len(facts) > 98_000
    assert len(folded.agreements) == 1_925


def test_one_more_fact_leaves_the_rest_as_it_is() -> None:
    facts = known(*peers(*(ALFA, BETA, GAMMA)), *agreed())
    suspended = Fact(seq=facts.seq + 1, recorded_at=NOW, what=PeerSuspended(member=BETA))
    later = facts.with_(suspended)
    assert facts.members[BETA].standing == "confirmed", "what was known then is known for ever"
    assert later.members[BETA].standing == "suspended"
    assert later.agreements[AGREEMENT] is facts.agreements[AGREEMENT], "shared, not copied"
