"""What waits for a releaser: the list, and one draft with what it says and who would see it."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from litestar import Response
from litestar.params import FromPath

from accord.base.errors import AccordError, NotFoundError
from accord.base.messages import Message
from accord.base.paging import part_of
from accord.node.drafts import SOURCE, Draft, list_drafts, preview_draft, show_draft, within
from accord.node.searching import title_of
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.visit import Visit

from .matrix import Matrix, matrix_of
from .offers import Offer, maybe_offer

_SHOWN = 20  # objects whose text stands on the page


@page("/drafts", "draft")
def drafts_page(visit: Visit, after: str = "") -> Response[bytes]:
    """Every draft that waits and that the visitor may see, oldest first."""
    found = [draft for draft in list_drafts(visit.node) if may_see(visit, draft)]
    part = part_of(found, lambda draft: draft.id, after)
    return visit.show("publishing/drafts.html", part=part, source=SOURCE)


@page("/drafts/{draft:str}", "draft", example="draft")
def draft_page(visit: Visit, draft: FromPath[str]) -> Response[bytes]:
    """One draft, with its objects: a releaser reads them before deciding."""
    return show_one(visit, draft_for(visit, draft), {})


def draft_for(visit: Visit, draft: str) -> Draft:
    """A draft that the visitor may see. Raises `NotFoundError`."""
    found = show_draft(visit.node, draft)
    if not may_see(visit, found):
        raise NotFoundError("node.draft-unknown", draft=draft[:80])
    return found


def may_see(visit: Visit, draft: Draft) -> bool:
    """Its author, and whoever may decide under its agreement, or of its working group."""
    if draft.author == visit.reader.name:
        return True
    return within(visit.reader.scope, draft) and visit.may("approve")


def show_one(
    visit: Visit, draft: Draft, typed: dict[str, list[str]], fault: Message | None = None
) -> Response[bytes]:
    """The draft, the preview of it, and the releaser's form where the visitor is one."""
    offer = maybe_offer(visit, draft.agreement)
    decides = visit.may("approve") and draft.author != visit.reader.name and offer is not None
    return visit.show(
        "publishing/draft.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        draft=draft,
        offer=offer,
        decides=decides,
        from_source=draft.author.startswith(SOURCE),
        names=Naming(visit),
        texts=[_text(raw) for raw in draft.objects[:_SHOWN]],
        more=max(0, len(draft.objects) - _SHOWN),
        matrix=_matrix(visit, draft, offer) if decides else None,
        typed=typed,
        fault=fault,
    )


def _text(raw: bytes) -> tuple[str, str, str]:
    """Its type, what it is called, and the object as it is."""
    fields = msgspec.json.decode(raw)
    return str(fields["type"]), title_of(fields), msgspec.json.format(raw, indent=2).decode()


def _matrix(visit: Visit, draft: Draft, offer: Offer | None) -> Matrix | None:
    """Who would see it once the visitor stands by it."""
    if offer is None:
        return None
    try:
        return matrix_of(preview_draft(visit.node, draft, visit.reader))
    except AccordError:
        return None
