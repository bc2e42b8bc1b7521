"""Working groups: who belongs at a time, who may know it, who may see which of its entries.

The council authorises a group with its first roster; after that its own members decide whom they
admit and who no longer belongs (`rules.decisions.bodies`). One that was admitted belongs when it
has said itself that it joins, and leaves by its own word alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from accord.base.messages import Message, say
from accord.rules.acts import GroupSeen, MembershipSaid


def is_group(identifier: str) -> bool:
    """Whether it is the id of a working group."""
    return identifier.startswith("accord-group--")


class Roster(msgspec.Struct, frozen=True, gc=False):
    """One state of a group: its id, and for each member the state at which it came."""

    id: str
    terms: dict[str, str]


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A group as a node knows it, from where its knowledge begins.

    Those at the beginning belong without a word of their own: the founders, or for one that came
    later, those who decided on its admission. A word is kept with the term that it is about, so
    that one who left and was admitted anew has to say anew that it joins.
    """

    agreement: str
    history: str  # all or from-joining
    chain: tuple[Roster, ...]
    joined: frozenset[tuple[str, str]] = frozenset()  # member, and the state at which it came
    left: frozenset[tuple[str, str]] = frozenset()
    closed: bool = False

    @property
    def state(self) -> str:
        """The state that what is addressed to the group now is for."""
        return self.chain[-1].id

    def at(self, state: str) -> Roster | None:
        """A state of the chain, by its id; None where it is not known here."""
        return next((roster for roster in self.chain if roster.id == state), None)

    def is_named(self, member: str) -> bool:
        """Whether the decisions have it on the roster now, whatever it has said itself."""
        return member in self.chain[-1].terms

    def belongs(self, member: str, roster: Roster | None = None) -> bool:
        """Whether it is on the roster, and has joined and not left: now, or of that state."""
        term = (roster or self.chain[-1]).terms.get(member)
        if term is None or (member, term) in self.left:
            return False
        return term == self.chain[0].id or (member, term) in self.joined

    def roster(self) -> tuple[str, ...]:
        """Who belongs now, in the order of the ids."""
        return tuple(sorted(member for member in self.chain[-1].terms if self.belongs(member)))

    def has_left(self, member: str) -> bool:
        """Whether it has said that it leaves, and decisions have it on the roster still."""
        return (member, self.chain[-1].terms.get(member, "")) in self.left

    def may_see(self, member: str, state: str) -> bool:
        """Whether it may be given an entry that was addressed to the group at this state.

        Who belongs now and did then, and who came later where the group shows its history. Who left
        keeps what it was given, and is given nothing more.
        """
        if not self.belongs(member):
            return False
        if self.history == "all":
            return True
        roster = self.at(state)
        return roster is not None and self.belongs(member, roster)


def with_state(known: Circle | None, seen: GroupSeen) -> Circle:
    """The group with a further state; a first one begins anew what is known of it."""
    roster = Roster(seen.state, seen.terms)
    if known is None:
        return Circle(agreement=seen.agreement, history=seen.history, chain=(roster,))
    chain = (roster,) if seen.first else (*known.chain, roster)
    return msgspec.structs.replace(known, chain=chain)


def with_word(known: Circle, said: MembershipSaid) -> Circle:
    """The group with what one of its members said of itself; it must count (`why_void_word`)."""
    roster = known.at(said.state)
    if roster is None:
        return known
    word = (said.author, roster.terms[said.author])
    if said.joins:
        return msgspec.structs.replace(known, joined=known.joined | {word})
    return msgspec.structs.replace(known, left=known.left | {word})


class _Member(Protocol):
    @property
    def origin(self) -> str: ...


def why_void_word(
    members: Mapping[str, _Member], groups: Mapping[str, Circle], said: MembershipSaid
) -> Message | None:
    """Why the word of a member of a group counts for nothing; None when it counts."""
    if said.created_by != said.author:
        return say("rules.void-not-its-author", author=said.author, creator=said.created_by)
    member = members.get(said.author)
    if member is None or member.origin != said.ledger:
        return say("rules.void-other-ledger", author=said.author, ledger=said.ledger)
    circle = groups.get(said.group)
    roster = circle.at(said.state) if circle is not None else None
    if roster is None or said.author not in roster.terms:
        return say("rules.group-unknown")
    return None


def circles_of(circles: Mapping[str, Circle], member: str) -> list[str]:
    """The groups that a member belongs to: nothing tells of the others, not even their number."""
    return sorted(group for group, circle in circles.items() if circle.belongs(member))
