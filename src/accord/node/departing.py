"""Leaving a community: at once and without a vote; what stops then, and what is still owed.

Each withdrawal is a commit of its own, the charter's last: cut off in between, leaving again goes
on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import InputError, NotFoundError
from accord.rules.community.departure import (
    OWED,
    Act,
    Duty,
    Electorate,
    OpenRecall,
    Retained,
    owed,
)
from accord.rules.control import ORDINARY
from accord.rules.decisions.council import Council
from accord.rules.facts import Facts
from accord.store.transaction import Transaction

from .agreements import withdraw
from .answering import list_followed
from .applying import take_back
from .councillog import council_of
from .duties import do_duties
from .node import Node
from .recalling import recall_tables

_PAGE = 1000
_OPEN = ("pending", "overdue", "refused")


class DepartureView(msgspec.Struct, frozen=True, kw_only=True):
    """One that left a community. `noted`: the council has taken note, and counts it no more."""

    body: str
    member: str
    left: datetime
    reason: str | None
    noted: bool
    stops: tuple[Act, ...]
    goes_on: tuple[Act, ...]
    owed: tuple[Duty, ...]


def leave(node: Node, *, body: str | None = None, reason: str) -> list[str]:
    """Withdraw from a community (null: the only one) and from all agreements under its charter.

    Who has only applied takes its application back. Returns the agreements that were left. Raises
    `NotFoundError` when we belong to none, `InputError` when it is not clear which.
    """
    do_duties(node)  # what is due is said before we go, and what was decided is known
    facts = node.facts_now()
    mine = [each for each in _communities(facts) if body in (None, each)]
    asked = [
        each for each, who in facts.applications if who == node.member and body in (None, each)
    ]
    asked = [each for each in asked if each not in mine and facts.applied_to(each)]
    if len(mine) + len(asked) > 1:
        raise InputError("node.council-which", count=len(mine) + len(asked))
    for each in asked:
        take_back(node, each)
        return []
    if not mine:
        raise NotFoundError("node.council-none")
    left = [each for each in (*_under(facts, mine[0]), mine[0]) if _binds(facts, each)]
    for agreement in left:
        withdraw(node, agreement, reason=reason)
    return left


def _communities(facts: Facts) -> list[str]:
    """Those that this member belongs to, and has not left to the end."""
    return [
        known.id
        for known in facts.agreements.values()
        if known.community is not None
        and facts.me in known.community.members
        and facts.me not in known.withdrawals
    ]


def _under(facts: Facts, charter: str) -> list[str]:
    return [
        known.id
        for known in facts.agreements.values()
        if any(text.proposal.terms.charter == charter for text in known.texts.values())
    ]


def _binds(facts: Facts, agreement: str) -> bool:
    """Whether this member is named by it or has signed it, and has not left it."""
    known, me = facts.agreements[agreement], facts.me or ""
    if me in known.withdrawals:
        return False
    belongs = known.community is not None and me in known.community.members
    return belongs or any(me in text.known for text in known.texts.values())


def departures(node: Node) -> list[DepartureView]:
    """Everyone that has left a community known here, with what it owes as far as we can see.

    Of ourselves we see all; of others the receipts for what we called back, and their tallies.
    """
    facts = node.facts_now()
    return [_view(node, facts, *each) for each in _left(facts)]


def departure_of(node: Node, member: str) -> list[DepartureView]:
    """The same of one member. Raises `NotFoundError` when it has left nothing."""
    found = [each for each in departures(node) if each.member == member]
    if not found:
        raise NotFoundError("node.community-not-left", member=member, body="-")
    return found


def _left(facts: Facts) -> Iterator[tuple[str, str, datetime]]:
    """(charter, member, when): who withdrew, and whose departure the council noted."""
    for known in facts.agreements.values():
        if known.community is None:
            continue
        when = {member: left.at for member, left in known.withdrawals.items()}
        for member, at in {**known.community.departed, **when}.items():
            yield known.id, member, at


def _view(node: Node, facts: Facts, body: str, member: str, left: datetime) -> DepartureView:
    known = facts.agreements[body]
    said = known.withdrawals.get(member)
    community = known.community
    me = member == node.member
    return DepartureView(
        body=body,
        member=member,
        left=left,
        reason=said.reason if said is not None else None,
        noted=community is not None and member not in community.members,
        stops=tuple(act for act in get_args(Act) if act not in OWED),
        goes_on=tuple(act for act in get_args(Act) if act in OWED),
        owed=tuple(
            owed(
                member,
                left,
                node.now(),
                recalls=_own_recalls(node) if me else _recalls_to(node, member),
                retained=_retained(node, facts, body) if me else (),
                motions=node.read(lambda tx: _open_motions(council_of(node, tx), body, member)),
            )
        ),
    )


def _own_recalls(node: Node) -> list[OpenRecall]:
    return [
        OpenRecall(f"{each.member} {each.number}", each.due)
        for each in list_followed(node)
        if not each.answered
    ]


def _recalls_to(node: Node, member: str) -> list[OpenRecall]:
    """Our recalls for which a member has sent no receipt, or refused one."""
    return [
        OpenRecall(f"{node.member} {table.number}", table.recall.due)
        for table in recall_tables(node)
        if any(row.member == member and row.state in _OPEN for row in table.rows)
    ]


def _retained(node: Node, facts: Facts, body: str) -> list[Retained]:
    """What we hold of others under the charter and the agreements under it."""
    return [
        Retained(agreement, count, until)
        for agreement in (body, *_under(facts, body))
        for count, until in node.read(lambda tx: _held_under(tx, agreement))  # noqa: B023
    ]


def _held_under(tx: Transaction, agreement: str) -> list[tuple[int, datetime | None]]:
    """How many entries, with the first end of their clocks: those with a clock, those without."""
    ends: list[int] = []
    timeless = after = 0
    while rows := tx.entries.received_under(agreement, after, _PAGE):
        held = [row.seq for row in rows if row.kind == ORDINARY]
        clocks = tx.clocks.of_entries(held)
        ends += [clock.ends for clock in clocks.values() if clock.state != "erased"]
        timeless += len(held) - len(clocks)
        after = rows[-1].seq
    found: list[tuple[int, datetime | None]] = []
    if ends:
        found.append((len(ends), from_micros(min(ends))))
    if timeless:
        found.append((timeless, None))
    return found


def _open_motions(council: Council, body: str, member: str) -> list[Electorate]:
    found = []
    for sha256 in council.motions():
        if council.finals.get(sha256):  # nothing is owed of it, and its record is not read
            continue
        motion = council.motion(sha256)
        if motion is None or motion.body != body or member not in motion.electorate:
            continue
        if council.is_fit(sha256):
            found.append(Electorate(sha256, motion.opens, final=False))
    return found
