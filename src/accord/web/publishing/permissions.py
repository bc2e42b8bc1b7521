"""Whether something may be passed on: what we asked others, and what they ask us."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import InputError, NotFoundError
from accord.base.messages import Message, say
from accord.base.paging import part_of
from accord.node.carried import carried_by
from accord.node.permissions import PermissionView, answer_request, ask_permission, list_permissions
from accord.web.forms import Form
from accord.web.naming import Naming
from accord.web.room import act, page
from accord.web.visit import Visit

MARKS = {"open": "wait", "granted": "good", "refused": "bad", "ended": "off"}
_TEXT = 2_000


@page("/permissions", "draft")
def permissions_page(visit: Visit, after: str = "") -> Response[bytes]:
    """Every request: those that wait for our answer first, then the newest of the others."""
    return _page(visit, {}, after=after)


@page("/permissions/new", "draft")
def ask_form(visit: Visit, object: str = "") -> Response[bytes]:  # noqa: A002
    """Which object, to whom, for what, why."""
    return _form(visit, {"object": [object]})


@act("/permissions/ask", "draft")
def ask(visit: Visit, form: Form) -> Response[bytes]:
    """Ask the member that gave us the object."""
    try:
        view = ask_permission(
            visit.node,
            form.text("object", visit.t("publishing.permission-object")),
            form.all("to"),
            form.text("purpose", visit.t("publishing.purpose")),
            form.text("reason", visit.t("publishing.permission-reason"), most=_TEXT),
        )
    except InputError as error:
        return _form(visit, form.typed(), error.message)
    said = say("publishing.permission-asked", member=visit.names[view.author])
    return visit.go("/permissions", said)


@act("/permissions/{asked:str}/answer", "permissions", example="permission")
def answer(visit: Visit, form: Form, asked: FromPath[str]) -> Response[bytes]:
    """Grant or refuse; a later answer replaces an earlier one."""
    if all(view.id != asked for view in _requests(visit)):
        raise NotFoundError("node.permission-unknown", request=asked[:100])
    granted = form.choice("answer", ("granted", "refused")) == "granted"
    try:
        answer_request(
            visit.node,
            asked,
            granted=granted,
            text=form.maybe("text", visit.t("publishing.permission-text"), most=_TEXT),
            until=form.moment("until", visit.moments.zone, visit.t("publishing.permission-until"))
            if granted
            else None,
        )
    except InputError as error:
        return _page(visit, form.typed(), error.message)
    key = "publishing.permission-granted" if granted else "publishing.permission-refused"
    return visit.go("/permissions", say(key))


def _page(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None, after: str = ""
) -> Response[bytes]:
    found, me = _requests(visit), visit.node.member
    waiting = [view for view in found if view.author == me and view.state == "open"]
    wait = {view.id for view in waiting}
    others = [view for view in reversed(found) if view.id not in wait]
    part = part_of(others, lambda view: view.id, after)
    if part.after:
        waiting = []
    objects, names = _objects(visit, [*waiting, *part.rows])
    return visit.show(
        "publishing/permissions.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        waiting=waiting,
        part=part,
        objects=objects,
        names=names,
        marks=MARKS,
        fault=fault,
        typed=typed,
    )


def _requests(visit: Visit) -> list[PermissionView]:
    """The requests that the visitor may know of, oldest first."""
    return [
        view
        for view in list_permissions(visit.node)
        if visit.knows_any([(view.entry.origin, view.entry.index)])
    ]


def _objects(visit: Visit, found: list[PermissionView]) -> tuple[dict[str, str], Naming]:
    """The objects that requests are about, by request."""
    places = {view.id: (view.entry.origin, view.entry.index) for view in found}
    carried = carried_by(visit.node, places.values())
    objects = {id_: carried[place] for id_, place in places.items() if place in carried}
    names = Naming(visit)
    names.look_up_objects(each.object_id for each in objects.values())
    return {id_: each.object_id for id_, each in objects.items()}, names


def _form(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    me = visit.node.member
    members = [(id_, name, "") for id_, name in visit.names.sorted() if id_ != me]
    return visit.show(
        "publishing/permission-form.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        typed=typed,
        fault=fault,
        members=members,
    )
