"""Voters that lie, and cables that are cut, against decisions through real nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from accord.base.clock import format_time
from accord.node import agreements, councils, deciding
from accord.node.control import own_object, state
from accord.node.duties import do_duties
from accord.node.node import Node
from accord.node.recalling import Order, order_in
from accord.rules.decisions.effects import Effect
from accord.stix.extension import BALLOT, MOTION, OUTCOME, TALLY
from accord.store.records import EntryRow
from tests.node.council import (
    chartered,
    council,
    found,
    move,
    round_of,
    run,
    state_of,
    states,
)
from tests.node.support import NAMES, Community, Template, body_of, entries_of, fields_of


def _ballot(node: Node, motion: str, choice: str, to: Collection[str] = (), **other: Any) -> None:
    """A ballot as a node of its own making would write it: nothing is checked before."""
    known = council(node).motion(motion)
    assert known is not None
    fields = {"motion_ref": known.id, "motion_sha256": motion, "choice": choice, **other}
    _write(node, "ballot", BALLOT, fields, to or known.audience)


def _write(node: Node, kind: str, type_: str, fields: dict[str, Any], to: Collection[str]) -> None:
    now = node.now()
    item = own_object(node, type_, fields, now)
    node.write(lambda tx: state(node, tx, kind, item, audience=sorted(to), agreement=None, now=now))


def _of_kind(node: Node, author: Node, kind: str) -> list[EntryRow]:
    return [row for row in entries_of(node, author.member) if row.kind == kind]


def test_two_ballots_of_one_voter_spoil_each_other_and_are_shown(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 6)
    _ballot(trio["Charlie"], motion, "yes")
    _ballot(trio["Charlie"], motion, "no")
    run(trio, 96)
    assert states(trio, motion) == ["lapsed"] * 3
    assert found(trio["Alfa"], motion)[trio["Charlie"].member] == "spoiled"
    for node in trio:
        keys = [each.key for each in councils.motion(node, motion).contradictions]
        assert "rules.two-ballots" in keys


def test_two_ballots_shown_to_two_members_decide_nothing_and_come_to_light(
    trio: Community,
) -> None:
    chartered(trio)
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    _ballot(charlie, motion, "yes", to=[alfa.member, charlie.member])
    _ballot(charlie, motion, "no", to=[bravo.member, charlie.member])
    run(trio, 120)
    assert "adopted" not in states(trio, motion)
    assert {state_of(node, motion) for node in trio} == {"lapsed"}
    assert found(alfa, motion)[charlie.member] == "void", "a ballot is for everybody or for nobody"


def test_a_ballot_withheld_from_one_voter_adopts_nothing(trio: Community) -> None:
    chartered(trio, "unanimity")
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    for node in (alfa, bravo):
        deciding.vote(node, motion, "yes")
    _ballot(charlie, motion, "yes")
    revoked = max(_of_kind(charlie, charlie, "ballot"), key=lambda row: row.seq)
    peer = charlie.read(lambda tx: tx.peers.get(bravo.member))
    assert peer is not None
    _withhold(charlie, revoked.seq, peer.id)
    run(trio, 120)
    assert "adopted" not in states(trio, motion)
    outcomes = {council(node).verdict(motion) for node in trio if council(node).verdict(motion)}
    assert len(outcomes) <= 1


def _withhold(node: Node, entry: int, peer: int) -> None:
    """Take the grant of one entry back from one peer only, in the store itself."""

    def job(tx: Any) -> None:
        tx.grants._connection.execute(
            text("delete from grants where entry = :entry and peer = :peer"),
            {"entry": entry, "peer": peer},
        )

    node.write(job)


def test_an_objector_cut_off_until_the_clock_has_run_was_not_silent(trio: Community) -> None:
    chartered(trio)
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    cut = [(a, "Charlie") for a in ("Alfa", "Bravo")] + [("Charlie", a) for a in ("Alfa", "Bravo")]
    deciding.vote(charlie, motion, "no")
    run(trio, 54, cut=cut)
    run(trio, 72)
    assert "adopted" not in states(trio, motion)
    assert states(trio, motion) == [state_of(alfa, motion)] * 3
    assert found(bravo, motion)[charlie.member] in ("late", "absent")


def test_a_cut_cable_adopts_nothing_on_either_side(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 6)
    cut = [(a, "Charlie") for a in ("Alfa", "Bravo")] + [("Charlie", a) for a in ("Alfa", "Bravo")]
    run(trio, 120, cut=cut)
    assert "adopted" not in states(trio, motion)


def test_a_ballot_after_the_deadline_is_not_counted(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 47)
    trio.clock.advance(hours=3)
    _ballot(trio["Charlie"], motion, "no")
    run(trio, 96)
    assert found(trio["Alfa"], motion)[trio["Charlie"].member] in ("late", "silent", "absent")
    assert "rejected" not in states(trio, motion)


def test_a_ballot_on_an_altered_text_is_void(trio: Community) -> None:
    chartered(trio)
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    _ballot(charlie, motion, "yes", motion_sha256="ab" * 32)
    run(trio, 96)
    assert found(bravo, motion)[charlie.member] == "void"
    assert states(trio, motion) == ["lapsed"] * 3


def test_a_ballot_replayed_or_forged_by_another_member_is_nobodys(trio: Community) -> None:
    chartered(trio)
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    deciding.vote(bravo, motion, "no")
    round_of(trio)
    (theirs,) = _of_kind(charlie, bravo, "ballot")
    stolen = charlie.checker.check(body_of(charlie, theirs)).object
    known = council(charlie).motion(motion)
    assert known is not None
    now = charlie.now()
    charlie.write(
        lambda tx: state(
            charlie, tx, "ballot", stolen, audience=known.named, agreement=None, now=now
        )
    )
    run(trio, 96)
    assert found(alfa, motion)[charlie.member] != "no"
    assert found(alfa, motion)[bravo.member] == "no"


def test_a_tally_that_lies_makes_nothing_final_and_is_shown(trio: Community) -> None:
    chartered(trio, "unanimity")
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    for node in (alfa, charlie):
        deciding.vote(node, motion, "yes")
    deciding.vote(bravo, motion, "no")
    run(trio, 48)
    known = council(charlie)
    frozen, record = known.motion(motion), known.record(motion)
    assert frozen is not None
    assert record is not None
    ballots = {voter: casts[0].sha256 for voter, casts in record.ballots.items()}
    fields = {
        "motion_sha256": motion,
        "closes": format_time(frozen.closes),
        "withdrawn": False,
        "found": [[voter, "yes", ballots[voter]] for voter in frozen.counted],
        "sights": [[record.ledgers[voter], 1000, True] for voter in frozen.counted],
    }
    _write(charlie, "tally", TALLY, fields, frozen.audience)
    run(trio, 48)
    assert states(trio, motion) == ["rejected"] * 3
    keys = {each.key for each in councils.motion(alfa, motion).contradictions}
    assert "rules.tally-contradicted" in keys


def test_an_outcome_that_nobody_tallied_decides_nothing(trio: Community) -> None:
    chartered(trio)
    alfa, _, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    known = council(charlie).motion(motion)
    assert known is not None
    fields = {"motion_sha256": motion, "findings": "cd" * 32}
    _write(charlie, "outcome", OUTCOME, fields, known.audience)
    run(trio, 24)
    assert states(trio, motion) == ["open"] * 3


def test_a_suspended_member_moves_nothing_and_has_no_vote(trio: Community) -> None:
    chartered(trio, suspend="unanimity")
    alfa, bravo, charlie = trio
    suspending = move(alfa, Effect(does="suspend", member=charlie.member))
    run(trio, 6)
    for node in (alfa, bravo):
        deciding.vote(node, suspending, "yes")
    run(trio, 96)
    assert states(trio, suspending) == ["adopted"] * 3
    later = move(alfa)
    known = council(alfa).motion(later)
    assert known is not None
    assert charlie.member not in known.electorate
    run(trio, 6)
    said = {"motion_ref": known.id, "motion_sha256": later, "choice": "no"}
    _write(charlie, "ballot", BALLOT, said, [node.member for node in trio])
    run(trio, 96)
    assert state_of(alfa, later) == "adopted"


def test_a_ballot_cannot_be_called_back(trio: Community) -> None:
    chartered(trio)
    alfa, bravo, charlie = trio
    motion = move(alfa)
    run(trio, 6)
    deciding.vote(charlie, motion, "no")
    run(trio, 6)
    (own,) = _of_kind(charlie, charlie, "ballot")
    order = Order(mode="erase", reason="?", due=charlie.now() + timedelta(days=1))
    charlie.write(lambda tx: order_in(charlie, tx, [own.number], order, charlie.now()))
    run(trio, 90)
    (kept,) = _of_kind(alfa, charlie, "ballot")
    assert fields_of(body_of(alfa, kept))["choice"] == "no"
    assert state_of(alfa, motion) == state_of(bravo, motion) == "rejected"


def test_a_motion_under_another_rule_than_the_charters_is_void(trio: Community) -> None:
    view = chartered(trio, "unanimity")
    alfa, bravo, _ = trio
    moved = move(alfa)
    honest = council(alfa).motion(moved)
    assert honest is not None
    (row,) = _of_kind(alfa, alfa, "motion")
    body = fields_of(body_of(alfa, row))
    own = {name: body[name] for name in MOTION_FIELDS if name in body} | {"rule": {"by": "silence"}}
    _write(alfa, "motion", MOTION, own, honest.audience)
    run(trio, 120)
    forged = [each for each in councils.motions(bravo) if each.rule.by == "silence"]
    assert [each.state for each in forged] == ["void"]
    assert agreements.show(bravo, view.id)[0].standing.state == "in-force"
    assert do_duties(bravo) == 0


MOTION_FIELDS = (
    *("body", "base", "titles", "texts", "effect", "electorate", "readers", "opens", "closes"),
    *("reading_hours", "wait_hours", "rule", "witnesses", "witness_quorum"),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("trio"), NAMES)


@pytest.fixture
def trio(template: Template, tmp_path: Path) -> Iterator[Community]:
    made = Community(template, tmp_path)
    yield made
    made.close()
