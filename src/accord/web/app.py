"""The application for people: every room behind one entrance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from litestar import Litestar, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.params import FromPath
from litestar.types import Message, Scope

from accord.base.errors import NotFoundError, PeerFault
from accord.node.node import Node

from .entrance import AnyRequest, Entrance, guard
from .failing import EXCEPTION_HANDLERS
from .live import live_route
from .opening import form_of, visit_of
from .room import Room
from .security import FRESH, HEADERS, TRANSPORT
from .shell import FetchCard, Shell
from .visit import Visit

if TYPE_CHECKING:
    from litestar.plugins import PluginProtocol

_FORM_OVERHEAD = 64 * 1024  # bytes of a form around the file in it


def nobody_there(url: str) -> bytes:
    """Where no way to other members was lent."""
    raise PeerFault("web.no-way-out", url=url[:200])


class Pages(Litestar):
    """Litestar without what it loads for data classes of other packages that it finds."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return plugins


def build_pages(
    node: Node, rooms: Sequence[Room], *, encrypted: bool, fetch_card: FetchCard = nobody_there
) -> Litestar:
    """The pages of a node. `encrypted` says whether people reach it over TLS.

    `fetch_card` is how another member's card is asked for: another door's work, lent to this one.
    """
    shell = Shell(node, rooms, encrypted=encrypted, fetch_card=fetch_card)
    return Pages(
        route_handlers=[
            *(handler for room in rooms for handler in room.handlers),
            asset,
            live_route(shell),
        ],
        state=State({"shell": shell}),
        dependencies={
            "visit": Provide(visit_of, sync_to_thread=False),
            "form": Provide(form_of),
        },
        guards=[guard],
        middleware=[DefineMiddleware(Entrance, exclude=["^/assets/"])],
        csrf_config=_csrf(shell),
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[_with_headers],
        request_max_body_size=node.limits.upload_bytes + _FORM_OVERHEAD,
        openapi_config=None,
        logging_config=None,
    )


def _csrf(shell: Shell) -> CSRFConfig:
    """A token in a cookie of the same site and again in every form, both sealed by the node."""
    secret = hashlib.blake2b(b"accord/csrf", key=shell.node.keys.token, digest_size=32).hexdigest()
    return CSRFConfig(
        secret=secret,
        cookie_name=shell.cookie("form"),
        cookie_secure=shell.encrypted,
        cookie_httponly=True,
        cookie_samesite="strict",
    )


async def _with_headers(message: Message, scope: Scope) -> None:
    """Every answer, errors too; what a handler says of caching stands."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        transport = TRANSPORT if scope["litestar_app"].state.shell.encrypted else {}
        for name, value in {**HEADERS, **FRESH, **transport}.items():
            headers.setdefault(name, value)


@get("/assets/{mark:str}/{name:path}", opt={"needs": "anyone"}, sync_to_thread=False)
def asset(
    request: AnyRequest, visit: Visit, mark: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A stylesheet, a script, an icon. Its address changes with its content."""
    encoding = request.headers.get("accept-encoding", "")
    found = visit.shell.assets.answer(mark, name.lstrip("/"), encoding)
    if found is None:
        raise NotFoundError("web.no-such-page")
    body, headers = found
    media_type = headers.pop("content-type")
    return Response(body, media_type=media_type, headers=headers)
