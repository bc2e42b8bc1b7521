"""A working group for tests of the release rule, and what it allows but for one thing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from accord.ledger.envelope import GROUP_VERSION, AgreementRef, Envelope, ObjectRef
from accord.rules.acts import GroupClosed, GroupSeen, MembershipSaid
from accord.rules.facts import Facts, What
from accord.rules.release import Entry
from accord.rules.terms import Terms
from tests.rules.release_cases import ALL, RECEIVED, Denied, passed_on
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    DELTA,
    GAMMA,
    NUMBER_OF,
    OTHER_AGREEMENT,
    OTHER_SHA,
    TERMS,
    agreed,
    entry,
    envelope,
    handled,
    known,
    origin,
    peers,
)

GROUP = "accord-group--44444444-4444-4444-8444-444444444444"
OTHER_GROUP = "accord-group--55555555-5555-4555-8555-555555555555"
FIRST, SECOND, THIRD = ("a1" * 32, "a2" * 32, "a3" * 32)


def state(
    identifier: str, terms: dict[str, str], first: bool = False, history: str = "all"
) -> GroupSeen:
    return GroupSeen(
        group=GROUP,
        agreement=AGREEMENT,
        history=history,
        state=identifier,
        terms=terms,
        first=first,
    )


def founded(history: str = "all") -> GroupSeen:
    """Alfa and Beta."""
    return state(FIRST, {ALFA: FIRST, BETA: FIRST}, first=True, history=history)


def admitted(history: str = "all") -> GroupSeen:
    """Gamma is admitted."""
    return state(SECOND, {ALFA: FIRST, BETA: FIRST, GAMMA: SECOND}, history=history)


def excluded(history: str = "all") -> GroupSeen:
    """Beta is not in it any more."""
    return state(THIRD, {ALFA: FIRST, GAMMA: SECOND}, history=history)


def says(member: str, joins: bool = True, at: str = SECOND) -> MembershipSaid:
    return MembershipSaid(
        author=member,
        ledger=origin(NUMBER_OF[member]),
        created_by=member,
        group=GROUP,
        state=at,
        joins=joins,
    )


def group(*whats: What, me: str = ALFA, terms: Terms = TERMS) -> Facts:
    """All are peers, the agreement is in force between Alfa, Beta and Gamma; and these facts."""
    return known(*peers(*ALL, me=me), *agreed(terms), *whats)


def joined(history: str = "all", me: str = ALFA) -> Facts:
    """Founded by Alfa and Beta; Gamma was admitted and has joined."""
    return group(founded(history), admitted(history), says(GAMMA), me=me)


def to_group(at: str = SECOND, of: Envelope | None = None, **changes: Any) -> Envelope:
    plain = replace(of or envelope(), accord=GROUP_VERSION, audience=(GROUP,), roster=at)
    return replace(plain, **changes)


def word(**changes: Any) -> Entry:
    """The entry in which Alfa says something of itself to the group."""
    ref = ObjectRef(
        id="accord-membership--33333333-3333-4333-8333-333333333333",
        type="accord-membership",
        modified=None,
    )
    said = to_group(kind="membership", agreement=None, object=ref)
    return entry(replace(said, **changes))


JOINED, LATER = joined(), joined("from-joining")
INSIDE = to_group(of=RECEIVED)

GROUP_CASES = [
    Denied("group_unknown", "group-unknown", entry(to_group()), waits=True),
    Denied("group_unknown", "group-unknown", entry(to_group(audience=(OTHER_GROUP,))), JOINED,
           waits=True),
    Denied("group_unknown", "group-unknown", entry(to_group(author=GAMMA, origin=origin(2))),
           group(founded(), admitted()), waits=True),
    Denied("group_unknown", "group-unknown", entry(to_group()), joined(me=DELTA), waits=True),
    Denied("group_closed", "group-closed", entry(to_group()),
           group(founded(), admitted(), GroupClosed(group=GROUP))),
    Denied("other_basis", "group-other-agreement",
           entry(to_group(agreement=AgreementRef(id=OTHER_AGREEMENT, sha256=OTHER_SHA))),
           known(*peers(*ALL), *agreed(), *agreed(TERMS, OTHER_AGREEMENT, OTHER_SHA), founded(),
                 admitted())),
    Denied("not_on_roster", ("group-not-on-roster", "recipient-not-party"), entry(to_group()),
           JOINED, recipient=DELTA),
    Denied("not_on_roster", "group-not-on-roster", entry(to_group(FIRST)), group(founded()),
           recipient=GAMMA),
    Denied("not_on_roster", "group-not-on-roster", entry(to_group()),
           group(founded(), admitted(), says(BETA, joins=False))),
    Denied("not_on_roster", "group-not-joined", entry(to_group()), group(founded(), admitted()),
           recipient=GAMMA, waits=True),
    Denied("not_on_roster", "group-before-joining", entry(to_group(FIRST)), LATER,
           recipient=GAMMA),
    Denied("not_on_roster", "group-state-unknown", entry(to_group(THIRD)), LATER, waits=True),
    Denied("not_on_roster", "group-not-on-roster", word(), JOINED, recipient=DELTA),
    Denied("not_on_roster", "group-before-joining", word(roster=FIRST), JOINED, recipient=GAMMA),
    Denied("not_on_roster", "group-state-unknown", word(roster=THIRD), JOINED, waits=True),
    Denied("control_audience", "control-audience-group",
           word(accord=1, audience=(BETA,), roster=None), JOINED),
    Denied("control_audience", "control-audience-anyone",
           word(kind="recall", object=ObjectRef(
               id="accord-recall--33333333-3333-4333-8333-333333333333", type="accord-recall",
               modified=None)), JOINED),
    Denied("red_not_named", "red-audience",
           entry(to_group(of=handled(tlp="red", named=("Duty officer",)))), JOINED),
    Denied("onward_group", "onward-group", passed_on(received=INSIDE), JOINED),
    Denied("onward_group", "onward-group", passed_on(envelope(audience=(BETA,)), INSIDE), JOINED),
]  # fmt: skip

GROUP_ALLOWED = {
    "an object to a group": (entry(to_group()), JOINED),
    "an older object to a group": (entry(to_group(FIRST)), LATER),
    "the word of one who joins": (word(), group(founded(), admitted())),
    "the word of one who leaves": (word(), group(founded(), admitted(), says(ALFA, joins=False))),
    "the word of one who leaves a closed group": (
        word(), group(founded(), admitted(), GroupClosed(group=GROUP)),
    ),
    "passed on within the group": (passed_on(to_group(), INSIDE), JOINED),
    "into a group from the agreement": (passed_on(to_group()), JOINED),
}  # fmt: skip
