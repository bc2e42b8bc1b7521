"""Suspension and departure through real nodes: what stops, until when, and what is still owed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accord.base.errors import DeniedError, NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.node import agreements, councils, deciding, departing, sessions
from accord.node.agreements import AgreementView
from accord.node.node import Node
from accord.node.recalling import Order, find_entries, recall_entries
from accord.rules.case import Entry
from accord.rules.decisions.effects import Effect
from accord.rules.facts import Facts
from accord.rules.release import release
from tests.node.council import chartered, council, move, round_of, run, state_of
from tests.node.support import Community, give, holds, indicator, object_id
from tests.rules.world import UNMARKED


def under(community: Community, charter: AgreementView, **terms: object) -> AgreementView:
    """An agreement of all three that stands under the charter."""
    return community.agree("Alfa", "Bravo", "Charlie", charter=charter.id, **terms)


def suspended(community: Community) -> None:
    alfa, bravo, charlie = community
    motion = move(alfa, Effect(does="suspend", member=charlie.member))
    run(community, 6)
    for node in (alfa, bravo):
        deciding.vote(node, motion, "yes")
    run(community, 72)
    assert state_of(alfa, motion) == "adopted"


def why_not(facts: Facts, node: Node, charter: str, recipient: str) -> set[str]:
    """The reasons for which the last entry of a node under an agreement does not go out."""
    rows = node.read(lambda tx: tx.entries.own(agreement=charter, after=0, limit=1000))
    row = max((each for each in rows if each.kind == "object"), key=lambda each: each.seq)
    entry = Entry(envelope=reread_envelope(row.envelope), markings=UNMARKED, size=1)
    verdict = release(entry, recipient, facts, node.now())
    return {reason.message.key for reason in verdict.reasons}


def test_to_a_suspended_member_nothing_flows_under_the_charter_until_it_is_restored(
    trio: Community,
) -> None:
    charter = chartered(trio, suspend="unanimity")
    text = under(trio, charter)
    apart = trio.agree("Alfa", "Charlie")
    alfa, bravo, charlie = trio
    before, inside, outside, first = (indicator(number) for number in range(4))
    give(alfa, [before], text.id)
    trio.settle()
    suspended(trio)
    give(alfa, [inside], text.id)
    give(alfa, [first], charter.id)
    give(alfa, [outside], apart.id)
    trio.settle()
    assert holds(bravo, inside)
    assert holds(bravo, first)
    assert holds(charlie, before)
    assert holds(charlie, outside), "an agreement outside the charter is none of its council's"
    assert not holds(charlie, inside)
    assert not holds(charlie, first)
    for agreement in (text.id, charter.id):
        assert why_not(alfa.facts_now(), alfa, agreement, charlie.member) == {
            "rules.recipient-rests"
        }
    mine = indicator(9)
    give(charlie, [mine], text.id)  # it keeps its duties
    trio.settle()
    assert holds(alfa, mine)

    move(bravo, Effect(does="restore", member=charlie.member))
    run(trio, 72)
    round_of(trio)  # what the last round granted is fetched in the next
    assert charlie.member in council(charlie).head(charter.id).voters  # type: ignore[union-attr]
    assert holds(charlie, inside)
    assert holds(charlie, first)


def test_a_suspended_member_convenes_nothing_moves_nothing_and_reads_no_papers(
    trio: Community,
) -> None:
    chartered(trio, suspend="unanimity")
    alfa, _, charlie = trio
    session = sessions.convene(alfa, SESSION)
    trio.settle()
    assert sessions.agenda_of(charlie)[0].id == session.id
    suspended(trio)
    with pytest.raises(DeniedError):
        sessions.convene(charlie, SESSION)
    with pytest.raises(DeniedError):
        sessions.attend(charlie, session.id, [("R. Example", "Director")])
    with pytest.raises(DeniedError):
        sessions.minutes_of(charlie, None, "en")
    later = sessions.convene(alfa, SESSION)
    trio.settle()
    assert later.id not in {each.id for each in sessions.list_sessions(charlie)}


SESSION = """
place = "Tashkent"
begins = 2026-04-01T09:00:00Z
ends = 2026-04-01T16:00:00Z

[titles]
zh = "会议"
ru = "Заседание"
en = "Session"
"""


def test_what_stops_when_a_member_leaves_and_what_it_still_owes(trio: Community) -> None:
    charter = chartered(trio)
    text = under(trio, charter, retention_days=30)
    alfa, bravo, charlie = trio
    timed, timeless, late = indicator(1), indicator(2), indicator(3)
    give(alfa, [timed], text.id)
    give(alfa, [timeless], charter.id)
    running = move(alfa)
    round_of(trio)
    with pytest.raises(NotFoundError):
        departing.departure_of(charlie, charlie.member)

    left = departing.leave(charlie, reason="Our parliament has decided.")
    assert left == [text.id, charter.id]
    give(alfa, [late], text.id)
    order = Order(mode="retract", reason="wrong", due=alfa.now() + timedelta(days=3))
    recall_entries(alfa, find_entries(alfa, [object_id(timed)]), order)
    for _ in range(2):
        round_of(trio)
    assert not holds(charlie, late)
    assert holds(bravo, late)
    (mine,) = departing.departure_of(charlie, charlie.member)
    assert (mine.noted, mine.body) == (False, charter.id)
    assert {(duty.act, duty.about) for duty in mine.owed} >= {
        ("honour-retention", text.id),
        ("honour-retention", charter.id),
        ("tally", running),
    }
    timed_duty = next(duty for duty in mine.owed if duty.about == text.id)
    assert timed_duty.due is not None
    (theirs,) = departing.departure_of(alfa, charlie.member)
    assert {duty.act for duty in theirs.owed} == {"tally", "answer-recalls"}
    with pytest.raises(DeniedError):
        move(charlie)
    with pytest.raises(DeniedError):
        sessions.convene(charlie, SESSION)

    noted = move(bravo, Effect(does="note-departure", member=charlie.member))
    run(trio, 96)
    assert state_of(alfa, noted) == "adopted"
    assert state_of(alfa, running) in ("adopted", "lapsed"), "its tally came"
    (theirs,) = departing.departure_of(alfa, charlie.member)
    assert theirs.noted
    head = council(alfa).head(charter.id)
    assert head is not None
    assert charlie.member not in head.members
    assert charlie.member not in agreements.show(alfa, text.id)[0].standing.parties
    after = move(alfa)
    known = council(alfa).motion(after)
    assert known is not None
    assert charlie.member not in known.audience
    run(trio, 8)
    with pytest.raises(NotFoundError):
        councils.motion(charlie, after)
