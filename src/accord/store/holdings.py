"""What this node holds, byte for byte: one publisher's one version of one object each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import astuple
from sqlalchemy import Connection, and_, delete, exists, func, select

from .bulk import insert_rows
from .records import Holding, Kept, NewHolding
from .rows import among, fetch, fetch_one
from .settings import Settings
from .tables import entries, holdings, listings

_LAST = "holdings.last"
_Key = tuple[int, str, str]  # ledger, object, version


class Holdings:
    """Holdings are keyed by object, version and publisher; the first content of a key stands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, rows: Sequence[NewHolding]) -> list[Kept]:
        """Keep what is new; for each row, in order, say under which number and what was there.

        A row whose key is held with other content is not kept: `same` is false then.
        """
        known = self._known({row.object_id for row in rows})
        newest = _newest([*known, *((row.ledger, row.object_id, row.version) for row in rows)])
        fresh_keys = {(row.ledger, row.object_id, row.version) for row in rows} - known.keys()
        seq = Settings(self._connection).take(_LAST, len(fresh_keys)) - 1 if fresh_keys else 0
        answers: list[Kept] = []
        fresh: list[tuple[object, ...]] = []
        for row in rows:
            key, publisher = (row.ledger, row.object_id, row.version), (row.ledger, row.object_id)
            held = known.get(key)
            if held is None:
                seq += 1
                known[key] = (seq, row.sha256)
                fresh.append((seq, *astuple(row)))
            latest, versions = newest[publisher]
            answers.append(
                Kept(
                    seq=seq if held is None else held[0],
                    new=held is None,
                    same=held is None or held[1] == row.sha256,
                    newest=row.version == latest,
                    others=versions > 1,
                )
            )
        if fresh:
            insert_rows(self._connection, holdings, fresh)
        return answers

    def get(self, seq: int) -> Holding | None:
        return fetch_one(self._connection, Holding, select(holdings).where(holdings.c.seq == seq))

    def versions(self, object_id: str) -> list[Holding]:
        """Every publisher's every version of an object, newest version first."""
        return fetch(
            self._connection,
            Holding,
            select(holdings)
            .where(holdings.c.object_id == object_id)
            .order_by(holdings.c.version.desc(), holdings.c.ledger),
        )

    def newest_body(self, object_id: str, type_: str, ledgers: Sequence[int]) -> bytes | None:
        """The newest content of an object of `type_` that one of these publishers gave."""
        body: bytes | None = self._connection.scalar(
            select(holdings.c.body)
            .where(
                and_(
                    holdings.c.object_id == object_id,
                    holdings.c.type == type_,
                    holdings.c.ledger.in_(ledgers),
                    holdings.c.body.is_not(None),
                )
            )
            .order_by(holdings.c.version.desc(), holdings.c.ledger)
            .limit(1)
        )
        return body

    def hashes(self, ledger: int, object_ids: Iterable[str]) -> dict[tuple[str, str], bytes]:
        """What one publisher's versions of these objects are: SHA-256 by (object id, version)."""
        known = self._known(set(object_ids))
        return {key[1:]: sha256 for key, (_, sha256) in known.items() if key[0] == ledger}

    def drop_unlisted(self, seqs: Sequence[int]) -> None:
        """Delete those of these holdings that no collection shows and no entry carries any more."""
        self._connection.execute(
            delete(holdings).where(
                and_(
                    among(self._connection, holdings.c.seq, seqs),
                    ~exists().where(listings.c.holding == holdings.c.seq),
                    ~exists().where(entries.c.holding == holdings.c.seq),
                )
            )
        )

    def count(self) -> int:
        return self._connection.scalar(select(func.count()).select_from(holdings)) or 0

    def bytes_of(self, ledger: int) -> int:
        """Bytes of all bodies of one publisher."""
        total = self._connection.scalar(
            select(func.sum(func.length(holdings.c.body))).where(holdings.c.ledger == ledger)
        )
        return int(total or 0)

    def _known(self, object_ids: Iterable[str]) -> dict[_Key, tuple[int, bytes]]:
        """What is held of these objects: number and hash by key."""
        rows = self._connection.execute(
            select(
                holdings.c.ledger,
                holdings.c.object_id,
                holdings.c.version,
                holdings.c.seq,
                holdings.c.sha256,
            ).where(among(self._connection, holdings.c.object_id, set(object_ids)))
        )
        return {(ledger, name, version): (seq, sha) for ledger, name, version, seq, sha in rows}


def _newest(keys: Iterable[_Key]) -> dict[tuple[int, str], tuple[str, int]]:
    """Of each publisher's object: its newest version, and how many there are."""
    versions: dict[tuple[int, str], set[str]] = {}
    for ledger, object_id, version in keys:
        versions.setdefault((ledger, object_id), set()).add(version)
    return {publisher: (max(found), len(found)) for publisher, found in versions.items()}
