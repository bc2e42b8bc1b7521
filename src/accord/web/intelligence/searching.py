"""Search by words in three scripts, with facets; the same page answers while one types."""

from __future__ import annotations

import msgspec
from litestar import Response

from accord.node.searching import Answer, search
from accord.stix.words import QUESTION_CHARS
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.templating import query
from accord.web.visit import Visit

from .asking import Asked, question
from .exporting import MOST

_PATH = "/intelligence/search"
_FACETS = ("type", "member", "agreement", "tlp", "area", "month")


class Value(msgspec.Struct, frozen=True):
    """One value of a facet: its words, how many there are, and where a click leads."""

    value: str
    words: str
    count: str
    path: str
    chosen: bool


@page(_PATH, "read")
def searching(visit: Visit, q: str = "", after: str = "", typing: str = "") -> Response[bytes]:
    """The form, and what was found; of a page that is typed into, only what was found."""
    q = q[:QUESTION_CHARS]
    asked = Asked.in_search(visit)
    found = _found(visit, q, asked, after, typing=bool(typing))
    names = Naming(visit)
    names.look_up(() if found is None else found.hits)
    given = asked.given()
    answer = visit.show(
        "intelligence/found.html" if visit.htmx else "intelligence/searching.html",
        q=q,
        asked=asked,
        after=after,
        found=found,
        names=names,
        facets=_facets(names, q, given, found),
        here=_PATH + query(q=q, **given),
        most=MOST,
    )
    if visit.htmx:
        answer.headers["HX-Replace-Url"] = _PATH + query(q=q, **given)
    return answer


def _found(visit: Visit, q: str, asked: Asked, after: str, *, typing: bool) -> Answer | None:
    """Null while nothing is asked for."""
    wanted = question(visit, q, asked, after=after, typing=typing)
    return None if wanted is None else search(visit.node, visit.reader, wanted)


def _facets(
    names: Naming, q: str, given: dict[str, str], found: Answer | None
) -> list[tuple[str, list[Value]]]:
    """Of each facet its values, the most frequent first; a click on a chosen one lets it go."""
    if found is None:
        return []
    facets = []
    for facet in _FACETS:
        values = []
        for value, count in found.facets.get(facet, {}).items():
            chosen = given.get(facet) == value
            if value:  # none is nothing that one could ask for
                wanted = {**given, facet: "" if chosen else value}
                path = _PATH + query(q=q, **wanted)
                number = names.count(count, capped=False)
                values.append(Value(value, names.value(facet, value), number, path, chosen))
        if len(values) > 1 or any(value.chosen for value in values):
            facets.append((facet, values))
    return facets
