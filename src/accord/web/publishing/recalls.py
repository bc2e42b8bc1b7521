"""What was called back: our recalls with their tables of receipts, and those of others."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Literal, get_args

from litestar import Response
from litestar.params import FromPath

from accord.base.errors import NotFoundError
from accord.base.messages import Message
from accord.base.paging import MOST, Part, head_of, number_in, part_of
from accord.node.answering import list_followed
from accord.node.carried import carried_by
from accord.node.dossier import titles_of
from accord.node.legal_holds import LegalHold, list_holds
from accord.node.recalling import RecallTable, recall_table, recall_tables
from accord.web.naming import Naming
from accord.web.room import Fragment, page
from accord.web.visit import Visit

_State = Literal["done", "absent", "refused", "pending", "overdue"]
STATES: tuple[_State, ...] = get_args(_State)
MARKS = {"done": "good", "absent": "off", "refused": "bad", "pending": "wait", "overdue": "bad"}
_SHOWN = 500  # rows of a table of receipts on one page
_DIGITS = 18  # of a number that a store can keep


@page("/recalls", "agreements")
def recalls_page(visit: Visit, after: str = "") -> Response[bytes]:
    """Ours, newest first, with how far they came."""
    part = _ours(visit, after)
    return visit.show("publishing/recalls.html", list=_list(visit, part), part=part, tab="ours")


@page("/recalls/others", "agreements")
def followed_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What others called back from us, and what became of it here."""
    found = list_followed(
        visit.node,
        MOST + 1,
        wanted=lambda each: visit.knows_any(each.places),
        before=number_in(after),
    )
    part = head_of(found, lambda each: str(each.seq), after)
    return visit.show("publishing/followed.html", part=part, marks=MARKS, tab="others")


@page("/recalls/holds", "recall")
def holds_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What is kept whoever recalls it, and why."""
    return show_holds(visit, {}, after=after)


def holds_for(visit: Visit) -> list[LegalHold]:
    """The holds that stand, then those that were lifted, each newest first.

    An account that is limited to some agreements knows of those on objects that it may read.
    """
    found = sorted(list_holds(visit.node), key=lambda each: (each.lifted is not None, -each.number))
    may = may_hold(visit, *{each.object_id for each in found})
    return [each for each in found if each.object_id in may]


def may_hold(visit: Visit, *objects: str) -> Collection[str]:
    """Those of these objects on which the visitor may know of a hold."""
    if visit.reader.scope.agreements is None:
        return objects
    return titles_of(visit.node, visit.reader, objects)


def show_holds(
    visit: Visit, typed: dict[str, list[str]], fault: Message | None = None, after: str = ""
) -> Response[bytes]:
    """The holds with the form for another; what was typed, and what is wrong with it."""
    part = part_of(holds_for(visit), lambda hold: str(hold.number), after)
    names = Naming(visit)
    names.look_up_objects(hold.object_id for hold in part.rows)
    return visit.show(
        "publishing/holds.html",
        HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        part=part,
        names=names,
        typed=typed,
        fault=fault,
        tab="holds",
    )


@page("/recalls/{number:int}", "agreements", example="recall")
def recall_page(visit: Visit, number: FromPath[int]) -> Response[bytes]:
    """One recall: a row for each entry and member, and they add up."""
    table = _table(visit, number)
    return visit.show("publishing/recall.html", table=table, receipts=_receipts(visit, table))


def receipts_html(visit: Visit, about: str) -> str:
    """The table of one recall, by its number, as a part of the page that lives."""
    if not (about.isascii() and about.isdigit() and len(about) <= _DIGITS):
        raise NotFoundError("web.no-such-page")
    return _receipts(visit, _table(visit, int(about)))


def _table(visit: Visit, number: int) -> RecallTable:
    """One recall that the visitor may know of. Raises `NotFoundError`."""
    table = recall_table(visit.node, number)
    if not _may_know(visit, table):
        raise NotFoundError("node.recall-unknown", number=number)
    return table


def _may_know(visit: Visit, table: RecallTable) -> bool:
    return visit.knows_any((visit.node.origin, place.index) for place in table.recall.entries)


def _receipts(visit: Visit, table: RecallTable) -> str:
    """How many rows there are of each state, and the rows: what needs somebody first."""
    rows = sorted(table.rows, key=lambda row: (_ORDER[row.state], row.member, row.index))
    shown = rows[:_SHOWN]
    objects = carried_by(visit.node, [(visit.node.origin, row.index) for row in shown])
    names = Naming(visit)
    names.look_up_objects(each.object_id for each in objects.values())
    return visit.html(
        "publishing/receipts.html",
        counts=counts_of(table),
        rows=shown,
        all=len(rows),
        objects={number: each.object_id for (_, number), each in objects.items()},
        names=names,
        marks=MARKS,
    )


def list_html(visit: Visit) -> str:
    """Our newest recalls as a part of the page that lives."""
    return _list(visit, _ours(visit, ""))


def _ours(visit: Visit, after: str) -> Part[RecallTable]:
    tables = recall_tables(
        visit.node,
        wanted=lambda table: _may_know(visit, table),
        before=number_in(after),
        most=MOST + 1,
    )
    return head_of(tables, lambda table: str(table.number), after)


def _list(visit: Visit, part: Part[RecallTable]) -> str:
    return visit.html(
        "publishing/recall-list.html",
        rows=[(table, counts_of(table)) for table in part.rows],
        marks=MARKS,
    )


def counts_of(table: RecallTable) -> list[tuple[str, int]]:
    """How many rows there are of each state that occurs."""
    return [(state, table.count(state)) for state in STATES if table.count(state)]


_ORDER = {"overdue": 0, "refused": 1, "pending": 2, "done": 3, "absent": 4}
LIVE = {
    "publishing-recalls": Fragment("agreements", list_html),
    "publishing-receipts": Fragment("agreements", receipts_html, personal=True, concerns=True),
}
