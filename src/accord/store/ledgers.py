"""Ledgers, our own and those we follow: how far each is known, its tiles, who witnessed it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)

from accord.base.errors import ConflictError
from accord.ledger.tiles import ENTRIES, HASH, WIDTH, Tile, edge_tiles

from .records import Conviction, Cosignature, LedgerRow
from .rows import among, fetch, fetch_one, numbers_table, values
from .tables import convictions, cosignatures, ledgers, tiles

_NEWEST_COSIGNATURES = 64  # of each ledger; older ones stay in the table

# Built once: building a statement costs more than running it, and these run with every request.
_BY_ID, _OF_ORIGIN, _OF_MEMBER = (
    select(ledgers).where(column == bindparam("known"))
    for column in (ledgers.c.id, ledgers.c.origin, ledgers.c.member)
)
_TILE = select(tiles.c.data).where(
    and_(
        tiles.c.ledger == bindparam("of"),
        tiles.c.level == bindparam("at"),
        tiles.c.number == bindparam("known"),
    )
)


class Sight(NamedTuple):
    """The size of a ledger that a witness had seen, and when (microseconds)."""

    witness: str
    size: int
    at: int


class Ledgers:
    """The spines. `advance` is the commit point of appending and of following."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, row: LedgerRow) -> None:
        """A ledger seen for the first time, with its checkpoint (size 0 for a new one)."""
        self._connection.execute(insert(ledgers).values(**values(row)))

    def get(self, ledger: int) -> LedgerRow | None:
        return self._one(_BY_ID, ledger)

    def of_origin(self, origin: str) -> LedgerRow | None:
        return self._one(_OF_ORIGIN, origin)

    def of_member(self, member: str) -> LedgerRow | None:
        return self._one(_OF_MEMBER, member)

    def of_members(self, members: Collection[str]) -> dict[str, LedgerRow]:
        """The ledgers of these members, by member."""
        wanted = among(self._connection, ledgers.c.member, members)
        rows = fetch(self._connection, LedgerRow, select(ledgers).where(wanted))
        return {row.member: row for row in rows}

    def all(self) -> list[LedgerRow]:
        return fetch(self._connection, LedgerRow, select(ledgers).order_by(ledgers.c.id))

    def next_id(self) -> int:
        return (self._connection.scalar(select(func.max(ledgers.c.id))) or 0) + 1

    def advance(self, old: LedgerRow, new: LedgerRow, changed: Iterable[Tile]) -> None:
        """Move a ledger from `old` to `new` with the tiles that changed: a compare-and-swap.

        Raises `ConflictError` when the ledger no longer stands where `old` says: another process
        appended or followed first, and the caller has to look again.
        """
        swapped = self._connection.execute(
            update(ledgers)
            .where(
                and_(
                    ledgers.c.id == old.id,
                    ledgers.c.size == old.size,
                    ledgers.c.root == old.root,
                    ledgers.c.checkpoint == old.checkpoint,
                )
            )
            .values(
                size=new.size,
                root=new.root,
                frontier=new.frontier,
                checkpoint=new.checkpoint,
                seen=new.seen,
            )
        )
        if swapped.rowcount != 1:
            raise ConflictError("store.ledger-moved", origin=old.origin, size=old.size)
        self._put_tiles(old.id, changed)

    def renew_checkpoint(self, ledger: int, checkpoint: bytes, seen: int) -> None:
        """The same size and root under a newer note (more co-signatures, or a new key)."""
        self._connection.execute(
            update(ledgers).where(ledgers.c.id == ledger).values(checkpoint=checkpoint, seen=seen)
        )

    def tile(self, ledger: int, level: int, number: int) -> bytes | None:
        wanted = {"of": ledger, "at": level, "known": number}
        return self._connection.scalar(_TILE, wanted)

    def commitments(self, ledger: int, numbers: Sequence[int]) -> list[bytes]:
        """The commitments at these places of a ledger, in order; empty bytes beyond its end."""
        tiles_read: dict[int, bytes] = {}
        found: list[bytes] = []
        for number in numbers:
            tile, place = divmod(number, WIDTH)
            if tile not in tiles_read:
                tiles_read[tile] = self.tile(ledger, ENTRIES, tile) or b""
            found.append(tiles_read[tile][place * HASH : (place + 1) * HASH])
        return found

    def edge(self, ledger: int, size: int) -> dict[int, bytes]:
        """The last, still growing tile of each level of a ledger of `size` entries, by level."""
        found: dict[int, bytes] = {}
        for wanted in edge_tiles(size):
            data = self.tile(ledger, wanted.level, wanted.number)
            if data is not None:
                found[wanted.level] = data
        return found

    def _put_tiles(self, ledger: int, changed: Iterable[Tile]) -> None:
        fresh: list[dict[str, object]] = []
        for tile in changed:
            grown = self._connection.execute(
                update(tiles)
                .where(
                    and_(
                        tiles.c.ledger == ledger,
                        tiles.c.level == tile.level,
                        tiles.c.number == tile.number,
                    )
                )
                .values(data=tile.data)
            )
            if grown.rowcount == 0:
                fresh.append(
                    {
                        "ledger": ledger,
                        "level": tile.level,
                        "number": tile.number,
                        "data": tile.data,
                    }
                )
        if fresh:
            self._connection.execute(insert(tiles), fresh)

    def put_cosignature(self, row: Cosignature) -> None:
        """Keep a co-signature; the first of a witness for a size stands."""
        known = self._connection.scalar(
            select(cosignatures.c.id).where(
                and_(
                    cosignatures.c.ledger == row.ledger,
                    cosignatures.c.witness == row.witness,
                    cosignatures.c.size == row.size,
                )
            )
        )
        if known is None:
            self._connection.execute(insert(cosignatures).values(**values(row)))

    def cosignature(self, ledger: int, witness: str) -> Cosignature | None:
        """The newest co-signature of `witness` on a ledger."""
        rows = self._cosignatures(
            and_(cosignatures.c.ledger == ledger, cosignatures.c.witness == witness), 1
        )
        return rows[0] if rows else None

    def cosignatures(self, ledger: int, limit: int = _NEWEST_COSIGNATURES) -> list[Cosignature]:
        """The newest co-signatures on a ledger, of any witness, largest size first."""
        return self._cosignatures(cosignatures.c.ledger == ledger, limit)

    def witnesses(self, of: Collection[int] | None = None) -> dict[int, set[str]]:
        """Whose checked co-signature of its newest state there is, by ledger: all, or these."""
        newest = and_(
            cosignatures.c.ledger == ledgers.c.id,
            cosignatures.c.size == ledgers.c.size,
            cosignatures.c.checked.is_(True),
        )
        joined = ledgers.join(cosignatures, newest)
        found: dict[int, set[str]] = {}
        query = select(cosignatures.c.ledger, cosignatures.c.witness).select_from(joined)
        if of is not None:
            query = query.where(among(self._connection, ledgers.c.id, of))
        for ledger, witness in self._connection.execute(query):
            found.setdefault(ledger, set()).add(witness)
        return found

    def unchecked(self, ledger: int, size: int) -> list[Cosignature]:
        """Co-signatures up to `size` that were not yet compared with our own view."""
        return self._cosignatures(
            and_(
                cosignatures.c.ledger == ledger,
                cosignatures.c.checked.is_(False),
                cosignatures.c.size <= size,
            ),
            _NEWEST_COSIGNATURES,
        )

    def mark_checked(self, row: Cosignature) -> None:
        self._connection.execute(
            update(cosignatures)
            .where(
                and_(
                    cosignatures.c.ledger == row.ledger,
                    cosignatures.c.witness == row.witness,
                    cosignatures.c.size == row.size,
                )
            )
            .values(checked=True)
        )

    def witnessed_span(self, ledger: int, number: int) -> tuple[int, int | None]:
        """The earliest checked co-signature that covers entry `number`: it existed by then.

        Returns (end, at): the answer `at` (null: nobody saw it) holds for every entry from `number`
        up to and not including `end`.
        """
        covering = and_(
            cosignatures.c.ledger == ledger,
            cosignatures.c.size > number,
            cosignatures.c.checked.is_(True),
        )
        row = self._connection.execute(
            select(func.min(cosignatures.c.size), func.min(cosignatures.c.at)).where(covering)
        ).one()
        return (number + 1, None) if row[0] is None else (int(row[0]), int(row[1]))

    def seen_without(self, ledger: int, number: int, since: int) -> bool:
        """Whether a checked co-signature at `since` or later does not cover entry `number` yet."""
        without = and_(
            cosignatures.c.ledger == ledger,
            cosignatures.c.size <= number,
            cosignatures.c.checked.is_(True),
            cosignatures.c.at >= since,
        )
        return bool(self._connection.scalar(select(exists().where(without))))

    def sights(self, asked: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[Sight]]:
        """What each witness had seen of a ledger around a moment: of (ledger, microseconds) each.

        Of each witness at most two co-signatures, the last whose second ended by then and the first
        that is not before it. Sizes and times of one witness go up together.
        """
        found: dict[tuple[int, int], list[Sight]] = {each: [] for each in asked}
        if not found:
            return found
        c = cosignatures.c
        pairs = numbers_table(self._connection, ("ledger", "moment"), list(found)).c
        before = select(pairs.ledger, pairs.moment, c.witness, func.max(c.size), func.max(c.at))
        after = select(pairs.ledger, pairs.moment, c.witness, func.min(c.size), func.min(c.at))
        for query, seen in (
            (before, c.at <= pairs.moment - 1_000_000),
            (after, c.at >= pairs.moment),
        ):
            there = and_(c.ledger == pairs.ledger, c.checked.is_(True), seen)
            groups = query.where(there).group_by(pairs.ledger, pairs.moment, c.witness)
            for ledger, moment, *sight in self._connection.execute(groups):
                found[ledger, moment].append(Sight(*sight))
        return found

    def convict(self, row: Conviction) -> None:
        """Keep two notes that contradict each other. Once for each pair."""
        known = self._connection.scalar(
            select(convictions.c.id).where(
                and_(convictions.c.member == row.member, convictions.c.second == row.second)
            )
        )
        if known is None:
            self._connection.execute(insert(convictions).values(**values(row)))

    def convictions(self, member: str | None = None) -> list[Conviction]:
        query = select(
            convictions.c.member,
            convictions.c.reason,
            convictions.c.first,
            convictions.c.second,
            convictions.c.at,
        ).order_by(convictions.c.id)
        if member is not None:
            query = query.where(convictions.c.member == member)
        return fetch(self._connection, Conviction, query)

    def _one(self, query: Select[Any], known: object) -> LedgerRow | None:
        return fetch_one(self._connection, LedgerRow, query, {"known": known})

    def _cosignatures(self, condition: ColumnElement[bool], limit: int) -> list[Cosignature]:
        return fetch(
            self._connection,
            Cosignature,
            select(*[cosignatures.c[name] for name in Cosignature.__struct_fields__])
            .where(condition)
            .order_by(cosignatures.c.size.desc(), cosignatures.c.at.desc(), cosignatures.c.id)
            .limit(limit),
        )
