"""What is on record of our dealings with each peer: contact, faults, how much was taken.

Following a member stops when it is convicted of misconduct, and stays stopped until a person acts:
`peer suspend` and `peer resume`, or removing and confirming it anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from accord.base.clock import to_micros
from accord.base.messages import Message
from accord.store.records import PeerRow
from accord.store.transaction import Transaction

from .node import Node
from .serving import Cursor

_HEARD = "peer.heard"


class Taken(msgspec.Struct, frozen=True):
    """What was taken from a peer: entries on `day` (YYYY-MM-DD, UTC), bytes of openings ever."""

    day: str
    entries: int = 0
    bytes: int = 0

    def on(self, day: str) -> Taken:
        """The same, counted for `day`: the entries of another day do not count."""
        return self if self.day == day else Taken(day, 0, self.bytes)

    def plus(self, *, entries: int = 0, size: int = 0) -> Taken:
        return Taken(self.day, self.entries + entries, self.bytes + size)


def taken_from(tx: Transaction, peer: PeerRow, now: datetime) -> Taken:
    """What was taken from a peer so far, as of today."""
    day = now.date().isoformat()
    text = tx.settings.get(_taken(peer))
    return Taken(day) if text is None else msgspec.json.decode(text, type=Taken).on(day)


def note_contact(node: Node, peer: PeerRow, remote_size: int, taken: Taken) -> None:
    """A round of following went well: its ledger has `remote_size` entries."""

    def job(tx: Transaction) -> None:
        if not is_stopped(tx, peer.member):
            tx.peers.note_contact(peer.id, node.micros(), remote_size)
        tx.settings.set(_taken(peer), msgspec.json.encode(taken).decode())

    node.write(job)


def note_size(node: Node, peer: PeerRow, remote_size: int) -> None:
    """A peer has signed that its ledger has `remote_size` entries; they are still to be fetched."""
    node.write(lambda tx: tx.peers.note_size(peer.id, remote_size))


def note_fault(node: Node, peer: PeerRow, fault: Message) -> None:
    """A round of following ended in a fault of this peer."""
    node.write(lambda tx: tx.peers.note_fault(peer.id, node.micros(), fault))


def note_heard(node: Node, member: str) -> None:
    """Tell whichever process follows the peer that it is up, if it was at fault when last asked."""

    def at_fault(tx: Transaction) -> bool:
        row = tx.peers.get(member)
        return row is not None and row.last_fault is not None

    if node.read(at_fault):
        node.write(lambda tx: tx.settings.set(_HEARD, f"{member} {node.micros()}"))


def last_heard(tx: Transaction) -> str:
    """Which peer another process noted last as heard, with when; "" when none was."""
    return tx.settings.get(_HEARD) or ""


def stop_following(tx: Transaction, member: str, fault: Message, now: datetime) -> None:
    """Misconduct was proved: nothing more is taken from the member until a person acts."""
    tx.settings.set(_stopped(member), fault.key)
    row = tx.peers.get(member)
    if row is not None:
        tx.peers.note_fault(row.id, to_micros(now), fault)


def follow_again(tx: Transaction, member: str) -> None:
    """A person has acted."""
    tx.settings.remove(_stopped(member))


def is_stopped(tx: Transaction, member: str) -> bool:
    """Whether following stopped for proved misconduct."""
    return tx.settings.get(_stopped(member)) is not None


def stopped_among(tx: Transaction, members: Iterable[str]) -> set[str]:
    """Those of these members whose following stopped for proved misconduct."""
    names = {_stopped(member): member for member in members}
    return {names[name] for name in tx.settings.several(names)}


def acknowledge(node: Node, peer: PeerRow, cursor: Cursor) -> None:
    """A peer asks for what lies behind `cursor`: it has kept all before."""
    name, text = _acknowledged(peer), str(cursor)
    if node.read(lambda tx: tx.settings.get(name)) != text:
        node.write(lambda tx: tx.settings.set(name, text))


def acknowledged(tx: Transaction, peers: Iterable[PeerRow]) -> dict[int, tuple[int, int]]:
    """How far each of these peers has told us that it has kept what was granted to it.

    As (urgent, routine), by the peer's `id`.
    """
    names = {_acknowledged(peer): peer.id for peer in peers}
    found = dict.fromkeys(names.values(), (0, 0))
    for name, text in tx.settings.several(names).items():
        urgent, _, routine = text.partition(".")
        found[names[name]] = (int(urgent), int(routine))
    return found


def _taken(peer: PeerRow) -> str:
    return f"peer.taken.{peer.id}"


def _acknowledged(peer: PeerRow) -> str:
    return f"peer.acknowledged.{peer.id}"


def _stopped(member: str) -> str:
    return f"peer.stopped.{member}"
