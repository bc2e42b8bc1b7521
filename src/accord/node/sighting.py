"""How far each ledger of an electorate is known here: what the rules read silence from.

`taken` never runs ahead of the openings: it is noted after a round of following in which the peer
had nothing further to open, at the size that was verified before it was asked. What waits in
quarantine, and could be an entry of a decision, holds it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from accord.base.clock import to_micros
from accord.ledger.envelope import reread_envelope
from accord.ledger.opening import read_opening
from accord.rules.control import ORDINARY
from accord.rules.decisions.council import Council
from accord.rules.decisions.findings import Views
from accord.rules.decisions.objects import Motion
from accord.rules.decisions.witnessing import Cosigned, LedgerView
from accord.store.records import LedgerRow, PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .node import Node

_SECOND = 1_000_000
_WAITING = 1000  # openings of one ledger that are looked through


def note_taken(node: Node, peer: PeerRow, size: int) -> None:
    """All that the peer granted us of the first `size` entries of its ledger was taken in.

    Lost in a crash, the next round notes it again.
    """

    def known(tx: Transaction) -> tuple[str, int] | None:
        row = tx.ledgers.of_member(peer.member)
        return None if row is None else (_name(row), _noted(tx, row))

    found = node.read(known)
    if found is not None and found[1] < size:
        node.write(lambda tx: tx.settings.set(found[0], str(size)))


def views_of(node: Node, tx: Transaction, council: Council, sha256: str) -> Views:
    """The ledgers of a motion's electorate as they are known here, around the times that matter."""
    return all_views(node, tx, council, [sha256])[sha256]


def all_views(
    node: Node, tx: Transaction, council: Council, motions: Sequence[str]
) -> dict[str, Views]:
    """The same of several motions, by motion: the store is asked once for all of them."""
    voters = {each: motion.electorate for each in motions if (motion := council.motion(each))}
    rows = tx.ledgers.of_members({member for each in voters.values() for member in each})
    taken = _taken(node, tx, list(rows.values()))
    moments = {each: _moments(council, [each, *council.rivals(each)]) for each in voters}
    seen = tx.ledgers.sights(
        {
            (rows[member].id, moment)
            for each, electorate in voters.items()
            for member in electorate
            if member in rows
            for moment in moments[each]
        }
    )
    return {
        each: {
            member: LedgerView(
                ledger=row.origin,
                taken=taken[row.id],
                cosigned=tuple(
                    Cosigned(sight.witness, sight.size, sight.at // _SECOND)
                    for moment in moments[each]
                    for sight in seen[row.id, moment]
                ),
            )
            for member in voters.get(each, ())
            if (row := rows.get(member)) is not None
        }
        for each in motions
    }


def _moments(council: Council, motions: Iterable[str]) -> set[int]:
    """Every close that could be one, and until when a voter had to have the motion for it."""
    found: set[int] = set()
    for sha256 in motions:
        record = council.record(sha256)
        motion: Motion | None = None if record is None else record.motion
        if record is None or motion is None:
            continue
        closes = [motion.closes, *(each.change.closes for each in record.changes)]
        for close in closes:
            if close is not None:
                found |= {to_micros(close), to_micros(close - motion.reading)}
    return found


def _taken(node: Node, tx: Transaction, rows: Sequence[LedgerRow]) -> dict[int, int]:
    """How many entries of each ledger are taken in, by `id`."""
    noted, held = tx.settings.several([_name(row) for row in rows]), tx.quarantine.ledgers()
    found = {}
    for row in rows:
        taken = min(int(noted.get(_name(row), 0)), row.size)
        if row.id == OWN_LEDGER:
            taken = row.size
        elif row.id in held:
            taken = _before_waiting(node, tx, row, taken)
        found[row.id] = taken
    return found


def _before_waiting(node: Node, tx: Transaction, row: LedgerRow, taken: int) -> int:
    for waiting in tx.quarantine.by_number(row.id, 0, _WAITING):
        if waiting.number >= taken:
            break
        if _may_decide(read_opening(waiting.opening, node.limits).envelope):
            return waiting.number
    return taken


def _may_decide(envelope: bytes) -> bool:
    """Whether what waits could be an entry of a decision: also what this version cannot read."""
    try:
        return reread_envelope(envelope).kind != ORDINARY
    except msgspec.DecodeError:
        return True


def _noted(tx: Transaction, row: LedgerRow) -> int:
    return int(tx.settings.get(_name(row)) or 0)


def _name(row: LedgerRow) -> str:
    return f"council.taken {row.origin}"
