"""Receiving: each opening checked against the verified commitment, validated, judged, kept.

A batch is one transaction: holdings, entries, listings, the record of transfers, what was refused
and why, and the cursor. A crash before the commit leaves nothing of it and the cursor where it was;
the same openings are asked for again. Nothing is kept twice, since a place in a ledger is one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from accord.base.clock import from_micros, to_micros
from accord.base.errors import InputError
from accord.base.messages import Message, say
from accord.ledger.envelope import Envelope
from accord.ledger.faults import Malformed
from accord.ledger.opening import GrantedOpening, write_opening
from accord.rules.answers import answered_by
from accord.rules.facts import why_void
from accord.rules.release import ReleaseRule
from accord.rules.statements import what_of
from accord.store.records import (
    EntryRow,
    Kept,
    LedgerRow,
    PeerRow,
    QuarantineRow,
    RefusalRow,
    TransferRow,
)
from accord.store.transaction import Transaction

from .answering import recalled_already, take_answer
from .append import new_holding
from .clocks import start_clocks
from .factlog import learn
from .granting import settle_grants
from .latecomers import awaited_texts, seen_by
from .listing import Shown, is_shown, list_kept, named_by
from .node import Node
from .reading import Read, read_openings_of
from .serving import Cursor, encode_verdict
from .summary import (
    Summary,
    encode_summary,
    entry_of,
    flagged,
    level_of,
    marking_reader,
    parties_of,
    summarise,
)

# A co-signature tells whole seconds, cut: it speaks of the end of its second.
_SECOND_SEEN = timedelta(microseconds=999_999)


class Outcome(msgspec.Struct, frozen=True):
    """What became of a batch: how many were kept, wait, were refused, and were here already.

    `defined` of those that were kept define a marking, for which others may have waited.
    """

    kept: int = 0
    held: int = 0
    refused: int = 0
    known: int = 0
    defined: int = 0

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(
            self.kept + other.kept,
            self.held + other.held,
            self.refused + other.refused,
            self.known + other.known,
            self.defined + other.defined,
        )


def receive(
    node: Node, peer: PeerRow, granted: Sequence[GrantedOpening], cursor: Cursor
) -> tuple[Outcome, Cursor]:
    """Take what a peer opened to us; the cursor moves in the same commit as what was kept.

    All places must lie within the verified spine. Raises `WrongCommitment` for an opening that is
    not what its place committed to: then nothing of the batch is kept.
    """
    reads = read_openings_of(node, peer.member, [each.opening for each in granted])
    for each in granted:
        cursor = cursor.moved(each)
    node.facts_now()  # folded here, beside the writer and for the next time too
    now = node.now()
    done = Outcome()
    for part, last in _parts(reads):
        moved = cursor if last else None
        done = done.plus(node.write(lambda tx: keep_reads(node, tx, peer, part, moved, now)))  # noqa: B023
    settle_grants(node)
    return done, cursor


def _parts(reads: Sequence[Read]) -> list[tuple[list[Read], bool]]:
    """Statements each by themselves, since what follows may rest on them; the rest together."""
    parts: list[list[Read]] = [[]]
    for read in reads:
        control = read.envelope is not None and read.envelope.kind != "object"
        if control:
            parts += [[read], []]
        else:
            parts[-1].append(read)
    full = [part for part in parts if part] or [[]]
    return [(part, place == len(full) - 1) for place, part in enumerate(full)]


class _Batch:
    """One transaction's worth of openings of one peer, while it is being sorted."""

    def __init__(self, node: Node, tx: Transaction, peer: PeerRow, now: datetime) -> None:
        row = tx.ledgers.of_member(peer.member)
        if row is None:
            raise Malformed("node.opening-beyond", index=0, size=0)
        self.node, self.tx, self.peer, self.now = node, tx, peer, now
        self.ledger: LedgerRow = row
        self.facts = node.facts(tx)
        self.entries: list[EntryRow] = []
        self.shown: list[Shown] = []
        self.clocked: list[tuple[int, Envelope]] = []
        self.answered: list[tuple[int, str]] = []
        self.restricted: list[tuple[int, int]] = []  # holdings with code H3, and their entries
        self.transfers: list[TransferRow] = []
        self.held = 0
        self.refused = 0
        self.statements: list[tuple[Read, datetime]] = []
        self.next_seq = tx.entries.last_seq() + 1
        self._witnessed: tuple[int, int, datetime] = (0, 0, now)

    def witnessed(self, number: int) -> datetime:
        """The time by which the entry existed: the earliest word of a witness, ours included.

        The answer holds for every entry between two co-signed sizes, so it is asked for once.
        """
        first, end, moment = self._witnessed
        if not first <= number < end:
            end, at = self.tx.ledgers.witnessed_span(self.ledger.id, number)
            moment = self.now if at is None else min(self.now, from_micros(at) + _SECOND_SEEN)
            self._witnessed = (number, end, moment)
        return moment


def keep_reads(
    node: Node,
    tx: Transaction,
    peer: PeerRow,
    reads: Sequence[Read],
    cursor: Cursor | None,
    now: datetime,
) -> Outcome:
    """Sort one batch and write all of it."""
    batch = _Batch(node, tx, peer, now)
    known = tx.entries.known(batch.ledger.id, [read.opening.index for read in reads])
    fresh = [read for read in reads if read.opening.index not in known]
    accepted = _judge(batch, _distinct(fresh))
    _store(batch, accepted)
    for read, witnessed in batch.statements:
        _learn(batch, read, witnessed)
    if cursor is not None:
        tx.peers.set_cursors(peer.id, cursor.urgent, cursor.routine)
    return Outcome(
        kept=len(batch.entries),
        held=batch.held,
        refused=batch.refused,
        known=len(reads) - len(fresh),
        defined=sum(_defines(read) for read, _, _ in accepted),
    )


def _distinct(reads: Sequence[Read]) -> list[Read]:
    return list({read.opening.index: read for read in reads}.values())


def _judge(batch: _Batch, reads: Sequence[Read]) -> list[tuple[Read, Summary, datetime]]:
    """The openings that may be kept. The others are refused, or wait, each with its reasons."""
    given = {read.item.id: read.item for read in reads if read.item is not None and _defines(read)}
    markings = marking_reader(batch.tx, (batch.ledger.id,), given)
    rule = ReleaseRule(batch.facts, batch.now)
    accepted: list[tuple[Read, Summary, datetime]] = []
    awaited = awaited_texts(batch.tx, batch.node.member, reads)
    recalled = recalled_already(
        batch.tx, batch.ledger, {read.opening.index: read.envelope for read in reads}
    )
    for read in reads:
        if read.opening.index in recalled:
            _refuse(batch, read, [recalled[read.opening.index]], b"null")
            continue
        if read.envelope is None or read.item is None:
            problem = read.problem or say("node.object-withheld")
            put_aside = _refuse if read.foreign else _hold
            put_aside(batch, read, [problem], b"null")
            continue
        witnessed = batch.witnessed(read.opening.index)
        summary = summarise(read.item, markings, parties_of(read.item))
        summary = flagged(summary, read.item, read.envelope, batch.facts)
        summary = _awaited(summary, read.envelope, awaited)
        entry = entry_of(read.envelope, summary)
        me = batch.node.member
        # It was issued no earlier than its author says: a slow witness cannot antedate it.
        index = read.opening.index
        known = batch.tx, batch.facts, batch.peer
        seen = seen_by(batch.node, *known, index, read.envelope, witnessed)
        issued = max(seen, read.envelope.issued_at)
        verdict = rule.judge(entry, issued).to(me)
        recorded = encode_verdict(verdict, issued)
        if verdict.allowed:
            accepted.append((read, summary, witnessed))
            batch.transfers.append(_transfer(batch, read, "in", recorded))
            continue
        put_aside = _hold if verdict.waits else _refuse
        put_aside(batch, read, [reason.message for reason in verdict.reasons], recorded)
    return accepted


def _awaited(summary: Summary, envelope: Envelope, awaited: set[tuple[str, str]]) -> Summary:
    cited = envelope.agreement
    if envelope.kind != "proposal" or cited is None or (cited.id, cited.sha256) not in awaited:
        return summary
    return msgspec.structs.replace(summary, awaited=True)


def _defines(read: Read) -> bool:
    return read.item is not None and read.item.type == "marking-definition"


def _store(batch: _Batch, accepted: Sequence[tuple[Read, Summary, datetime]]) -> None:
    rows = [
        new_holding(read.item, batch.ledger.id, read.envelope.status)
        for read, _, _ in accepted
        if read.item is not None and read.envelope is not None
    ]
    kept = batch.tx.holdings.keep(rows)
    for (read, summary, witnessed), held in zip(accepted, kept, strict=True):
        if held.same:
            _add_entry(batch, read, summary, held)
            if read.envelope is not None and read.envelope.kind != "object":
                batch.statements.append((read, witnessed))
        else:  # the first content of a version stands; a second one is evidence against its author
            batch.transfers = [row for row in batch.transfers if row.number != read.opening.index]
            _refuse(batch, read, [say("node.version-contradicts", id=_id(read))], b"null")
    batch.tx.entries.put(batch.entries)
    batch.tx.answers.note(batch.answered)
    batch.tx.restrictions.restrict(batch.restricted)
    start_clocks(batch.tx, batch.facts, batch.clocked)
    batch.tx.quarantine.forgive(batch.ledger.id, [row.number for row in batch.entries])
    list_kept(batch.node, batch.tx, batch.shown, batch.ledger.id, batch.now)
    batch.tx.transfers.record(batch.transfers)


def _add_entry(batch: _Batch, read: Read, summary: Summary, held: Kept) -> None:
    envelope, item, opening = read.envelope, read.item, read.opening
    if envelope is None or item is None:
        raise ValueError("only what was read is kept")
    cited = envelope.agreement.id if envelope.agreement is not None else None
    batch.entries.append(
        EntryRow(
            seq=batch.next_seq + len(batch.entries),
            ledger=batch.ledger.id,
            number=opening.index,
            kind=envelope.kind,
            agreement=cited,
            holding=held.seq,
            issued=to_micros(envelope.issued_at),
            envelope=opening.envelope,
            salt_e=opening.salt_e,
            salt_o=opening.salt_o,
            object_half=opening.object_half,
            summary=encode_summary(summary),
            circle=envelope.group,
        )
    )
    batch.clocked.append((batch.entries[-1].seq, envelope))
    batch.answered += [
        (batch.entries[-1].seq, named) for named in answered_by(envelope, item.fields, batch.facts)
    ]
    if cited is not None and is_shown(envelope, batch.facts):
        level, where = level_of(envelope, summary), envelope.group or cited
        named = named_by(envelope, level, received=True)
        batch.shown.append(Shown(where, item, held, level, named))
    if "H3" in envelope.handling.codes:
        batch.restricted.append((held.seq, batch.entries[-1].seq))


def _learn(batch: _Batch, read: Read, witnessed: datetime) -> None:
    """What a control entry states becomes a fact, in the transaction that keeps the entry."""
    if read.envelope is None or read.item is None:
        return
    digest = sha256(read.item.raw).hexdigest()
    try:
        void = take_answer(
            batch.node, batch.tx, batch.ledger, read.opening.index, read.envelope, read.item
        )
        what = what_of(read.envelope, read.item.fields, digest)
    except InputError as error:
        void, what = error.message, None
    if what is not None:
        void = why_void(batch.node.facts(batch.tx), what)
    if void is not None:
        _refuse(batch, read, [void], b"null")
    elif what is not None:
        learn(batch.tx, what, batch.now, witnessed)


def _hold(batch: _Batch, read: Read, reasons: Sequence[Message], verdict: bytes = b"null") -> None:
    """Let it wait, unread, for a fact; over the quota of its peer it is refused instead."""
    limits = batch.node.limits
    entries, size = batch.tx.quarantine.load(batch.ledger.id)
    opening = write_opening(read.opening)
    if entries >= limits.quarantine_entries or size + len(opening) > limits.quarantine_bytes:
        _refuse(batch, read, [say("node.quarantine-full"), *reasons], verdict)
        return
    batch.tx.quarantine.hold(
        QuarantineRow(
            seq=0,
            ledger=batch.ledger.id,
            number=read.opening.index,
            recorded=to_micros(batch.now),
            facts=batch.facts.seq,
            opening=opening,
            reasons=tuple(reasons),
        )
    )
    batch.held += 1
    batch.tx.transfers.record([_transfer(batch, read, "held", verdict)])


def _refuse(batch: _Batch, read: Read, reasons: Sequence[Message], verdict: bytes) -> None:
    """Not kept: place, commitment and reasons stay, and the sender will be told."""
    batch.tx.quarantine.refuse(
        RefusalRow(
            seq=0,
            ledger=batch.ledger.id,
            number=read.opening.index,
            commitment=read.commitment,
            recorded=to_micros(batch.now),
            reasons=tuple(reasons),
            notified=read.envelope is not None and read.envelope.kind == "notice",
        )
    )
    batch.refused += 1
    batch.tx.transfers.record([_transfer(batch, read, "refused", verdict)])


def _transfer(batch: _Batch, read: Read, direction: str, verdict: bytes) -> TransferRow:
    envelope = read.envelope
    cited = envelope.agreement if envelope is not None else None
    return TransferRow(
        at=to_micros(batch.now),
        direction=direction,
        peer=batch.peer.id,
        ledger=batch.ledger.id,
        number=read.opening.index,
        commitment=read.commitment,
        agreement=cited.id if cited is not None else None,
        tlp=envelope.handling.tlp if envelope is not None else None,
        facts=batch.facts.seq,
        verdict=verdict,
    )


def _id(read: Read) -> str:
    return read.item.id if read.item is not None else ""
