"""The federation door as one value: who may enter, who waits, and what both rest on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Request
from litestar.types import Scope

from accord.base.errors import InputError
from accord.node.history import refuse_while_waiting
from accord.node.node import Node
from accord.store.records import PeerRow

from .bell import Bell
from .gate import Gate
from .quotas import Quotas

DEFAULT_URL = "http://127.0.0.1:8100"


class Door:
    """What the handlers of one served node share."""

    def __init__(
        self, node: Node, url: str, heard: Callable[[str], None], quotas: Quotas | None = None
    ) -> None:
        self.node = node
        self.bell = Bell(node)
        self._gate = Gate(node, url or node.settings.url or DEFAULT_URL, quotas)
        self._heard = heard

    def admit(self, request: Request[Any, Any, Any]) -> PeerRow:
        """The confirmed peer that asks. Raises as `Gate.admit`; blocks, so call it in a thread.

        A store that may be an older copy shows nothing of itself: `MachineFault`.
        """
        peer = self.admit_always(request)
        self.node.read(refuse_while_waiting)
        return peer

    def admit_always(self, request: Request[Any, Any, Any]) -> PeerRow:
        """The same, whatever our own store waits for."""
        headers = _headers(request.scope)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise InputError("peers.body-unexpected")
        peer = self._gate.admit(request.method, _target(request.scope), headers, b"")
        self._heard(peer.member)
        return peer


def _headers(scope: Scope) -> dict[str, str]:
    """Header fields by name; several of one name are one with commas (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _target(scope: Scope) -> str:
    """Path and query as they were asked for."""
    raw = scope.get("raw_path") or quote(scope["path"], safe="/:@!$&'()*+,;=~-._").encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
