"""Council sessions: an agenda of motions and papers, who attended, and the minutes as Markdown.

Minutes are not written, they follow: from what was announced, from what each member says of its own
attendance, and from what was decided. Two members that hold the same entries print the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from accord.base.clock import format_time
from accord.base.messages import Message, say, translate
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import Effect, body_id, stix_id
from accord.rules.decisions.objects import Finding, Motion, Tally
from accord.rules.decisions.record import Record
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


def minutes(
    council: Council,
    session: Session,
    attendance: Mapping[str, Attendance],
    names: Mapping[str, str],
    language: str,
) -> str:
    """The minutes of a session in `language`, as Markdown.

    `attendance` and `names` go by member; a member without a name is shown by its id.
    """
    desk = _Clerk(names, language)
    lines = [f"# {desk.plain(session.titles[language])}", "", desk.say(_when(session)), ""]
    lines += desk.part("rules.minutes-attendance", desk.attended(attendance))
    papers = [f"- {desk.plain(each.title)} (`{each.ref}`)" for each in session.papers]
    lines += desk.part("rules.minutes-papers", papers)
    decided = [line for sha256 in agenda(council, session) for line in desk.item(council, sha256)]
    return "\n".join([*lines, *desk.part("rules.minutes-decisions", decided)]).rstrip() + "\n"


def _when(session: Session) -> Message:
    return say(
        "rules.minutes-when",
        begins=_minute(session.begins),
        ends=_minute(session.ends),
        place=_Clerk.plain(session.place),
    )


def _minute(moment: datetime) -> str:
    return format_time(moment)[:16].replace("T", " ")


class _Clerk:
    """Writes lines in one language, with the names that members go by."""

    def __init__(self, names: Mapping[str, str], language: str) -> None:
        self._names, self._language = names, language

    def say(self, message: Message) -> str:
        return translate(message, self._language)

    def name(self, member: str | None) -> str:
        return self.plain(self._names.get(member or "", member or "-"))

    @staticmethod
    def plain(words: str) -> str:
        """Words of others as words: no markup, no HTML, no second line."""
        flat = " ".join(words.split())
        return "".join(f"\\{each}" if each in r"\`*_[]<>#|&!" else each for each in flat)

    def part(self, key: str, lines: Iterable[str]) -> list[str]:
        body = list(lines) or [self.say(say("rules.minutes-none"))]
        return [f"## {self.say(Message(key))}", "", *body, ""]

    def attended(self, attendance: Mapping[str, Attendance]) -> list[str]:
        lines = []
        for member, said in attendance.items():
            persons = "; ".join(
                f"{self.plain(each.person)}, {self.plain(each.office)}" for each in said.persons
            )
            lines.append(f"- {self.name(member)}: {persons}")
        return sorted(lines)

    def item(self, council: Council, sha256: str) -> list[str]:
        record = council.record(sha256)
        assert record is not None
        assert record.motion is not None
        motion, verdict = record.motion, council.verdict(sha256)
        lines = [f"### {self.plain(motion.titles[self._language])}", ""]
        lines += [self.plain(motion.texts[self._language]), ""]
        lines += [self.say(say("rules.minutes-moved", member=self.name(record.proposer))), ""]
        state = "contested" if council.contested(sha256) else (verdict or "pending")
        lines += [self.say(Message(f"rules.minutes-{state}")), ""]
        if verdict is not None:
            lines += [*self._final(council, sha256, record, motion), ""]
        return lines

    def _final(self, council: Council, sha256: str, record: Record, motion: Motion) -> list[str]:
        tally = record.findings[council.finals[sha256][0].findings]
        lines = [self._counts(tally), ""]
        if tally.rival is not None:
            lines += [self.say(say("rules.minutes-rival", motion=tally.rival)), ""]
        if sha256 in council.in_force:
            lines += [self._effect(motion.effect), ""]
        for finding in tally.found:
            word = self.say(Message(f"rules.found-{finding.found}"))
            lines.append(f"- {self.name(finding.voter)}: {word}{self._words(record, finding)}")
        return lines

    def _counts(self, tally: Tally) -> str:
        said = [each.found for each in tally.found]
        return self.say(
            say(
                "rules.minutes-counts",
                yes=said.count("yes"),
                no=said.count("no"),
                abstained=said.count("abstain"),
                silent=said.count("silent"),
                others=sum(each in ("absent", "late", "spoiled", "void") for each in said),
            )
        )

    def _effect(self, effect: Effect) -> str:
        what = effect.agreement or effect.group or effect.operation or ""
        return self.say(
            Message(
                f"rules.effect-{effect.does}",
                {
                    "member": self.name(effect.member),
                    "what": what,
                    "standing": self.say(Message(f"rules.standing-{effect.standing or 'member'}")),
                },
            )
        )

    def _words(self, record: Record, finding: Finding) -> str:
        """The reservation or reason of the ballot that counted, in this language if it has it."""
        for cast in record.ballots.get(finding.voter, ()):
            if cast.sha256 == finding.ballot:
                for said in (cast.ballot.reservation, cast.ballot.reason):
                    if said:
                        text = said.get(self._language) or next(iter(said.values()))
                        return self.say(say("rules.minutes-quoted", text=self.plain(text)))
        return ""
