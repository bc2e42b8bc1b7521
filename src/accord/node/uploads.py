"""What a tool hands in through a collection: each object's own outcome, in a status kept for it.

Into `private`, objects and status are one commit. Under an agreement what may go is published,
what only a releaser may let go becomes a draft and is pending until then, the rest fails and says
why. A crash after publishing and before the status is written leaves the objects published; the
same objects handed in again are successes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from accord.base.clock import format_time, to_micros
from accord.base.errors import DeniedError
from accord.base.messages import Message, say
from accord.stix.faults import NO_ID, InvalidObject
from accord.stix.objects import StixObject
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import version_of
from .blocking import blocked
from .collections import Collection
from .drafts import Sorted, default_order, draft_row, sort_for_release
from .node import Node
from .private import Stored, keep_private
from .publish import NotReleasable, publish_checked
from .statuses import Detail, Status, encode_status, status_of
from .tokens import Reader

Speak = Callable[[Message], str]


class _Tally:
    """An upload while it is being sorted."""

    def __init__(self, now: datetime, speak: Speak) -> None:
        self.id = str(uuid.uuid4())
        self.at = now
        self.speak = speak
        self.successes: list[Detail] = []
        self.failures: list[Detail] = []
        self.pendings: list[Detail] = []

    def add(self, to: list[Detail], item: StixObject, message: Message | None = None) -> None:
        said = None if message is None else self.speak(message)
        to.append(Detail(item.id, _version(item, self.at), said))

    def status(self) -> Status:
        return status_of(self.id, self.at, self.successes, self.failures, self.pendings)


def upload(
    node: Node, reader: Reader, collection: Collection, raws: Sequence[bytes], speak: Speak
) -> bytes:
    """Take objects into a collection; returns the status as TAXII JSON, on the disk by then.

    `speak` puts messages into the tool's language. Raises `DeniedError`, `ConflictError` when
    another process published at the same moment, or `MachineFault`.
    """
    if not collection.can_write:
        raise DeniedError("node.may-not-write", name=reader.name)
    tally = _Tally(node.now(), speak)
    items = _check_each(node, raws, tally)
    if collection.agreement is None:
        return _into_private(node, reader, items, tally)
    return _under_agreement(node, reader, collection, items, tally)


def _check_each(node: Node, raws: Sequence[bytes], tally: _Tally) -> list[StixObject]:
    check = node.checker.check
    items: list[StixObject] = []
    for raw in raws:
        try:
            items.append(check(raw).object)
        except InvalidObject as error:
            why = "; ".join(tally.speak(fault.message) for fault in error.faults[:3])
            bad = error.faults[0].object_id or NO_ID
            tally.failures.append(Detail(bad, format_time(tally.at), why))
    return items


def _version(item: StixObject, at: datetime) -> str:
    """The version of an object: `modified`, else `created`, else when it was handed in."""
    return item.version or item.fields.get("created") or format_time(at)


def _into_private(node: Node, reader: Reader, items: list[StixObject], tally: _Tally) -> bytes:
    documents: list[bytes] = []
    invalid = len(tally.failures)

    def also(tx: Transaction, stored: list[Stored]) -> None:
        tally.successes.clear()
        del tally.failures[invalid:]
        for each in stored:
            if each.barred is not None:
                tally.add(tally.failures, each.item, each.barred)
            else:
                tally.add(tally.successes, each.item, _other_stands(each.item, each.same))
        documents[:] = [_write_status(node, tx, reader, tally)]

    keep_private(node, items, reader.name, also)
    return documents[0]


def _under_agreement(
    node: Node, reader: Reader, collection: Collection, items: list[StixObject], tally: _Tally
) -> bytes:
    if collection.terms is None or collection.agreement is None:
        raise DeniedError("node.may-not-write", name=reader.name)
    order = default_order(collection.agreement, collection.terms)
    fresh = _known_apart(node, collection.agreement, items, tally)
    found = sort_for_release(node, reader, fresh, order)
    for item, why in found.refused:
        tally.add(tally.failures, item, say("node.withheld", why="; ".join(map(tally.speak, why))))
    _publish(node, found, tally)
    for item, why in zip(found.waiting, found.needed, strict=True):
        needed = "; ".join(map(tally.speak, why))
        tally.add(tally.pendings, item, say("node.draft-waits", draft=tally.id, why=needed))

    def job(tx: Transaction) -> bytes:
        if found.waiting:
            tx.drafts.put(draft_row(tally.id, reader.name, found, to_micros(tally.at)))
        return _write_status(node, tx, reader, tally)

    return node.write(job)


def _known_apart(
    node: Node, agreement: str, items: list[StixObject], tally: _Tally
) -> list[StixObject]:
    """The objects that are new here. What is published already succeeds, and its content stands.

    What is held only in `private`, with other content, cannot be published under the same version.
    """
    first: dict[tuple[str, str], StixObject] = {}
    again = [
        item for item in items if first.setdefault((item.id, version_of(item)), item) is not item
    ]
    keys = list(first)

    def job(
        tx: Transaction,
    ) -> tuple[set[tuple[str, str]], dict[tuple[str, str], bytes], dict[str, Message]]:
        published = tx.entries.published_versions(agreement, keys)
        held = tx.holdings.hashes(OWN_LEDGER, {object_id for object_id, _ in keys})
        return published, held, blocked(tx, list(first.values()))

    published, held, barred = node.read(job)
    fresh: list[StixObject] = []
    for key, item in first.items():
        same = key not in held or held[key] == sha256(item.raw).digest()
        if item.id in barred:
            tally.add(tally.failures, item, barred[item.id])
        elif key in published:
            tally.add(tally.successes, item, _other_stands(item, same))
        elif not same:
            taken = say("node.version-taken", id=item.id, version=item.version)
            tally.add(tally.failures, item, taken)
        else:
            fresh.append(item)
    for item in again:
        same = first[item.id, version_of(item)].raw == item.raw
        tally.add(tally.successes, item, _other_stands(item, same))
    return fresh


def _publish(node: Node, found: Sorted, tally: _Tally) -> None:
    """Publish what may go; what the facts of the very moment forbid fails like the rest."""
    going = list(found.going)
    while going:
        try:
            publish_checked(node, going, found.order)
        except NotReleasable as error:
            withheld = dict(error.withheld)
            for item in going:
                if item.id in withheld:
                    why = "; ".join(map(tally.speak, withheld[item.id]))
                    tally.add(tally.failures, item, say("node.withheld", why=why))
            going = [item for item in going if item.id not in withheld]
        else:
            for item in going:
                tally.add(tally.successes, item)
            return


def _other_stands(item: StixObject, same: bool) -> Message | None:
    return None if same else say("node.first-stands", id=item.id, version=item.version)


def _write_status(node: Node, tx: Transaction, reader: Reader, tally: _Tally) -> bytes:
    document = encode_status(tally.status())
    if tally.id.startswith("00"):  # one upload in 256 sweeps for all
        keep = timedelta(hours=node.limits.taxii_status_hours)
        tx.statuses.purge(to_micros(tally.at - keep))
    tx.statuses.put(tally.id, reader.name, to_micros(tally.at), document)
    return document
