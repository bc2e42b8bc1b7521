"""A node as a server: its doors in one application, in one process or several, stopped gracefully.

The order at the end: waiting requests are answered, the follower finishes its step, no new
connections, the writer commits what is queued. `kill -9` at any point loses nothing that was
acknowledged.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import accord
from accord.base.clock import Clock, utc_now
from accord.base.errors import InputError, MachineFault
from accord.monitoring.board import Board
from accord.node.events import tell
from accord.node.members import is_loopback
from accord.node.node import Node, open_node
from accord.peers.quotas import Quotas

from .connections import make_room

if TYPE_CHECKING:
    from granian.server.embed import Server
    from litestar import Litestar
    from litestar.plugins import PluginProtocol

    from accord.monitoring.entrance import Audience
    from accord.monitoring.traffic import App, Traffic

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0  # how long a stopping server waits for requests that are being answered
WAIT_PATH = "/log/wait"
_BACKLOG = 1024  # connections that wait to be taken; the system's own limit holds beside it
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


class House(msgspec.Struct, frozen=True):
    """What the workers of a node share on this host; made before they are forked."""

    board: Board
    quotas: Quotas

    @staticmethod
    def of(node: Node, workers: int) -> House:
        since = node.read(lambda tx: tx.transfers.last())
        return House(Board(workers, since=since), Quotas())


def _nobody(_member: str) -> None:
    """Nobody needs to know who asked."""


def build_app(
    node: Node,
    traffic: Traffic,
    audience: Audience,
    url: str,
    house: House,
    heard: Callable[[str], None] = _nobody,
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

    class Doors(Litestar):
        """Litestar without what it loads for data classes of other packages that it finds."""

        @staticmethod
        def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
            return plugins

    return Doors(
        route_handlers=[
            *monitoring_routes(node, traffic, audience, house.board),
            *peer_routes(node, url, heard, house.quotas),
            *taxii_routes(node),
        ],
        openapi_config=None,
        logging_config=None,
    )


class Service(msgspec.Struct, frozen=True):
    """How a node is to be served."""

    address: Address
    workers: int = 1
    audience: str = ""  # of the metrics
    replica: str = ""  # URL of the store's; "" for none


def serve_node(
    folder: Path,
    service: Service,
    ready: Callable[[Node], None],
    clock: Clock = utc_now,
    life: int | None = None,
) -> None:
    """Serve the node in `folder` until SIGTERM or SIGINT; `ready` is called when it answers.

    `life`: one worker ends, too, when this file descriptor can be read.

    Raises `MachineFault` when the address cannot be listened on, `InputError` for an `audience`
    of the metrics that is not one, or a replica that is none.
    """
    with _opened(folder, service, clock) as node:
        _check_free(service.address)
        _audience(node, service)
        _look_back(node)
        house = House.of(node, service.workers)
        serving = Serving(node, service, house) if service.workers == 1 else None
        tell(log, logging.INFO, "start", member=node.member, version=accord.__version__)

        def answers(node: Node) -> None:
            url = service.address.url
            tell(log, logging.INFO, "ready", member=node.member, url=url)
            ready(node)

        if serving is not None:
            asyncio.run(serving.run(lambda: answers(node), life))
    if serving is None:
        _serve_in_workers(partial(_opened, folder, service, clock), service, house, answers)
    tell(log, logging.INFO, "stopped", member=node.member)


def _look_back(node: Node) -> None:
    """Whether peers saw more of us than we hold, before we show them anything."""
    from accord.peers.recovery import look_back

    look_back(node)


def _audience(node: Node, service: Service) -> Audience:
    from accord.monitoring.entrance import audience_of

    encrypted = service.address.certificate is not None
    return audience_of(service.audience, node, encrypted=encrypted)


@contextmanager
def _opened(folder: Path, service: Service, clock: Clock) -> Iterator[Node]:
    node = open_node(folder, clock)
    try:
        if replica := service.replica or node.settings.db_read:
            node.store.attach_replica(replica)
        yield node
    finally:
        node.close()


def _serve_in_workers(
    opened: Callable[[], AbstractContextManager[Node]],
    service: Service,
    house: House,
    ready: Callable[[Node], None],
) -> None:
    """The node is closed whenever there is a fork: no connection and no thread goes along."""
    from .workers import Workers

    _import_doors()

    def work(number: int, answers: Callable[[], None], life: int) -> None:
        house.board.sit_down(number)
        with opened() as node:
            asyncio.run(Serving(node, service, house).run(answers, life))

    def answer() -> None:
        with opened() as node:
            ready(node)

    Workers(service.workers, work).run(answer)


def _import_doors() -> None:
    """Once for all workers: they share the memory of what is imported before they are forked."""
    for name in ("granian.server.embed", "accord.monitoring.routes", "accord.taxii.routes"):
        importlib.import_module(name)
    for name in ("accord.peers.routes", "accord.cli.background"):
        importlib.import_module(name)


class Serving:
    """One run of a server. It answers before it asks: peers and sources wait until then."""

    def __init__(self, node: Node, service: Service, house: House) -> None:
        from accord.monitoring.traffic import Traffic, Watched
        from accord.web.door import PagesDoor

        from .background import Background

        self._node = node
        self._address = address = service.address
        self._stop = asyncio.Event()
        self._background = Background(node, house.board)
        traffic = Traffic(house.board)
        url, seen_by = node.settings.url or address.url, _audience(node, service)
        app = build_app(node, traffic, seen_by, url, house, self._background.heard)
        self._pages = PagesDoor(
            app, node, encrypted=url.startswith("https:"), fetch_card=partial(_card_at, node)
        )
        self._door = Stoppable(self._pages, self._stop)
        connections = make_room(node.limits.connections)
        self._server = _server(Watched(self._door, traffic), address, connections)

    async def run(self, ready: Callable[[], None], life: int | None = None) -> None:
        """Serve until a signal, or until `life` can be read: the parent has gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        if life is not None:
            loop.add_reader(life, self._stop.set)
        serving = asyncio.create_task(self._server.serve())
        working = asyncio.create_task(self._work(ready))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((serving, working, stopping), return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        if life is None:
            tell(log, logging.INFO, "stopping", member=self._node.member)
        else:
            loop.remove_reader(life)
        await working
        self._server.stop()  # type: ignore[no-untyped-call]
        done, _ = await asyncio.wait((serving,), timeout=STOP_SECONDS)
        if done:
            await serving
        else:  # somebody holds a request open: it is cut off, and what that leads to is no news
            loop.set_exception_handler(lambda loop, context: None)

    async def _work(self, ready: Callable[[], None]) -> None:
        """What a server does besides answering, from the moment it answers."""
        await self._until_open()
        if not self._stop.is_set():
            ready()
            building = asyncio.create_task(self._build_pages())
            await self._background.run(self._stop)
            await asyncio.wait((building,))

    async def _build_pages(self) -> None:
        """Where people have accounts, before the first of them comes."""
        from accord.node.setting_up import is_new

        if not await asyncio.to_thread(is_new, self._node):
            await self._pages.build()

    async def _until_open(self) -> None:
        """Ask ourselves, until it is this process of all that share the address which is asked."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._address.host, self._address.host)  # noqa: S104
        encryption = None if self._address.certificate is None else _unverified()
        while not (self._stop.is_set() or self._door.asked):
            try:
                reader, writer = await asyncio.open_connection(
                    host, self._address.port, ssl=encryption
                )
            except OSError:
                await asyncio.sleep(_READY_PAUSE)
            else:
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                with suppress(OSError):
                    await reader.readline()
                writer.close()


def _card_at(node: Node, url: str) -> bytes:
    """The card of the member at an address: people add a peer on a page as at the shell."""
    from accord.peers.client import fetch_card

    return fetch_card(url, node.limits)


def _unverified() -> ssl.SSLContext:
    """We ask ourselves, and only whether we answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Stoppable:
    """An application whose waiting requests are answered "nothing new" when the server stops.

    Without it a stop would last as long as the longest wait (ASGI 3).
    """

    def __init__(self, app: App, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop
        self.asked = False  # whether a request has come

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked = self.asked or scope["type"] == "http"
        if scope["type"] != "http" or scope["path"] != WAIT_PATH:
            await self._app(scope, receive, send)
            return
        answering = asyncio.ensure_future(self._app(scope, receive, send))
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


def _server(app: App, address: Address, connections: int) -> Server:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    return Server(
        app,
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGI,
        websockets=False,
        backpressure=connections,
        backlog=_BACKLOG,
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
