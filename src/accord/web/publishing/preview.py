"""Show who would see what, and why; nothing is written."""

from __future__ import annotations

from litestar import Response

from accord.base.errors import ConflictError, DeniedError, InputError
from accord.node.publish import preview_release
from accord.web.forms import Form
from accord.web.room import act
from accord.web.visit import Visit

from .compose import faults_of, show_form, typed_in
from .composing import compose
from .matrix import matrix_of
from .offers import offer_for
from .ordering import objects_in, order_in


@act("/publish/preview", "preview")
def preview(visit: Visit, form: Form) -> Response[bytes]:
    """Judge the set for every member concerned, and show the form again above the answer."""
    offer = offer_for(visit, form.text("agreement"))
    typed = typed_in(form)
    try:
        judged = preview_release(visit.node, objects_in(visit, form), order_in(visit, form, offer))
    except (InputError, DeniedError, ConflictError) as error:
        return show_form(visit, offer, typed, fault=error.message, faults=faults_of(error))
    return show_form(visit, offer, typed, matrix=matrix_of(judged))


@act("/publish/compose", "draft")
def compose_objects(visit: Visit, form: Form) -> Response[bytes]:
    """Make objects of a list of addresses, hashes or CVEs, and show them as text."""
    offer = offer_for(visit, form.text("agreement"))
    try:
        objects = compose(visit, form)
    except InputError as error:
        return show_form(visit, offer, typed_in(form), how="form", fault=error.message)
    return show_form(visit, offer, typed_in(form, objects))
