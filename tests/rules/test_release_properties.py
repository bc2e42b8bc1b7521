"""Fewer grants never release more, whatever the community, the entry and the time."""

from __future__ import annotations

from datetime import datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.envelope import (
    PARTIES,
    AgreementRef,
    EntryRef,
    Envelope,
    ObjectRef,
    PersonalData,
)
from accord.rules.facts import (
    Fact,
    PeerConfirmed,
    PeerSuspended,
    ProposalSeen,
    SignatureSeen,
    What,
    fold,
)
from accord.rules.release import Entry, ReleaseRule, judge, release
from accord.rules.terms import PersonalDataClause, Terms
from accord.stix.markings import PAP_ORDER, TLP_ORDER, Markings
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    GAMMA,
    HANDLING,
    NOW,
    OTHER_SHA,
    SHA,
    START,
    TERMS,
    envelope,
    known,
    numbered,
    origin,
    peers,
    proposal,
    signature,
    withdrawal,
)

MEMBERS = (ALFA, BETA, GAMMA, DELTA)
tlps = st.sampled_from(TLP_ORDER)
paps = st.sampled_from(PAP_ORDER)
times = st.integers(-40, 500).map(lambda days: START + days * DAY)

OBJECTS = [
    ObjectRef(id=f"{type_}--11111111-1111-4111-8111-111111111111", type=type_, modified=None)
    for type_ in ("indicator", "indicator", "malware", "marking-definition")
]

# Most values are good ones: a rule that is only ever asked hopeless cases shows nothing.
mostly_all = st.one_of(st.just(CIRCLE), st.lists(st.sampled_from(CIRCLE), unique=True))
audiences = st.one_of(
    st.just((PARTIES,)), st.lists(st.sampled_from((*MEMBERS, PARTIES)), unique=True).map(tuple)
)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    return replace(
        TERMS,
        tlp_ceiling=draw(tlps),
        pap_ceiling=draw(st.none() | paps),
        object_types=draw(st.sampled_from([(), ("indicator",), ("malware",)])),
        onward=draw(st.sampled_from(["none", "agreement", "public"])),
        personal_data=draw(
            st.sampled_from(
                [None, PersonalDataClause(allowed=True, purposes=("investigation",), max_days=30)]
            )
        ),
        valid_until=draw(st.none() | times.filter(lambda moment: moment > START)),
        exercise=draw(st.booleans()),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[What]:
    whats: list[What] = [
        *peers(*MEMBERS, me=draw(st.sampled_from((ALFA, BETA)))),
        proposal(draw(terms())),
    ]
    for party in draw(mostly_all):
        days = draw(st.integers(0, 20))
        whats.append(signature(party, when=START + days * DAY))
    leaving = draw(st.lists(st.sampled_from(CIRCLE), max_size=1))
    whats += [withdrawal(party, draw(times)) for party in leaving]
    suspended = draw(st.lists(st.sampled_from(MEMBERS), max_size=1))
    whats += [PeerSuspended(member=member) for member in suspended]
    return whats


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    author = draw(st.sampled_from((ALFA, ALFA, ALFA, BETA, DELTA)))
    personal = PersonalData(
        retain_until=format_time(NOW + draw(st.integers(-1, 40)) * DAY),
        approvals=draw(st.sampled_from([("a", "b"), ("a", "b"), ("a",), ()])),
    )
    handling = replace(
        HANDLING,
        tlp=draw(st.none() | tlps),
        pap=draw(st.none() | paps),
        area=draw(st.sampled_from(["it-crime", "it-crime", "arms", None])),
        purpose=draw(st.sampled_from(["investigation", "investigation", "marketing", None])),
        codes=draw(st.sampled_from([(), (), ("H1",), ("H2",), ("H9",)])),
        named=draw(st.sampled_from([(), ("Duty officer",)])),
        personal=draw(st.none() | st.just(personal)),
        approvals=draw(st.sampled_from([("a", "b"), ("a", "b"), ("a", "A"), ()])),
    )
    return envelope(
        author=author,
        origin=origin(MEMBERS.index(author)),
        agreement=AgreementRef(id=AGREEMENT, sha256=draw(st.sampled_from((SHA, SHA, OTHER_SHA)))),
        audience=draw(audiences),
        handling=handling,
        status=draw(st.sampled_from(["actual", "actual", "exercise", "test"])),
        object=draw(st.sampled_from(OBJECTS)),
        source=draw(st.none() | st.just(EntryRef(origin=origin(2), index=1, commitment=SHA))),
        expires=draw(st.none() | times.map(format_time)),
        issued=format_time(draw(times)),
    )


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    return Entry(
        envelope=draw(envelopes()),
        markings=Markings(
            tlp=draw(st.none() | tlps),
            pap=draw(st.none() | paps),
            unresolved=draw(st.sampled_from([(), (), ("marking-definition--x",)])),
        ),
        size=100,
        person_triggers=draw(st.sampled_from([(), (), ("name",)])),
        source=draw(st.none() | envelopes()),
    )


@st.composite
def releasable(draw: st.DrawFn) -> tuple[Entry, list[What]]:
    """A case that is allowed as it stands, with variety where variety is allowed."""
    tlp = draw(tlps)
    handling = replace(HANDLING, tlp=tlp, named=("Duty officer",))
    of = envelope(audience=(*CIRCLE,), handling=handling, issued=format_time(NOW))
    own = draw(st.none() | st.sampled_from(TLP_ORDER[: TLP_ORDER.index(tlp) + 1]))
    whats: list[What] = [*peers(*MEMBERS, me=draw(st.sampled_from((ALFA, BETA)))), proposal()]
    whats += draw(st.permutations([signature(party) for party in CIRCLE]))
    return Entry(envelope=of, markings=Markings(tlp=own), size=100), whats


recipients = st.sampled_from(MEMBERS)


@given(entries(), histories(), recipients, times)
def test_the_rule_is_a_function_of_what_it_is_given(
    asked: Entry, history: list[What], recipient: str, now: datetime
) -> None:
    verdict = release(asked, recipient, known(*history), now)

    assert verdict == release(asked, recipient, known(*history), now)
    assert verdict.allowed == (not verdict.reasons)


@given(entries(), histories(), recipients)
def test_an_empty_audience_is_nobody(asked: Entry, history: list[What], recipient: str) -> None:
    nobody = replace(asked, envelope=replace(asked.envelope, audience=()))
    assert not release(nobody, recipient, known(*history), NOW).allowed


@given(entries(), histories(), recipients)
def test_who_is_not_in_the_audience_gets_nothing(
    asked: Entry, history: list[What], recipient: str
) -> None:
    facts = known(*history)
    verdict = release(asked, recipient, facts, NOW)
    if verdict.allowed:
        assert recipient in asked.envelope.audience or PARTIES in asked.envelope.audience
        assert recipient in CIRCLE
        assert asked.envelope.author in CIRCLE


@given(st.one_of(st.tuples(entries(), histories()), releasable()), recipients, st.data())
@settings(max_examples=150)
def test_taking_a_grant_away_never_turns_no_into_yes(
    case: tuple[Entry, list[What]], recipient: str, data: st.DataObject
) -> None:
    asked, history = case
    grants = (SignatureSeen, PeerConfirmed, ProposalSeen)
    places = [place for place, what in enumerate(history) if isinstance(what, grants)]
    gone = data.draw(st.sampled_from(places))
    fewer = [what for place, what in enumerate(history) if place != gone]

    if release(asked, recipient, known(*fewer), NOW).allowed:
        assert release(asked, recipient, known(*history), NOW).allowed


@given(releasable())
def test_each_signature_and_each_confirmation_is_needed(case: tuple[Entry, list[What]]) -> None:
    asked, history = case
    assert release(asked, BETA, known(*history), NOW).allowed
    for what in history:
        about_others = getattr(what, "member", None) in (GAMMA, DELTA)
        if isinstance(what, SignatureSeen | ProposalSeen) or (
            isinstance(what, PeerConfirmed) and not about_others
        ):
            without = [other for other in history if other is not what]
            assert not release(asked, BETA, known(*without), NOW).allowed


@given(st.one_of(st.tuples(entries(), histories()), releasable()), recipients, st.data())
@settings(max_examples=150)
def test_tightening_the_handling_never_releases_more(
    case: tuple[Entry, list[What]], recipient: str, data: st.DataObject
) -> None:
    asked, history = case
    stated, own = asked.envelope.handling, asked.markings
    tlp = _raised(TLP_ORDER, stated.tlp, own.tlp, data)
    pap = _raised(PAP_ORDER, stated.pap, own.pap, data)
    codes = stated.codes + data.draw(st.sampled_from([(), ("H2",), ("H9",)]))
    tight = replace(stated, tlp=tlp, pap=pap, codes=codes)
    tighter = replace(asked, envelope=replace(asked.envelope, handling=tight))
    # An envelope that was too loose becomes right when it is tightened: that is another matter.
    before = release(asked, recipient, known(*history), NOW)
    too_loose = {"rules.tlp-looser", "rules.pap-looser", "rules.onward-looser"}
    assume(too_loose.isdisjoint(reason.message.key for reason in before.reasons))

    if release(tighter, recipient, known(*history), NOW).allowed:
        assert before.allowed


def _raised(
    order: tuple[str, ...], stated: str | None, own: str | None, data: st.DataObject
) -> str | None:
    """A level at least as strict as what was said; nothing where nothing was said."""
    said = [order.index(level) for level in (stated, own) if level is not None]
    return data.draw(st.sampled_from(order[max(said) :])) if said else None


@given(entries(), histories(), times)
def test_an_entry_judged_once_gives_everybody_the_same_verdict_as_asked_alone(
    asked: Entry, history: list[What], now: datetime
) -> None:
    facts = known(*history)
    judgement = judge(asked, facts, now)
    for recipient in MEMBERS:
        assert judgement.to(recipient) == release(asked, recipient, facts, now)


@given(histories(), st.integers(0, 12), recipients)
def test_a_past_verdict_is_recomputed_from_the_prefix_it_rested_on(
    history: list[What], cut: int, recipient: str
) -> None:
    facts: list[Fact] = numbered(history)
    asked = Entry(envelope=envelope(), markings=Markings(), size=100)
    then = release(asked, recipient, fold(facts[:cut]), NOW)

    again = [fact for fact in facts if fact.seq <= then.facts_seq]

    assert release(asked, recipient, fold(again), NOW) == then


@given(st.lists(entries(), min_size=2, max_size=6), histories(), times, st.data())
def test_entries_judged_together_get_the_verdicts_they_would_get_alone(
    asked: list[Entry], history: list[What], now: datetime, data: st.DataObject
) -> None:
    mixed = [_mixed(data, asked) for _ in range(12)]  # alike but for a field or two
    rule, facts = ReleaseRule(known(*history), now), known(*history)
    for each in (*asked, *mixed):
        for recipient in MEMBERS:
            assert rule.judge(each).to(recipient) == release(each, recipient, facts, now)


def _mixed(data: st.DataObject, entries: list[Entry]) -> Entry:
    """One of the entries with a field of another, in itself or in its envelope."""
    one, other = data.draw(st.sampled_from(entries)), data.draw(st.sampled_from(entries))
    inner = data.draw(st.sampled_from(Envelope.__struct_fields__))
    mixed = replace(one.envelope, **{inner: getattr(other.envelope, inner)})
    outer = data.draw(st.sampled_from(["markings", "person_triggers", "parties", "source", "size"]))
    return replace(one, envelope=mixed, **{outer: getattr(other, outer)})
