"""Charters, their communities and working groups, drawn for the release rule to judge by."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from accord.rules.acts import (
    GroupClosed,
    GroupSeen,
    MembershipSaid,
    ProposalSeen,
    SignatureSeen,
    What,
    WithdrawalSeen,
)
from accord.rules.areas import AREAS
from accord.rules.community import belonging
from accord.rules.facts import Facts
from accord.rules.terms import DeclaredArea, Terms

_WORDS = dict.fromkeys(("zh", "ru", "en"), "-")
_SHA = "cd" * 32
_CHARTERS = ("declares nothing", "declares its areas", "is over")


class Charters:
    """Three: one that declares no areas, one that declares some, and one that has ended."""

    def __init__(self, draw: random.Random, origin_of: Mapping[str, str]) -> None:
        self._draw, self._origin_of = draw, origin_of
        self.ids = [
            f"accord-agreement--{number:08x}-1111-4111-8111-111111111111"
            for number in range(len(_CHARTERS))
        ]

    def cited(self) -> str:
        """The charter that an agreement stands under; the ended one seldom."""
        return self._draw.choices(self.ids, weights=(6, 6, 1))[0]

    def whats(self, since: datetime, over: datetime) -> Iterator[What]:
        """What is known of them: each signed by its parties, of whom one has left."""
        for place, name in enumerate(self.ids):
            parties = tuple(self._draw.sample(list(self._origin_of), 12))
            areas = self._draw.sample(list(AREAS), len(AREAS) - 2) if place == 1 else []
            terms = Terms(
                name=_CHARTERS[place],
                titles=_WORDS,
                texts=_WORDS,
                parties=parties,
                areas=tuple(AREAS),
                purposes=("defence",),
                tlp_ceiling="red",
                onward="none",
                valid_from=since,
                valid_until=over if place == 2 else None,
                vocabulary=tuple(DeclaredArea(area=area, **_WORDS) for area in areas),
            )

            def said(author: str, when: datetime = since, name: str = name) -> dict[str, Any]:
                return {
                    "author": author,
                    "ledger": self._origin_of[author],
                    "audience": parties,  # noqa: B023
                    "issued": when,
                    "agreement": name,
                    "sha256": _SHA,
                    "created_by": author,
                }

            yield ProposalSeen(**said(parties[0]), terms=terms)
            for party in parties:
                yield SignatureSeen(**said(party), person="-", office="-")
            yield WithdrawalSeen(**said(parties[-1], over), reason="-")

    def decided(self, facts: Facts, since: datetime) -> Facts:
        """The facts with the council of each: whom it suspended, and who has departed."""
        known = dict(facts.agreements)
        for name in self.ids:
            apart = self._draw.sample(list(self._origin_of), 10)
            community = belonging.Community(
                root="-",
                members=dict.fromkeys(self._origin_of, "member"),
                suspended=dict.fromkeys(apart[:6], since),
                departed=dict.fromkeys(apart[6:], since),
            )
            known[name] = replace(known[name], community=community)
        return replace(facts, agreements=known)


class Group(msgspec.Struct, frozen=True):
    """A group, its two states, and who is on its roster beside the node's own member.

    The last two were admitted at the second state; the last has not said that it joins.
    """

    id: str
    states: tuple[str, str]
    members: tuple[str, ...]


class Groups:
    """Working groups of one member: each of some parties of an agreement that it is a party of.

    In each some are founders, one was admitted and joined, one was and has not; a third of them
    show newcomers no history, and a few are closed.
    """

    def __init__(self, draw: random.Random, me: str, origin_of: Mapping[str, str]) -> None:
        self._draw, self._me, self._origin_of = draw, me, origin_of
        self.of_agreement: dict[str, Group] = {}

    def whats(self, agreements: Sequence[tuple[str, Terms]]) -> Iterator[What]:
        """What is known of the groups of these agreements."""
        for number, (name, terms) in enumerate(agreements):
            others = [member for member in terms.circle if member != self._me]
            if self._me not in terms.circle or len(others) < 4:
                continue
            group = Group(
                id=f"accord-group--{number:08x}-2222-4222-8222-222222222222",
                states=(f"{number:04x}" * 16, f"{number + 0x8000:04x}" * 16),
                members=tuple(self._draw.sample(others, max(3, len(others) * 2 // 3))),
            )
            self.of_agreement[name] = group
            yield from self._of_one(group, name)

    def _of_one(self, group: Group, agreement: str) -> Iterator[What]:
        draw, (first, second) = self._draw, group.states
        *founders, joins, waits = group.members
        terms = dict.fromkeys([self._me, *founders], first)
        known = {
            "group": group.id,
            "agreement": agreement,
            "history": draw.choice(("all", "all", "from-joining")),
        }
        yield GroupSeen(**known, state=first, terms=terms, first=True)
        late = dict.fromkeys((joins, waits), second)
        yield GroupSeen(**known, state=second, terms={**terms, **late}, first=False)
        yield MembershipSaid(
            author=joins,
            ledger=self._origin_of[joins],
            created_by=joins,
            group=group.id,
            state=second,
            joins=True,
        )
        if draw.random() < 0.1:
            yield GroupClosed(group=group.id)
