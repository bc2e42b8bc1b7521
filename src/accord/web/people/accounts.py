"""The operator's list of accounts."""

from __future__ import annotations

from litestar import Response

from accord.node.accounts import list_accounts
from accord.node.entering import list_sessions
from accord.web.room import page
from accord.web.visit import Visit


@page("/accounts", "accounts")
def show_accounts(visit: Visit) -> Response[bytes]:
    """Everybody, with what they may do, and whether they are signed in."""
    seen: dict[str, int] = {}
    for row in list_sessions(visit.node):
        seen[row.account] = max(row.seen, seen.get(row.account, 0))
    return visit.show("people/accounts.html", accounts=list_accounts(visit.node), seen=seen)
