"""The operator's list of tokens."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from accord.base.messages import say
from accord.base.paging import part_of
from accord.node.tokens import list_tokens, revoke_token
from accord.web.room import act, page
from accord.web.visit import Visit


@page("/tokens", "tokens")
def show_tokens(visit: Visit, after: str = "") -> Response[bytes]:
    """Every token ever made, those that open something first."""
    rows = sorted(list_tokens(visit.node), key=lambda row: (row.revoked is not None, -row.created))
    return visit.show("people/tokens.html", part=part_of(rows, lambda row: row.name, after))


@act("/tokens/{name:str}/revoke", "tokens", example="token")
def do_revoke_token(visit: Visit, name: FromPath[str]) -> Response[bytes]:
    """From the next request on it opens nothing."""
    revoke_token(visit.node, name)
    return visit.go("/tokens", say("people.token-revoked", name=name))
