"""Taking content out for good: what a recall and a retention clock do to the tables.

The entry stays with its envelope and the object's half of the commitment, so that the ledger still
verifies and the basis of every transfer can be shown; salt, object and whatever was made of it go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, bindparam, delete, exists, select, update

from .answers import Answers
from .index import SearchIndex
from .listings import Listings
from .records import EntryRow, Holding
from .rows import among, fetch
from .tables import OWN_LEDGER, entries, grants, holdings, listings, provenance, transfers

_ENTRY = [entries.c[name] for name in EntryRow.__struct_fields__]
_HOLDING = [holdings.c[name] for name in Holding.__struct_fields__]


class Erasure:
    """Every method is one step of an erasure; `node/erasing.py` puts them together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self, ledger: int, numbers: Sequence[int]) -> list[EntryRow]:
        """Those of these entries that are held, by number."""
        named = among(self._connection, entries.c.number, numbers)
        query = select(*_ENTRY).where(entries.c.ledger == ledger, named)
        return fetch(self._connection, EntryRow, query.order_by(entries.c.number))

    def of_seqs(self, seqs: Sequence[int]) -> list[EntryRow]:
        """These entries, in the order in which they came."""
        named = among(self._connection, entries.c.seq, seqs)
        return fetch(
            self._connection, EntryRow, select(*_ENTRY).where(named).order_by(entries.c.seq)
        )

    def holdings(self, seqs: Iterable[int]) -> dict[int, Holding]:
        """These holdings, by number."""
        query = select(*_HOLDING).where(among(self._connection, holdings.c.seq, set(seqs)))
        return {row.seq: row for row in fetch(self._connection, Holding, query)}

    def own_copies(self, object_ids: Iterable[str]) -> list[Holding]:
        """What we hold of these objects in our own name and no source gave us, with content."""
        given = exists().where(provenance.c.holding == holdings.c.seq)
        query = select(*_HOLDING).where(
            among(self._connection, holdings.c.object_id, set(object_ids)),
            holdings.c.ledger == OWN_LEDGER,
            holdings.c.body.is_not(None),
            ~given,
        )
        return fetch(self._connection, Holding, query)

    def own_entries(self, object_ids: Iterable[str]) -> list[EntryRow]:
        """Our own entries that carry some version of these objects, by number."""
        query = (
            select(*_ENTRY)
            .select_from(entries.join(holdings, holdings.c.seq == entries.c.holding))
            .where(
                among(self._connection, holdings.c.object_id, set(object_ids)),
                holdings.c.ledger == OWN_LEDGER,
                entries.c.ledger == OWN_LEDGER,
            )
            .order_by(entries.c.number)
        )
        return fetch(self._connection, EntryRow, query)

    def given(self, numbers: Sequence[int]) -> dict[int, set[int]]:
        """To whom our entries ever left, as the record of transfers says: peers by number."""
        found: dict[int, set[int]] = {}
        rows = self._connection.execute(
            select(transfers.c.number, transfers.c.peer)
            .where(
                among(self._connection, transfers.c.number, numbers),
                transfers.c.ledger == OWN_LEDGER,
                transfers.c.direction == "out",
            )
            .distinct()
        )
        for number, peer in rows:
            found.setdefault(number, set()).add(peer)
        return found

    def revoke(self, entry_seqs: Sequence[int]) -> None:
        """Grant these entries to nobody any more."""
        named = among(self._connection, grants.c.entry, entry_seqs)
        self._connection.execute(delete(grants).where(named))

    def close(self, halves: Sequence[tuple[int, bytes, bytes]]) -> None:
        """Entries (seq, object half, summary without content) that cannot be opened any more."""
        if not halves:
            return
        closed = (
            update(entries)
            .where(entries.c.seq == bindparam("entry"))
            .values(salt_o=None, object_half=bindparam("half"), summary=bindparam("rest"))
        )
        Answers(self._connection).forget([seq for seq, _, _ in halves])
        self._connection.execute(
            closed, [{"entry": seq, "half": half, "rest": rest} for seq, half, rest in halves]
        )

    def closed(self, seqs: Sequence[int]) -> list[int]:
        """Which of these holdings no entry can open any more."""
        open_entry = exists().where(
            and_(entries.c.holding == holdings.c.seq, entries.c.salt_o.is_not(None))
        )
        named = among(self._connection, holdings.c.seq, seqs)
        return list(self._connection.scalars(select(holdings.c.seq).where(named, ~open_entry)))

    def unlist(self, collection: int, seqs: Sequence[int]) -> None:
        """Take holdings out of one collection."""
        named = among(self._connection, listings.c.holding, seqs)
        self._connection.execute(delete(listings).where(named, listings.c.collection == collection))
        SearchIndex(self._connection).removed()

    def forget(self, seqs: Sequence[int]) -> None:
        """Take the content of holdings out, and out of every collection and the search index.

        Their hash goes too: it would tell whoever guesses the content that the guess is right.
        """
        listed = among(self._connection, listings.c.holding, seqs)
        self._connection.execute(delete(listings).where(listed))
        named = among(self._connection, holdings.c.seq, seqs)
        self._connection.execute(update(holdings).where(named).values(body=None, sha256=b""))
        SearchIndex(self._connection).erased()

    def settle_latest(self, seqs: Sequence[int]) -> None:
        """Say anew which version is the latest, where a publisher gave several of an object."""
        other = holdings.alias("other")
        query = (
            select(holdings.c.ledger, holdings.c.object_id)
            .where(
                among(self._connection, holdings.c.seq, seqs),
                exists().where(
                    other.c.object_id == holdings.c.object_id,
                    other.c.ledger == holdings.c.ledger,
                    other.c.seq != holdings.c.seq,
                ),
            )
            .distinct()
        )
        found = [(row[0], row[1]) for row in self._connection.execute(query)]
        for ledger, object_id in sorted(found):
            Listings(self._connection).supersede(ledger, object_id)
