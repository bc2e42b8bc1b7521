"""What waits unread for a fact not yet seen, what was refused, and what others refused of ours."""

from __future__ import annotations

from litestar import Response

from accord.base.errors import NotFoundError
from accord.base.messages import say
from accord.base.paging import MOST, Part, head_of, number_in
from accord.node.notices import told_to_us
from accord.node.waiting import list_refused, retry_waiting, waiting_behind
from accord.store.records import QuarantineRow
from accord.web.forms import Form
from accord.web.room import Fragment, act, page
from accord.web.visit import Visit

_DIGITS = 15  # of a number that a store can keep


@page("/upkeep/quarantine", "quarantine")
def quarantine_page(visit: Visit, after: str = "") -> Response[bytes]:
    """Oldest first, with every reason; the content stays unread."""
    part = _waiting(visit, after)
    return visit.show("upkeep/quarantine.html", tab="waiting", list=_list(visit, part), part=part)


@page("/upkeep/quarantine/refused", "quarantine")
def refused_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What this node did not keep, newest first."""
    rows = list_refused(visit.node, MOST + 1, number_in(after))
    return visit.show(
        "upkeep/refused.html",
        tab="refused",
        part=head_of(rows, lambda row: str(row.seq), after),
        members=members_of(visit),
    )


@page("/upkeep/quarantine/by-others", "quarantine")
def by_others_page(visit: Visit, after: str = "") -> Response[bytes]:
    """What others told us that they did not keep of ours, and why: whole notices at a time."""
    rows = told_to_us(visit.node, MOST, number_in(after))
    more = bool(rows) and bool(told_to_us(visit.node, 1, rows[-1].seq))
    part = Part(rows, after, str(rows[-1].seq) if more else "")
    return visit.show("upkeep/by-others.html", tab="by-others", part=part)


@act("/upkeep/quarantine/retry", "quarantine")
def retry_act(visit: Visit, form: Form) -> Response[bytes]:
    """Judge again what waits, or one of it, on what is known today."""
    number = form.maybe("number")
    if number and (not number.isascii() or not number.isdigit() or len(number) > _DIGITS):
        raise NotFoundError("node.quarantine-unknown", seq=number[:_DIGITS])
    done = retry_waiting(visit.node, seq=int(number) if number else None)
    said = say("upkeep.retried", kept=done.kept, refused=done.refused, held=done.held)
    return visit.go("/upkeep/quarantine", said)


def list_html(visit: Visit) -> str:
    """What has waited longest, as a part of the page that lives."""
    return _list(visit, _waiting(visit, ""))


def _waiting(visit: Visit, after: str) -> Part[QuarantineRow]:
    rows = waiting_behind(visit.node, number_in(after) or 0, MOST + 1)
    return head_of(rows, lambda row: str(row.seq), after)


def _list(visit: Visit, part: Part[QuarantineRow]) -> str:
    return visit.html("upkeep/waiting-list.html", rows=part.rows, members=members_of(visit))


def members_of(visit: Visit) -> dict[int, str]:
    """Whose ledger each number is."""
    return {row.id: row.member for row in visit.node.read(lambda tx: tx.ledgers.all())}


LIVE = {"upkeep-quarantine": Fragment("quarantine", list_html)}
