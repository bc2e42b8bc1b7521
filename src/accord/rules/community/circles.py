"""Working groups: who belongs at a time, who may know it, who may see which of its entries.

A group is a body with a chain of states of its own (`rules.decisions.bodies`). The council
authorises it with its first roster; after that its own members decide whom they admit, and one
that was admitted belongs when it has also consented.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from accord.base.messages import Message, say
from accord.ledger.envelope import Tlp
from accord.rules.case import TLP_RANK
from accord.rules.decisions.bodies import BodyState

Chain = Sequence[BodyState]


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A group as a node knows it: its states so far, who consented, whether it was closed."""

    chain: tuple[BodyState, ...]
    founders: frozenset[str]
    consented: frozenset[str] = frozenset()
    parties: frozenset[str]  # of its agreement: nobody else can belong, whatever was decided
    closed: bool = False

    def roster(self, state: str | None = None) -> frozenset[str]:
        """Who belongs at a state of the chain, by its id; at the last one by default.

        Empty for an unknown state. Founders consent with their agreement to the motion.
        """
        at = self._place(state)
        if at is None:
            return frozenset()
        there = frozenset(self.chain[at].members) & self.parties
        return there & (self.founders | self.consented)

    def roster_for(self, asker: str) -> tuple[str, ...] | None:
        """The roster, for one who belongs; None for anybody else, as if there were no group."""
        roster = self.roster()
        return tuple(sorted(roster)) if asker in roster else None

    def may_see(self, asker: str, state: str) -> bool:
        """Whether `asker` may see an entry that was addressed to the group at this state.

        Who was in the roster then may, for good: it has it. Who came later may if the group shows
        its history. Who left sees nothing of what came after.
        """
        if asker in self.roster(state):
            return True
        if self._place(state) is None or asker not in self.roster():
            return False
        return self.chain[-1].history == "all"

    def may_write(self, asker: str) -> bool:
        """Whether `asker` may address the group now."""
        return not self.closed and asker in self.roster()

    def _place(self, state: str | None) -> int | None:
        if state is None:
            return len(self.chain) - 1 if self.chain else None
        places = (place for place, each in enumerate(self.chain) if each.id == state)
        return next(places, None)


class Share(msgspec.Struct, frozen=True):
    """One audience of an object and the marking it has for it: an entry of its own."""

    audience: frozenset[str]
    tlp: Tlp


def check_shares(shares: Sequence[Share], own: Tlp | None) -> list[Message]:
    """What speaks against releasing one object to these audiences, each with its marking.

    A marking may only tighten the object's own; an audience inside another one must not have
    the stricter marking, for its members could use the other's entry.
    """
    found: list[Message] = []
    for place, share in enumerate(shares):
        if not share.audience:
            found.append(say("rules.share-nobody", place=place + 1))
        if own is not None and TLP_RANK[share.tlp] < TLP_RANK[own]:
            found.append(say("rules.share-looser", place=place + 1, tlp=share.tlp, own=own))
        if any(_covers(other, share) for other in shares if other is not share):
            found.append(say("rules.share-covered", place=place + 1))
    return found


def _covers(other: Share, share: Share) -> bool:
    if share.audience == other.audience:
        return True
    return share.audience < other.audience and TLP_RANK[share.tlp] > TLP_RANK[other.tlp]


def marking_for(shares: Iterable[Share], reader: str) -> Tlp | None:
    """The marking under which `reader` may use the object: the loosest it was given; None: none."""
    given = [share.tlp for share in shares if reader in share.audience]
    return min(given, key=lambda tlp: TLP_RANK[tlp], default=None)


def circles_of(circles: Mapping[str, Circle], member: str) -> Collection[str]:
    """The groups that a member belongs to: nothing tells of the others, not even their number."""
    return sorted(body for body, circle in circles.items() if member in circle.roster())
