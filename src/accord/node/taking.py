"""Taking a page that a source gave: what is valid is kept, together with how far it was read.

The page is kept in batches, so that an urgent entry never waits behind it. The last batch, the
provenance of all, the draft and the position are one commit. A crash before it leaves the position
where it was, and some objects of the page: given again they are known. After it, all of the page.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from accord.base.errors import ConflictError
from accord.base.messages import Message
from accord.stix.faults import InvalidObject
from accord.stix.objects import StixObject
from accord.store.records import Provenance, SourceRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import version_of
from .blocking import blocked
from .drafts import SOURCE, Sorted, default_order, draft_row, sort_source
from .node import Node
from .private import Stored, keep_private
from .sources import terms_in_force

MOST_TOLD = 20  # faults of invalid objects that are told one by one

_Key = tuple[str, str]  # object id, version


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A page: the objects as they came, the latest date_added it names, and what follows it."""

    raws: Sequence[bytes]
    added: str | None
    since: str
    next: str | None
    last: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the objects of one page or of many."""

    pages: int = 0
    given: int = 0
    new: int = 0
    known: int = 0  # held already, with this content
    others: int = 0  # held already with other content, which stands
    invalid: int = 0
    drafted: int = 0  # of them, waiting in a draft
    withheld: int = 0  # of them, what not even a releaser may let go under the agreement
    faults: tuple[Message, ...] = ()  # the first of the invalid ones

    def plus(self, more: Taken) -> Taken:
        """Both together."""
        counts = {
            name: getattr(self, name) + getattr(more, name)
            for name in self.__struct_fields__
            if name != "faults"
        }
        return Taken(**counts, faults=(self.faults + more.faults)[:MOST_TOLD])


def take_page(node: Node, row: SourceRow, page: Given) -> tuple[SourceRow, Taken]:
    """Keep a page and move the position behind it; the source as it then stands.

    Raises `ConflictError` when somebody else moved the position meanwhile, `DeniedError` when the
    source is for an agreement that is not in force any more, or `MachineFault`.
    """
    items, faults, invalid = _check_each(node, page.raws)
    found = _sorted(node, row, items)
    author, at = f"{SOURCE}{row.name}", node.micros()
    size = node.limits.append_batch
    *firsts, last = [items[start : start + size] for start in range(0, len(items), size)] or [[]]
    stored = [each for batch in firsts for each in keep_private(node, batch, author)]
    done: list[tuple[SourceRow, Taken]] = []

    def also(tx: Transaction, last_stored: list[Stored]) -> None:
        every = [*stored, *last_stored]
        taken = _taken(every, found, invalid, faults)
        moved = _moved(row, page, every, invalid)
        if not tx.sources.advance(row, moved):
            raise ConflictError("node.source-moved", name=row.name)
        _trace(tx, row, every, at, page.added)
        if found is not None and found.waiting:
            tx.drafts.put(draft_row(str(uuid.uuid4()), author, found, at))
        done[:] = [(moved, taken)]

    keep_private(node, last, author, also)
    return done[0]


def set_position(node: Node, row: SourceRow, since: str) -> SourceRow:
    """Read on after `since`, without the server's own word for a page. Raises `ConflictError`."""
    moved = msgspec.structs.replace(row, pages=row.pages + 1, since=since, next=None)
    if not node.write(lambda tx: tx.sources.advance(row, moved)):
        raise ConflictError("node.source-moved", name=row.name)
    return moved


def _check_each(
    node: Node, raws: Sequence[bytes]
) -> tuple[list[StixObject], tuple[Message, ...], int]:
    """The valid ones, each version once; the first faults of the others, and their number."""
    items: dict[tuple[str, str, bytes], StixObject] = {}
    faults: list[Message] = []
    invalid = 0
    for raw in raws:
        try:
            item = node.checker.check(raw).object
        except InvalidObject as error:
            invalid += 1
            if len(faults) < MOST_TOLD:
                faults.append(error.message)
        else:
            items.setdefault((*_key(item), raw), item)
    return list(items.values()), tuple(faults), invalid


def _sorted(node: Node, row: SourceRow, items: Sequence[StixObject]) -> Sorted | None:
    """What a releaser is to be asked about: what is new from this source and not published yet."""
    if row.agreement is None:
        return None
    agreement = row.agreement
    ids, keys = [item.id for item in items], [_key(item) for item in items]

    def job(tx: Transaction) -> tuple[set[_Key], dict[_Key, bytes], set[str]]:
        published = tx.entries.published_versions(agreement, keys)
        known = published | tx.sources.given(row.id, ids)
        return known, tx.holdings.hashes(OWN_LEDGER, ids), set(blocked(tx, items))

    known, held, barred = node.read(job)
    fresh: dict[_Key, StixObject] = {}
    for key, item in zip(keys, items, strict=True):
        other = key in held and held[key] != sha256(item.raw).digest()
        if key not in known and not other and item.id not in barred:
            fresh.setdefault(key, item)
    order = default_order(agreement, terms_in_force(node, agreement))
    return sort_source(node, f"{SOURCE}{row.name}", list(fresh.values()), order)


def _taken(
    stored: Sequence[Stored], found: Sorted | None, invalid: int, faults: tuple[Message, ...]
) -> Taken:
    new = sum(each.new for each in stored)
    others = sum(not each.same for each in stored)
    return Taken(
        pages=1,
        given=len(stored) + invalid,
        new=new,
        known=len(stored) - new - others,
        others=others,
        invalid=invalid,
        drafted=0 if found is None else len(found.waiting),
        withheld=0 if found is None else len(found.refused),
        faults=faults,
    )


def _moved(row: SourceRow, page: Given, stored: Sequence[Stored], invalid: int) -> SourceRow:
    new = [each for each in stored if each.new]
    return msgspec.structs.replace(
        row,
        pages=row.pages + 1,
        since=page.since,
        next=page.next,
        last=page.last,
        objects=row.objects + len(new),
        bytes=row.bytes + sum(len(each.item.raw) for each in new),
        invalid=row.invalid + invalid,
    )


def _trace(
    tx: Transaction, row: SourceRow, stored: Sequence[Stored], at: int, added: str | None
) -> None:
    """Record whence each came, once, and only where what is held is what the source gave."""
    known = tx.sources.given(row.id, [each.item.id for each in stored])
    fresh = {
        each.holding: Provenance(holding=each.holding, source=row.id, at=at, added=added)
        for each in stored
        if each.same and _key(each.item) not in known
    }
    tx.sources.trace(fresh.values())


def _key(item: StixObject) -> _Key:
    return item.id, version_of(item)
