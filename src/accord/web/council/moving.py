"""Move something: what it is to do, and its words in three languages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import Message, say
from accord.node.deciding import move
from accord.rules.community.standings import STANDINGS
from accord.rules.decisions.effects import Effect, effect_table
from accord.rules.decisions.motion_file import Moving, moving_from_toml
from accord.rules.fields import Refused, as_input_error
from accord.web.forms import Form
from accord.web.room import act, page
from accord.web.visit import Visit

from .known import bodies_for, body_for, group_names, groups_for, sessions_for, texts_for
from .motions import in_own

# What the form can move; the rest is moved by a file, or on the pages of members and groups.
SIMPLE = (
    "declare",
    "adopt-agreement",
    "amend-charter",
    "admit",
    "change-standing",
    "suspend",
    "restore",
    "close-group",
)
_LANGUAGES = ("zh", "ru", "en")
_WORDS = 100_000
_FILE = 256 * 1024


@page("/council/propose", "propose")
def move_form(visit: Visit, how: str = "form", session: str = "") -> Response[bytes]:
    """A form for what councils decide every day, or the file with everything."""
    typed = {"session": [session]} if session else {}
    return _form(visit, "file" if how == "file" else "form", typed)


@act("/council/propose", "propose")
def move_act(visit: Visit, form: Form) -> Response[bytes]:
    """Put it to the vote of the body; who votes and by which rule follows from the charter."""
    how = form.choice("how", ("form", "file"))
    try:
        if how == "file":
            moving = moving_from_toml(form.written("file", "upload", most=_FILE))
        else:
            moving = _moving(visit, form)
        body_for(visit, moving.body or "")
        motion = move(visit.node, moving)
    except (InputError, DeniedError, ConflictError, NotFoundError) as error:
        return _form(visit, how, form.typed_or_uploaded("file", "upload"), error.message)
    return visit.go(f"/council/motions/{motion}", say("council.moved"))


def _moving(visit: Visit, form: Form) -> Moving:
    closes = form.moment("closes", visit.moments.zone, visit.t("council.closes"))
    return Moving(
        titles=_in_all(visit, form, "title", "council.subject"),
        texts=_in_all(visit, form, "text", "council.text"),
        effect=_effect(visit, form),
        body=body_for(visit, form.maybe("body")),
        closes=closes,
        session=form.maybe("session") or None,
    )


def _effect(visit: Visit, form: Form) -> Effect:
    """What it does, with exactly the arguments of that. Raises `InputError`."""
    does = form.choice("does", SIMPLE, visit.t("council.effect"))
    fields: dict[str, Any] = {"does": does}
    if does in ("adopt-agreement", "amend-charter"):
        agreement, _, sha256 = form.text("text_of", visit.t("council.which-text")).partition(" ")
        fields |= {"agreement": agreement, "sha256": sha256}
    if does in ("admit", "change-standing", "suspend", "restore"):
        fields["member"] = form.text("member", visit.t("council.member"))
    if does in ("admit", "change-standing"):
        fields["standing"] = form.choice("standing", STANDINGS, visit.t("council.standing"))
    if does == "close-group":
        fields["group"] = form.text("group", visit.t("council.group"))
    try:
        return msgspec.convert(effect_table(fields, "effect"), Effect)
    except Refused as refused:
        raise as_input_error(refused) from None


def _in_all(visit: Visit, form: Form, name: str, key: str) -> dict[str, str]:
    label = visit.t(key)
    return {
        language: form.text(f"{name}_{language}", f"{label} ({language})", most=_WORDS)
        for language in _LANGUAGES
    }


def _form(
    visit: Visit, how: str, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    others = [each for each in visit.names.by_member if each != visit.node.member]
    sessions = [each for each in sessions_for(visit) if each.ends > visit.now]
    names = group_names(visit)
    return visit.show(
        "council/propose.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        how=how,
        typed=typed,
        fault=fault,
        simple=SIMPLE,
        bodies=[(each.body, body_name(visit, each.body)) for each in bodies_for(visit)],
        texts=_texts(visit),
        members=sorted(((each, visit.names[each]) for each in others), key=_by_name),
        standings=[(each, visit.t(f"rules.standing-{each}")) for each in STANDINGS],
        sessions=[(each.id, in_own(visit, each.titles)) for each in sessions],
        groups=[(each.id, names.get(each.id, each.id)) for each in groups_for(visit)],
        tongues=_LANGUAGES,
    )


def body_name(visit: Visit, body: str) -> str:
    """A charter by its title; a working group by the motion that authorised it."""
    return visit.titles.get(body) or group_names(visit).get(body, body)


def _texts(visit: Visit) -> list[tuple[str, str]]:
    """Texts that a council could adopt: not yet in force here."""
    found = [view for view in texts_for(visit) if view.standing.state in ("proposed", "adopted")]
    return [
        (
            f"{view.id} {view.sha256}",
            f"{view.terms.titles.get(visit.language, view.terms.name)} · {view.sha256[:8]}",
        )
        for view in found
    ]


def _by_name(each: tuple[str, str]) -> str:
    return each[1].casefold()
