"""Who gets which of our entries: the release rule applied to our own ledger.

New entries are judged when they are appended; older ones again whenever the facts change, so that
an accession or a late signature releases them without the receiver having to ask anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.acts import CouncilDecided, ObjectionWithdrawn, ReservationWithdrawn
from accord.rules.facts import (
    Fact,
    Facts,
    GroupSeen,
    MembershipSaid,
    PeerConfirmed,
    PeerResumed,
    PermissionGiven,
    ProposalSeen,
    SignatureSeen,
    TextDecided,
    decode_fact,
)
from accord.rules.preview import Item, Row, preview
from accord.rules.release import Judgement, ReleaseRule
from accord.store.grants import ROUTINE, URGENT
from accord.store.records import EntryRow, NewGrant, PeerRow
from accord.store.transaction import Transaction

from .clocks import withdrawn
from .node import Node
from .summary import decode_summary, item_of

_PAGE = 1000
_OPENING = (ProposalSeen, SignatureSeen, TextDecided, ReservationWithdrawn, ObjectionWithdrawn)
_SETTLED = "grants.facts"  # the last fact after which older entries were judged


def confirmed_peers(tx: Transaction) -> dict[str, PeerRow]:
    """The peers to whom something could go, by member."""
    return {row.member: row for row in tx.peers.all() if row.state == "confirmed"}


def judge(
    tx: Transaction, items: Sequence[Item], peer: PeerRow, facts: Facts, now: datetime
) -> tuple[Row, ...]:
    """A row for each item, in order; what was granted to the peer or came from it, it has."""
    here = {item.object_id for item in items}
    elsewhere = {ref.id for item in items for ref in item.references if ref.id not in here}
    had = _had(tx, peer, sorted(elsewhere)) if elsewhere else set()
    return preview(items, [peer.member], facts, now, lambda _, target: target in had).rows


def _had(tx: Transaction, peer: PeerRow, object_ids: Sequence[str]) -> set[str]:
    ledger = tx.ledgers.of_member(peer.member)
    gave = tx.holdings.hashes(ledger.id, object_ids) if ledger is not None else {}
    return tx.grants.objects_granted(peer.id, object_ids) | {each for each, _ in gave}


def grants_for(
    peer: PeerRow, rows: Sequence[Row], entries: Sequence[tuple[int, Envelope]]
) -> list[NewGrant]:
    """The grants that these rows allow; `entries` are (seq, envelope), one for each row."""
    return [
        NewGrant(
            peer=peer.id,
            lane=URGENT if envelope.urgency == "urgent" else ROUTINE,
            entry=seq,
        )
        for row, (seq, envelope) in zip(rows, entries, strict=True)
        if row.released
    ]


def settle_grants(node: Node) -> int:
    """Judge our older entries anew after facts came in. Returns how many grants were added.

    Whoever learnt a fact calls this after its commit. It goes page by page, each its own commit, so
    that a member with a million entries is not held up by one new peer. How far it came is kept: a
    crash in between leaves grants missing until the next call, which every start of a node makes.
    """
    added = 0
    while True:
        settled, facts = node.read(lambda tx: (_settled(tx), node.facts(tx)))
        if settled >= facts.seq:
            return added
        news = node.read(lambda tx: [decode_fact(raw) for raw in tx.facts.between(settled)])  # noqa: B023
        for agreement, member in _concerned(news, facts):
            while count := _settle(node, agreement, member):
                added += count  # again: what was added may unblock what refers to it
        node.write(lambda tx: tx.settings.set(_SETTLED, str(facts.seq)))  # noqa: B023


def _settled(tx: Transaction) -> int:
    return int(tx.settings.get(_SETTLED) or 0)


def _concerned(news: Sequence[Fact], facts: Facts) -> list[tuple[str | None, str | None]]:
    """Which entries new facts could release: (agreement, null: control; member, null: everyone)."""
    found: dict[tuple[str | None, str | None], None] = {}
    for fact in news:
        what = fact.what
        if isinstance(what, PeerConfirmed | PeerResumed):
            found |= {(each, what.member): None for each in (None, *facts.agreements)}
        elif isinstance(what, CouncilDecided):  # admitted, or restored: what it is to know now
            member = what.effect.member
            found |= {(each, member): None for each in _with_those_under(what.body, facts)}
        elif isinstance(what, _OPENING):
            found |= {(each, None): None for each in _with_those_under(what.agreement, facts)}
        elif isinstance(what, GroupSeen | MembershipSaid):
            circle = facts.groups[what.group]
            told = circle.roster() if isinstance(what, GroupSeen) else (what.author,)
            bases = (None, circle.agreement)
            found |= {(basis, member): None for member in told for basis in bases}
        elif isinstance(what, PermissionGiven) and what.to == facts.me:
            found |= {(each, None): None for each in facts.agreements}
    return list(found)


def _with_those_under(agreement: str, facts: Facts) -> list[str]:
    """The agreement and, where it is a charter, those that stand under it."""
    under = [
        known.id
        for known in facts.agreements.values()
        if any(text.proposal.terms.charter == agreement for text in known.texts.values())
    ]
    return [agreement, *under]


def _settle(node: Node, agreement: str | None, member: str | None) -> int:
    """One pass over our entries under an agreement; how many grants it added.

    A page is written to only where something would be granted: most facts open nothing.
    """
    added, after = 0, 0
    while True:
        page = _Page(agreement, member, after)
        wanting, following = node.read(lambda tx: _look_at_page(node, tx, page))  # noqa: B023
        if wanting:
            added += node.write(lambda tx: _settle_page(node, tx, page))  # noqa: B023
        if not following:
            return added
        after = following


class _Page(NamedTuple):
    """Our entries under an agreement (null: control) behind `after`; for one member, or all."""

    agreement: str | None
    member: str | None
    after: int


def _look_at_page(node: Node, tx: Transaction, page: _Page) -> tuple[bool, int]:
    """Whether something of a page would be granted, and behind which entry the next one begins."""
    rows = tx.entries.own(agreement=page.agreement, after=page.after, limit=_PAGE)
    wanting = bool(_wanting(tx, rows, page.member, node.facts(tx), node.now()))
    return wanting, rows[-1].seq if len(rows) == _PAGE else 0


def _settle_page(node: Node, tx: Transaction, page: _Page) -> int:
    rows = tx.entries.own(agreement=page.agreement, after=page.after, limit=_PAGE)
    facts, now = node.facts(tx), node.now()
    wanting = _wanting(tx, rows, page.member, facts, now)
    return sum(_grant_page(tx, waiting, peer, facts, now) for peer, waiting in wanting)


_Waiting = list[tuple[int, Envelope, Item]]  # entries by seq


def _wanting(
    tx: Transaction, rows: Sequence[EntryRow], member: str | None, facts: Facts, now: datetime
) -> list[tuple[PeerRow, _Waiting]]:
    """The peers whom the rule lets have some of these entries, with those they have not yet.

    Each entry is read and judged once, however many peers there are.
    """
    peers = confirmed_peers(tx)
    wanted = list(peers.values()) if member is None else [peers[member]] if member in peers else []
    granted = tx.grants.granted_to([peer.id for peer in wanted], [row.seq for row in rows])
    left = [row for row in rows if row.salt_o is not None and len(granted[row.seq]) < len(wanted)]
    gone = withdrawn(tx, left) if left else set()
    rule, read = ReleaseRule(facts, now), list[tuple[int, Envelope, Item, Judgement]]()
    for row in left:
        if row.seq not in gone:
            envelope = reread_envelope(row.envelope)
            item = item_of(envelope, decode_summary(row.summary))
            read.append((row.seq, envelope, item, rule.judge(item.entry)))
    found = []
    for peer in wanted:
        waiting = [each for each in read if peer.id not in granted[each[0]]]
        if any(judgement.to(peer.member).allowed for *_, judgement in waiting):
            found.append((peer, [(seq, envelope, item) for seq, envelope, item, _ in waiting]))
    return found


def _grant_page(
    tx: Transaction, waiting: _Waiting, peer: PeerRow, facts: Facts, now: datetime
) -> int:
    found = judge(tx, [item for _, _, item in waiting], peer, facts, now)
    grants = grants_for(peer, found, [(seq, envelope) for seq, envelope, _ in waiting])
    tx.grants.grant(grants)
    return len(grants)
