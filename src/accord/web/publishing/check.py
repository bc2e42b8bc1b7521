"""Validation while one types: what is wrong and where, what is here already."""

from __future__ import annotations

from litestar import Response

from accord.base.errors import InputError
from accord.base.messages import Message
from accord.node.duplicates import held_versions
from accord.node.prepare import check_all
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

from .compose import faults_of
from .ordering import objects_in

_SHOWN = 20


@act("/publish/check", "draft")
def check(visit: Visit, form: Form) -> Response[bytes]:
    """A part of the page: every fault with its path, and which objects are held already."""
    faults: tuple[Message, ...] = ()
    count, here = 0, 0
    if form.maybe("objects", most=visit.node.limits.upload_bytes) or form.file("file"):
        try:
            items, _ = check_all(visit.node, objects_in(visit, form))
        except InputError as error:
            faults = faults_of(error) or (error.message,)
        else:
            count, here = len(items), held_versions(visit.node, items)
    return visit.show(
        "publishing/checked.html", count=count, here=here, faults=faults[:_SHOWN], all=len(faults)
    )
