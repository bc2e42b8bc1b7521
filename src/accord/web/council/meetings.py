"""Sessions: when and where, who attended, the agenda, and the minutes that follow from it."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.clock import format_time
from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import Message, say
from accord.base.paging import part_of
from accord.node.councils import MotionView, motion
from accord.node.sessions import attend, convene, minutes_data, minutes_of
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .known import bodies_for, body_for, session_for, sessions_for
from .motions import MARKS, in_own
from .moving import body_name

_LANGUAGES = ("zh", "ru", "en")


@page("/council/sessions", "agreements")
def sessions_page(visit: Visit, after: str = "") -> Response[bytes]:
    """All sessions, the last one first."""
    part = part_of(sessions_for(visit), lambda each: each.id, after)
    rows = [(each, in_own(visit, each.titles)) for each in part.rows]
    return visit.show("council/sessions.html", tab="sessions", rows=rows, part=part)


@page("/council/sessions/new", "propose")
def convene_form(visit: Visit) -> Response[bytes]:
    """When, where, about what."""
    return _form(visit, {})


@act("/council/sessions/convene", "propose")
def convene_act(visit: Visit, form: Form) -> Response[bytes]:
    """Announce a session to all who may read its papers."""
    try:
        session = convene(visit.node, _file(visit, form))
    except (InputError, DeniedError, ConflictError, NotFoundError) as error:
        return _form(visit, form.typed(), error.message)
    return visit.go(f"/council/sessions/{session.id}", say("council.convened"))


@page("/council/sessions/{session:str}", "agreements", example="session, session-past")
def session_page(visit: Visit, session: FromPath[str]) -> Response[bytes]:
    """The agenda, who attended, and the minutes as they stand."""
    return _session(visit, session, {})


def _session(
    visit: Visit, session: str, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    """The page of a session; after a faulty form with what was typed."""
    found, motions = session_for(visit, session)
    return visit.show(
        "council/session.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        session=found,
        title=in_own(visit, found.titles),
        motions=[(view, in_own(visit, view.titles)) for view in _views(visit, motions)],
        minutes=minutes_data(visit.node, found.id, visit.language),
        marks=MARKS,
        over=found.ends <= visit.now,
    )


@page("/council/sessions/{session:str}/minutes", "agreements", example="session-past")
def minutes_page(visit: Visit, session: FromPath[str]) -> Response[bytes]:
    """The minutes alone, to be printed."""
    found, _ = session_for(visit, session)
    said = minutes_data(visit.node, found.id, visit.language)
    return visit.show("council/minutes.html", minutes=said, session=found)


@page("/council/sessions/{session:str}/minutes.md", "agreements", example="session")
def minutes_file(visit: Visit, session: FromPath[str]) -> Response[bytes]:
    """The minutes as Markdown, to be saved."""
    found, _ = session_for(visit, session)
    text = minutes_of(visit.node, found.id, visit.language)
    return visit.file(text.encode(), f"minutes-{visit.language}.md", "text/markdown; charset=utf-8")


@act("/council/sessions/{session:str}/attend", "propose", example="session")
def attend_act(visit: Visit, form: Form, session: FromPath[str]) -> Response[bytes]:
    """Say whom this member sent."""
    found, _ = session_for(visit, session)
    try:
        person = form.text("person", visit.t("council.person"))
        attend(visit.node, found.id, [(person, form.text("office", visit.t("council.office")))])
    except (InputError, DeniedError, ConflictError) as error:
        return _session(visit, session, form.typed(), error.message)
    return visit.go(f"/council/sessions/{found.id}", say("council.attended"))


def _views(visit: Visit, motions: list[str]) -> list[MotionView]:
    return [motion(visit.node, each) for each in motions]


def _file(visit: Visit, form: Form) -> str:
    """The TOML that announces it, so that one way of reading checks both."""
    zone = visit.moments.zone
    lines = [f"place = {_quoted(form.text('place', visit.t('council.place')))}"]
    body = body_for(visit, form.maybe("body"))
    if body is not None:
        lines.append(f"body = {_quoted(body)}")
    for name, key in (("begins", "council.begins"), ("ends", "council.ends")):
        moment = form.moment(name, zone, visit.t(key))
        if moment is None:
            raise InputError("web.form-missing", field=visit.t(key))
        lines.append(f"{name} = {format_time(moment)}")
    lines.append("[titles]")
    for language in _LANGUAGES:
        title = form.text(f"title_{language}", f"{visit.t('council.subject')} ({language})")
        lines.append(f"{language} = {_quoted(title)}")
    return "\n".join(lines)


def _quoted(words: str) -> str:
    """A basic string of TOML 1.0, whatever it holds."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{"".join(each for each in escaped if each.isprintable() or each == " ")}"'


def _form(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    bodies = [(each.body, body_name(visit, each.body)) for each in bodies_for(visit)]
    return visit.show(
        "council/convene.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        bodies=bodies,
        tongues=_LANGUAGES,
    )
