"""Whether this store may sign: not while it may be an older copy of itself.

A store that was put back from a copy would sign a second history of our ledger, and that cannot be
taken back. So nothing is appended, co-signed or shown to peers while the mark `Waiting` stands. It
is set by a restore; when a witness saw more of our ledger than this store holds; and when the
counter beside the store is ahead of it. It goes when peers were asked what they saw: `recovering`.

What nobody tells cannot be noticed: a whole machine put back as it was, counter included, while no
peer that saw more can be reached.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from accord.base.errors import AccordError, MachineFault
from accord.base.messages import Message
from accord.store.store import Store
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

COUNTER = "ledger-size"  # file in the home folder
_WAITING = "history.waiting"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """That the store waits for its peers' memory. Times are microseconds since 1970.

    `size` is what our ledger had here when it was noticed, `seen` what somebody saw of it (null
    after a restore: nobody was asked yet), `shown` how much of that under our signature; `forked`,
    that two histories bear our signature.
    """

    since: int
    size: int
    seen: int | None = None
    shown: int = 0
    forked: bool = False


def waiting_of(tx: Transaction) -> Waiting | None:
    """What the store waits for; null when it may sign."""
    text = tx.settings.get(_WAITING)
    return None if text is None else msgspec.json.decode(text, type=Waiting)


def wait_for_recovery(tx: Transaction, waiting: Waiting) -> None:
    """From this commit on nothing is signed until `stop_waiting`.

    Grants get numbers that none had in the history that is lost: the microseconds since 1970, which
    no count of grants reaches. So no peer's cursor passes over one to come.
    """
    tx.grants.skip_to(waiting.since)
    tx.settings.set(_WAITING, msgspec.json.encode(waiting).decode())


def stop_waiting(tx: Transaction) -> None:
    """The peers were asked: this store may sign again."""
    tx.settings.remove(_WAITING)


def note_seen(tx: Transaction, seen: int, now: int, *, shown: bool = True) -> None:
    """Somebody saw `seen` entries of our ledger: if that is more than we hold, wait.

    `shown`: under our signature, so that nothing else may ever stand in their places.
    """
    row = tx.ledgers.get(OWN_LEDGER)
    if row is None or seen <= row.size:
        return
    before = waiting_of(tx) or Waiting(since=now, size=row.size)
    known = max(seen, before.seen or 0)
    signed = max(seen, before.shown) if shown else before.shown
    wait_for_recovery(tx, msgspec.structs.replace(before, seen=known, shown=signed))


def note_fork(tx: Transaction, now: int) -> None:
    """Two histories bear our signature: nothing is signed until people have found out why."""
    row = tx.ledgers.get(OWN_LEDGER)
    before = waiting_of(tx) or Waiting(since=now, size=0 if row is None else row.size)
    wait_for_recovery(tx, msgspec.structs.replace(before, forked=True))


def stand_by(tx: Transaction) -> None:
    """The recovery key said by which history we stand: what else was signed is not our word."""
    before = waiting_of(tx)
    if before is not None:
        wait_for_recovery(tx, msgspec.structs.replace(before, shown=0, forked=False))


def refuse_while_waiting(tx: Transaction) -> None:
    """Raise `MachineFault` while this store may be an older copy: it signs nothing then."""
    waiting = waiting_of(tx)
    if waiting is None:
        return
    if waiting.forked:
        raise MachineFault("node.history-forked", size=waiting.size)
    if waiting.seen is None:
        raise MachineFault("node.restored", size=waiting.size)
    raise MachineFault("node.older-copy", size=waiting.size, seen=waiting.seen)


def why_waiting(tx: Transaction) -> Message | None:
    """Why nothing may be signed, and what to do; null when all may."""
    try:
        refuse_while_waiting(tx)
    except MachineFault as fault:
        return fault.message
    return None


class Counter:
    """The size of our ledger in a file beside the store, written after each commit that appends.

    It is never ahead of what was committed, so a store behind it is an older one. It is no second
    truth: lost or unwritable, nothing else changes, and an older store is noticed by peers alone.
    """

    def __init__(self, path: Path, store: Store) -> None:
        self.path = path
        self._store = store
        self._due = False

    def appended(self) -> None:
        """The running transaction appends; if it is committed, `committed` is called next."""
        self._due = True

    def committed(self) -> None:
        """Called in the writer's thread after every commit."""
        if not self._due:
            return
        self._due = False
        try:
            self.write(max(self._store.read(_own_size), self.read()))
        except (OSError, AccordError):
            return  # see above: the commit stands

    def read(self) -> int:
        """What it says; 0 where it says nothing."""
        try:
            text = self.path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return 0
        return int(text) if text.isdecimal() and len(text) < 20 else 0

    def write(self, size: int) -> None:
        """Say another size, whole or not at all."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{size}\n", "ascii")
        fresh.replace(self.path)

    def check(self, now: int) -> None:
        """Wait for recovery when the store holds less than was committed to it before."""
        counted = self.read()
        if counted > self._store.read(_own_size):
            self._store.write(lambda tx: note_seen(tx, counted, now, shown=False))


def _own_size(tx: Transaction) -> int:
    row = tx.ledgers.get(OWN_LEDGER)
    return 0 if row is None else row.size
