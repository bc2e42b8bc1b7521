"""Collections as a tool or person sees them: what there is, pages of it, and writing into it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from accord.base.clock import format_time, from_micros, parse_time, to_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.rules.access import may, reaches, readable_levels
from accord.rules.case import TLP_RANK
from accord.rules.community.circles import is_group
from accord.rules.facts import Facts
from accord.rules.standing import standing
from accord.rules.terms import Terms
from accord.store.listings import Asked, Listed
from accord.store.pages import Joined, join
from accord.store.records import CollectionRow
from accord.store.transaction import Transaction

from .listing import EVERYTHING, PRIVATE, collection_uuid
from .node import Node
from .tokens import Reader


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A collection as one reader sees it. `terms` are its agreement's; null for the others.

    The alias of an agreement's collection is the agreement's id, that of a working group's the
    group's; `agreement` then is the one under which the group works.
    """

    id: str
    alias: str
    agreement: str | None
    numbers: tuple[int, ...]  # the stored collections it is made of
    can_read: bool
    can_write: bool
    terms: Terms | None
    in_force: bool


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is asked for; `after` is a date_added in microseconds, not included.

    A version is selected by any of `latest`, `first` and `versions` (instants); without the three,
    all are.
    """

    after: int = 0
    limit: int = 1000
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[datetime, ...] | None = None
    first: bool = False
    latest: bool = True


def collections_for(node: Node, reader: Reader) -> list[Collection]:
    """`private`, `everything`, and one for each agreement or group that the reader may know of."""

    def job(tx: Transaction) -> list[Collection]:
        facts, now = node.facts(tx), node.now()
        stored = [row for row in tx.listings.collections() if _may_know(reader, row)]
        shown = [_collection(reader, row, facts, now) for row in stored]
        private = [each for each in shown if each.agreement is None]
        agreed = [each for each in shown if each.terms is not None]
        return [*private, _everything(node, reader, stored), *agreed]

    return node.read(job)


def find_collection(node: Node, reader: Reader, name: str) -> Collection:
    """A collection by id or alias. Raises `NotFoundError`, also for what is not for the reader."""

    def job(tx: Transaction) -> Collection | None:
        if name in (EVERYTHING, collection_uuid(node.member, EVERYTHING)):
            stored = [row for row in tx.listings.collections() if _may_know(reader, row)]
            return _everything(node, reader, stored)
        listed = tx.listings
        if name == PRIVATE:
            row = listed.collection_of(None)
        else:
            row = listed.collection(name) or listed.collection_of(name)
        if row is None or not _may_know(reader, row):
            return None
        facts = Facts() if row.agreement is None else node.facts(tx)  # `private` has no terms
        found = _collection(reader, row, facts, node.now())
        return found if found.agreement is None or found.terms is not None else None

    collection = node.read(job)
    if collection is None:
        raise NotFoundError("node.collection-unknown", name=name[:80])
    return collection


def _everything(node: Node, reader: Reader, stored: list[CollectionRow]) -> Collection:
    """All that the reader may read, whichever collection shows it."""
    return Collection(
        id=collection_uuid(node.member, EVERYTHING),
        alias=EVERYTHING,
        agreement=None,
        numbers=tuple(row.id for row in stored),
        can_read=may(reader.scope, "read"),
        can_write=False,
        terms=None,
        in_force=True,
    )


def read_page(
    node: Node, reader: Reader, collection: Collection, query: Query, *, bodies: bool = True
) -> tuple[list[Listed], bool]:
    """The next rows that the reader may see, and whether there are more. Raises `DeniedError`.

    Without `bodies` that of a row may still be there: see `version_of_listed`. A page that has
    nothing is the last one.
    """
    _refuse_blind(reader, collection)
    asked = _asked(reader, collection, query)
    while True:
        # Large, and it decides about nothing: a replica may answer.
        rows, more = node.store.read(
            lambda tx: tx.listings.page(asked, bodies=bodies),  # noqa: B023
            bulk=True,
        )
        sifted = _sift(rows, query)
        if sifted or not more:
            return sifted, more
        asked = msgspec.structs.replace(asked, after=rows[-1].added)


def read_joined(
    node: Node, reader: Reader, collection: Collection, query: Query
) -> tuple[Joined, bool]:
    """The page that `read_page` gives, its objects in one piece. Raises `DeniedError`."""
    if _sifts(query):
        rows, more = read_page(node, reader, collection, query)
        return join(rows), more
    _refuse_blind(reader, collection)
    asked = _asked(reader, collection, query)
    return node.store.read(lambda tx: tx.pages.page(asked), bulk=True)


def _refuse_blind(reader: Reader, collection: Collection) -> None:
    if not collection.can_read:
        raise DeniedError("node.may-not-read", name=reader.name)


class _Created(msgspec.Struct):
    created: str = ""


_created = msgspec.json.Decoder(_Created)


def version_of_listed(listed: Listed) -> str:
    """The version as TAXII has it (section 5.3.1): `modified`, else `created`, else date_added."""
    if listed.version:  # as STIX writes it (section 3.2): milliseconds, more only where there is
        cut = listed.version.removesuffix("000Z")
        return cut if cut is listed.version else f"{cut}Z"
    if listed.object_id.startswith("marking-definition--") and listed.body:
        return _created.decode(listed.body).created
    return format_time(added_at(listed))


def _sifts(query: Query) -> bool:
    """Marking definitions all come where versions are asked for by name."""
    return query.versions is not None and not query.latest and not query.first


def _sift(rows: list[Listed], query: Query) -> list[Listed]:
    """Of marking definitions, keep those that were asked for."""
    if not _sifts(query):
        return rows
    wanted = query.versions or ()
    return [row for row in rows if row.version or parse_time(version_of_listed(row)) in wanted]


def delete_private(node: Node, reader: Reader, collection: Collection, query: Query) -> int:
    """Erase from `private` what the query selects. Elsewhere there is recall: `DeniedError`."""
    if collection.alias != PRIVATE:
        raise DeniedError("node.delete-elsewhere", collection=collection.alias)
    if not (collection.can_write and collection.can_read):
        raise DeniedError("node.may-not-write", name=reader.name)
    asked = _asked(reader, collection, query)

    def job(tx: Transaction) -> int:
        holdings = tx.listings.remove(asked)
        tx.holdings.drop_unlisted(holdings)
        return len(holdings)

    return node.write(job)


def added_at(listed: Listed) -> datetime:
    """TAXII date_added."""
    return from_micros(listed.added)


def _asked(reader: Reader, collection: Collection, query: Query) -> Asked:
    levels = readable_levels(reader.scope)
    return Asked(
        collections=collection.numbers,
        tlp=max((TLP_RANK[level] for level in levels), default=-1),
        named=tuple(sorted(reader.scope.named)),
        after=query.after,
        limit=query.limit,
        ids=query.ids,
        types=query.types,
        versions=None if query.versions is None else tuple(map(format_time, query.versions)),
        unversioned=tuple(map(to_micros, query.versions or ())),
        first=query.first,
        latest=query.latest,
    )


def _may_know(reader: Reader, row: CollectionRow) -> bool:
    return reaches(reader.scope, row.agreement)


def _basis(row: CollectionRow, facts: Facts) -> tuple[str | None, str | None]:
    """The agreement under which a collection's objects came, and its group where it is one's."""
    if row.agreement is None or not is_group(row.agreement):
        return row.agreement, None
    known = facts.groups.get(row.agreement)
    return None if known is None else known.agreement, row.agreement


def _collection(reader: Reader, row: CollectionRow, facts: Facts, now: datetime) -> Collection:
    agreement, circle = _basis(row, facts)
    terms, in_force = _terms_of(facts, agreement, now)
    writes = circle is None and may(reader.scope, "store" if agreement is None else "publish")
    return Collection(
        id=row.uuid,
        alias=row.agreement or PRIVATE,
        agreement=agreement,
        numbers=(row.id,),
        can_read=may(reader.scope, "read"),
        can_write=writes and (agreement is None or in_force),
        terms=terms,
        in_force=in_force,
    )


def _terms_of(facts: Facts, agreement: str | None, now: datetime) -> tuple[Terms | None, bool]:
    """The terms of an agreement that is or was in force, and whether it still is."""
    known = facts.agreements.get(agreement) if agreement is not None else None
    if known is None:
        return None, agreement is None
    was: Terms | None = None
    for digest, text in known.texts.items():
        found = standing(known, digest, now)
        if found is not None and found.state == "in-force":
            return text.proposal.terms, True
        if text.life is not None and text.life.since <= now:
            was = text.proposal.terms
    return was, False
