"""What waits unread for a fact not yet seen, what was refused, and what others refused of ours."""

from __future__ import annotations

from litestar import Response

from accord.base.errors import NotFoundError
from accord.base.messages import say
from accord.node.notices import told_to_us
from accord.node.waiting import list_refused, list_waiting, retry_waiting
from accord.web.forms import Form
from accord.web.room import Fragment, act, page
from accord.web.visit import Visit

_SHOWN = 200
_DIGITS = 15  # of a number that a store can keep


@page("/upkeep/quarantine", "quarantine")
def quarantine_page(visit: Visit) -> Response[bytes]:
    """Oldest first, with every reason; the content stays unread."""
    return visit.show("upkeep/quarantine.html", tab="waiting", list=list_html(visit))


@page("/upkeep/quarantine/refused", "quarantine")
def refused_page(visit: Visit) -> Response[bytes]:
    """What this node did not keep, newest first."""
    return visit.show(
        "upkeep/refused.html",
        tab="refused",
        rows=list_refused(visit.node, _SHOWN),
        members=members_of(visit),
    )


@page("/upkeep/quarantine/by-others", "quarantine")
def by_others_page(visit: Visit) -> Response[bytes]:
    """What others told us that they did not keep of ours, and why."""
    rows = told_to_us(visit.node, _SHOWN)
    return visit.show("upkeep/by-others.html", tab="by-others", rows=rows)


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
    """What waits, as a part of the page that lives."""
    rows = list_waiting(visit.node)
    return visit.html(
        "upkeep/waiting-list.html",
        rows=rows[:_SHOWN],
        more=max(0, len(rows) - _SHOWN),
        members=members_of(visit),
    )


def members_of(visit: Visit) -> dict[int, str]:
    """Whose ledger each number is."""
    return {row.id: row.member for row in visit.node.read(lambda tx: tx.ledgers.all())}


LIVE = {"upkeep-quarantine": Fragment("quarantine", list_html)}
