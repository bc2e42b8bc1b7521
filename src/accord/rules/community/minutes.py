"""The minutes of a session: they are not written, they follow.

From what was announced, from what each member says of its own attendance, and from what was
decided. Two members that hold the same entries have the same minutes. Here they are words; how they
look is for whoever shows them: Markdown below, a printable page in `node`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from accord.base.clock import format_time
from accord.base.messages import Arg, Message, translate
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.objects import Finding, Motion, Tally
from accord.rules.decisions.record import Record

from .sessions import Attendance, Session, agenda


class Voice(msgspec.Struct, frozen=True):
    """What was found of one voter, and its reservation or reason in quotation marks, if any."""

    member: str
    found: str
    quoted: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One motion of the agenda. Lines are empty where there is nothing to say yet."""

    motion: str
    title: str
    text: str
    moved: str
    state: str  # a verdict, `pending` or `contested`
    verdict: str
    counts: str = ""
    rival: str = ""
    effect: str = ""
    voices: tuple[Voice, ...] = ()


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """All of it in one language, as plain words without markup of any kind."""

    language: str
    session: str
    title: str
    when: str
    attended: tuple[tuple[str, str], ...]  # member, whom it sent
    papers: tuple[tuple[str, str], ...]  # title, reference
    decisions: tuple[Decision, ...]


def minutes(
    council: Council,
    session: Session,
    attendance: Mapping[str, Attendance],
    names: Mapping[str, str],
    language: str,
) -> Minutes:
    """The minutes of a session in `language`.

    `attendance` and `names` go by member; a member without a name is shown by its id.
    """
    clerk = _Clerk(names, language)
    return Minutes(
        language=language,
        session=session.id,
        title=flat(session.titles[language]),
        when=clerk.say(
            "minutes-when",
            begins=_minute(session.begins),
            ends=_minute(session.ends),
            place=session.place,
        ),
        attended=tuple(sorted(clerk.attended(*each) for each in attendance.items())),
        papers=tuple((flat(each.title), each.ref) for each in session.papers),
        decisions=tuple(clerk.decision(council, each) for each in agenda(council, session)),
    )


def _minute(moment: datetime) -> str:
    return format_time(moment)[:16].replace("T", " ")


def flat(words: str) -> str:
    """Words in one line."""
    return " ".join(words.split())


class _Clerk:
    """Says things in one language, with the names that members go by."""

    def __init__(self, names: Mapping[str, str], language: str) -> None:
        self._names, self._language = names, language

    def say(self, slug: str, **args: Arg) -> str:
        return flat(translate(Message(f"rules.{slug}", args), self._language).replace("**", ""))

    def name(self, member: str | None) -> str:
        return flat(self._names.get(member or "", member or "-"))

    def attended(self, member: str, said: Attendance) -> tuple[str, str]:
        persons = (f"{flat(each.person)}, {flat(each.office)}" for each in said.persons)
        return self.name(member), "; ".join(persons)

    def decision(self, council: Council, sha256: str) -> Decision:
        record = council.record(sha256)
        assert record is not None
        assert record.motion is not None
        motion, verdict = record.motion, council.verdict(sha256)
        state = "contested" if council.contested(sha256) else (verdict or "pending")
        plain = Decision(
            motion=sha256,
            title=flat(motion.titles[self._language]),
            text=flat(motion.texts[self._language]),
            moved=self.say("minutes-moved", member=self.name(record.proposer)),
            state=state,
            verdict=self.say(f"minutes-{state}"),
        )
        return plain if verdict is None else self._final(council, record, motion, plain)

    def _final(self, council: Council, record: Record, motion: Motion, plain: Decision) -> Decision:
        tally = record.findings[council.finals[plain.motion][0].findings]
        rival = tally.rival
        return msgspec.structs.replace(
            plain,
            counts=self._counts(tally),
            rival="" if rival is None else self.say("minutes-rival", motion=rival),
            effect=self._effect(motion.effect) if plain.motion in council.in_force else "",
            voices=tuple(self._voice(record, each) for each in tally.found),
        )

    def _counts(self, tally: Tally) -> str:
        said = [each.found for each in tally.found]
        return self.say(
            "minutes-counts",
            yes=said.count("yes"),
            no=said.count("no"),
            abstained=said.count("abstain"),
            silent=said.count("silent"),
            others=sum(each in ("absent", "late", "spoiled", "void") for each in said),
        )

    def _effect(self, effect: Effect) -> str:
        return self.say(
            f"effect-{effect.does}",
            member=self.name(effect.member),
            what=effect.agreement or effect.group or effect.operation or "",
            standing=self.say(f"standing-{effect.standing or 'member'}"),
        )

    def _voice(self, record: Record, finding: Finding) -> Voice:
        found = self.say(f"found-{finding.found}")
        return Voice(self.name(finding.voter), found, self._quoted(record, finding))

    def _quoted(self, record: Record, finding: Finding) -> str:
        """The reservation or reason of the ballot that counted, in this language if it has it."""
        for cast in record.ballots.get(finding.voter, ()):
            if cast.sha256 == finding.ballot:
                for said in (cast.ballot.reservation, cast.ballot.reason):
                    if said:
                        text = said.get(self._language) or next(iter(said.values()))
                        return self.say("minutes-quoted", text=flat(text))
        return ""


def as_markdown(said: Minutes) -> str:
    """The minutes as Markdown. Words of others stay words: no markup, no HTML, no second line."""

    def own(key: str) -> str:
        return translate(Message(key), said.language)

    def part(key: str, lines: Iterable[str]) -> list[str]:
        return [f"## {own(key)}", "", *(list(lines) or [own("rules.minutes-none")]), ""]

    attended = [f"- {_plain(member)}: {_plain(persons)}" for member, persons in said.attended]
    papers = [f"- {_plain(title)} (`{ref}`)" for title, ref in said.papers]
    lines = [f"# {_plain(said.title)}", "", _plain(said.when), ""]
    lines += part("rules.minutes-attendance", attended)
    lines += part("rules.minutes-papers", papers)
    decided = (line for each in said.decisions for line in _decision(each, own))
    return "\n".join([*lines, *part("rules.minutes-decisions", decided)]).rstrip() + "\n"


def _decision(each: Decision, own: Callable[[str], str]) -> Iterable[str]:
    yield from (f"### {_plain(each.title)}", "")
    for line in (each.text, each.moved):
        yield from (_plain(line), "")
    yield from (own(f"rules.minutes-{each.state}"), "")
    for line in (each.counts, each.rival, each.effect):
        if line:
            yield from (_plain(line), "")
    for voice in each.voices:
        quoted = f" {_plain(voice.quoted)}" if voice.quoted else ""
        yield f"- {_plain(voice.member)}: {_plain(voice.found)}{quoted}"
    if each.voices:
        yield ""


def _plain(words: str) -> str:
    return "".join(f"\\{each}" if each in r"\`*_[]<>#|&!" else each for each in words)
