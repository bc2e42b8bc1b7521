"""One object as this node knows it: every holding of it, how it came and whom it reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import NotFoundError
from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.answers import given_back
from accord.rules.facts import Facts
from accord.rules.permissions import stands
from accord.store.records import EntryRow, Holding, TransferRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .acknowledging import SHELL, withheld_from
from .node import Node


class Passage(msgspec.Struct, frozen=True):
    """One line of the record of transfers about an entry."""

    seq: int
    at: datetime
    direction: str
    peer: str
    facts: int


class Carried(msgspec.Struct, frozen=True):
    """An entry that carries a holding: its place, its envelope, and where it went or came from."""

    origin: str
    index: int
    envelope: Envelope
    passages: tuple[Passage, ...]


class Came(msgspec.Struct, frozen=True):
    """That a source gave a holding: when it was taken, and by when the server says it had it."""

    source: str
    url: str
    at: datetime
    added: str | None


class HoldingView(msgspec.Struct, frozen=True, kw_only=True):
    """One publisher's one version. `own` tells ours from another's version of the same object.

    `correction`: it was only proposed, to the member whose object it is. `restriction`: what the
    reader must acknowledge before `body` is shown. `evidence`: for which purposes its author lets
    us use it as evidence; null where no code H1 forbids that.
    """

    publisher: str
    own: bool
    correction: bool
    version: str
    type: str
    status: str
    body: bytes | None
    carried: tuple[Carried, ...]
    came: tuple[Came, ...]
    restriction: str | None = None
    evidence: tuple[str, ...] | None = None


def show_object(
    node: Node, object_id: str, *, history: bool = False, reader: str = SHELL
) -> list[HoldingView]:
    """Each publisher's newest version of an object, or with `history` every version, newest first.

    Another member's newer version never replaces ours: both are listed. What came with code H3 is
    shown to a `reader` (by name) who has acknowledged it. Raises `NotFoundError`.
    """

    def job(tx: Transaction) -> list[HoldingView]:
        found = tx.holdings.versions(object_id)
        if not found:
            raise NotFoundError("node.object-unknown", id=object_id)
        if not history:
            newest: dict[int, Holding] = {}
            for held in found:
                newest.setdefault(held.ledger, held)
            found = list(newest.values())
        withheld = withheld_from(tx, found, reader)
        facts, now = node.facts(tx), node.now()
        return [_view(tx, held, facts, now, withheld.get(held.seq)) for held in found]

    return node.read(job)


def _view(
    tx: Transaction, held: Holding, facts: Facts, now: datetime, restriction: str | None
) -> HoldingView:
    ledger = tx.ledgers.get(held.ledger)
    carried = tuple(_carried(tx, entry) for entry in tx.entries.of_holding(held.seq))
    return HoldingView(
        publisher=ledger.member if ledger is not None else "",
        own=held.ledger == OWN_LEDGER,
        correction=bool(carried) and all(given_back(each.envelope, facts) for each in carried),
        version=held.version,
        type=held.type,
        status=held.status,
        body=held.body if restriction is None else None,
        carried=carried,
        restriction=restriction,
        evidence=_evidence(carried, facts, now) if held.ledger != OWN_LEDGER else None,
        came=tuple(
            Came(row.name, row.url, from_micros(given.at), given.added)
            for given, row in tx.sources.of_holding(held.seq)
        ),
    )


def _evidence(carried: Sequence[Carried], facts: Facts, now: datetime) -> tuple[str, ...] | None:
    """For which purposes the author of a holding lets us use it, where code H1 asks for that."""
    coded = [each for each in carried if "H1" in each.envelope.handling.codes]
    if not coded:
        return None
    places = [(each.origin, each.index) for each in coded]
    return tuple(
        given.purpose
        for given in facts.permissions.values()
        if (given.entry.origin, given.entry.index) in places
        and facts.me in given.members
        and stands(given, now)
    )


def _carried(tx: Transaction, entry: EntryRow) -> Carried:
    ledger = tx.ledgers.get(entry.ledger)
    lines = tx.transfers.of_entry(entry.ledger, entry.number)
    return Carried(
        origin=ledger.origin if ledger is not None else "",
        index=entry.number,
        envelope=reread_envelope(entry.envelope),
        passages=tuple(_passage(tx, seq, line) for seq, line in lines),
    )


def _passage(tx: Transaction, seq: int, line: TransferRow) -> Passage:
    peer = tx.peers.by_id(line.peer)
    name = peer.member if peer is not None else ""
    return Passage(seq, from_micros(line.at), line.direction, name, line.facts)
