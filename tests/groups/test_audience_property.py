"""A group reaches nobody but its members that the agreement binds, whatever came before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accord.rules.acts import GroupClosed, GroupSeen, MembershipSaid, PeerSuspended
from accord.rules.facts import Facts, What
from accord.rules.release import release
from tests.rules.group_cases import GROUP, group, says, state, to_group
from tests.rules.world import (
    ALFA,
    BETA,
    CIRCLE,
    DELTA,
    GAMMA,
    NOW,
    NUMBER_OF,
    entry,
    origin,
    withdrawal,
)

MEMBERS = (ALFA, BETA, GAMMA, DELTA)
members = st.sampled_from(MEMBERS)


@st.composite
def stories(draw: st.DrawFn) -> list[What]:
    """A group and what becomes of it: who is admitted, excluded, joins, leaves; its agreement."""
    history = draw(st.sampled_from(["all", "from-joining"]))
    founders = draw(st.lists(members, min_size=1, max_size=3, unique=True))
    terms = dict.fromkeys(founders, "00" * 32)
    whats: list[What] = [state("00" * 32, dict(terms), first=True, history=history)]
    for number in range(1, draw(st.integers(1, 8))):
        last, member = whats_state(whats), draw(members)
        step = draw(st.sampled_from(["roster", "roster", "joins", "joins", "leaves", "other"]))
        if step == "roster":
            name = f"{number:02x}" * 32
            if member in terms:
                del terms[member]
            else:
                terms[member] = name
            whats.append(state(name, dict(terms), history=history))
        elif step == "other":
            more: list[What] = [
                GroupClosed(group=GROUP),
                withdrawal(GAMMA),
                PeerSuspended(member=BETA),
            ]
            whats.append(draw(st.sampled_from(more)))
        else:
            whats.append(says(member, step == "joins", at=last))
    return whats


def whats_state(whats: list[What]) -> str:
    return [each.state for each in whats if isinstance(each, GroupSeen)][-1]


@given(stories(), members, members, st.data())
def test_an_audience_is_never_wider_than_the_roster_and_the_parties(
    story: list[What], me: str, author: str, data: st.DataObject
) -> None:
    facts = group(*story, me=me)
    at = data.draw(st.sampled_from([*_states(story), "ff" * 32]))
    asked = entry(to_group(at, author=author, origin=origin(NUMBER_OF[author])))
    inside = _inside(story)
    closed = any(isinstance(each, GroupClosed) for each in story)
    for recipient in MEMBERS:
        verdict = release(asked, recipient, facts, NOW)
        if verdict.allowed:
            assert recipient in inside & _parties(facts)
            assert {me, author} <= inside
            assert not closed
        if not {me, author} <= inside:
            keys = [reason.message.key for reason in verdict.reasons]
            assert [key for key in keys if "group" in key] == ["rules.group-unknown"]
            assert not {"rules.group-closed", "rules.group-not-on-roster"} & set(keys)


@given(stories(), members)
def test_what_is_new_reaches_every_member_that_is_bound(story: list[What], author: str) -> None:
    facts = group(*story, me=author)
    inside = _inside(story)
    if author not in inside & _parties(facts) or facts.groups[GROUP].closed:
        return
    new = entry(
        to_group(facts.groups[GROUP].state, author=author, origin=origin(NUMBER_OF[author]))
    )
    suspended = {each.member for each in story if isinstance(each, PeerSuspended)}
    if author in suspended:
        return
    reached = {each for each in MEMBERS if release(new, each, facts, NOW).allowed}
    assert reached == (inside & _parties(facts)) - suspended


def _states(story: list[What]) -> list[str]:
    return [each.state for each in story if isinstance(each, GroupSeen)]


def _parties(facts: Facts) -> set[str]:
    (agreement,) = facts.agreements.values()
    return set(CIRCLE) - agreement.withdrawals.keys()


def _inside(story: list[What]) -> set[str]:
    """By replaying it: who is on the last roster, and has joined and not left since it came."""
    place: dict[str, str] = {}
    for what in story:
        if isinstance(what, GroupSeen):
            came = {each for each in what.terms if each not in place}
            place = {each: place.get(each, "invited") for each in what.terms}
            if what.first:
                place |= dict.fromkeys(came, "in")
        elif isinstance(what, MembershipSaid):
            member = what.author
            now = place.get(member)
            if now is not None and now != "left":
                place[member] = "in" if what.joins else "left"
    return {member for member, stands in place.items() if stands == "in"}
