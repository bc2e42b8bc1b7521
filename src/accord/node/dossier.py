"""One object as one reader may see it: its versions, how each came, and what is known about it.

What a collection shows the reader, they may open here; so may they what no collection shows (a
correction given back, exercise data, what was erased), where they may read the entry that carries
it. What they may not read is as if it were not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.access import HoldingSummary, may, may_read, readable_levels
from accord.rules.answers import given_back
from accord.rules.case import TLP_RANK
from accord.rules.facts import Facts
from accord.stix.markings import TLP_ORDER, Markings, markings_of
from accord.store.browsing import Browsed
from accord.store.listings import Asked
from accord.store.records import EntryRow, Holding
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .acknowledging import withheld_from
from .answers import Answer, answers_in
from .node import Node
from .searching import may_know, title_of
from .showing import Came
from .summary import decode_summary, stricter
from .tokens import Reader


class Where(msgspec.Struct, frozen=True):
    """That a collection shows a version: of which agreement or group (null: `private`), when."""

    agreement: str | None
    tlp: str
    at: datetime


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that carries a version.

    `recalled`: how it was called back, if it was, by the `recall` at that place of its ledger.
    """

    seq: int
    author: str
    origin: str
    index: int
    issued: datetime
    envelope: Envelope
    recalled: str | None
    recall: int | None
    open: bool  # its content can still be given


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One publisher's one version, with its number here.

    `fields` is empty where the content was erased, and where the reader has to acknowledge a
    `restriction` (code H3) before reading it. `correction`: only proposed, to its author.
    """

    seq: int
    publisher: str
    own: bool
    correction: bool
    version: str
    type: str
    status: str
    title: str
    body: bytes | None
    fields: dict[str, Any]
    markings: Markings
    shown: tuple[Where, ...]
    entries: tuple[Entry, ...]
    came: tuple[Came, ...]
    restriction: str | None = None

    @property
    def tlp(self) -> str | None:
        """The strictest level that anything says of it."""
        found = self.markings.tlp
        for entry in self.entries:
            found = stricter(found, entry.envelope.handling.tlp)
        return found


class Dossier(msgspec.Struct, frozen=True):
    """All versions that the reader may see: those of one publisher together, newest first."""

    object_id: str
    versions: tuple[Version, ...]

    def newest(self) -> list[Version]:
        """The newest version of each publisher; corrections are versions of their own."""
        found: dict[tuple[str, bool], Version] = {}
        for version in self.versions:
            found.setdefault((version.publisher, version.correction), version)
        return list(found.values())

    def of_publisher(self, version: Version) -> list[Version]:
        """The versions of the same publisher, newest first."""
        return [each for each in self.versions if each.publisher == version.publisher]


def open_dossier(node: Node, reader: Reader, object_id: str) -> Dossier:
    """What the reader may see of an object. Raises `NotFoundError`, `DeniedError`."""

    def job(tx: Transaction) -> Dossier:
        sight = Sight(tx, reader)
        listed: dict[int, list[Browsed]] = {}
        for row in tx.browsing.of_objects(sight.asked, [object_id]):
            listed.setdefault(row.holding, []).append(row)
        facts = node.facts(tx)
        every = tx.holdings.versions(object_id)
        withheld = withheld_from(tx, every, reader.name)
        found = [
            version if held.seq not in withheld else _unread(version, withheld[held.seq])
            for held in every
            if (version := _version(tx, sight, held, listed.get(held.seq, []), facts)) is not None
        ]
        if not found:
            raise NotFoundError("node.object-unknown", id=object_id[:200])
        first = min(found, key=lambda version: version.seq).publisher
        order = sorted(
            found, key=lambda each: (not each.own, each.publisher != first, each.publisher)
        )
        return Dossier(object_id, tuple(order))

    return node.read(job)


def answers_for(node: Node, reader: Reader, object_id: str) -> list[Answer]:
    """Sightings, opinions, notes and corrections about an object that the reader may see."""

    def job(tx: Transaction) -> list[Answer]:
        sight = Sight(tx, reader)
        found = [row for row in tx.answers.to(object_id) if sight.may_open(row[1])]
        withheld = withheld_from(tx, [held for _, _, held in found], reader.name)
        found = [row for row in found if row[2].seq not in withheld]
        return answers_in(node, tx, found, node.facts(tx))

    return node.read(job)


class Named(msgspec.Struct, frozen=True):
    """An object that another refers to, as far as the reader may see it."""

    type: str
    title: str


def titles_of(node: Node, reader: Reader, object_ids: Sequence[str]) -> dict[str, Named]:
    """What those of these objects are called that the reader may see, by their newest version."""

    def job(tx: Transaction) -> dict[str, Named]:
        rows = tx.browsing.of_objects(Sight(tx, reader).asked, object_ids)
        newest = {row.object_id: row for row in sorted(rows, key=lambda row: row.version)}
        return {
            id_: Named(row.type, title_of(msgspec.json.decode(row.body)))
            for id_, row in newest.items()
            if row.body is not None
        }

    return node.read(job)


class Sight:
    """What one reader may see, in one transaction. Raises `DeniedError` for who may not read."""

    def __init__(self, tx: Transaction, reader: Reader) -> None:
        if not may(reader.scope, "read"):
            raise DeniedError("node.may-not-read", name=reader.name)
        self.scope = reader.scope
        stored = [row for row in tx.listings.collections() if may_know(reader, row)]
        self.collections = {row.id: row.agreement for row in stored}
        self.members = {row.id: row.member for row in tx.ledgers.all()}
        self.origins = {row.id: row.origin for row in tx.ledgers.all()}
        levels = readable_levels(reader.scope)
        self.asked = Asked(
            collections=tuple(self.collections),
            tlp=max((TLP_RANK[level] for level in levels), default=-1),
            named=tuple(sorted(reader.scope.named)),
        )

    def may_open(self, entry: EntryRow) -> bool:
        """Whether the reader may read what an entry carries."""
        envelope = reread_envelope(entry.envelope)
        handling, own = envelope.handling, decode_summary(entry.summary).markings
        return may_read(
            self.scope,
            HoldingSummary(
                tlp=stricter(handling.tlp, own.tlp),
                agreement=envelope.agreement.id if envelope.agreement is not None else None,
                circle=envelope.group,
                named=handling.named,
            ),
        )


def _version(
    tx: Transaction, sight: Sight, held: Holding, listed: Sequence[Browsed], facts: Facts
) -> Version | None:
    """A version, if the reader may see it, with those of its entries that they may know."""
    entries = [row for row in tx.entries.of_holding(held.seq) if sight.may_open(row)]
    if not listed and not entries:
        return None
    read = [_entry(tx, sight, row) for row in entries]
    fields = msgspec.json.decode(held.body) if held.body is not None else {}
    return Version(
        seq=held.seq,
        publisher=sight.members.get(held.ledger, ""),
        own=held.ledger == OWN_LEDGER,
        correction=bool(read) and all(given_back(each.envelope, facts) for each in read),
        version=held.version,
        type=held.type,
        status=held.status,
        title=title_of(fields) if fields else held.object_id,
        body=held.body,
        fields=fields,
        markings=markings_of(fields, lambda id_: _definition(tx, held.ledger, id_)),
        shown=tuple(
            Where(sight.collections[row.collection], TLP_ORDER[row.tlp], from_micros(row.added))
            for row in listed
        ),
        entries=tuple(read),
        came=tuple(
            Came(row.name, row.url, from_micros(given.at), given.added)
            for given, row in tx.sources.of_holding(held.seq)
        ),
    )


def _unread(version: Version, restriction: str) -> Version:
    """A version whose restriction the reader has to acknowledge first: without its content."""
    return msgspec.structs.replace(
        version,
        title=version.type,
        body=None,
        fields={},
        markings=Markings(tlp=version.tlp),
        restriction=restriction,
    )


def _entry(tx: Transaction, sight: Sight, row: EntryRow) -> Entry:
    recall = tx.recalls.of_number(row.ledger, row.number)
    return Entry(
        seq=row.seq,
        author=sight.members.get(row.ledger, ""),
        origin=sight.origins.get(row.ledger, ""),
        index=row.number,
        issued=from_micros(row.issued),
        envelope=reread_envelope(row.envelope),
        recalled=None if recall is None else recall.mode,
        recall=None if recall is None else recall.number,
        open=row.salt_o is not None,
    )


def _definition(tx: Transaction, ledger: int, identifier: str) -> dict[str, Any] | None:
    """A marking definition as its publisher, or we, gave it."""
    body = tx.holdings.newest_body(identifier, "marking-definition", (ledger, OWN_LEDGER))
    return None if body is None else msgspec.json.decode(body)
