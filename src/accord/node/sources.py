"""Sources: collections of other TAXII servers, from which this node takes objects.

What a source gives is kept in `private`; where the source was added for an agreement, it waits as a
draft besides. It is never published by itself: a releaser decides, and stands in the envelope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import Message
from accord.rules.standing import standing
from accord.rules.terms import Terms
from accord.store.records import SourceRow
from accord.store.transaction import Transaction

from .home import SECRETS
from .members import check_url
from .node import Node

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_YEAR = 366 * 24 * 60  # minutes


class Secret(msgspec.Struct, frozen=True, omit_defaults=True):
    """With what we sign in: a bearer's token, or a name and a password."""

    token: str = ""
    user: str = ""
    password: str = ""


_secret = msgspec.json.Decoder(Secret)


def add_source(
    node: Node,
    url: str,
    *,
    name: str = "",
    agreement: str | None = None,
    minutes: int = 60,
    secret: Secret | None = None,
) -> SourceRow:
    """Remember a collection (`…/collections/ID/`) to take objects from; nothing is fetched yet.

    Without a name it is called after its host. The secret is on the disk before the source is: a
    crash in between leaves a file that the next `add` of that name overwrites or removes. Raises
    `InputError`, `ConflictError` for a name that is taken, `DeniedError` for an agreement that is
    not in force.
    """
    checked = collection_url(url)
    called = _name_of(checked, name)
    if not 1 <= minutes <= _YEAR:
        raise InputError("node.source-minutes", found=minutes)
    if agreement is not None:
        terms_in_force(node, agreement)
    node.read(lambda tx: _check_free(tx, called))
    _keep_secret(node, called, secret)

    def job(tx: Transaction) -> SourceRow:
        _check_free(tx, called)
        row = SourceRow(
            id=tx.sources.next_id(),
            name=called,
            url=checked,
            agreement=agreement,
            minutes=minutes,
            created=node.micros(),
        )
        tx.sources.put(row)
        return row

    return node.write(job)


def _name_of(url: str, name: str) -> str:
    called = name or _NOT_IN_A_NAME.sub("-", urlsplit(url).hostname or "").strip("-.")
    if not _NAME.fullmatch(called):
        raise InputError("node.source-name", found=called[:80])
    return called


def _check_free(tx: Transaction, name: str) -> None:
    if tx.sources.named(name) is not None:
        raise ConflictError("node.source-taken", name=name)


def _keep_secret(node: Node, name: str, secret: Secret | None) -> None:
    if secret is None:
        node.home.drop_secret(SECRETS + name)
    else:
        text = json.dumps(msgspec.to_builtins(secret))  # in ASCII, as key files are
        node.home.write_secret(SECRETS + name, text + "\n")


def collection_url(url: str) -> str:
    """The address of a collection, ending with a slash. Raises `InputError`."""
    checked = f"{check_url(url)}/".removesuffix("objects/")
    if not urlsplit(checked).path.strip("/"):
        raise InputError("node.source-no-collection", url=checked[:200])
    return checked


def list_sources(node: Node) -> list[SourceRow]:
    """Every source, in the order in which they were added."""
    return node.read(lambda tx: tx.sources.all())


def find_source(node: Node, name: str) -> SourceRow:
    """The source of this name. Raises `NotFoundError`."""
    row = node.read(lambda tx: tx.sources.named(name))
    if row is None:
        raise NotFoundError("node.source-unknown", name=name[:80])
    return row


def remove_source(node: Node, name: str) -> SourceRow:
    """Take nothing more from it, and forget its secret. What it gave stays, and whence it came."""
    row = find_source(node, name)
    at = node.micros()
    node.write(lambda tx: tx.sources.remove(row.id, at))
    node.home.drop_secret(SECRETS + row.name)
    return row


def secret_of(node: Node, row: SourceRow) -> Secret | None:
    """With what we sign in there. Raises `InputError` for a file that others may read."""
    text = node.home.read_secret(SECRETS + row.name)
    if text is None:
        return None
    try:
        return _secret.decode(text)
    except msgspec.DecodeError:
        raise InputError("node.source-secret", name=row.name) from None


def terms_in_force(node: Node, agreement: str) -> Terms:
    """The terms of an agreement that is in force. Raises `NotFoundError` or `DeniedError`."""
    now, known = node.now(), node.facts_now().agreements.get(agreement)
    if known is None or not known.texts:
        raise NotFoundError("node.agreement-unknown", agreement=agreement[:120])
    for sha256, text in known.texts.items():
        found = standing(known, sha256, now)
        if found is not None and found.state == "in-force":
            return text.proposal.terms
    raise DeniedError("node.source-not-in-force", agreement=agreement)


def note_try(node: Node, row: SourceRow) -> None:
    """That it is asked now."""
    at = node.micros()
    node.write(lambda tx: tx.sources.note_try(row.id, at))


def note_contact(node: Node, row: SourceRow, faults: Sequence[Message] = ()) -> None:
    """That it gave all it had. Of objects that were invalid the first fault is kept."""
    at = node.micros()
    node.write(lambda tx: tx.sources.note_contact(row.id, at, faults[0] if faults else None))


def note_fault(node: Node, row: SourceRow, fault: Message) -> None:
    """What was wrong when it was last asked."""
    at = node.micros()
    node.write(lambda tx: tx.sources.note_fault(row.id, at, fault))
