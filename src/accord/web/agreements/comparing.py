"""What an amendment changes: terms in words, texts line by line, and the whole file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from babel.lists import format_list
from litestar import Response
from litestar.params import FromPath

from accord.node.registers import as_file
from accord.rules.areas import area_name
from accord.rules.purposes import purpose_name
from accord.rules.terms import Terms
from accord.web.room import page
from accord.web.visit import Visit

from .known import text_of, texts_of
from .showing import articles, shared

_KINDS = {" ": "same", "-": "old", "+": "new"}
_AROUND = 1  # unchanged lines shown beside those that changed
_LEFT_OUT = ("same", "⋯")

Lines = list[tuple[str, str]]


@page("/agreements/{agreement:str}/changes", "agreements", example="agreement")
def changes_page(
    visit: Visit, agreement: FromPath[str], sha256: str = "", before: str = ""
) -> Response[bytes]:
    """What a text changes in the one before it."""
    view = text_of(visit, agreement, sha256)
    old = before or view.terms.amends or ""
    base = next((each for each in texts_of(visit, agreement) if each.sha256 == old), None)
    terms: list[tuple[str, str, str]] = []
    texts: list[tuple[str, Lines]] = []
    lines: Lines = []
    if base is not None:
        terms = _terms(visit, base.terms, view.terms)
        texts = _texts(visit, base.terms, view.terms)
        files = (as_file(visit.node, agreement, each.sha256) for each in (base, view))
        lines = _compared(*(file.splitlines() for file in files))
    return visit.show(
        "agreements/changes.html",
        **shared(visit, view, "changes"),
        base=base,
        terms=terms,
        texts=texts,
        lines=lines,
    )


def _terms(visit: Visit, old: Terms, new: Terms) -> list[tuple[str, str, str]]:
    """The terms that differ: label, as it was, as it will be."""
    first, second = _in_words(visit, old), _in_words(visit, new)
    return [
        (label, first[label], second[label]) for label in first if first[label] != second[label]
    ]


def _in_words(visit: Visit, terms: Terms) -> dict[str, str]:
    """What a release is judged by, in words, by label."""
    t, day, language = visit.t, visit.moments.day, visit.language
    persons = terms.personal_data
    return {
        t("agreements.all-parties"): _listed(visit, [visit.names[each] for each in terms.parties]),
        t("agreements.may-accede"): _listed(visit, [visit.names[each] for each in terms.accession]),
        t("agreements.areas"): _listed(visit, [area_name(each, language) for each in terms.areas]),
        t("agreements.purposes"): _listed(
            visit, [purpose_name(each, language) for each in terms.purposes]
        ),
        t("agreements.types"): ", ".join(terms.object_types) or t("agreements.every-type"),
        t("agreements.at-most-tlp"): f"TLP:{terms.tlp_ceiling.upper()}",
        t("agreements.at-most-pap"): f"PAP:{terms.pap_ceiling.upper()}"
        if terms.pap_ceiling
        else "–",
        t("agreements.onward"): t(f"agreements.onward-{terms.onward}"),
        t("agreements.retention"): _days(visit, terms.retention_days),
        t("agreements.review"): _days(visit, terms.review_days),
        t("agreements.valid-from"): day(terms.valid_from),
        t("agreements.valid-until"): day(terms.valid_until) if terms.valid_until else "–",
        t("agreements.persons"): t("agreements.persons-no")
        if persons is None or not persons.allowed
        else f"{_listed(visit, persons.purposes)}; {_days(visit, persons.max_days)}",
        t("agreements.exercises"): t("web.yes") if terms.exercise else t("web.no"),
    }


def _listed(visit: Visit, words: Sequence[str]) -> str:
    return format_list(words, locale=visit.moments.locale) or "–"


def _days(visit: Visit, count: int | None) -> str:
    return visit.t("agreements.days", count=count) if count else "–"


def _texts(visit: Visit, old: Terms, new: Terms) -> list[tuple[str, Lines]]:
    """The languages in which the words differ, the visitor's first, with what changes."""
    order = sorted(new.texts, key=lambda language: language != visit.language)
    both = [(language, [_worded(terms, language) for terms in (old, new)]) for language in order]
    return [(language, _near(_compared(*pair))) for language, pair in both if pair[0] != pair[1]]


def _worded(terms: Terms, language: str) -> list[str]:
    return [terms.titles.get(language, ""), *articles(terms.texts.get(language, ""))]


def _compared(old: Sequence[str], new: Sequence[str]) -> Lines:
    """Every line: gone, new, or the same."""
    return [(_KINDS[line[0]], line[2:]) for line in difflib.ndiff(old, new) if line[0] != "?"]


def _near(lines: Lines) -> Lines:
    """The lines that changed and those around them; a mark where others are left out."""
    changed = [place for place, (kind, _) in enumerate(lines) if kind != "same"]
    kept: Lines = []
    for place, line in enumerate(lines):
        if any(abs(place - each) <= _AROUND for each in changed):
            kept.append(line)
        elif not kept or kept[-1] != _LEFT_OUT:
            kept.append(_LEFT_OUT)
    return kept
