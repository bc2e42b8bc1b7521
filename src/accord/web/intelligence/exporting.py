"""Files of what is shown: a STIX bundle or a table, of a list, a search or one object.

Only what the reader may see goes into a file, and no more than so many objects. In a table no cell
begins with what a spreadsheet would take for a formula.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from litestar import Response
from litestar.params import FromPath

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.node.browsing import browse_rows
from accord.node.dossier import open_dossier
from accord.node.searching import MOST_HITS, search
from accord.stix.markings import standard_marking
from accord.web.naming import Naming
from accord.web.room import page
from accord.web.visit import Visit

from .asking import Asked, question
from .showing import chosen

MOST = 5_000  # objects of one file
_PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_BUNDLE, _TABLE = "application/json", "text/csv; charset=utf-8"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One object of a file, with what stands beside it in a table."""

    object_id: str
    version: str
    type: str
    title: str
    member: str
    agreement: str | None
    tlp: str
    body: bytes


@page("/intelligence/export.json", "read")
def list_bundle(visit: Visit) -> Response[bytes]:
    """The list with its filters as a STIX bundle."""
    return _bundle(visit, _listed(visit))


@page("/intelligence/export.csv", "read")
def list_table(visit: Visit) -> Response[bytes]:
    """The list with its filters as a table."""
    return _table(visit, _listed(visit))


@page("/intelligence/search/export.json", "read")
def search_bundle(visit: Visit, q: str = "") -> Response[bytes]:
    """What a search found as a STIX bundle."""
    return _bundle(visit, _found(visit, q))


@page("/intelligence/search/export.csv", "read")
def search_table(visit: Visit, q: str = "") -> Response[bytes]:
    """What a search found as a table."""
    return _table(visit, _found(visit, q))


@page("/intelligence/objects/{id:str}/export.json", "read", example="object")
def object_bundle(visit: Visit, id: FromPath[str], holding: str = "") -> Response[bytes]:  # noqa: A002
    """One version of an object as a STIX bundle."""
    return _bundle(visit, _one(visit, id, holding))


@page("/intelligence/objects/{id:str}/export.csv", "read", example="object")
def object_table(visit: Visit, id: FromPath[str], holding: str = "") -> Response[bytes]:  # noqa: A002
    """One version of an object as a table."""
    return _table(visit, _one(visit, id, holding))


def _listed(visit: Visit) -> list[Taken]:
    filters = Asked.in_list(visit).filters(visit)
    found: list[Taken] = []
    before: int | None = None
    while len(found) < MOST:
        rows = browse_rows(visit.node, visit.reader, filters, before=before, limit=_PAGE)
        found += [_taken(row) for row in rows]
        if len(rows) < _PAGE:
            break
        before = rows[-1].place
    return found[:MOST]


def _found(visit: Visit, q: str) -> list[Taken]:
    asked = question(visit, q, Asked.in_search(visit))
    found: list[Taken] = []
    while asked is not None and len(found) < MOST:
        asked = msgspec.structs.replace(asked, limit=MOST_HITS)
        answer = search(visit.node, visit.reader, asked)
        found += [_taken(hit) for hit in answer.hits]
        asked = msgspec.structs.replace(asked, after=answer.next) if answer.next else None
    return found[:MOST]


def _one(visit: Visit, object_id: str, holding: str) -> list[Taken]:
    version = chosen(open_dossier(visit.node, visit.reader, object_id), holding)
    if version.body is None:
        raise InputError("intelligence.nothing-to-export")
    agreement = next((each.agreement for each in version.shown), None)
    return [
        Taken(
            object_id=object_id,
            version=version.version,
            type=version.type,
            title=version.title,
            member=version.publisher,
            agreement=agreement,
            tlp=version.tlp or "",
            body=version.body,
        )
    ]


def _taken(row: Any) -> Taken:
    """Of a row of a list or of a hit."""
    return Taken(**{name: getattr(row, name) for name in Taken.__struct_fields__})


def _bundle(visit: Visit, taken: Sequence[Taken]) -> Response[bytes]:
    """Every object as its publisher wrote it, with the standard markings that they name."""
    objects = [*_markings(taken), *(msgspec.Raw(each.body) for each in taken)]
    bundle: dict[str, Any] = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}"}
    if objects:  # STIX 2.1 section 3.2: no list is empty
        bundle["objects"] = objects
    return visit.file(msgspec.json.encode(bundle), _name(visit, "json"), _BUNDLE)


class _Marked(msgspec.Struct):
    object_marking_refs: list[str] = []


_marked = msgspec.json.Decoder(_Marked)


def _markings(taken: Iterable[Taken]) -> list[msgspec.Raw]:
    named = {ref: None for each in taken for ref in _marked.decode(each.body).object_marking_refs}
    found = (standard_marking(each) for each in named)
    return [msgspec.Raw(body) for body in found if body is not None]


_COLUMNS = ("id", "type", "title", "value", "pattern", "description", "created", "modified",
            "valid_from", "valid_until", "labels")  # fmt: skip


def _table(visit: Visit, taken: Sequence[Taken]) -> Response[bytes]:
    """A row for each object, in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, "tlp", "publisher", "publisher_id", "agreement", "agreement_id"])
    names = Naming(visit)
    for each in taken:
        fields = msgspec.json.decode(each.body)
        row = [each.title if name == "title" else _cell(fields.get(name)) for name in _COLUMNS]
        row += [each.tlp and f"TLP:{each.tlp.upper()}", visit.names[each.member], each.member]
        row += [names.agreement(each.agreement), each.agreement or ""]
        writer.writerow([_harmless(cell) for cell in row])
    body = "\ufeff" + out.getvalue()
    return visit.file(body.encode(), _name(visit, "csv"), _TABLE)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value)
    return msgspec.json.encode(value).decode()


def _harmless(cell: str) -> str:
    """No formula: what a spreadsheet would compute is text behind an apostrophe (OWASP)."""
    return f"'{cell}" if cell.lstrip(" \n\u00a0").startswith(_FORMULA) else cell


def _name(visit: Visit, suffix: str) -> str:
    moment = format_time(visit.now)[:16].replace(":", "").replace("-", "")
    return f"accord-{moment}.{suffix}"
