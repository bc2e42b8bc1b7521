"""A node as a server: its doors in one application, one process, stopped gracefully.

The order at the end: waiting requests are answered, the follower finishes its step, no new
connections, the writer commits what is queued. `kill -9` at any point loses nothing that was
acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import accord
from accord.base.errors import InputError, MachineFault
from accord.node.events import tell
from accord.node.members import is_loopback

if TYPE_CHECKING:
    from granian.server.embed import Server
    from litestar import Litestar

    from accord.monitoring.entrance import Audience
    from accord.monitoring.traffic import App, Traffic
    from accord.node.node import Node
    from accord.peers.service import FollowService

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0  # how long a stopping server waits for requests that are being answered
WAIT_PATH = "/log/wait"
_READY_PAUSE = 0.005  # seconds between two tries to reach ourselves


class Address(msgspec.Struct, frozen=True):
    """Where a node listens. TLS wherever it is not this machine alone."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @staticmethod
    def checked(host: str, port: int, certificate: Path | None, key: Path | None) -> Address:
        """Refuse what would be unsafe or could not work. Raises `InputError`."""
        if (certificate is None) != (key is None):
            raise InputError("cli.tls-half")
        if certificate is None or key is None:
            if not is_loopback(host):
                raise InputError("cli.tls-needed", host=host)
            return Address(host, port)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            problem = error.strerror or str(error)
            raise InputError("cli.tls-unusable", file=str(certificate), problem=problem) from None
        return Address(host, port, certificate, key)

    @property
    def url(self) -> str:
        """The address as a URL."""
        scheme = "http" if self.certificate is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def build_app(
    node: Node, traffic: Traffic, audience: Audience, url: str, heard: Callable[[str], None]
) -> Litestar:
    """The application of a node: every door it has.

    `traffic` is what `/metrics` tells of requests, and `audience` who may see it without a token;
    `url` is the node's own address where `accord.toml` gives none; `heard` is told, from any
    thread, which confirmed peer asked for something.
    """
    from litestar import Litestar

    from accord.monitoring.routes import monitoring_routes
    from accord.peers.routes import peer_routes
    from accord.taxii.routes import taxii_routes

    return Litestar(
        route_handlers=[
            *monitoring_routes(node, traffic, audience),
            *peer_routes(node, url, heard),
            *taxii_routes(node),
        ],
        openapi_config=None,
        logging_config=None,
    )


def serve_node(node: Node, address: Address, ready: Callable[[], None], audience: str = "") -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once requests are answered.

    Raises `MachineFault` when the address cannot be listened on, `InputError` for an `audience`
    of the metrics that is not one.
    """
    _check_free(address)
    tell(log, logging.INFO, "start", member=node.member, version=accord.__version__)
    asyncio.run(_Serving(node, address, audience).run(ready))
    tell(log, logging.INFO, "stopped", member=node.member)


class _Serving:
    """One run of the server. It answers before it asks: peers and sources wait until then."""

    def __init__(self, node: Node, address: Address, audience: str) -> None:
        from accord.monitoring.entrance import audience_of
        from accord.monitoring.traffic import Traffic, Watched

        self._node = node
        self._address = address
        self._stop = asyncio.Event()
        self._service: FollowService | None = None
        traffic = Traffic()
        seen_by = audience_of(audience, node, encrypted=address.certificate is not None)
        app = build_app(node, traffic, seen_by, node.settings.url or address.url, self._heard)
        self._server = _server(Watched(Stoppable(app, self._stop), traffic), address)

    async def run(self, ready: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        serving = asyncio.create_task(self._server.serve())
        following = asyncio.create_task(self._follow(ready))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((serving, following, stopping), return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        tell(log, logging.INFO, "stopping", member=self._node.member)
        await following
        self._server.stop()  # type: ignore[no-untyped-call]
        done, _ = await asyncio.wait((serving,), timeout=STOP_SECONDS)
        if done:
            await serving
        else:  # somebody holds a request open: it is cut off, and what that leads to is no news
            loop.set_exception_handler(lambda loop, context: None)

    async def _follow(self, ready: Callable[[], None]) -> None:
        """Follow peers and take from sources from the moment we answer until we are to stop."""
        await self._until_open()
        if self._stop.is_set():
            return
        tell(log, logging.INFO, "ready", member=self._node.member, url=self._address.url)
        ready()
        from accord.node.indexing import Indexer
        from accord.node.starting import take_up
        from accord.peers.service import FollowService  # it takes a while, and nobody waits for it
        from accord.taxii.service import SourceService

        await asyncio.to_thread(take_up, self._node)
        self._service = FollowService(self._node)
        indexer = Indexer(self._node)
        sources = SourceService(self._node)
        await self._service.start()
        indexer.start()
        await sources.start()
        await self._stop.wait()
        await asyncio.to_thread(indexer.stop)
        await sources.stop()
        await self._service.stop()

    async def _until_open(self) -> None:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._address.host, self._address.host)  # noqa: S104
        while not self._stop.is_set():
            try:
                _, writer = await asyncio.open_connection(host, self._address.port)
            except OSError:
                await asyncio.sleep(_READY_PAUSE)
            else:
                writer.close()
                return

    def _heard(self, member: str) -> None:
        if self._service is not None:
            self._service.heard(member)


class Stoppable:
    """An application whose waiting requests are answered "nothing new" when the server stops.

    Without it a stop would last as long as the longest wait (ASGI 3).
    """

    def __init__(self, app: Litestar, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != WAIT_PATH:
            await self._app(scope, receive, send)
            return
        answering = asyncio.create_task(self._app(scope, receive, send))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((answering, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not answering.done():
            answering.cancel()
            await asyncio.wait((answering,))
        if answering.cancelled():
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await answering


def _server(app: App, address: Address) -> Server:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    return Server(
        app,
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
        ssl_cert=address.certificate,
        ssl_key=address.key,
    )


def _check_free(address: Address) -> None:
    """Whether we may listen there: a sentence now is better than a log line of the server's."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            problem = error.strerror or str(error)
            raise MachineFault("cli.port-taken", url=address.url, problem=problem) from None
