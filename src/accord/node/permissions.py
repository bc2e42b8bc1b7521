"""Asking an author whether something may be passed on, and the author's answer.

Both are entries of their own; what they say is a fact in the same transaction. The release rule
acts on the author's word at once, with the author, with whoever asked, and with those it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.base.clock import format_time
from accord.base.errors import InputError, NotFoundError
from accord.ledger.envelope import EntryRef
from accord.rules.facts import Facts, PermissionAsked, PermissionGiven
from accord.rules.permissions import (
    PERMISSION_KIND,
    PERMISSION_TYPE,
    REQUEST_KIND,
    REQUEST_TYPE,
    stands,
)
from accord.store.transaction import Transaction

from .control import own_object, state
from .node import Node
from .passing import source_at
from .replying import received

State = Literal["open", "granted", "refused", "ended"]


class PermissionView(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what became of it. `author`: of the entry that is asked about."""

    id: str
    asker: str
    author: str
    entry: EntryRef
    members: tuple[str, ...]
    purpose: str
    reason: str
    asked: datetime
    state: State
    text: str
    until: datetime | None


def ask_permission(
    node: Node, object_id: str, members: Sequence[str], purpose: str, reason: str
) -> PermissionView:
    """Ask the member that gave us an object whether we may pass it on to these members.

    With ourselves among them: whether we may use it for that purpose, which code H1 may forbid.
    Raises `NotFoundError` or `InputError` for an object that no other member gave us, and
    `InputError` for what cannot be asked.
    """
    now = node.now()

    def job(tx: Transaction) -> str:
        source = received(tx, object_id, "")
        wanted = sorted(set(members) - {source.author})
        if not wanted:
            raise InputError("node.permission-for-nobody")
        entry = msgspec.structs.asdict(source_at(tx, source.entry))
        fields = {"entry": entry, "members": wanted, "purpose": purpose, "reason": reason}
        item = own_object(node, REQUEST_TYPE, fields, now)
        state(node, tx, REQUEST_KIND, item, audience=(source.author,), agreement=None, now=now)
        return item.id

    return permission_view(node, node.write(job))


def answer_request(
    node: Node, request: str, *, granted: bool, text: str = "", until: datetime | None = None
) -> PermissionView:
    """Grant or refuse what was asked about an entry of ours; a later answer replaces an earlier.

    To refuse what was granted is to withdraw it. Raises `NotFoundError` for no request to us, and
    `InputError` for an end that is past.
    """
    now = node.now()
    if until is not None and until <= now:
        raise InputError("node.permission-until-past", until=format_time(until))

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        asked = facts.asked.get(request)
        if asked is None or asked.entry.origin != node.origin:
            raise NotFoundError("node.permission-unknown", request=request[:100])
        fields: dict[str, Any] = {
            "request_ref": request,
            "member_ref": asked.author,
            "entry": msgspec.structs.asdict(asked.entry),
            "members": list(asked.members),
            "purpose": asked.purpose,
            "granted": granted,
        }
        if text:
            fields["text"] = text
        if until is not None:
            fields["until"] = format_time(until)
        before = _answers(facts).get(_question(asked))
        version_of = None if before is None else (before.id, format_time(before.first))
        item = own_object(node, PERMISSION_TYPE, fields, now, version_of)
        audience = sorted({asked.author, *asked.members} - {node.member})
        state(node, tx, PERMISSION_KIND, item, audience=audience, agreement=None, now=now)

    node.write(job)
    return permission_view(node, request)


def list_permissions(node: Node) -> list[PermissionView]:
    """Every request that this node knows of, ours and those to us, oldest first."""
    facts, now = node.facts_now(), node.now()
    answers = _answers(facts)
    found = [_view(facts, answers, asked, now) for asked in facts.asked.values()]
    return sorted(found, key=lambda view: (view.asked, view.id))


def permission_view(node: Node, request: str) -> PermissionView:
    """One request and what became of it. Raises `NotFoundError`."""
    facts = node.facts_now()
    asked = facts.asked.get(request)
    if asked is None:
        raise NotFoundError("node.permission-unknown", request=request[:100])
    return _view(facts, _answers(facts), asked, node.now())


_Question = tuple[str, str, str]  # the ledger of the entry, the request, who asked


def _question(asked: PermissionAsked) -> _Question:
    return asked.entry.origin, asked.id, asked.author


def _answers(facts: Facts) -> dict[_Question, PermissionGiven]:
    """The author's newest word on each request; of two answers the first stands."""
    found: dict[_Question, PermissionGiven] = {}
    for (ledger, _), given in facts.permissions.items():
        found.setdefault((ledger, given.request, given.to), given)
    return found


def _view(
    facts: Facts, answers: dict[_Question, PermissionGiven], asked: PermissionAsked, now: datetime
) -> PermissionView:
    given = answers.get(_question(asked))
    authors = {member.origin: name for name, member in facts.members.items()}
    return PermissionView(
        id=asked.id,
        asker=asked.author,
        author=authors.get(asked.entry.origin, asked.entry.origin),
        entry=asked.entry,
        members=asked.members,
        purpose=asked.purpose,
        reason=asked.reason,
        asked=asked.issued,
        state=_state(given, now),
        text=given.text if given is not None else "",
        until=given.until if given is not None else None,
    )


def _state(given: PermissionGiven | None, now: datetime) -> State:
    if given is None:
        return "open"
    if not given.granted:
        return "refused"
    return "granted" if stands(given, now) else "ended"
