"""Taking over a correction that another member proposes for an object of ours, as a draft."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.dossier import open_dossier
from accord.node.prepare import Order
from accord.node.replying import draft_correction
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

_MOST_DIGITS = 15


@act("/intelligence/objects/{id:str}/take-over", "draft", example="object")
def taking_over(visit: Visit, form: Form, id: FromPath[str]) -> Response[bytes]:  # noqa: A002
    """Leave our own new version, as it was proposed, for a releaser to look at."""
    open_dossier(visit.node, visit.reader, id)  # not found for who may not see it
    author, number = form.text("author"), form.text("number")
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        raise InputError("intelligence.no-cursor", found=number[:60])
    draft = draft_correction(visit.node, visit.reader, author, int(number), Order(agreement=""))
    return visit.go(f"/drafts/{draft.id}", say("intelligence.taken-over"))
