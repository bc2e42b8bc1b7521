"""A check of everything, beside the node's work: ledgers, openings, the chain of the record.

How far it came is kept in the store, so that every page of every worker shows the same; whoever
watches is told by the commits. A check that was cut off leaves a state that nobody renews: it is
shown as interrupted, and may be begun again.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Literal

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import AccordError, ConflictError
from accord.base.messages import Message
from accord.store.transaction import Transaction

from .auditing import Count, count_record, verify_record
from .node import Node
from .verifying import Verified, verify_ledgers

_KEPT = "check"
_RENEWED = timedelta(seconds=1)  # how often it is noted how far a check came
_SILENT = timedelta(seconds=60)  # after which a check without news was interrupted

CheckState = Literal["none", "running", "interrupted", "done"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check. Times are microseconds since 1970; `of` and `done` count entries of ledgers."""

    started: int
    renewed: int
    of: int
    done: int = 0
    ended: int | None = None
    ledgers: tuple[Verified, ...] = ()
    lines: int = 0  # of the record of transfers, all linked
    head: str = ""  # of the record: to be noted down and compared later
    counts: tuple[Count, ...] = ()
    fault: Message | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Check)


def check_state(node: Node) -> tuple[CheckState, Check | None]:
    """The last check, and how it is with it."""
    kept = node.read(_read)
    if kept is None:
        return "none", None
    if kept.ended is not None:
        return "done", kept
    silent = node.now() - from_micros(kept.renewed) > _SILENT
    return ("interrupted" if silent else "running"), kept


def start_check(node: Node) -> threading.Thread:
    """Begin a check; the thread that does it. Raises `ConflictError` when one is running."""
    now = node.micros()

    def begin(tx: Transaction) -> Check:
        kept = _read(tx)
        running = kept is not None and kept.ended is None
        if running and node.now() - from_micros(kept.renewed if kept else now) <= _SILENT:
            raise ConflictError("node.check-running")
        check = Check(started=now, renewed=now, of=sum(row.size for row in tx.ledgers.all()))
        _write(tx, check)
        return check

    check = node.write(begin)
    thread = threading.Thread(target=_run, args=(node, check), name="check", daemon=True)
    thread.start()
    return thread


def _run(node: Node, check: Check) -> None:
    """Everything is read in transactions of their own; what is found wrong does not end it."""
    noted = _Noted(node, check)
    try:
        ledgers = tuple(verify_ledgers(node, progress=noted.progress))
        head = verify_record(node)
        found = msgspec.structs.replace(noted.check, ledgers=ledgers)
        counts = tuple(count_record(node))
        found = msgspec.structs.replace(found, lines=head.lines, head=str(head), counts=counts)
    except AccordError as error:
        found = msgspec.structs.replace(noted.check, fault=error.message)
    now = node.micros()
    ended = msgspec.structs.replace(found, renewed=now, ended=now)
    node.write(lambda tx: _write(tx, ended))


class _Noted:
    """Counts entries, and notes about once a second how many there are."""

    def __init__(self, node: Node, check: Check) -> None:
        self._node = node
        self.check = check

    def progress(self, done: int) -> None:
        now = self._node.micros()
        self.check = msgspec.structs.replace(self.check, done=self.check.done + done)
        if from_micros(now) - from_micros(self.check.renewed) >= _RENEWED:
            self.check = msgspec.structs.replace(self.check, renewed=now)
            self._node.store.submit(lambda tx: _write(tx, self.check))


def _read(tx: Transaction) -> Check | None:
    text = tx.settings.get(_KEPT)
    return None if text is None else _decoder.decode(text)


def _write(tx: Transaction, check: Check) -> None:
    tx.settings.set(_KEPT, _encoder.encode(check).decode())
