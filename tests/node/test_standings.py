"""What each standing may at a node: read, propose, convene, attend; and what others show of it."""

from __future__ import annotations

import pytest

from accord.base.errors import DeniedError, InputError, NotFoundError
from accord.node import applying, councils, deciding, sessions
from accord.node.control import charter_cited, own_object, state
from accord.node.node import Node
from accord.rules.community.standings import Standing, may
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import read_toml
from accord.stix.extension import SESSION as SESSION_TYPE
from tests.node.council import chartered, move, run, state_of
from tests.node.support import Community
from tests.node.test_leaving import SESSION


def made(community: Community, standing: Standing) -> None:
    """The council makes Charlie an observer or dialogue partner."""
    charlie = community["Charlie"].member
    motion = move(
        community["Alfa"], Effect(does="change-standing", member=charlie, standing=standing)
    )
    run(community, 72)
    assert state_of(community["Alfa"], motion) == "adopted"


def announce_all_the_same(node: Node, body: str, to: list[str]) -> None:
    """A session as a node of its own making would announce it: nobody asks whether it may."""
    now, fields = node.now(), read_toml(SESSION, sessions._FILE)
    item = own_object(node, SESSION_TYPE, {**fields, "body": body}, now)
    node.write(
        lambda tx: state(
            node,
            tx,
            "session",
            item,
            audience=sorted(to),
            agreement=charter_cited(node, tx, body),
            now=now,
        )
    )


@pytest.mark.parametrize("standing", ["observer", "dialogue-partner"])
def test_what_a_standing_may_read_propose_and_vote_at_a_node(
    trio: Community, standing: Standing
) -> None:
    charter = chartered(trio)
    made(trio, standing)
    alfa, bravo, charlie = trio
    said = move(alfa)
    swap = move(bravo, Effect(does="change-standing", member=alfa.member, standing="observer"))
    session = sessions.convene(alfa, SESSION)
    run(trio, 6)

    assert councils.motion(charlie, swap).state == "open", (
        "of who belongs, all that belong are told"
    )
    if may(standing, "read-decisions"):
        assert councils.motion(charlie, said).state == "open"
    else:
        with pytest.raises(NotFoundError):
            councils.motion(charlie, said)
    assert sessions.agenda_of(charlie)[0].id == session.id
    assert "Session" in sessions.minutes_of(charlie, None, "en")
    sessions.attend(charlie, session.id, [("O. Server", "Counsellor")])
    trio.settle()
    assert "O. Server" in sessions.minutes_of(alfa, session.id, "en")

    for act in (
        lambda: move(charlie),
        lambda: deciding.vote(charlie, swap, "yes"),
        lambda: sessions.convene(charlie, SESSION),
        lambda: applying.sponsor(charlie, alfa.member),
    ):
        with pytest.raises((DeniedError, InputError)):
            act()
    announce_all_the_same(charlie, charter.id, [alfa.member, bravo.member])
    trio.settle()
    for node in trio:
        assert {each.id for each in sessions.list_sessions(node)} == {session.id}


@pytest.mark.parametrize("ends", ["2026-04-01T09:00:00Z", "2026-03-31T16:00:00Z"])
def test_a_session_that_does_not_end_after_it_begins_is_not_announced(
    trio: Community, ends: str
) -> None:
    chartered(trio)
    with pytest.raises(InputError) as refused:
        sessions.convene(trio["Alfa"], SESSION.replace("2026-04-01T16:00:00Z", ends))
    assert refused.value.message.key == "node.session-length"
    assert sessions.list_sessions(trio["Alfa"]) == []


def test_a_motion_cannot_close_before_it_could_be_read(trio: Community) -> None:
    chartered(trio)
    with pytest.raises(InputError) as refused:
        move(trio["Alfa"], hours=23)
    assert refused.value.message.key == "node.motion-too-soon"
