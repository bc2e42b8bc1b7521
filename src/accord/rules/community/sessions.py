"""Council sessions: an agenda of motions and papers, and who attended. Minutes: `minutes`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import body_id, stix_id
from accord.rules.fields import Field, Spec, listed, matching, moment, read_object, table, text

SESSION_TYPE = "accord-session"
ATTENDANCE_TYPE = "accord-attendance"


class Paper(msgspec.Struct, frozen=True):
    """A paper before the session: any object that its readers hold, and its title."""

    ref: str
    title: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An `accord-session`: when and where a body meets, and the papers before it.

    Its motions name it themselves, so the agenda cannot leave one out.
    """

    id: str
    body: str
    titles: dict[str, str]
    place: str
    begins: datetime
    ends: datetime
    papers: tuple[Paper, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """Somebody who attended, in which office."""

    person: str
    office: str


class Attendance(msgspec.Struct, frozen=True):
    """An `accord-attendance`: whom a member says that it sent. Nobody says it for another."""

    session_ref: str
    persons: tuple[Person, ...]


session_id = matching("accord-session--[0-9a-f-]{36}", "accord-session--UUID")
_TITLES: Spec = tuple(Field(language, text(500)) for language in ("zh", "ru", "en"))
_PAPER: Spec = (Field("ref", stix_id), Field("title", text(500)))
_PERSON: Spec = (Field("person", text(200)), Field("office", text(200)))
SESSION: Spec = (
    Field("body", body_id),
    Field("titles", table(_TITLES)),
    Field("place", text(500)),
    Field("begins", moment),
    Field("ends", moment),
    Field("papers", listed(table(_PAPER), 0, 100), required=False),
)
ATTENDANCE: Spec = (
    Field("session_ref", session_id),
    Field("persons", listed(table(_PERSON), 1, 100)),
)


def session_of(fields: Mapping[str, Any]) -> Session:
    """Read an `accord-session`; `InputError` names the field and what is allowed."""
    own = read_object(fields, SESSION_TYPE, SESSION)
    return msgspec.convert({**own, "id": fields["id"]}, Session)


def attendance_of(fields: Mapping[str, Any]) -> Attendance:
    """Read an `accord-attendance`; raises `InputError` as `session_of` does."""
    return msgspec.convert(read_object(fields, ATTENDANCE_TYPE, ATTENDANCE), Attendance)


def agenda(council: Council, session: Session) -> list[str]:
    """The motions of a session by the hash of their bytes, in the order of their closing times."""
    found: list[tuple[datetime, str]] = []
    for sha256 in council.motions():
        motion = council.motion(sha256)
        if motion is not None and motion.session == session.id and council.is_fit(sha256):
            found.append((motion.closes, sha256))
    return [sha256 for _, sha256 in sorted(found)]
