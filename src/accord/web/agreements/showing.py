"""One agreement: how it stands, what it allows, who did what, and its words in three languages."""

from __future__ import annotations

import difflib
from typing import Any

from litestar import Response
from litestar.params import FromPath

from accord.node.agreements import AgreementView
from accord.node.registers import as_file, notices, register_of
from accord.rules.areas import area_name
from accord.web.room import Fragment, page
from accord.web.visit import Visit

from .known import MARKS, ours_of, text_of, texts_of, title_of

PARTY_MARKS = {
    "invited": "wait",
    "signed": "note",
    "in-force": "good",
    "may-accede": "off",
    "acceded": "good",
    "withdrawn": "bad",
    "ended": "off",
}


@page("/agreements/{agreement:str}", "agreements", example="agreement")
def agreement_page(visit: Visit, agreement: FromPath[str], sha256: str = "") -> Response[bytes]:
    """Standing, terms and the register of parties, of one of its texts."""
    view = text_of(visit, agreement, sha256)
    return visit.show(
        "agreements/one.html",
        **_shared(visit, view, "overview"),
        register=_register(visit, view),
        areas=[area_name(area, visit.language) for area in view.terms.areas],
    )


def register_html(visit: Visit, about: str) -> str:
    """The register of a text, "<agreement> <sha256>", as a part of the page that lives."""
    agreement, _, sha256 = about.partition(" ")
    return _register(visit, text_of(visit, agreement, sha256))


LIVE = {"agreements-register": Fragment("agreements", register_html, concerns=True)}


def _register(visit: Visit, view: AgreementView) -> str:
    """A line for each party, and what was last notified."""
    register = next(
        each for each in register_of(visit.node, view.id) if each.text.sha256 == view.sha256
    )
    return visit.html(
        "agreements/register.html",
        view=view,
        register=register.parties,
        party_marks=PARTY_MARKS,
        notices=list(reversed(notices(visit.node, view.id)))[:20],
    )


@page("/agreements/{agreement:str}/text", "agreements", example="agreement")
def text_page(visit: Visit, agreement: FromPath[str], sha256: str = "") -> Response[bytes]:
    """The words, side by side; the original language, where there is one, first."""
    view = text_of(visit, agreement, sha256)
    terms = view.terms
    order = [visit.language, *(each for each in terms.texts if each != visit.language)]
    if terms.original in terms.texts:
        order = [terms.original, *(each for each in order if each != terms.original)]
    return visit.show(
        "agreements/text.html",
        **_shared(visit, view, "text"),
        tongues=[each for each in order if each in terms.texts],
        toml=as_file(visit.node, agreement, view.sha256),
    )


@page("/agreements/{agreement:str}/changes", "agreements", example="agreement")
def changes_page(
    visit: Visit, agreement: FromPath[str], sha256: str = "", before: str = ""
) -> Response[bytes]:
    """What a text changes in the one before it, line by line of their files."""
    view = text_of(visit, agreement, sha256)
    views = texts_of(visit, agreement)
    old = before or view.terms.amends or ""
    base = next((each for each in views if each.sha256 == old), None)
    lines: list[tuple[str, str]] = []
    if base is not None:
        first = as_file(visit.node, agreement, base.sha256).splitlines()
        second = as_file(visit.node, agreement, view.sha256).splitlines()
        lines = [
            (_KINDS[line[0]], line[2:]) for line in difflib.ndiff(first, second) if line[0] != "?"
        ]
    return visit.show(
        "agreements/changes.html", **_shared(visit, view, "changes"), base=base, lines=lines
    )


@page("/agreements/notices", "agreements")
def notices_page(visit: Visit) -> Response[bytes]:
    """What a depositary would notify to this member, newest first."""
    scope = visit.reader.scope.agreements
    found = [each for each in notices(visit.node) if scope is None or each.agreement in scope]
    return visit.show("agreements/notices.html", notices=list(reversed(found))[:500])


@page("/agreements/{agreement:str}/file", "agreements", example="agreement")
def file_page(visit: Visit, agreement: FromPath[str], sha256: str = "") -> Response[bytes]:
    """A text as the TOML file that would propose it again, to be saved."""
    view = text_of(visit, agreement, sha256)
    body = as_file(visit.node, agreement, view.sha256).encode()
    return visit.file(body, f"agreement-{view.sha256[:8]}.toml", "application/toml")


_KINDS = {" ": "same", "-": "old", "+": "new"}


def _shared(visit: Visit, view: AgreementView, tab: str) -> dict[str, Any]:
    """What the head of every page of one agreement shows."""
    views = texts_of(visit, view.id)
    return {
        "view": view,
        "title": title_of(visit, view),
        "ours": ours_of(visit, view),
        "marks": MARKS,
        "views": views,
        "newest": views[-1].sha256,
        "tab": tab,
    }
