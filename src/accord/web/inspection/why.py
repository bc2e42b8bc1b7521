"""Why an object did or did not reach a member, at any time."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from litestar import Response

from accord.base.errors import InputError, NotFoundError
from accord.base.messages import Message
from accord.node.explaining import Explanation, explain
from accord.web.forms import moment_of
from accord.web.room import page
from accord.web.visit import Visit


@page("/inspection/why", "transfers")
def why_page(visit: Visit, object: str = "", member: str = "", at: str = "") -> Response[bytes]:  # noqa: A002
    """As known at that time, and as known now; no content is shown."""
    found: Explanation | None = None
    fault: Message | None = None
    try:
        if object and member:
            moment = moment_of(at, visit.moments.zone, visit.t("inspection.at"))
            found = _known(visit, explain(visit.node, object.strip(), member, moment))
    except (InputError, NotFoundError) as error:
        fault = error.message
    members = sorted(visit.names.by_member.items(), key=lambda each: each[1].casefold())
    return visit.show(
        "inspection/why.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        tab="why",
        found=found,
        fault=fault,
        asked={"object": object[:200], "member": member[:200], "at": at[:40]},
        members=members,
    )


def _known(visit: Visit, found: Explanation) -> Explanation:
    """Without what rests on agreements that the visitor may not know."""
    entries = tuple(each for each in found.entries if visit.knows(each.agreement))
    return msgspec.structs.replace(found, entries=entries)
