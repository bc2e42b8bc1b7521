"""Agreements as the visitor may know them, and how each stands for us."""

from __future__ import annotations

from typing import Literal

import msgspec

from accord.base.errors import NotFoundError
from accord.node.agreements import AgreementView, list_agreements, show
from accord.web.visit import Visit

Ours = Literal["to-sign", "waits", "in-force", "may-accede", "over", "none"]
MARKS = {
    "to-sign": "wait",
    "waits": "note",
    "in-force": "good",
    "may-accede": "note",
    "over": "off",
    "none": "off",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement in the register: its newest text, and what it means for us."""

    view: AgreementView
    title: str
    ours: Ours
    texts: int


def lines_for(visit: Visit) -> list[Line]:
    """Every agreement that the visitor may know: what waits for us first, then by title."""
    scope = visit.reader.scope
    by_id: dict[str, list[AgreementView]] = {}
    for view in list_agreements(visit.node):
        if scope.agreements is None or view.id in scope.agreements:
            by_id.setdefault(view.id, []).append(view)
    lines = [_line(visit, views) for views in by_id.values()]
    return sorted(lines, key=lambda line: (_ORDER[line.ours], line.title.casefold()))


def texts_of(visit: Visit, agreement: str) -> list[AgreementView]:
    """The texts of one agreement, oldest first. Raises `NotFoundError`."""
    scope = visit.reader.scope
    if scope.agreements is not None and agreement not in scope.agreements:
        raise NotFoundError("node.agreement-unknown", agreement=agreement[:100])
    return show(visit.node, agreement)


def text_of(visit: Visit, agreement: str, sha256: str) -> AgreementView:
    """The text with this hash; without one, the newest. Raises `NotFoundError`."""
    views = texts_of(visit, agreement)
    if not sha256:
        return views[-1]
    for view in views:
        if view.sha256 == sha256:
            return view
    raise NotFoundError("node.text-unknown", agreement=agreement[:100], sha256=sha256[:64])


def title_of(visit: Visit, view: AgreementView) -> str:
    """The title in the visitor's language."""
    return view.terms.titles.get(visit.language, view.terms.name)


def ours_of(visit: Visit, view: AgreementView) -> Ours:
    """What a text means for this member."""
    me, terms, standing = visit.node.member, view.terms, view.standing
    if standing.state in ("ended", "superseded", "withdrawn"):
        return "over"
    if me in standing.parties:
        return "in-force"
    if me in terms.parties and me not in standing.signed:
        return "to-sign"
    if me in standing.signed:
        return "waits"
    return "may-accede" if me in terms.accession else "none"


def _line(visit: Visit, views: list[AgreementView]) -> Line:
    """By the text that asks for something, else the one in force, else the newest."""
    ranked = [(ours_of(visit, view), view) for view in reversed(views)]
    ours, view = min(ranked, key=lambda each: _ORDER[each[0]])
    return Line(view=view, title=title_of(visit, view), ours=ours, texts=len(views))


_ORDER: dict[Ours, int] = {
    "to-sign": 0,
    "waits": 1,
    "in-force": 2,
    "may-accede": 3,
    "none": 4,
    "over": 5,
}
