"""A node as a server: its doors in one application, one process, stopped gracefully.

The order at the end: no new connections, waiting requests are answered, the follower finishes its
step, the writer commits what is queued. `kill -9` at any point loses nothing that was acknowledged.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from accord.base.errors import InputError, MachineFault
from accord.node.members import is_loopback

if TYPE_CHECKING:
    from granian.server.embed import Server
    from litestar import Litestar

    from accord.node.node import Node

STOP_SECONDS = 10.0  # how long a stopping server waits for requests that are being answered
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


def build_app(node: Node, url: str = "") -> Litestar:
    """The application of a node: every door it has, and `/healthz`.

    `url` is the node's own address where `accord.toml` gives none.
    """
    from litestar import Litestar, get

    from accord.peers.routes import peer_routes
    from accord.peers.service import FollowService
    from accord.taxii.routes import taxii_routes

    @get("/healthz", sync_to_thread=False, include_in_schema=False)
    def healthz() -> dict[str, str]:
        """Alive. Says nothing that a stranger may not know."""
        return {"status": "ok"}

    service = FollowService(node)
    return Litestar(
        route_handlers=[healthz, *peer_routes(node, url, service.heard), *taxii_routes(node)],
        on_startup=[service.start],
        on_shutdown=[service.stop],
        openapi_config=None,
        logging_config=None,
    )


def serve_node(node: Node, address: Address, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once requests are answered.

    Raises `MachineFault` when the address cannot be listened on.
    """
    _check_free(address)
    asyncio.run(_serve(node, address, ready))


async def _serve(node: Node, address: Address, ready: Callable[[], None]) -> None:
    server = _server(build_app(node, node.settings.url or address.url), address)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    waiting = asyncio.create_task(_until_stopped(address, ready, stop))
    await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    server.stop()
    done, _ = await asyncio.wait((serving,), timeout=STOP_SECONDS)
    if not done:
        serving.cancel()
        return
    await serving


async def _until_stopped(address: Address, ready: Callable[[], None], stop: asyncio.Event) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104
    while not stop.is_set():
        try:
            _, writer = await asyncio.open_connection(host, address.port)
        except OSError:
            await asyncio.sleep(_READY_PAUSE)
        else:
            writer.close()
            ready()
            break
    await stop.wait()


def _server(app: Litestar, address: Address) -> Server:
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
