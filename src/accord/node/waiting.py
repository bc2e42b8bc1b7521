"""What waits in quarantine: shown by reason and never by content, tried again, purged in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from accord.base.clock import to_micros
from accord.base.errors import NotFoundError
from accord.base.messages import say
from accord.ledger.opening import read_opening
from accord.store.records import PeerRow, QuarantineRow, RefusalRow
from accord.store.transaction import Transaction

from .node import Node
from .reading import read_openings_of
from .receiving import Outcome, keep_reads
from .returning import replay_statements

_BATCH = 200
_NO_FACTS = ("rules.marking-unresolved", "rules.amendment-not-here")


def list_waiting(node: Node) -> list[QuarantineRow]:
    """All that waits, oldest first."""
    found: list[QuarantineRow] = []
    while page := node.read(
        lambda tx: tx.quarantine.page(after=found[-1].seq if found else 0)  # noqa: B023
    ):
        found += page
    return found


def waiting_behind(node: Node, after: int, limit: int) -> list[QuarantineRow]:
    """Some of what waits, behind one of them, oldest first."""
    return node.read(lambda tx: tx.quarantine.page(after=after, limit=limit))


def show_waiting(node: Node, seq: int) -> QuarantineRow:
    """One of them. Raises `NotFoundError`."""
    row = node.read(lambda tx: tx.quarantine.get(seq))
    if row is None:
        raise NotFoundError("node.quarantine-unknown", seq=seq)
    return row


def list_refused(node: Node, limit: int = 1000, before: int | None = None) -> list[RefusalRow]:
    """What was refused for good, newest first, with the reasons; behind `before`, one of them."""
    return node.read(lambda tx: tx.quarantine.refused(before=before, limit=limit))


def retry_waiting(node: Node, *, seq: int | None = None) -> Outcome:
    """Judge again what waits (or one of it), on today's facts."""
    rows = list_waiting(node) if seq is None else [show_waiting(node, seq)]
    return _retry(node, rows)


def retry_after_new_facts(node: Node) -> Outcome:
    """Count our own statements that came back, judge again what waits for the newest facts.

    What waits for what is no fact is judged each time: the definition of a marking, an amendment
    that waits itself.
    """
    replay_statements(node)
    last = node.read(lambda tx: tx.facts.last())
    rows = list_waiting(node)
    return _retry(node, [row for row in rows if row.facts < last or _lacks_no_fact(row)])


def _lacks_no_fact(row: QuarantineRow) -> bool:
    return any(reason.key in _NO_FACTS for reason in row.reasons)


def purge_waiting(node: Node, now: datetime) -> int:
    """What waited too long is refused: place, commitment and reason stay, the opening goes."""
    before = to_micros(now - timedelta(days=node.limits.quarantine_days))

    def job(tx: Transaction) -> int:
        purged = tx.quarantine.purge(before)
        for row in purged:
            opening = read_opening(row.opening, node.limits)
            tx.quarantine.refuse(
                RefusalRow(
                    seq=0,
                    ledger=row.ledger,
                    number=row.number,
                    commitment=opening.commitment(),
                    recorded=to_micros(now),
                    reasons=(say("node.quarantine-expired"), *row.reasons),
                    notified=False,
                )
            )
        return len(purged)

    return node.write(job)


def _retry(node: Node, rows: Sequence[QuarantineRow]) -> Outcome:
    done = Outcome()
    by_ledger: dict[int, list[QuarantineRow]] = {}
    for row in rows:
        by_ledger.setdefault(row.ledger, []).append(row)
    for ledger, group in by_ledger.items():
        peer, size = node.read(lambda tx: _peer_of(tx, ledger))  # noqa: B023
        if peer is None or peer.state != "confirmed":
            continue
        group = [row for row in group if row.number < size]  # else it waits for the spine as well
        for start in range(0, len(group), _BATCH):
            done = done.plus(_retry_batch(node, peer, group[start : start + _BATCH]))
    return done


def _peer_of(tx: Transaction, ledger: int) -> tuple[PeerRow | None, int]:
    """Whose ledger it is, and how much of it was verified."""
    row = tx.ledgers.get(ledger)
    return (None, 0) if row is None else (tx.peers.get(row.member), row.size)


def _retry_batch(node: Node, peer: PeerRow, rows: Sequence[QuarantineRow]) -> Outcome:
    """Take the openings out and judge them; what still waits is put back in the same commit."""
    openings = [read_opening(row.opening, node.limits) for row in rows]
    reads = read_openings_of(node, peer.member, openings)
    now = node.now()

    def job(tx: Transaction) -> Outcome:
        for ledger in {row.ledger for row in rows}:
            tx.quarantine.release(ledger, [row.number for row in rows if row.ledger == ledger])
        return keep_reads(node, tx, peer, reads, None, now)

    return node.write(job)
