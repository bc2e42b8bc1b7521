"""What one thread does with the bare parts of the work: the limits the figures stand beside.

No server, no ledger, no rules: the same parsing, checking, hashing and the same SQLite settings,
called in a plain loop.
"""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from accord.base.jsontext import parse_strict
from accord.base.limits import Limits
from accord.stix.patterns import check_pattern
from accord.stix.schemas import SCHEMA_TYPES, schema
from accord.store.sqlite import PRAGMAS

from .figures import seconds

_TABLE = (
    "CREATE TABLE objects (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL,"
    " sha256 BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (id, version))"
)
_PAGE = (
    "SELECT h.body FROM listings l JOIN holdings h ON h.seq = l.holding"
    " WHERE l.collection = ? AND l.latest AND l.added > ? ORDER BY l.added LIMIT ?"
)
_BATCH = 1000


def ingest(raws: list[bytes], folder: Path) -> float:
    """Objects per second: refuse duplicate keys, schema (and pattern), hash, insert, full sync.

    One commit for 1000 objects, as one TAXII envelope is one commit.
    """
    connection = _open(folder / "limit.db")
    connection.execute(_TABLE)
    depth = Limits().json_depth

    def work() -> None:
        for start in range(0, len(raws), _BATCH):
            rows = []
            for raw in raws[start : start + _BATCH]:
                fields = parse_strict(raw, max_depth=depth)
                kind = fields["type"]
                if kind in SCHEMA_TYPES and not schema(kind).is_valid(fields):
                    list(schema(kind).findings(fields))
                if kind == "indicator":
                    check_pattern(fields["pattern"])
                version = fields.get("modified", "")
                rows.append((fields["id"], version, sha256(raw).digest(), raw))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO objects (id, version, sha256, body) VALUES (?, ?, ?, ?)", rows
            )
            connection.execute("COMMIT")

    ingest_warm(raws)
    taken = seconds(work)
    connection.close()
    return len(raws) / taken


def ingest_warm(raws: list[bytes]) -> None:
    """Compile the schemas of the types that occur: a serving node has done so before."""
    for raw in raws:
        kind = parse_strict(raw, max_depth=Limits().json_depth)["type"]
        if kind in SCHEMA_TYPES:
            schema(kind)


def page(database: Path, collection: int, limit: int, times: int = 20) -> float:
    """Milliseconds to select and join one page of a collection out of a node's own database."""
    connection = _open(database)
    best: list[float] = []
    for _ in range(times):
        start = perf_counter()
        rows = connection.execute(_PAGE, (collection, 0, limit)).fetchall()
        b'{"objects":[' + b",".join(row[0] for row in rows) + b"]}"
        best.append(perf_counter() - start)
    connection.close()
    return sorted(best)[len(best) // 2] * 1000


def drain(database: Path, collection: int) -> float:
    """Objects per second when every page of 1000 is selected and joined."""
    connection = _open(database)
    start, after, objects = perf_counter(), 0, 0
    query = _PAGE.replace("h.body", "h.body, l.added")
    while rows := connection.execute(query, (collection, after, _BATCH)).fetchall():
        b",".join(row[0] for row in rows)
        after, objects = rows[-1][1], objects + len(rows)
    taken = perf_counter() - start
    connection.close()
    return objects / taken


def hashing(entries: int) -> float:
    """Entries per second when a tree over that many 32-byte commitments is hashed bottom-up."""
    level = [place.to_bytes(32, "big") for place in range(entries)]

    def work() -> None:
        nodes = [sha256(b"\x00" + leaf).digest() for leaf in level]
        while len(nodes) > 1:
            odd = nodes[-1:] if len(nodes) % 2 else []
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd

    return entries / seconds(work)


def sync_milliseconds(folder: Path, times: int = 50) -> float:
    """The median of a one-row commit that is on the disk when it returns."""
    connection = _open(folder / "sync.db")
    connection.execute("CREATE TABLE one (value INTEGER)")
    taken = []
    for place in range(times):
        start = perf_counter()
        connection.execute("INSERT INTO one VALUES (?)", (place,))
        taken.append(perf_counter() - start)
    connection.close()
    return sorted(taken)[len(taken) // 2] * 1000


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for name, value in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
    return connection
