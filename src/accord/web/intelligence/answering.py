"""Saying something about another's object: a sighting, an opinion, a note or a correction."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import AccordError, InputError, NotFoundError
from accord.base.messages import Message, say
from accord.node.dossier import open_dossier
from accord.node.prepare import Order
from accord.node.replying import (
    Note,
    Opinion,
    Reply,
    Sighting,
    answer_object,
    propose_correction,
)
from accord.web.forms import TEXT, Form
from accord.web.naming import address
from accord.web.room import act
from accord.web.visit import Visit

from .showing import OPINIONS, chosen, show

KINDS = ("sighting", "opinion", "note", "correction")
_MOST_COUNT = 10**9
_CORRECTION = 1 << 20  # characters
_TYPED = ("count", "first_seen", "last_seen", "opinion", "explanation", "content", "object")


@act("/intelligence/objects/{id:str}/answer", "respond", example="object-received")
def answering(visit: Visit, form: Form, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """Publish the answer where the object came from; what is wrong is said beside the form."""
    kind = form.choice("kind", KINDS)
    dossier = open_dossier(visit.node, visit.reader, id)
    try:
        _answer(visit, form, id, kind)
    except NotFoundError:
        raise
    except AccordError as error:
        typed = {name: form.maybe(name, most=_CORRECTION) for name in _TYPED}
        fault = (kind, error.message)
        version = chosen(dossier, "")
        return show(
            visit, dossier, version, "answers", status=HTTPStatus.BAD_REQUEST,
            typed=typed | {"to_author": form.ticked("to_author")}, fault=fault,
        )  # fmt: skip
    return visit.go(f"{address(id)}?view=answers", _said(kind))


def _answer(visit: Visit, form: Form, object_id: str, kind: str) -> None:
    order = Order(agreement="")
    if kind == "correction":
        label = visit.t("intelligence.corrected-object")
        raw = form.text("object", label, most=_CORRECTION).encode()
        propose_correction(visit.node, object_id, raw, order)
        return
    reply, to_author = _reply(visit, form, kind), form.ticked("to_author")
    answer_object(visit.node, object_id, reply, order, to_author=to_author)


def _reply(visit: Visit, form: Form, kind: str) -> Reply:
    zone = visit.moments.zone
    if kind == "note":
        return Note(form.text("content", visit.t("intelligence.field-content"), most=TEXT))
    if kind == "opinion":
        said = form.choice("opinion", OPINIONS, visit.t("intelligence.field-opinion"))
        label = visit.t("intelligence.field-explanation")
        return Opinion(said, form.maybe("explanation", label, most=TEXT))
    return Sighting(
        count=_count(visit, form),
        first_seen=form.moment("first_seen", zone, visit.t("intelligence.field-first_seen")),
        last_seen=form.moment("last_seen", zone, visit.t("intelligence.field-last_seen")),
    )


def _count(visit: Visit, form: Form) -> int | None:
    found = form.maybe("count", visit.t("intelligence.field-count"))
    if not found:
        return None
    if not found.isascii() or not found.isdigit() or int(found) > _MOST_COUNT:
        raise InputError("intelligence.no-count", found=found[:60])
    return int(found)


def _said(kind: str) -> Message:
    return say("intelligence.corrected" if kind == "correction" else "intelligence.answered")
