"""Backups: one folder that holds a whole node as it was at one moment, secrets included.

    manifest.json    what is in it, with sizes and SHA-256; when it was taken and when it expires
    store.db         the store as one SQLite file, whichever database it was taken from
    accord.toml      the settings
    keys/*.key       the private keys; never the recovery key, which no node holds

The folder is made under another name, synchronised, and renamed last: what has the name asked for
is whole. A crash before that leaves a folder `….partial`, which may be deleted.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

import accord
from accord.base.clock import format_time, parse_time, to_micros
from accord.base.errors import ConflictError, InputError, MachineFault
from accord.ledger.card import decode_card
from accord.store.copying import Progress, copy_store, examine_copy
from accord.store.schema import VERSION
from accord.store.transaction import Transaction

from .home import KEYS, SETTINGS, Home
from .node import CARD, Node

MANIFEST, STORE = "manifest.json", "store.db"
KEEP_DAYS = 90
_PARTIAL = ".partial"
_RECORD = "backups"


class FileLine(msgspec.Struct, frozen=True):
    """One file of a backup: its length in bytes and its SHA-256 (hex)."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. Times as RFC 3339; `size` and `root` (hex) are our ledger's."""

    accord_backup: Literal[1]
    taken: str
    expires: str
    program: str
    schema: int
    member: str
    name: str
    origin: str
    size: int
    root: str
    files: dict[str, FileLine]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A backup on record: until `expires` a copy of what was held at `begun` may still exist.

    Times are microseconds since 1970; `finished` is null for one that was cut off.
    """

    id: str
    place: str
    begun: int
    finished: int | None
    expires: int


class Backup(msgspec.Struct, frozen=True):
    """A backup that is whole, and where it is."""

    folder: Path
    manifest: Manifest


def take_backup(
    node: Node, place: Path, keep_days: int = KEEP_DAYS, progress: Progress = lambda rows: None
) -> Backup:
    """Make a backup while the node may be serving. In an existing folder, under a name of its own.

    The order of the durable steps: on record in the store, the copy under another name, its name,
    finished on record. So no copy exists of which the store does not know. Raises `ConflictError`
    for a name that is taken, `InputError` or `MachineFault`.
    """
    now = node.now()
    folder = _named(place, node.settings.name, now)
    expires = now + timedelta(days=keep_days)
    row = Taken(
        id=uuid.uuid4().hex,
        place=str(folder),
        begun=to_micros(now),
        finished=None,
        expires=to_micros(expires),
    )
    node.write(lambda tx: _put(tx, row))
    partial = folder.with_name(f"{folder.name}-{row.id[:8]}{_PARTIAL}")
    try:
        manifest = _fill(node, partial, now, expires, progress)
        partial.rename(folder)
        synchronise(folder.parent)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        if not folder.exists():  # it failed: nothing is left of it, and nothing on record
            shutil.rmtree(partial, ignore_errors=True)
            node.write(lambda tx: _drop(tx, row.id))
    done = msgspec.structs.replace(row, finished=node.micros())
    node.write(lambda tx: _put(tx, done))
    return Backup(folder, manifest)


def check_backup(folder: Path) -> Manifest:
    """Verify a backup: every file is there, and is the one that was written; nothing is changed.

    Raises `InputError` for what is no backup, or one of a later program; `MachineFault` for one
    that is damaged.
    """
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
    except OSError:
        raise InputError("node.backup-missing", folder=str(folder)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = str(error)
        raise MachineFault("node.backup-damaged", file=MANIFEST, problem=problem) from None
    if manifest.schema > VERSION:
        raise InputError("node.backup-newer", found=manifest.schema, ours=VERSION)
    for name, line in manifest.files.items():
        path = folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise MachineFault("node.backup-damaged", file=name[:200], problem="path")
        if not path.is_file() or _line(path) != line:
            raise MachineFault("node.backup-damaged", file=name[:200], problem="SHA-256")
    _check_content(folder, manifest)
    return manifest


def _check_content(folder: Path, manifest: Manifest) -> None:
    needed = {STORE, SETTINGS, *(f"{KEYS}/{name}.key" for name in ("ledger", "witness"))}
    if missing := sorted(needed - manifest.files.keys()):
        raise MachineFault("node.backup-damaged", file=missing[0], problem="missing")
    copied = examine_copy(folder / STORE)
    said = (manifest.schema, manifest.size, manifest.root)
    if said != (copied.version, copied.size, copied.root.hex()):
        raise MachineFault("node.backup-damaged", file=STORE, problem="manifest")


def backups_of(tx: Transaction) -> list[Taken]:
    """The backups on record that have not expired when last looked at, oldest first.

    Until the last `expires` of them a copy of what was held before may still exist: a receipt for
    a recall says so.
    """
    text = tx.settings.get(_RECORD)
    return [] if text is None else msgspec.json.decode(text, type=list[Taken])


def note_whole(tx: Transaction, manifest: Manifest) -> None:
    """The backup from which this store was restored: in itself it is on record as begun only."""
    begun = to_micros(parse_time(manifest.taken))
    for row in backups_of(tx):
        if row.begun == begun:
            _put(tx, msgspec.structs.replace(row, finished=begun))


def _put(tx: Transaction, row: Taken) -> None:
    kept = [each for each in backups_of(tx) if each.id != row.id and each.expires > row.begun]
    tx.settings.set(_RECORD, msgspec.json.encode([*kept, row]).decode())


def _drop(tx: Transaction, backup: str) -> None:
    kept = [each for each in backups_of(tx) if each.id != backup]
    tx.settings.set(_RECORD, msgspec.json.encode(kept).decode())


def _named(place: Path, name: str, now: datetime) -> Path:
    """The folder to be made: `place`, or in it when it is there."""
    folder = place.absolute()
    if folder.is_dir() and not (folder / MANIFEST).exists():
        word = "".join(char if char.isalnum() else "-" for char in name)
        folder = folder / f"{word}-{now:%Y%m%dT%H%M%S}Z"
    if folder.exists():
        raise ConflictError("node.backup-taken", folder=str(folder))
    if not folder.parent.is_dir():
        raise InputError("node.backup-nowhere", folder=str(folder.parent))
    return folder


def _fill(
    node: Node, partial: Path, now: datetime, expires: datetime, progress: Progress
) -> Manifest:
    (partial / KEYS).mkdir(parents=True, mode=0o700)
    partial.chmod(0o700)
    for source in _home_files(node.home):
        copy_private(source, partial / source.relative_to(node.home.folder))
    copy_store(node.home.database, partial / STORE, progress)
    copied = examine_copy(partial / STORE)
    card = decode_card(copied.settings[CARD].encode(), node.limits)
    if Home(partial).keys().ledger.public.hex() != card.ledger:
        raise ConflictError("node.backup-keys-changed")  # between the files and the store
    manifest = Manifest(
        accord_backup=1,
        taken=format_time(now),
        expires=format_time(expires),
        program=accord.__version__,
        schema=copied.version,
        member=card.member,
        name=card.name,
        origin=card.origin,
        size=copied.size,
        root=copied.root.hex(),
        files={str(path.relative_to(partial)): _line(path) for path in _files(partial)},
    )
    encoded = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    write_private(partial / MANIFEST, encoded)
    for folder in (partial / KEYS, partial):
        synchronise(folder)
    return manifest


def _home_files(home: Home) -> Iterator[Path]:
    yield home.folder / SETTINGS
    yield from sorted((home.folder / KEYS).glob("*.key"))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _line(path: Path) -> FileLine:
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
            size += len(part)
    return FileLine(size, digest.hexdigest())


def copy_private(source: Path, target: Path) -> None:
    """Copy a file, for its owner alone, on to the disk."""
    with source.open("rb") as file:
        _write(target, lambda out: shutil.copyfileobj(file, out, 1 << 20))


def write_private(target: Path, content: bytes) -> None:
    """Write a new file, for its owner alone, on to the disk."""
    _write(target, lambda out: out.write(content))


def _write(target: Path, fill: Callable[..., object]) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        fill(out)
        out.flush()
        os.fsync(out.fileno())


def synchronise(folder: Path) -> None:
    """The names in a folder are on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> MachineFault:
    problem = error.strerror or str(error)
    return MachineFault("node.backup-unwritable", folder=str(folder), problem=problem)
