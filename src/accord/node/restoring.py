"""Restoring: a backup becomes a home again, whose store signs nothing until its peers were asked.

Everything is verified first and made under another name; the home gets its own last. A crash before
that leaves a folder `….restoring`, which may be deleted, and, where the store is on a server, a
store there to be dropped.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from accord.base.clock import Clock, to_micros, utc_now
from accord.base.errors import ConflictError, MachineFault
from accord.store.copying import load_store
from accord.store.opening import open_store, upgrade_store
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .backup import STORE, Manifest, check_backup, copy_private, note_whole, synchronise
from .history import Waiting, wait_for_recovery, waiting_of
from .home import KEYS, SETTINGS, Home

_RESTORING = ".restoring"


def restore(backup: Path, folder: Path, *, db: str = "", clock: Clock = utc_now) -> Manifest:
    """Make the home `folder` of a backup; its store goes to `db`, or into the home.

    A backup of an older program is led to this one's version. The backup is left as it is. Raises
    `ConflictError` when there is something in `folder` already, and as `check_backup`.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError("node.restore-taken", folder=str(folder))
    manifest = check_backup(backup)
    making = folder.with_name(f"{folder.name}-{os.getpid()}{_RESTORING}")
    try:
        _make(backup, manifest, making, db, clock())
        making.replace(folder)
        synchronise(folder.parent)
    except OSError as error:
        problem = error.strerror or str(error)
        raise MachineFault("node.home-unwritable", path=str(folder), problem=problem) from None
    finally:
        if making.exists():
            shutil.rmtree(making, ignore_errors=True)
    return manifest


def _make(backup: Path, manifest: Manifest, making: Path, db: str, now: datetime) -> None:
    making.mkdir(parents=True, mode=0o700)
    (making / KEYS).mkdir(mode=0o700)
    for name in manifest.files:
        if name not in (STORE, SETTINGS):
            copy_private(backup / name, making / name)
    file = making / "accord.db"
    copy_private(backup / STORE, file)
    upgrade_store(file)
    _mark(file, manifest, now)
    if db:
        load_store(file, db)
        for path in making.glob("accord.db*"):
            path.unlink()
    settings = Home(backup).settings()
    Home(making).write_settings(msgspec.structs.replace(settings, db=db))
    for each in (making / KEYS, making):
        synchronise(each)


def _mark(file: Path, manifest: Manifest, now: datetime) -> None:
    """From here on the copy is a restored store: nothing is signed with it until it recovered."""

    def job(tx: Transaction) -> None:
        note_whole(tx, manifest)
        row = tx.ledgers.get(OWN_LEDGER)
        if waiting_of(tx) is None:
            size = 0 if row is None else row.size
            wait_for_recovery(tx, Waiting(since=to_micros(now), size=size))

    store = open_store(file)
    try:
        store.write(job)
    finally:
        store.close()
