"""The figures of a node as metrics: what an operator asks at night.

Who lags, who is silent, what waits, what was refused and for which reason, how long the disk takes.
Labels hold member ids, states and keys of messages; no names, no content.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

import accord
from accord.ledger.envelope import VERSION as WIRE
from accord.node.figures import Figures, LedgerFigures, PeerFigures, Tally, figures_of
from accord.node.node import Node
from accord.store.engine import ReplicaState
from accord.store.schema import VERSION as STORE

from .board import Board
from .exposition import Counter, Family, Histogram, Sample, write
from .traffic import Traffic

_COMMIT_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_STARTED = time.time()


class Metrics:
    """One for each served node; made when it starts, because it counts from then on."""

    def __init__(self, node: Node, traffic: Traffic, board: Board) -> None:
        self._node = node
        self._traffic = traffic
        self._board = board
        self._tally = Tally(node, board.since)
        self._lock = threading.Lock()  # one scrape at a time
        self._commits = Histogram(
            "accord_commit_seconds",
            "Time that a commit of this host took to reach the disk.",
            {},
            _COMMIT_BOUNDS,
            board,
        )
        self._jobs = Counter(
            "accord_commit_jobs_total", "Writing jobs in these commits.", {}, board
        )
        self._reads = Counter(
            "accord_replica_reads_total",
            "Large reads, by who answered them.",
            {"by": ("primary", "replica")},
            board,
        )
        node.store.on_timed(self._committed)
        node.store.on_bulk_read(self._read)

    def _read(self, by_replica: bool) -> None:
        self._reads.add("replica" if by_replica else "primary")

    def document(self) -> bytes:
        """All metrics as they stand. Reads the store, so call it in a thread."""
        with self._lock:
            self._tally.catch_up()
            figures = figures_of(self._node)
            return write(
                [
                    *_of_node(figures),
                    *_of_peers(figures.peers),
                    *_of_ledgers(figures.ledgers),
                    *_of_transfers(self._tally),
                    self._commits.family(),
                    self._jobs.family(),
                    self._reads.family(),
                    *_of_replica(self._node.store.look_at_replica()),
                    *self._traffic.families(),
                    *_of_process(self._node.home.folder, self._board),
                ]
            )

    def _committed(self, jobs: int, seconds: float) -> None:
        self._commits.observe(seconds)
        self._jobs.add(by=jobs)


def _of_node(figures: Figures) -> Iterator[Family]:
    versions = (("version", accord.__version__), ("wire", str(WIRE)), ("store", str(STORE)))
    yield Family("accord_info", "gauge", "Versions in use.", [Sample(1, versions)])
    yield _counter("accord_entries_appended_total", "Entries of our own ledger.", figures.appended)
    yield _counter("accord_refusals_total", "Entries that were not kept, ever.", figures.refused)
    yield Family(
        "accord_convictions",
        "gauge",
        "Pairs of signed statements on record that convict a member.",
        [Sample(figures.convictions)],
    )


def _of_peers(peers: Sequence[PeerFigures]) -> Iterator[Family]:
    def gauge(name: str, help_: str, values: Iterable[tuple[PeerFigures, float]]) -> Family:
        samples = [Sample(value, (("member", each.member),)) for each, value in values]
        return Family(f"accord_peer_{name}", "gauge", help_, samples)

    states = [Sample(1, (("member", each.member), ("state", each.state))) for each in peers]
    yield Family("accord_peer_state", "gauge", "1 for the state that a peer is in.", states)
    yield gauge(
        "lag_entries",
        "Entries of a peer's ledger, as last heard of, that are not verified yet.",
        ((each, each.lag) for each in peers),
    )
    yield gauge(
        "contact_age_seconds",
        "Seconds since a peer last answered.",
        ((each, each.silent) for each in peers if each.silent is not None),
    )
    yield gauge(
        "pending_grants",
        "Grants that a peer has not told us it has kept.",
        ((each, each.pending) for each in peers),
    )
    yield gauge(
        "stopped",
        "1 where following stopped for misconduct, until a person acts.",
        ((each, each.stopped) for each in peers),
    )
    faults = [
        Sample(1, (("member", each.member), ("reason", each.fault)))
        for each in peers
        if each.fault is not None
    ]
    yield Family("accord_peer_fault", "gauge", "1 for the fault that a peer is at.", faults)


def _of_ledgers(ledgers: Sequence[LedgerFigures]) -> Iterator[Family]:
    for name, help_, field in (
        ("accord_ledger_entries", "Verified entries of a ledger.", "size"),
        ("accord_ledger_witnesses", "Others who signed its newest size.", "witnesses"),
        ("accord_quarantine_entries", "Entries that wait for a fact.", "waiting"),
        ("accord_quarantine_bytes", "Bytes that wait for a fact.", "waiting_bytes"),
    ):
        samples = [Sample(getattr(each, field), (("member", each.member),)) for each in ledgers]
        yield Family(name, "gauge", help_, samples)


def _of_transfers(tally: Tally) -> Iterator[Family]:
    lines = [
        Sample(tally.directions[each], (("direction", each),))
        for each in ("in", "out", "held", "refused")
    ]
    yield Family(
        "accord_transfers_total",
        "counter",
        "Lines of the record of transfers, by direction.",
        lines,
    )
    denied = [
        Sample(count, (("direction", direction), ("reason", key)))
        for (direction, key), count in sorted(tally.denied.items())
    ]
    yield Family(
        "accord_verdicts_denied_total", "counter", "Reasons why entries were not kept.", denied
    )


def _of_replica(replica: ReplicaState | None) -> Iterator[Family]:
    if replica is not None:
        states = [Sample(1, (("state", replica.state),))]
        yield Family("accord_replica_state", "gauge", "1 for the state of the replica.", states)
        if replica.lag is not None:
            yield _gauge("accord_replica_lag_bytes", "Not replayed by the replica.", replica.lag)


def _of_process(folder: Path, board: Board) -> Iterator[Family]:
    free = shutil.disk_usage(folder).free
    yield _gauge("accord_disk_free_bytes", "Free on the disk of the home folder.", free)
    yield _gauge("accord_leads", "1 where this host does the background work.", board.leads)
    yield _gauge("process_start_time_seconds", "When the server started (Unix time).", _STARTED)
    found = [used for each in board.processes if (used := _used_by(each)) is not None]
    if found:
        yield _gauge("accord_processes", "Processes that serve on this host.", len(found))
        seconds = sum(used.seconds for used in found)
        yield _counter("process_cpu_seconds_total", "Processor time of the server.", seconds)
        size = sum(used.resident for used in found)
        yield _gauge("process_resident_memory_bytes", "Resident memory of the server.", size)
        files = sum(used.files for used in found)
        yield _gauge("process_open_fds", "Open files and connections.", files)


class _Used(msgspec.Struct, frozen=True):
    seconds: float  # of the processor
    resident: int  # bytes
    files: int


def _used_by(process: int) -> _Used | None:
    """What a process of ours uses; null where it is gone, or the system is not Linux."""
    folder = Path("/proc") / str(process)
    try:
        fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        pages = int((folder / "statm").read_text("ascii").split()[1])
        files = len(list((folder / "fd").iterdir()))
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return _Used(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"), files)


def _counter(name: str, help_: str, value: float) -> Family:
    return Family(name, "counter", help_, [Sample(value)])


def _gauge(name: str, help_: str, value: float) -> Family:
    return Family(name, "gauge", help_, [Sample(value)])
