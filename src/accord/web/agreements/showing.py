"""One agreement: how it stands, what it allows, who did what, and its words in three languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.params import FromPath

from accord.base.paging import part_of
from accord.node.agreements import AgreementView
from accord.node.registers import as_file, notices, register_of
from accord.rules.areas import area_name
from accord.rules.purposes import purpose_name
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
    persons = view.terms.personal_data
    return visit.show(
        "agreements/one.html",
        **shared(visit, view, "overview"),
        register=_register(visit, view),
        areas=[area_name(area, visit.language) for area in view.terms.areas],
        purposes=_purposes(visit, view.terms.purposes),
        person_purposes=_purposes(visit, persons.purposes if persons is not None else ()),
    )


def _purposes(visit: Visit, words: Sequence[str]) -> str:
    return visit.t("web.comma").join(purpose_name(word, visit.language) for word in words)


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
        **shared(visit, view, "text"),
        tongues=[each for each in order if each in terms.texts],
        articles=articles,
        alike=len({len(articles(text)) for text in terms.texts.values()}) == 1,
        toml=as_file(visit.node, agreement, view.sha256),
    )


def articles(text: str) -> list[str]:
    """The lines of a text that hold something: an article each, in most of them."""
    return [line for line in text.splitlines() if line.strip()]


@page("/agreements/notices", "agreements")
def notices_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What a depositary would notify to this member, newest first."""
    scope = visit.reader.scope.agreements
    found = [each for each in notices(visit.node) if scope is None or each.agreement in scope]
    numbered = list(enumerate(found, 1))
    part = part_of(numbered[::-1], lambda each: str(each[0]), after)
    return visit.show("agreements/notices.html", notices=[each for _, each in part.rows], part=part)


@page("/agreements/{agreement:str}/file", "agreements", example="agreement")
def file_page(visit: Visit, agreement: FromPath[str], sha256: str = "") -> Response[bytes]:
    """A text as the TOML file that would propose it again, to be saved."""
    view = text_of(visit, agreement, sha256)
    body = as_file(visit.node, agreement, view.sha256).encode()
    return visit.file(body, f"agreement-{view.sha256[:8]}.toml", "application/toml")


def shared(visit: Visit, view: AgreementView, tab: str) -> dict[str, Any]:
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
