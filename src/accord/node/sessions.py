"""Council sessions: convened, attended, and their agenda and minutes, which follow from entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import format_time
from accord.base.errors import DeniedError, InputError, NotFoundError
from accord.ledger.envelope import reread_envelope
from accord.rules.community.minutes import Minutes, as_markdown, minutes
from accord.rules.community.sessions import (
    SESSION,
    Attendance,
    Session,
    agenda,
    attendance_of,
    session_of,
)
from accord.rules.community.standings import Right
from accord.rules.decisions.bodies import BodyState
from accord.rules.decisions.council import Council
from accord.rules.decisions.motion_file import read_toml
from accord.rules.fields import Field
from accord.stix.extension import ATTENDANCE
from accord.stix.extension import SESSION as SESSION_TYPE
from accord.store.transaction import Transaction

from .control import charter_cited, own_object, state
from .councillog import council_of
from .deciding import head_of, refuse_who_left
from .node import Node

_PAGE = 1000
_FILE = tuple(Field(each.name, each.check, each.name not in ("body", "papers")) for each in SESSION)
_fields = msgspec.json.Decoder(dict[str, Any])


def convene(node: Node, text: str) -> Session:
    """Announce a session, from a TOML file, to all who may read its papers.

    Raises `InputError` that names the field, or for one that ends no later than it begins,
    `NotFoundError` or `DeniedError`.
    """
    given, now = read_toml(text, _FILE), node.now()

    def job(tx: Transaction) -> Session:
        head = head_of(council_of(node, tx), given.get("body"))
        refuse_who_left(node, tx, "propose", head.body, now)
        check_right(node, head, "propose")
        item = own_object(node, SESSION_TYPE, {**given, "body": head.body}, now)
        found = session_of(item.fields)
        if found.ends <= found.begins:
            begins, ends = format_time(found.begins), format_time(found.ends)
            raise InputError("node.session-length", begins=begins, ends=ends)
        audience = head.with_right("read-papers")
        cited = charter_cited(node, tx, head.body)
        state(node, tx, "session", item, audience=audience, agreement=cited, now=now)
        return found

    return node.write(job)


def attend(node: Node, session: str, persons: Sequence[tuple[str, str]]) -> None:
    """Say whom this member sent to a session: (name, office) each. Its last word counts."""
    now = node.now()

    def job(tx: Transaction) -> None:
        council = council_of(node, tx)
        found = _session(_sessions(tx, council), session)
        head = head_of(council, found.body)
        refuse_who_left(node, tx, "propose", head.body, now)
        check_right(node, head, "attend")
        fields = {
            "session_ref": found.id,
            "persons": [{"person": name, "office": office} for name, office in persons],
        }
        item = own_object(node, ATTENDANCE, fields, now)
        attendance_of(item.fields)
        audience = head.with_right("read-papers")
        cited = charter_cited(node, tx, head.body)
        state(node, tx, "attendance", item, audience=audience, agreement=cited, now=now)

    node.write(job)


def check_right(node: Node, head: BodyState, right: Right) -> None:
    """Raise `DeniedError` when this member does not have a right of the matrix now."""
    if node.member not in head.with_right(right):
        raise DeniedError("node.council-may-not", body=head.body, right=right)


def list_sessions(node: Node) -> list[Session]:
    """All sessions that were announced to us, the last one first."""
    found = node.read(lambda tx: _sessions(tx, council_of(node, tx)))
    return sorted(found, key=lambda each: each.begins, reverse=True)


def agenda_of(node: Node, session: str | None = None) -> tuple[Session, list[str]]:
    """A session (null: the last one) and the hashes of its motions.

    Raises `NotFoundError`, or `DeniedError` for who may not read its papers.
    """

    def job(tx: Transaction) -> tuple[Session, list[str]]:
        council = council_of(node, tx)
        found = _session(_sessions(tx, council), session)
        check_right(node, head_of(council, found.body), "read-papers")
        return found, agenda(council, found)

    return node.read(job)


def minutes_data(node: Node, session: str | None, language: str) -> Minutes:
    """The minutes of a session (null: the last one), as words to be shown.

    Raises `NotFoundError`, or `DeniedError` for who may not read its papers.
    """

    def job(tx: Transaction) -> Minutes:
        council = council_of(node, tx)
        found = _session(_sessions(tx, council), session)
        check_right(node, head_of(council, found.body), "read-papers")
        names = {row.member: row.name for row in tx.peers.all()}
        names[node.member] = node.settings.name
        return minutes(council, found, _attendance(tx, council, found), names, language)

    return node.read(job)


def minutes_of(node: Node, session: str | None, language: str) -> str:
    """The minutes of a session as Markdown. Raises as `minutes_data` does."""
    return as_markdown(minutes_data(node, session, language))


def _session(sessions: Sequence[Session], name: str | None) -> Session:
    wanted = [each for each in sessions if name is None or each.id.endswith(name)]
    if not wanted:
        raise NotFoundError("node.session-unknown", session=(name or "-")[:80])
    return max(wanted, key=lambda each: each.begins)


def _sessions(tx: Transaction, council: Council) -> list[Session]:
    """What was announced by members that might: what others announce is no session."""
    found = []
    for author, issued, fields in _entries(tx, "session"):
        session = session_of(fields)
        if _had_right(council, session.body, author, issued, "propose"):
            found.append(session)
    return found


def _attendance(tx: Transaction, council: Council, session: Session) -> dict[str, Attendance]:
    """What each member says of itself; a later word of it takes the place of an earlier one."""
    found: dict[str, Attendance] = {}
    for author, issued, fields in _entries(tx, "attendance"):
        said = attendance_of(fields)
        mine = said.session_ref == session.id
        if mine and _had_right(council, session.body, author, issued, "attend"):
            found[author] = said
    return found


def _had_right(council: Council, body: str, member: str, at: datetime, right: Right) -> bool:
    state = council.state_at(body, at)
    return state is not None and member in state.with_right(right)


def _entries(tx: Transaction, kind: str) -> list[tuple[str, datetime, dict[str, Any]]]:
    """Author, time and fields of all entries of a kind; malformed ones are passed over."""
    found: list[tuple[str, datetime, dict[str, Any]]] = []
    seq = 0
    while rows := tx.entries.of_kinds([kind], seq, _PAGE):
        bodies = tx.erasure.holdings(row.holding for row in rows)
        for row in rows:
            body = bodies[row.holding].body
            fields = _fields.decode(body) if body is not None else {}
            envelope = reread_envelope(row.envelope)
            if fields.get("created_by_ref") == envelope.author and _reads(kind, fields):
                found.append((envelope.author, envelope.issued_at, fields))
        seq = rows[-1].seq
    return found


def _reads(kind: str, fields: dict[str, Any]) -> bool:
    try:
        (session_of if kind == "session" else attendance_of)(fields)
    except InputError:
        return False
    return True
