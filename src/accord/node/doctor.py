"""What is wrong with a node, and what to do: keys, clock, disk, store, peers.

Made for the day on which something is: each look stands alone, and what stops one of them from
being taken is itself a finding. Nothing is changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from accord.base.clock import Clock, format_time, from_micros, parse_time, utc_now
from accord.base.errors import AccordError
from accord.base.limits import MIB
from accord.base.messages import Message, say
from accord.ledger.card import decode_card
from accord.ledger.checkpoint import open_checkpoint
from accord.ledger.keys import fingerprint_hex
from accord.rules.facts import PeerConfirmed, SelfKnown, decode_fact
from accord.rules.standing import standing
from accord.store.records import PeerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import own_ledger
from .backup import backups_of
from .history import refuse_while_waiting, waiting_of
from .home import Home
from .node import CARD, Node, open_node
from .recovering import recovered_of

State = Literal["well", "note", "wrong"]
Subject = Literal[
    "home",
    "keys",
    "disk",
    "store",
    "search",
    "clock",
    "ledger",
    "recovery",
    "backup",
    "peers",
    "quarantine",
    "agreements",
]

GIB = 1024 * MIB
LOW_DISK = GIB  # bytes; below this a large publication may find no room
OLD_BACKUP = timedelta(days=7)  # an older one gives back too little
SILENT = timedelta(minutes=15)  # a confirmed peer not heard of for so long is looked after


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. The message says what was found and, if wrong, what to do.

    `cause` is what a peer's node or ours said itself, where there is such a sentence; `member` is
    the peer that it is about.
    """

    subject: Subject
    state: State
    message: Message
    cause: Message | None = None
    member: str | None = None


def examine(folder: Path, clock: Clock = utc_now) -> list[Finding]:
    """Look at everything of the node in `folder`. Raises nothing that a finding could say."""
    home = Home(folder)
    findings: list[Finding] = []
    if not _look(findings, "home", lambda: _check_home(home)):
        return findings
    _look(findings, "keys", lambda: _check_keys(home))
    _look(findings, "disk", lambda: _check_disk(folder))
    node = _open(findings, folder, clock)
    if node is None:
        return findings
    try:
        _look_inside(findings, node)
    finally:
        node.close()
    return findings


def examine_open(node: Node) -> list[Finding]:
    """The same of a node that is being served: its store is open, or nobody could ask.

    The pages of the search index are left unread: there may be gigabytes of them, and whoever
    searches meets what is wrong with them.
    """
    findings: list[Finding] = []
    _look(findings, "home", lambda: _check_home(node.home))
    _look(findings, "keys", lambda: _check_keys(node.home))
    _look(findings, "disk", lambda: _check_disk(node.home.folder))
    _look_inside(findings, node, whole=False)
    return findings


def _look_inside(findings: list[Finding], node: Node, *, whole: bool = True) -> None:
    _look(findings, "search", lambda: _check_search(node, whole=whole))
    _look(findings, "store", lambda: _check_replica(node))
    _look(findings, "clock", lambda: _check_clock(node))
    _look(findings, "ledger", lambda: _check_ledger(node))
    _look(findings, "recovery", lambda: _check_recovery(node))
    _look(findings, "backup", lambda: _check_backup(node))
    _look(findings, "peers", lambda: _check_peers(node))
    _look(findings, "quarantine", lambda: _check_quarantine(node))
    _look(findings, "agreements", lambda: _check_agreements(node))


def _look(
    findings: list[Finding], subject: Subject, check: Callable[[], Iterator[Finding]]
) -> bool:
    """Add what a check finds; whether nothing kept it from looking."""
    try:
        findings.extend(check())
    except AccordError as error:
        findings.append(Finding(subject, "wrong", error.message))
        return False
    return True


def _check_home(home: Home) -> Iterator[Finding]:
    settings = home.settings()
    yield Finding("home", "well", say("node.doctor-home", name=settings.name, url=settings.url))
    mode = home.folder.stat().st_mode & 0o777
    if mode & 0o022:
        message = say("node.doctor-folder-loose", folder=str(home.folder), found=oct(mode))
        yield Finding("home", "wrong", message)


def _check_keys(home: Home) -> Iterator[Finding]:
    loose = home.loose_keys()
    for path in loose:
        found = oct(path.stat().st_mode & 0o777)
        yield Finding("keys", "wrong", say("node.key-loose", path=str(path), found=found))
    if not loose:
        home.keys()
        yield Finding("keys", "well", say("node.doctor-keys"))


def _check_disk(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    if free < LOW_DISK:
        message = say("node.doctor-disk-low", free=free // MIB, needed=LOW_DISK // MIB)
        yield Finding("disk", "wrong", message)
    else:
        yield Finding("disk", "well", say("node.doctor-disk", free=free // GIB))


def _open(findings: list[Finding], folder: Path, clock: Clock) -> Node | None:
    try:
        node = open_node(folder, clock)
    except AccordError as error:
        if not any(finding.state == "wrong" for finding in findings):
            findings.append(Finding("store", "wrong", error.message))
        return None
    findings.append(Finding("store", "well", say("node.doctor-store")))
    return node


def _check_search(node: Node, *, whole: bool) -> Iterator[Finding]:
    """The search index: lost or damaged, it raises, and the node makes it anew."""
    left = node.store.indexes.examine(whole=whole)
    if left is None:
        yield Finding("search", "note", say("node.doctor-search-none"))
    else:
        yield Finding("search", "well", say("node.doctor-search", count=left))


def _check_replica(node: Node) -> Iterator[Finding]:
    """That of `accord.toml`. One that lags is no fault: the primary answers meanwhile."""
    if not node.settings.db_read:
        return
    node.store.attach_replica(node.settings.db_read)
    found = node.store.look_at_replica()
    if found is None or found.problem is None:
        yield Finding("store", "well", say("node.doctor-replica"))
    else:
        yield Finding("store", "wrong" if found.state == "down" else "note", found.problem)


def _check_clock(node: Node) -> Iterator[Finding]:
    """Against what stands on record, by us and by those who co-signed our checkpoints."""
    now, skew = node.now(), timedelta(seconds=node.limits.clock_skew_seconds)
    recorded = from_micros(node.read(_last_recorded))
    seen = node.read(_last_seen_by_others)
    latest = recorded if seen is None else max(recorded, from_micros(seen))
    if latest > now + skew:
        minutes = int((latest - now).total_seconds() // 60)
        yield Finding("clock", "wrong", say("node.doctor-clock-behind", minutes=minutes))
    elif recorded > now:
        yield Finding("clock", "note", say("node.doctor-clock-back"))
    else:
        yield Finding("clock", "well", say("node.doctor-clock"))


def _last_recorded(tx: Transaction) -> int:
    return max(row.seen for row in tx.ledgers.all())


def _last_seen_by_others(tx: Transaction) -> int | None:
    return max((each.at for each in tx.ledgers.cosignatures(OWN_LEDGER)), default=None)


def _check_ledger(node: Node) -> Iterator[Finding]:
    """The signed checkpoint fits, and every entry is there. `ledger verify` looks closer."""

    def job(tx: Transaction) -> tuple[int, bytes, bytes, int]:
        row, recovered = own_ledger(tx), recovered_of(tx)
        lost = 0 if recovered is None else recovered.lost_entries
        waiting = waiting_of(tx) is not None  # then openings are still on their way back
        held = tx.entries.count(OWN_LEDGER)
        return row.size, row.root, row.checkpoint, row.size if waiting else held + lost

    size, root, note, entries = node.read(job)
    signed = open_checkpoint(note, node.ledger_verifier, node.limits).checkpoint
    if (signed.size, signed.root) != (size, root) or entries != size:
        yield Finding("ledger", "wrong", say("node.doctor-ledger-damaged", size=size))
    else:
        yield Finding("ledger", "well", say("node.doctor-ledger", count=size))


def _check_recovery(node: Node) -> Iterator[Finding]:
    """Whether the store may sign, and what the last recovery could not bring back."""
    recovered = node.read(recovered_of)
    if recovered is not None and recovered.lost:
        yield Finding("recovery", "note", say("node.doctor-lost", count=recovered.lost_entries))
    node.read(refuse_while_waiting)


def _check_backup(node: Node) -> Iterator[Finding]:
    """How old the last whole backup is, and whether it knows whom we know."""
    taken = [each for each in node.read(backups_of) if each.finished is not None]
    if not taken:
        yield Finding("backup", "note", say("node.doctor-backup-never"))
        return
    begun = from_micros(taken[-1].begun)
    age = node.now() - begun
    if age > OLD_BACKUP:
        yield Finding("backup", "wrong", say("node.doctor-backup-old", count=age.days))
    elif node.read(_last_acquainted) > begun:
        yield Finding("backup", "note", say("node.doctor-backup-behind"))
    else:
        yield Finding("backup", "well", say("node.doctor-backup", at=format_time(begun)))


def _last_acquainted(tx: Transaction) -> datetime:
    """When a peer was last confirmed, or our keys last changed."""
    facts = (decode_fact(raw) for raw in tx.facts.between(0))
    met = [fact.recorded_at for fact in facts if isinstance(fact.what, PeerConfirmed | SelfKnown)]
    card = msgspec.json.decode(tx.settings.get(CARD) or "{}")
    changes = card["card"]["key_changes"] if card else []
    return max([*met, *(parse_time(each["statement"]["issued"]) for each in changes)])


def _check_peers(node: Node) -> Iterator[Finding]:
    rows, convicted = node.read(
        lambda tx: (tx.peers.all(), {each.member for each in tx.ledgers.convictions()})
    )
    now = node.now()
    present = [row for row in rows if row.state != "removed"]
    for row in present:
        yield msgspec.structs.replace(_peer(node, row, now, convicted), member=row.member)
    if not present:
        yield Finding("peers", "note", say("node.doctor-no-peers"))
    elif len(present) == 1:
        yield Finding("peers", "note", say("node.doctor-no-witness"))


def _peer(node: Node, row: PeerRow, now: datetime, convicted: set[str]) -> Finding:
    if row.member in convicted:
        return Finding("peers", "wrong", say("node.doctor-peer-convicted", name=row.name))
    if row.state == "added":
        fingerprint = fingerprint_hex(decode_card(row.card, node.limits).fingerprint)
        message = say("node.doctor-peer-added", name=row.name, fingerprint=fingerprint)
        return Finding("peers", "note", message)
    if row.state == "suspended":
        return Finding("peers", "note", say("node.doctor-peer-suspended", name=row.name))
    if row.last_fault is not None:
        message = say("node.doctor-peer-fault", name=row.name, url=row.url)
        return Finding("peers", "wrong", message, row.last_fault)
    if row.last_contact is None:
        return Finding("peers", "wrong", say("node.doctor-peer-never", name=row.name, url=row.url))
    silent = now - from_micros(row.last_contact)
    if silent > SILENT:
        minutes = int(silent.total_seconds() // 60)
        message = say("node.doctor-peer-silent", name=row.name, minutes=minutes, url=row.url)
        return Finding("peers", "wrong", message)
    return Finding("peers", "well", say("node.doctor-peer", name=row.name))


def _check_quarantine(node: Node) -> Iterator[Finding]:
    """What waits for a fact; near the cap of a ledger, what comes next would be refused."""

    def job(tx: Transaction) -> tuple[int, bool]:
        loads = tx.quarantine.loads().values()
        limits = node.limits
        full = any(
            2 * entries > limits.quarantine_entries or 2 * size > limits.quarantine_bytes
            for entries, size in loads
        )
        return sum(entries for entries, _ in loads), full

    waiting, full = node.read(job)
    if full:
        yield Finding("quarantine", "wrong", say("node.doctor-quarantine-full", count=waiting))
    elif waiting:
        yield Finding("quarantine", "note", say("node.doctor-quarantine", count=waiting))


def _check_agreements(node: Node) -> Iterator[Finding]:
    """Those that will end within a month: signing a new one takes time."""
    now = node.now()
    soon = now + timedelta(days=30)
    for known in node.facts_now().agreements.values():
        for digest, text in known.texts.items():
            found = standing(known, digest, now)
            if found is None or found.state != "in-force" or found.until is None:
                continue
            if found.until < soon:
                days = (found.until - now).days
                name = text.proposal.terms.name
                message = say("node.doctor-agreement-ends", name=name, count=days)
                yield Finding("agreements", "note", message)
