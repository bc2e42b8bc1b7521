"""What the collections of this node show: `private`, and one for each agreement or working group.

Exercise and test data is held, and shown in no production collection.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import InputError
from accord.ledger.envelope import Envelope
from accord.rules.answers import given_back
from accord.rules.case import TLP_RANK
from accord.rules.facts import Facts
from accord.rules.languages import language_contents
from accord.rules.terms import terms_of
from accord.stix.extension import AGREEMENT, AUTHOR, EXTENSION
from accord.stix.objects import StixObject
from accord.store.listings import UNREAD
from accord.store.records import CollectionRow, Kept, Listing
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import Appended, new_holding
from .node import Node
from .summary import level_of

# How far date_added is ahead of the clock, in microseconds. It is given before the commit that
# shows the object, and a tool that goes by its own clock asks next for what came after it asked.
AHEAD = 2_000_000

PRIVATE = "private"
EVERYTHING = "everything"


def collection_uuid(member: str, name: str) -> str:
    """The TAXII id of a collection: fixed for each member, in the form of a UUIDv4 as TAXII asks.

    TAXII 2.1 section 5.2. It is derived, so that it is the same after a restore.
    """
    digest = hashlib.sha256(f"accord/collection/v1\n{member}\n{name}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def open_collection(node: Node, tx: Transaction, agreement: str | None, now: datetime) -> int:
    """The number of a collection; made when it is not there yet.

    `agreement` names an agreement or a working group; null is `private`.
    """
    known = tx.listings.collection_of(agreement)
    if known is not None:
        return known.id
    number = len(tx.listings.collections()) + 1
    row = CollectionRow(
        id=number,
        uuid=collection_uuid(node.member, agreement or PRIVATE),
        agreement=agreement,
        created=to_micros(now),
    )
    tx.listings.open(row)
    if agreement is not None:
        _list_definitions(node, tx, number, now)
    return number


class Shown(msgspec.Struct, frozen=True):
    """A holding to be shown: where (agreement, working group, or null: `private`), how, to whom."""

    agreement: str | None
    item: StixObject
    kept: Kept
    level: int
    named: tuple[str, ...]


def is_shown(envelope: Envelope, facts: Facts) -> bool:
    """Whether the collection of its agreement shows an entry.

    A correction is for its author to read: a tool that goes by `modified` alone would take it for
    the newest version of the object.
    """
    cited = envelope.agreement is not None and envelope.status == "actual"
    return cited and not given_back(envelope, facts)


def named_by(envelope: Envelope, level: int, *, received: bool = False) -> tuple[str, ...]:
    """Whom a listing names; of what came with code H3 nobody, until they acknowledge it."""
    if received and "H3" in envelope.handling.codes:
        return (UNREAD,)
    return envelope.handling.named if level == TLP_RANK["red"] else ()


def list_appended(node: Node, tx: Transaction, appended: Sequence[Appended], now: datetime) -> None:
    """Show our own new entries in the collections of their agreements."""
    facts = node.facts(tx)
    rows = [
        Shown(
            envelope.group or envelope.agreement.id,
            each.sealed.item,
            each.kept,
            level := level_of(envelope, each.sealed.summary),
            named_by(envelope, level),
        )
        for each in appended
        if (envelope := each.sealed.envelope).agreement is not None and is_shown(envelope, facts)
    ]
    list_kept(node, tx, rows, OWN_LEDGER, now)


def list_kept(
    node: Node, tx: Transaction, rows: Iterable[Shown], ledger: int, now: datetime
) -> None:
    """Show what one publisher's ledger (or we, in `private`) holds.

    What a collection shows already is passed over; older versions are no longer its latest. An
    agreement comes with its text in the other languages.
    """
    rows = [each for row in rows for each in (row, *_in_other_languages(node, tx, row, ledger))]
    by_agreement: dict[str | None, list[Shown]] = {}
    for row in rows:
        by_agreement.setdefault(row.agreement, []).append(row)
    for agreement, group in by_agreement.items():
        number = open_collection(node, tx, agreement, now)
        old = [row.kept.seq for row in group if not row.kept.new]
        seen = tx.listings.listed(number, old) if old else set()
        fresh: list[Listing] = []
        for row in group:
            if row.kept.seq not in seen:
                seen.add(row.kept.seq)
                fresh.append(_listing(number, row))
        tx.listings.add(fresh, node.micros() + AHEAD)
    shown = (row for group in by_agreement.values() for row in group)
    for object_id in {row.item.id for row in shown if row.kept.others}:
        tx.listings.supersede(ledger, object_id)


def _in_other_languages(node: Node, tx: Transaction, row: Shown, ledger: int) -> Iterator[Shown]:
    """The texts of an agreement as STIX language-content, beside it and marked like it.

    They are made of its bytes and in no ledger; a proposal that cannot be read has none.
    """
    if row.item.type != AGREEMENT or "created_by_ref" not in row.item.fields:
        return
    try:
        terms_of(row.item.fields)
    except InputError:
        return
    items = [node.checker.check(raw).object for raw in language_contents(row.item.fields)]
    kept = tx.holdings.keep([new_holding(item, ledger, "actual") for item in items])
    for item, held in zip(items, kept, strict=True):
        yield msgspec.structs.replace(row, item=item, kept=held)


def _listing(collection: int, row: Shown) -> Listing:
    return Listing(
        collection=collection,
        holding=row.kept.seq,
        type=row.item.type,
        latest=row.kept.newest,
        tlp=row.level,
        named=row.named,
    )


def _list_definitions(node: Node, tx: Transaction, collection: int, now: datetime) -> None:
    """The definition of our own STIX types is shipped in every collection that may hold them."""
    items = [node.checker.check(raw).object for raw in (AUTHOR, EXTENSION)]
    kept = tx.holdings.keep([new_holding(item, OWN_LEDGER, "actual") for item in items])
    rows = [
        Shown(None, item, held, level=0, named=()) for item, held in zip(items, kept, strict=True)
    ]
    tx.listings.add([_listing(collection, row) for row in rows], node.micros() + AHEAD)
