"""Status resources: what became of each object of an upload (TAXII 2.1 section 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from accord.base.clock import format_time
from accord.store.transaction import Transaction

from .node import Node
from .tokens import Reader


class Detail(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """TAXII 2.1 section 4.3.2: one object of an upload."""

    id: str
    version: str
    message: str | None = None


class Status(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """TAXII 2.1 section 4.3.1: what became of an upload. Counts are always written."""

    id: str
    status: Literal["complete", "pending"]
    request_timestamp: str
    total_count: int
    success_count: int
    failure_count: int
    pending_count: int
    successes: tuple[Detail, ...] = ()
    failures: tuple[Detail, ...] = ()
    pendings: tuple[Detail, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Status)


def read_status(node: Node, reader: Reader, status: str) -> bytes | None:
    """The status of an earlier upload made with the same token; null otherwise."""
    return node.read(lambda tx: tx.statuses.get(status, reader.name))


def status_of(
    id_: str,
    at: datetime,
    successes: Sequence[Detail],
    failures: Sequence[Detail],
    pendings: Sequence[Detail],
) -> Status:
    """A status with its counts."""
    return Status(
        id=id_,
        status="pending" if pendings else "complete",
        request_timestamp=format_time(at),
        total_count=len(successes) + len(failures) + len(pendings),
        success_count=len(successes),
        failure_count=len(failures),
        pending_count=len(pendings),
        successes=tuple(successes),
        failures=tuple(failures),
        pendings=tuple(pendings),
    )


def settle_pending(tx: Transaction, status: str, *, released: bool, message: str) -> None:
    """A draft was decided: what its status left pending succeeded, or failed."""
    document = tx.statuses.of_draft(status)
    if document is None:
        return
    known = _decoder.decode(document)
    settled = tuple(Detail(each.id, each.version, message) for each in known.pendings)
    successes = known.successes + (settled if released else ())
    failures = known.failures + (() if released else settled)
    changed = msgspec.structs.replace(
        known,
        status="complete",
        success_count=len(successes),
        failure_count=len(failures),
        pending_count=0,
        successes=successes,
        failures=failures,
        pendings=(),
    )
    tx.statuses.settle(status, _encoder.encode(changed))


def encode_status(status: Status) -> bytes:
    """The status as TAXII JSON."""
    return _encoder.encode(status)
