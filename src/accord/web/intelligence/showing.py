"""One object: what it says, how it may be used, who has it, how it changed, what is said of it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response
from litestar.params import FromPath

from accord.base.clock import format_time
from accord.base.errors import NotFoundError
from accord.node.answers import Answer
from accord.node.dossier import Dossier, Version, answers_for, open_dossier, titles_of
from accord.node.recipients import given_to
from accord.node.relating import related_to
from accord.stix.identifiers import can_be_sighted
from accord.web.naming import Naming
from accord.web.room import Fragment, page
from accord.web.visit import Visit

from .asking import cursor
from .changes import Line, changes
from .fields import fields_of, references_of

PATH = "/intelligence/objects/{id:str}"
_VIEWS = ("read", "links", "given", "history", "answers", "raw")
_EXAMPLES = ",".join(
    ["object", *(f"object?view={view}" for view in _VIEWS[1:]), "object-received", "object-report",
     "object-received?view=given", "object-recalled"]
)  # fmt: skip

# The words of STIX, from full agreement to none (section 5.9.1).
OPINIONS = ("strongly-agree", "agree", "neutral", "disagree", "strongly-disagree")

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f]"
)  # turns what follows


@page(PATH, "read", example=_EXAMPLES)
def showing(visit: Visit, id: FromPath[str], view: str = "", holding: str = "") -> Response[bytes]:  # noqa: A002
    """One view of an object, of the version that is asked for or the one that matters most."""
    dossier = open_dossier(visit.node, visit.reader, id)
    view = view if view in _VIEWS else "read"
    return show(visit, dossier, chosen(dossier, holding), view, holding=holding)


def show(
    visit: Visit,
    dossier: Dossier,
    version: Version,
    view: str,
    *,
    holding: str = "",
    status: int = HTTPStatus.OK,
    **more: Any,
) -> Response[bytes]:
    """A view of a version; `more` is what an action that could not be done adds to it."""
    values = {**_VALUES[view](visit, dossier, version), **more}
    names = Naming(visit)
    names.look_up([version])
    return visit.show(
        "intelligence/showing.html",
        status,
        dossier=dossier,
        it=version,
        heading=_UNSEEN.sub("", names.heading(version)),
        view=view,
        tabs=_VIEWS,
        holding=holding,
        names=names,
        **values,
    )


def chosen(dossier: Dossier, holding: str) -> Version:
    """The version of that number, else the newest of ours, else of who gave the object first."""
    number = cursor(holding)
    for version in dossier.versions:
        if number is None or version.seq == number:
            return version
    raise NotFoundError("node.object-unknown", id=dossier.object_id[:200])


def _read(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    references = references_of(version.fields)
    return {
        "fields": fields_of(version.fields),
        "known": titles_of(visit.node, visit.reader, references),
        "others": [each for each in dossier.newest() if each.publisher != version.publisher],
    }


def _given(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    about = f"{dossier.object_id} {version.seq}"
    return {"given": _given_html(visit, version), "about": about}


def given_html(visit: Visit, about: str) -> str:
    """Who has a version, "<object> <its number>", as a part of the page that lives."""
    object_id, _, holding = about.partition(" ")
    return _given_html(visit, chosen(open_dossier(visit.node, visit.reader, object_id), holding))


def _given_html(visit: Visit, version: Version) -> str:
    found = {(each.origin, each.index): each for each in given_to(visit.node, version)}
    names = Naming(visit)
    names.look_up([version])
    return visit.html(
        "intelligence/given.html",
        given=[(each, found.get((each.origin, each.index))) for each in version.entries],
        it=version,
        names=names,
    )


LIVE = {"intelligence-given": Fragment("read", given_html, personal=True, concerns=True)}


def _history(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    """Each version of the same publisher with what changed since the one before."""
    versions = [each for each in dossier.of_publisher(version) if not each.correction]
    older = [*versions[1:], None]
    steps = [
        (each, None if before is None else changes(before.fields, each.fields))
        for each, before in zip(versions, older, strict=True)
    ]
    return {"steps": steps}


def _links(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    return {"web": related_to(visit.node, visit.reader, dossier.object_id)}


def _answers(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    answers = answers_for(visit.node, visit.reader, dossier.object_id)
    answerable = not any(each.own and each.entries for each in dossier.versions)
    answerable = answerable and any(each.entries for each in dossier.versions)
    return {
        "answers": [(each, _proposed(each, version)) for each in answers],
        "answerable": answerable,
        "sightable": can_be_sighted(dossier.object_id),
        "opinions": [(each, visit.t(f"intelligence.opinion-{each}")) for each in OPINIONS],
        "proposal": _proposal(visit, version) if answerable else "",
        "typed": {},
        "fault": None,
    }


def _proposed(answer: Answer, version: Version) -> list[tuple[str, list[Line]]]:
    """What a correction would change."""
    if answer.kind != "correction":
        return []
    return changes(version.fields, msgspec.json.decode(answer.body))


def _proposal(visit: Visit, version: Version) -> str:
    """The object as a correction begins: as it is, of now."""
    if not version.version or version.body is None:
        return ""
    fields = {**version.fields, "modified": format_time(visit.now)}
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).decode()


def _raw(visit: Visit, dossier: Dossier, version: Version) -> dict[str, Any]:
    body = version.body
    return {"raw": "" if body is None else msgspec.json.format(body, indent=2).decode()}


_VALUES = {
    "read": _read,
    "links": _links,
    "given": _given,
    "history": _history,
    "answers": _answers,
    "raw": _raw,
}
