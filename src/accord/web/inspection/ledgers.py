"""Verification as a button: every ledger held here, every opening, the chain of the record."""

from __future__ import annotations

from litestar import Response

from accord.base.messages import say
from accord.node.checking import check_state, start_check
from accord.web.room import Fragment, act, page
from accord.web.visit import Visit

_ALL = 100  # percent


@page("/inspection/ledgers", "ledger")
def ledgers_page(visit: Visit) -> Response[bytes]:
    """The last verification, or how far the present one has come."""
    return visit.show("inspection/ledgers.html", tab="ledgers", part=part_html(visit))


@act("/inspection/ledgers/verify", "ledger")
def verify_act(visit: Visit) -> Response[bytes]:
    """Begin; the page shows how far it comes."""
    start_check(visit.node)
    return visit.go("/inspection/ledgers", say("inspection.begun"))


def part_html(visit: Visit) -> str:
    """The state of the verification as a part of the page that lives."""
    state, check = check_state(visit.node)
    percent = 0 if check is None or not check.of else min(_ALL, _ALL * check.done // check.of)
    faults = sum(len(each.faults) for each in check.ledgers) if check is not None else 0
    return visit.html(
        "inspection/ledgers-part.html", state=state, check=check, percent=percent, faults=faults
    )


LIVE = {"inspection-ledgers": Fragment("ledger", part_html)}
