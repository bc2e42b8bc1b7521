"""`/healthz`, `/readyz` and `/metrics`: for whatever watches the node."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from accord.base.errors import AccordError
from accord.base.messages import say
from accord.node.events import reason_of, tell
from accord.node.node import Node
from accord.node.readiness import Readiness

from .board import Board
from .entrance import AnyRequest, Audience, lets_in
from .exposition import CONTENT_TYPE
from .metrics import Metrics
from .traffic import Traffic

log = logging.getLogger(__name__)

_FRESH = {"cache-control": "no-store"}


def monitoring_routes(
    node: Node, traffic: Traffic, audience: Audience, board: Board
) -> list[HTTPRouteHandler]:
    """The handlers of the operator's door."""
    readiness, metrics_ = Readiness(node), Metrics(node, traffic, board)

    @get("/healthz", sync_to_thread=False, include_in_schema=False)
    def healthz() -> dict[str, str]:
        """Alive. Says nothing that a stranger may not know."""
        return {"status": "ok"}

    @get("/readyz", sync_to_thread=True, include_in_schema=False)
    def readyz(request: AnyRequest) -> Response[bytes]:
        """Whether the node can do its work; what it lacks is for its operator alone."""
        lacks = readiness.lacks()
        found: dict[str, Any] = {"ready": not lacks}
        if lets_in(node, audience, request):
            found["lacks"] = [
                {"part": lack.part, "key": lack.message.key, "text": str(lack.message)}
                for lack in lacks
            ]
            found |= _replica_of(node)
        return _json(found, 503 if lacks else 200)

    @get(
        "/metrics",
        sync_to_thread=True,
        include_in_schema=False,
        exception_handlers={AccordError: _unable},
    )
    def metrics(request: AnyRequest) -> Response[bytes]:
        """Figures for Prometheus."""
        if not lets_in(node, audience, request):
            why = say("monitoring.denied")
            return _json({"key": why.key, "text": str(why)}, 401, {"www-authenticate": "Bearer"})
        return Response(metrics_.document(), media_type=CONTENT_TYPE, headers=_FRESH)

    return [healthz, readyz, metrics]


def _replica_of(node: Node) -> dict[str, Any]:
    """What a replica lacks; the node can do its work without one, so it lacks nothing itself."""
    replica = node.store.look_at_replica()
    if replica is None or replica.problem is None:
        return {}
    why = replica.problem
    return {"replica": {"state": replica.state, "key": why.key, "text": str(why)}}


def _unable(_request: AnyRequest, error: AccordError) -> Response[bytes]:
    """This machine is at fault; `/readyz` tells its operator more."""
    tell(log, logging.ERROR, "metrics-failed", reason=reason_of(error))
    return _json({"key": error.message.key}, 503)


def _json(
    value: dict[str, Any], status: int, headers: dict[str, str] | None = None
) -> Response[bytes]:
    body = msgspec.json.encode(value)
    return Response(
        body,
        status_code=status,
        media_type="application/json",
        headers={**_FRESH, **(headers or {})},
    )
