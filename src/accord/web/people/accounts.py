"""The operator's list of accounts."""

from __future__ import annotations

from litestar import Response

from accord.base.paging import part_of
from accord.node.accounts import list_accounts
from accord.node.entering import list_sessions
from accord.web.room import page
from accord.web.visit import Visit

_FEW = 10  # accounts among which nobody needs to search
_WORDS = 200  # characters


@page("/accounts", "accounts")
def show_accounts(visit: Visit, q: str = "", after: str = "") -> Response[bytes]:
    """Everybody, with what they may do, and whether they are signed in."""
    asked, accounts = q[:_WORDS].strip().casefold(), list_accounts(visit.node)
    found = [each for each in accounts if asked in f"{each.display} {each.name}".casefold()]
    seen: dict[str, int] = {}
    for row in list_sessions(visit.node):
        seen[row.account] = max(row.seen, seen.get(row.account, 0))
    return visit.show(
        "people/accounts.html",
        part=part_of(found, lambda each: each.name, after),
        seen=seen,
        q=q[:_WORDS],
        many=len(accounts) > _FEW,
    )
