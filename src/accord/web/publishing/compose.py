"""The page on which something is prepared to leave: what, how, for whom; first the preview."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response

from accord.base.messages import Message
from accord.base.paging import part_of
from accord.node.agreements import AgreementView
from accord.node.prepare import Rejected
from accord.web.forms import Form
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.visit import Visit

from .composing import KINDS
from .matrix import Matrix
from .offers import Offer, offer_for, offer_of, offered, title_of

_MORE = ("urgent", "exercise", "expires", "incident", "codes", "restriction", "grade", "named")
_SHOWN_AGAIN = 1_000_000  # characters of objects that go back into the text field


@page("/publish", "draft")
def publish_page(
    visit: Visit, agreement: str = "", how: str = "text", q: str = "", after: str = ""
) -> Response[bytes]:
    """First the agreement, where there are several; then the form."""
    views = offered(visit)
    if agreement:
        offer = offer_for(visit, agreement)
    elif len(views) == 1:
        offer = offer_of(visit, views[0])
    else:
        return _choose(visit, views, q, after)
    return show_form(visit, offer, {}, how=how, several=len(views) > 1)


def _choose(visit: Visit, views: list[AgreementView], q: str, after: str) -> Response[bytes]:
    """A page of the agreements; `q` finds in titles, `after` goes on in the list."""
    words = q.strip().casefold()
    wanted = [view for view in views if words in title_of(visit, view).casefold()]
    part = part_of(wanted, lambda view: view.id, after)
    return visit.show(
        "publishing/choose.html",
        offers=[offer_of(visit, view) for view in part.rows],
        part=part,
        known=len(views),
        q=q[:200],
    )


def show_form(
    visit: Visit,
    offer: Offer,
    typed: dict[str, list[str]],
    *,
    how: str = "text",
    several: bool = True,
    matrix: Matrix | None = None,
    fault: Message | None = None,
    faults: tuple[Message, ...] = (),
) -> Response[bytes]:
    """The form with what was typed, and what came of it."""
    status = HTTPStatus.BAD_REQUEST if fault is not None else HTTPStatus.OK
    return visit.show(
        "publishing/form.html",
        status,
        offer=offer,
        typed=typed,
        how="form" if how == "form" else "text",
        several=several,
        matrix=matrix,
        names=Naming(visit),
        fault=fault,
        faults=faults,
        kinds=[(each, visit.t(f"publishing.kind-{each}")) for each in (*KINDS, "vulnerability")],
        more_used=any(typed.get(name, [""])[0] for name in _MORE),
    )


def typed_in(form: Form, objects: str | None = None) -> dict[str, list[str]]:
    """What was typed, with the objects of a chosen file where they are not too many to show."""
    typed = {name: values for name, values in form.typed().items() if name != "_csrf_token"}
    if objects is None and form.file("file"):
        objects = form.file("file").decode("utf-8", "replace")
    if objects is not None and len(objects) <= _SHOWN_AGAIN:
        typed["objects"] = [objects]
    return typed


def faults_of(error: Exception) -> tuple[Message, ...]:
    """Every fault of every object, where the objects are at fault."""
    return tuple(fault.message for fault in error.faults) if isinstance(error, Rejected) else ()
