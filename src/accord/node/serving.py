"""What a peer may take from us: tiles and checkpoint of our ledger, and the openings granted to it.

Every opening is judged again when it is taken, on the facts of that moment, and put on record in
the same transaction; only then does it leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from accord.base.clock import format_time, to_micros
from accord.ledger.envelope import reread_envelope
from accord.ledger.opening import GrantedOpening
from accord.rules.release import ReleaseRule, Verdict
from accord.store.grants import ROUTINE, URGENT
from accord.store.records import Granted, PeerRow, TransferRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .held import opening_of
from .node import Node
from .summary import decode_summary, entry_of

_OVERHEAD = 256  # bytes of framing, salts and lengths of one opening

_encoder = msgspec.json.Encoder()


class Cursor(msgspec.Struct, frozen=True):
    """How far a peer has read its grants: the last number of each lane."""

    urgent: int = 0
    routine: int = 0

    def moved(self, granted: GrantedOpening) -> Cursor:
        """The cursor behind one more opening."""
        if granted.lane == URGENT:
            return Cursor(max(self.urgent, granted.grant), self.routine)
        return Cursor(self.urgent, max(self.routine, granted.grant))

    def __str__(self) -> str:
        return f"{self.urgent}.{self.routine}"


class Page(msgspec.Struct, frozen=True):
    """Openings in the order to be taken, and whether more are waiting."""

    openings: tuple[GrantedOpening, ...]
    more: bool


def openings_for(node: Node, peer: PeerRow, cursor: Cursor, limit: int) -> Page:
    """The next openings granted to `peer`: all urgent ones first, then the routine ones.

    A crash after the commit and before the answer leaves a record of a transfer that the peer did
    not get; it will ask again, and that is another line. The other order could leave none.
    """
    wanted = max(1, min(limit, node.limits.openings_page))
    now = node.now()
    if not node.read(lambda tx: _has_more(tx, peer, cursor)):
        return Page((), False)
    node.facts_now()  # folded here, beside the writer and for the next time too
    return node.write(lambda tx: _take_page(node, tx, peer, cursor, wanted, now))


def _take_page(
    node: Node, tx: Transaction, peer: PeerRow, cursor: Cursor, limit: int, now: datetime
) -> Page:
    rule = ReleaseRule(node.facts(tx), now)
    found: list[GrantedOpening] = []
    taken: list[tuple[Granted, Verdict, str | None]] = []
    size = 0
    more = False
    for granted in _next_grants(tx, peer, cursor, limit):
        envelope = reread_envelope(granted.entry.envelope)
        entry = entry_of(envelope, decode_summary(granted.entry.summary))
        verdict = rule.judge(entry).to(peer.member)
        if not verdict.allowed:  # what no longer holds is granted anew when it holds again
            tx.grants.withdraw(peer.id, [granted.seq])
            continue
        opening = opening_of(granted.entry, granted.body)
        size += len(granted.entry.envelope) + len(granted.body or b"") + _OVERHEAD
        if found and size > node.limits.openings_page_bytes:
            more = True
            break
        found.append(GrantedOpening(granted.seq, granted.lane, opening))
        taken.append((granted, verdict, envelope.handling.tlp))
    _put_on_record(tx, peer, taken, now)
    last = cursor
    for each in found:
        last = last.moved(each)
    return Page(tuple(found), more or _has_more(tx, peer, last))


def _has_more(tx: Transaction, peer: PeerRow, cursor: Cursor) -> bool:
    urgent, routine = tx.grants.newest(peer.id)
    return urgent > cursor.urgent or routine > cursor.routine


def _next_grants(tx: Transaction, peer: PeerRow, cursor: Cursor, limit: int) -> list[Granted]:
    urgent = tx.grants.page(peer.id, URGENT, cursor.urgent, limit)
    if len(urgent) >= limit:
        return urgent
    return urgent + tx.grants.page(peer.id, ROUTINE, cursor.routine, limit - len(urgent))


def _put_on_record(
    tx: Transaction,
    peer: PeerRow,
    taken: Sequence[tuple[Granted, Verdict, str | None]],
    now: datetime,
) -> None:
    numbers = [granted.entry.number for granted, _, _ in taken]
    commitments = tx.ledgers.commitments(OWN_LEDGER, numbers)
    tx.transfers.record(
        [
            TransferRow(
                at=to_micros(now),
                direction="out",
                peer=peer.id,
                ledger=OWN_LEDGER,
                number=granted.entry.number,
                commitment=commitment,
                agreement=granted.entry.agreement,
                tlp=tlp,
                facts=verdict.facts_seq,
                verdict=encode_verdict(verdict),
            )
            for (granted, verdict, tlp), commitment in zip(taken, commitments, strict=True)
        ]
    )


@lru_cache(maxsize=256)  # the entries of one publication have one verdict
def encode_verdict(verdict: Verdict, judged_as_of: datetime | None = None) -> bytes:
    """A verdict as it is put on record, with the time of issue it rested on, if not the stated."""
    if judged_as_of is None:
        return _encoder.encode(verdict)
    as_of = format_time(judged_as_of)
    return _encoder.encode({**msgspec.structs.asdict(verdict), "judged_as_of": as_of})
