"""Decisions through real nodes: moved, voted, tallied by themselves, final, and what follows."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.node import agreements, councillog, councils, deciding, registers
from accord.node.councillog import council_of
from accord.node.duties import do_duties
from accord.rules.decisions.effects import Effect
from tests.node.council import (
    charter_text,
    chartered,
    council,
    found,
    move,
    round_of,
    run,
    state_of,
    states,
)
from tests.node.support import Community, give, holds, indicator, terms_text


def test_what_all_say_yes_to_is_adopted_on_every_node(trio: Community) -> None:
    chartered(trio, "unanimity")
    motion = move(trio["Alfa"])
    run(trio, 6)
    for node in trio:
        deciding.vote(node, motion, "yes")
    run(trio, 36)
    assert states(trio, motion) == ["open"] * 3
    run(trio, 48)
    assert states(trio, motion) == ["adopted"] * 3
    assert set(found(trio["Charlie"], motion).values()) == {"yes"}


def test_what_nobody_speaks_against_is_adopted_by_silence(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 96)
    assert states(trio, motion) == ["adopted"] * 3
    assert set(found(trio["Bravo"], motion).values()) == {"silent"}


def test_one_no_breaks_the_silence(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 6)
    deciding.vote(trio["Bravo"], motion, "no", reason={"en": "Not yet."})
    run(trio, 90)
    assert states(trio, motion) == ["rejected"] * 3
    assert found(trio["Alfa"], motion)[trio["Bravo"].member] == "no"


def test_who_was_absent_was_not_silent_and_the_motion_lapses(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 96, gone=["Charlie"])
    assert "adopted" not in [state_of(trio[name], motion) for name in ("Alfa", "Bravo")]
    run(trio, 48)
    assert states(trio, motion) == ["lapsed"] * 3
    assert found(trio["Alfa"], motion)[trio["Charlie"].member] == "absent"


def test_a_motion_may_be_extended_once_by_its_proposer_and_then_closes_later(
    trio: Community,
) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    later = trio.clock.moment + timedelta(hours=96)
    run(trio, 6)
    with pytest.raises(DeniedError):
        deciding.extend(trio["Bravo"], motion, later)
    deciding.extend(trio["Alfa"], motion, later)
    with pytest.raises(ConflictError):
        deciding.extend(trio["Alfa"], motion, later + timedelta(hours=1))
    run(trio, 60)
    assert states(trio, motion) == ["open"] * 3
    deciding.vote(trio["Charlie"], motion, "no")
    run(trio, 60)
    assert states(trio, motion) == ["rejected"] * 3


def test_a_motion_is_withdrawn_by_its_proposer(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 6)
    deciding.withdraw(trio["Alfa"], motion)
    run(trio, 96)
    assert states(trio, motion) == ["withdrawn"] * 3


def test_there_is_one_ballot_and_none_after_the_close(trio: Community) -> None:
    chartered(trio, "unanimity")
    motion = move(trio["Alfa"])
    run(trio, 6)
    deciding.vote(trio["Bravo"], motion[:12], "yes")
    with pytest.raises(ConflictError):
        deciding.vote(trio["Bravo"], motion, "no")
    run(trio, 48)
    with pytest.raises(ConflictError):
        deciding.vote(trio["Charlie"], motion, "yes")
    with pytest.raises(NotFoundError):
        deciding.vote(trio["Charlie"], "ffff" * 16, "yes")


def test_a_restart_in_the_middle_changes_nothing(trio: Community) -> None:
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 30)
    for name in trio.nodes:
        trio.reopen(name)
    run(trio, 30)
    for name in trio.nodes:
        trio.reopen(name)
    run(trio, 36)
    assert states(trio, motion) == ["adopted"] * 3
    for node in trio:
        assert do_duties(node) == 0, "what was said is not said again"


def test_an_adopted_agreement_is_in_force_and_releases_what_waited(trio: Community) -> None:
    chartered(trio)
    text = trio.proposed("Alfa", "Bravo", "Charlie")
    agreements.sign(trio["Alfa"], text.id, sha256=None, person="P", office="O")
    trio.settle()
    effect = Effect(does="adopt-agreement", agreement=text.id, sha256=text.sha256)
    motion = move(trio["Alfa"], effect)
    run(trio, 96)
    for node in trio:
        stands = agreements.show(node, text.id)[0].standing
        assert (stands.state, stands.decided_by) == ("in-force", motion)
        told = [each.message for each in registers.notices(node, text.id)]
        assert [each.args["motion"] for each in told if each.key == "rules.notify-decided"] == [
            motion
        ]
        assert "rules.notify-adopted" not in {each.key for each in told}
    lives = {agreements.show(node, text.id)[0].standing.since for node in trio}
    assert len(lives) == 1, "in force since the same moment everywhere"
    raw = indicator(1)
    give(trio["Alfa"], [raw], text.id)
    trio.settle()
    assert holds(trio["Bravo"], raw)


def test_a_text_that_binds_somebody_without_a_vote_cannot_be_adopted(trio: Community) -> None:
    pair = [trio["Alfa"], trio["Bravo"]]
    view = agreements.propose(trio["Alfa"], charter_text([node.member for node in pair]))
    trio.settle()
    for node in pair:
        agreements.sign(node, view.id, sha256=None, person="P. Erson", office="Desk")
    trio.settle()
    text = trio.proposed("Alfa", "Bravo", "Charlie")
    with pytest.raises(InputError) as refused:
        move(trio["Alfa"], Effect(does="adopt-agreement", agreement=text.id, sha256=text.sha256))
    assert refused.value.message.key == "node.motion-binds-others"
    with pytest.raises(NotFoundError):
        move(trio["Alfa"], Effect(does="adopt-agreement", agreement=text.id, sha256="ab" * 32))


def test_an_admission_changes_who_belongs_on_every_node(trio: Community) -> None:
    body = chartered(trio).id
    new = "identity--00000000-0000-5000-8000-000000000001"
    move(trio["Bravo"], Effect(does="admit", member=new, standing="observer"))
    run(trio, 96)
    for node in trio:
        head = council(node).head(body)
        assert head is not None
        assert head.members[new] == "observer"


def test_nobody_moves_anything_without_a_charter(trio: Community) -> None:
    with pytest.raises(NotFoundError):
        move(trio["Alfa"])
    agreements.propose(trio["Alfa"], terms_text([node.member for node in trio]))
    round_of(trio)
    with pytest.raises(NotFoundError):
        move(trio["Alfa"])


def test_the_fold_is_the_same_from_a_snapshot_and_from_all_entries(
    trio: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(councillog, "_KEEP", 1)
    chartered(trio)
    motion = move(trio["Alfa"])
    run(trio, 32)
    alfa = trio["Alfa"]
    assert alfa.read(lambda tx: tx.councils.gists()).keys() == {motion}
    run(trio, 64)
    kept = council(trio.reopen("Alfa"))
    alfa = trio["Alfa"]
    alfa.write(lambda tx: tx.settings.remove(councillog._UNTIL))
    cold = council(trio.reopen("Alfa"))
    assert kept.verdict(motion) == cold.verdict(motion) == "adopted"
    assert kept.finals == cold.finals
    assert kept.record(motion) == cold.record(motion)


def test_of_what_is_settled_nothing_is_read_and_nothing_written_again(
    pair: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(councillog, "_KEEP", 1)
    chartered(pair)
    first = move(pair["Alfa"])
    run(pair, 72)
    alfa = pair.reopen("Alfa")
    gist = alfa.read(lambda tx: tx.councils.gists())[first]
    alfa.write(lambda tx: tx.councils.put([(first, gist, b"of which nothing can be read")]))
    second = move(alfa)
    (view,) = councils.motions(alfa, undecided=True)
    assert view.sha256 == second
    run(pair, 72)
    alfa = pair.reopen("Alfa")
    assert councils.motions(alfa, undecided=True) == []
    assert alfa.read(lambda tx: tx.councils.gists()).keys() == {first, second}
    known = alfa.read(lambda tx: council_of(alfa, tx).finals)
    assert known == council(pair["Bravo"]).finals
    assert alfa.read(lambda tx: council_of(alfa, tx).motion(second)) is not None
    with pytest.raises(msgspec.DecodeError):
        alfa.read(lambda tx: council_of(alfa, tx).motion(first))
    listed = councils.motion_list(alfa, lambda _: True, "", 1)
    assert [each.sha256 for each in listed.settled.rows] == [second]
    with pytest.raises(msgspec.DecodeError):
        councils.motion_list(alfa, lambda _: True, listed.settled.next, 1)


def test_an_activated_operation_is_a_fact_on_every_node_once(pair: Community) -> None:
    chartered(pair)
    operation = "accord-operation--33333333-3333-4333-8333-333333333333"
    motion = move(pair["Alfa"], Effect(does="activate-operation", operation=operation))
    run(pair, 72)
    for node in pair:
        kept = node.facts_now().operations[operation]
        assert (kept.motion, kept.at) == (motion, council(node).closed_at(motion))
        seq = node.facts_now().seq
        do_duties(node)
        assert node.facts_now().seq == seq
