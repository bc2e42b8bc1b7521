"""Motions of every kind, from the move to what they bring about."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from accord.base.errors import InputError
from accord.base.jsontext import parse_strict
from accord.ledger.envelope import NO_HANDLING, VERSION, Envelope, ObjectRef
from accord.rules.control import CONTROL
from accord.rules.decisions.bodies import founded, group_id_of, why_unfit
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import ARGUMENTS, SWAPS, Effect, effect_table
from accord.rules.decisions.heard import READERS, heard_of
from accord.rules.decisions.objects import (
    Ballot,
    Change,
    Motion,
    ballot_of,
    change_of,
    motion_of,
    tally_of,
)
from accord.rules.fields import Refused
from accord.stix.extension import build
from tests.rules.decisions.chamber import (
    CHARTER,
    HOUR,
    LEDGER_OF,
    START,
    TEXT,
    TWO_THIRDS,
    UNANIMITY,
    Chamber,
    council_of,
    members,
    motion,
    rules,
)

NEW = min(set(LEDGER_OF) - set(members(10)))
AGREEMENT = "accord-agreement--22222222-2222-4222-8222-222222222222"
MOMENT = "2026-03-01T00:00:00.000000Z"


def carried(effect: Effect, count: int = 4) -> tuple[Chamber, str]:
    state = council_of(count)
    chamber = Chamber(state)
    sha256 = chamber.move(chamber.members[0], motion(state, effect))
    chamber.run(96)
    assert chamber.verdicts(sha256) == {"adopted"}
    return chamber, sha256


@pytest.mark.parametrize(
    "effect",
    [
        Effect(does="declare"),
        Effect(does="adopt-agreement", agreement=AGREEMENT, sha256="bb" * 32),
        Effect(does="admit", member=NEW, standing="observer"),
        Effect(does="suspend", member=members(4)[3]),
        Effect(does="note-departure", member=members(4)[3]),
        Effect(does="change-standing", member=members(4)[3], standing="observer"),
        Effect(does="activate-operation", operation=f"accord-operation--{AGREEMENT[-36:]}"),
    ],
)
def test_what_a_motion_does_it_does_by_itself_when_it_is_final(effect: Effect) -> None:
    chamber, sha256 = carried(effect)
    for member in chamber.members:
        council = chamber.nodes[member].council
        assert council.in_force == {sha256: effect}
        head = council.head(CHARTER)
        assert head is not None
        assert head.depth == (1 if effect.is_swap else 0)
        assert head.members.get(NEW) == ("observer" if effect.member == NEW else None)
        last = members(4)[3]
        assert (last in head.voters) == (effect.member != last)
        assert (last in head.members) == (effect.does != "note-departure")


def test_who_is_suspended_is_restored_by_a_motion_on_the_state_that_suspended_it() -> None:
    chamber, _ = carried(Effect(does="suspend", member=members(4)[3]))
    a = chamber.members[0]
    state = chamber.nodes[a].council.head(CHARTER)
    assert state is not None
    restore = Effect(does="restore", member=members(4)[3])
    later = motion(state, restore, 2, opens=chamber.now, closes=chamber.now + 72 * HOUR)
    assert later.readers == (members(4)[3],)
    sha256 = chamber.move(a, later)
    chamber.run(120)
    assert chamber.verdicts(sha256) == {"adopted"}
    assert [state.depth for state in chamber.nodes[a].council.chain(CHARTER)] == [0, 1, 2]
    head = chamber.nodes[members(4)[3]].council.head(CHARTER)
    assert head is not None
    assert head.voters == members(4)


def test_a_later_accession_does_not_touch_a_motion_that_is_open() -> None:
    state = council_of(4)
    chamber = Chamber(state, 5)
    a, b, *_ = state.voters
    newcomer = next(m for m in members(5) if m not in members(4))
    chamber.move(a, motion(state, Effect(does="admit", member=newcomer, standing="member")))
    other = motion(state, number=2, closes=START + 200 * HOUR)
    second = chamber.move(b, other)
    chamber.run(120)
    head = chamber.nodes[a].council.head(CHARTER)
    assert head is not None
    assert newcomer in head.voters
    chamber.vote(a, second, "yes")
    chamber.say(
        newcomer,
        Ballot(motion_ref=other.id, motion_sha256=second, choice="no"),
        other.audience,
    )
    chamber.run(120)
    assert chamber.nodes[a].council.verdict(second) == "adopted"
    record = chamber.nodes[a].council.record(second)
    assert record is not None
    assert record.motion is not None
    assert record.motion.electorate == state.voters


def test_an_amended_charter_waits_for_its_text_and_then_decides_by_it() -> None:
    effect = Effect(does="amend-charter", agreement=CHARTER, sha256="cc" * 32)
    chamber, sha256 = carried(effect)
    council = chamber.nodes[chamber.members[0]].council
    head = council.head(CHARTER)
    assert head is not None
    assert (head.depth, council.in_force) == (0, {sha256: effect})
    council.learn_text("cc" * 32, rules(4, TWO_THIRDS))
    head = council.head(CHARTER)
    assert head is not None
    assert (head.depth, head.rules.rule) == (1, TWO_THIRDS)


def test_a_working_group_decides_about_itself_from_its_own_first_state() -> None:
    first = members(4)[:2]
    effect = Effect(
        does="authorise-group",
        agreement=AGREEMENT,
        members=first,
        rule={"by": "unanimity"},
        history="from-joining",
    )
    chamber, sha256 = carried(effect)
    group = group_id_of(sha256)
    a, b = first
    state = chamber.nodes[a].council.head(group)
    assert state is not None
    assert (state.voters, state.history, state.rules.rule) == (first, "from-joining", UNANIMITY)
    invited = members(4)[2]
    invite = Effect(does="admit", member=invited, standing="member")
    when = {"opens": chamber.now, "closes": chamber.now + 72 * HOUR}
    second = chamber.move(a, motion(state, invite, 2, **when))
    chamber.run(24)
    chamber.vote(a, second, "yes")
    chamber.vote(b, second, "yes")
    chamber.run(96)
    head = chamber.nodes[invited].council.head(group)
    assert head is not None
    assert head.voters == tuple(sorted((*first, invited)))
    outsider = chamber.nodes[members(4)[3]].council
    assert outsider.record(second) is None  # nothing of it was for others
    assert why_unfit(motion(state, Effect(does="suspend", member=b)), a, state) is not None


def test_an_extension_that_was_witnessed_in_time_moves_the_close() -> None:
    state = council_of(4)
    chamber = Chamber(state)
    a, b, *_ = chamber.members
    sha256 = chamber.move(a, motion(state))
    chamber.run(48)
    chamber.extend(a, sha256, START + 120 * HOUR)
    chamber.extend(b, sha256, START + 900 * HOUR)  # not its proposer
    chamber.run(48)
    assert chamber.states(sha256) == {"open"}
    chamber.vote(b, sha256, "no")
    chamber.run(48)
    assert chamber.verdicts(sha256) == {"rejected"}


@pytest.mark.parametrize("late, verdict", [(False, "withdrawn"), (True, "adopted")])
def test_a_motion_is_withdrawn_by_its_proposer_before_it_closes(late: bool, verdict: str) -> None:
    state = council_of(4)
    chamber = Chamber(state)
    sha256 = chamber.move(chamber.members[0], motion(state))
    chamber.run(36)
    chamber.wait(40 if late else 0)
    if late:
        chamber.round()
    change = Change(motion_sha256=sha256, withdrawn=True)
    chamber.say(chamber.members[0], change, state.voters)
    chamber.run(72)
    assert chamber.verdicts(sha256) == {verdict}


def test_two_changes_that_differ_are_both_void() -> None:
    state = council_of(4)
    chamber = Chamber(state)
    a = chamber.members[0]
    sha256 = chamber.move(a, motion(state))
    chamber.run(24)
    chamber.extend(a, sha256, START + 120 * HOUR)
    chamber.extend(a, sha256, START + 240 * HOUR)
    chamber.run(60)
    assert chamber.verdicts(sha256) == {"adopted"}


def test_one_who_has_no_vote_sees_the_decision_about_itself() -> None:
    state = council_of(4)
    chamber = Chamber(state, 5)
    newcomer = next(m for m in members(5) if m not in members(4))
    effect = Effect(does="admit", member=newcomer, standing="dialogue-partner")
    sha256 = chamber.move(state.voters[0], motion(state, effect))
    chamber.run(96)
    assert chamber.nodes[newcomer].council.verdict(sha256) == "adopted"


UNFIT: dict[str, Motion] = {
    "rules.motion-other-body": motion(council_of(4), body=AGREEMENT),
    "rules.motion-other-electorate": motion(council_of(4), electorate=members(4)[:3]),
    "rules.motion-other-rule": motion(council_of(4), rule=TWO_THIRDS),
    "rules.motion-too-short": motion(council_of(4), reading_hours=1),
    "rules.motion-idle": motion(council_of(4), Effect(does="restore", member=members(4)[1])),
}


@pytest.mark.parametrize("key", UNFIT)
def test_a_motion_that_its_base_does_not_allow_is_void_with_the_reason(key: str) -> None:
    state = council_of(4)
    reason = why_unfit(UNFIT[key], state.voters[0], state)
    assert reason is not None
    assert reason.key == key


def test_only_members_move_anything() -> None:
    state = council_of(4)
    reason = why_unfit(motion(state), NEW, state)
    assert reason is not None
    assert reason.key == "rules.motion-may-not-propose"


def test_a_motion_on_a_state_that_is_not_known_waits_and_is_then_judged() -> None:
    state = council_of(4)
    ahead = founded(CHARTER, TEXT, members(4), rules(4, TWO_THIRDS))
    assert ahead.id == state.id  # the text's hash names the state, and stands for its rules
    chamber = Chamber(founded(CHARTER, "ff" * 32, members(4), rules(4)))
    sha256 = chamber.move(chamber.members[0], motion(state))
    assert chamber.state(chamber.members[0], sha256) == "waiting"


def test_the_table_of_effects_refuses_what_an_effect_does_not_take() -> None:
    for does in ARGUMENTS:
        with pytest.raises(Refused):
            effect_table({"does": does, "weather": "fine"}, "effect")
    for wrong in ("admit", {"does": "conquer"}, {"does": "admit"}, {}):
        with pytest.raises(Refused):
            effect_table(wrong, "effect")
    assert {does for does in ARGUMENTS if Effect(does=does).is_swap} == SWAPS


def _fields(what: Motion, **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(what)
    plain.pop("said")
    plain.pop("session")
    plain["rule"] = {"by": "silence"}
    return {**plain, "created": MOMENT, "created_by_ref": members(4)[0], **changes}


def test_a_motion_is_read_back_as_it_was_written() -> None:
    what = motion(council_of(4))
    raw = build("accord-motion", _fields(what))
    assert motion_of(parse_strict(raw, max_depth=16)) == what


@pytest.mark.parametrize(
    "field, changes",
    [
        ("closes", {"closes": "2026-03-01T01:00:00Z"}),
        ("electorate", {"electorate": list(reversed(members(4)))}),
        ("readers", {"readers": [members(4)[0]]}),
        ("witness_quorum", {"witness_quorum": 1}),
        ("rule.by", {"rule": {"by": "lot"}}),
        ("effect.does", {"effect": {"does": "conquer"}}),
        ("base", {"base": "here"}),
        ("weather", {"weather": "fine"}),
    ],
)
def test_a_motion_that_is_not_well_formed_is_refused_with_its_field(
    field: str, changes: dict[str, Any]
) -> None:
    fields = parse_strict(build("accord-motion", _fields(motion(council_of(4)))), max_depth=16)
    with pytest.raises(InputError) as caught:
        motion_of({**fields, **changes})
    assert caught.value.message.args["field"] == field


def test_other_objects_that_say_two_things_at_once_are_refused() -> None:
    common = {"motion_sha256": "ab" * 32}
    ref = {"motion_ref": motion(council_of(4)).id}
    for reader, fields in (
        (ballot_of, {"type": "accord-ballot", **common, **ref, "choice": "no",
                     "reservation": {"en": "but"}}),
        (change_of, {"type": "accord-motion-change", **common}),
        (change_of, {"type": "accord-motion-change", **common, "closes": MOMENT,
                     "withdrawn": True}),
        (tally_of, {"type": "accord-tally", **common, "closes": MOMENT, "withdrawn": False,
                    "found": [[members(2)[1], "silent", None], [members(2)[0], "silent", None]]}),
        (tally_of, {"type": "accord-tally", **common, "closes": MOMENT, "withdrawn": False,
                    "found": [[members(2)[0], "yes", None]]}),
    ):  # fmt: skip
        with pytest.raises(InputError):
            reader(fields)


def test_an_entry_is_taken_in_with_what_its_envelope_says() -> None:
    author = members(4)[0]
    envelope = Envelope(
        accord=VERSION, origin=LEDGER_OF[author], author=author, kind="outcome", agreement=None,
        audience=members(4), handling=NO_HANDLING, urgency="routine", status="actual",
        operation=None, object=ObjectRef(id="", type="", modified=None), source=None,
        supersedes=None, issued=MOMENT, expires=None,
    )  # fmt: skip
    fields = {"type": "accord-outcome", "motion_sha256": "ab" * 32, "findings": "cd" * 32,
              "created_by_ref": author}  # fmt: skip
    said = heard_of(envelope, 7, fields, "ef" * 32)
    assert said is not None
    assert (said.index, said.ledger, said.motion) == (7, LEDGER_OF[author], "ab" * 32)
    other = msgspec.structs.replace(envelope, kind="object")
    assert heard_of(other, 7, fields, "ef" * 32) is None


def test_each_kind_of_a_decision_is_a_control_entry_for_all_whom_the_motion_names() -> None:
    for kind in READERS:
        assert CONTROL[kind].audience == "electorate"
        assert CONTROL[kind].survives_lapse
        assert CONTROL[kind].object_type == f"accord-{kind}"


def test_nothing_is_known_of_what_was_never_heard() -> None:
    council = Council(council_of(4))
    assert council.record("00" * 32) is None
    assert council.motions() == []
    assert council.head(AGREEMENT) is None
    assert council.rivals("00" * 32) == []
