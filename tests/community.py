"""A community of real nodes in temporary folders, connected through a simulated network.

The nodes are whole: their own stores, keys, doors. Only the wire is simulated: requests go through
`Network` to the federation door of the node at that address, and a test may cut it, listen to it,
or have a peer misbehave. Nothing is mocked.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from litestar import Litestar

from accord.base.clock import Clock, format_time, utc_now
from accord.base.limits import Limits
from accord.node import agreements, members
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.prepare import Order
from accord.node.publish import Publication, publish
from accord.peers.client import HttpPeerClient, PeerClient
from accord.peers.door import Door
from accord.peers.routes import routes_behind
from accord.peers.signatures import sign_request
from accord.peers.sync import SyncReport, sync_once
from accord.store.records import LedgerRow

T = TypeVar("T")
Tamper = Callable[[httpx.Request, httpx.Response], httpx.Response | None]

_FIRST_PORT = 18100
_ROUNDS = 8
_free_doors: list[tuple[Door, Litestar]] = []  # building one costs more than many a test of it


class FakeClock:
    """A clock that stands until it is moved; give one to each node, or share one."""

    def __init__(self, start: datetime = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Network(httpx.AsyncBaseTransport):
    """The wire between the nodes. `seen` are the requests that went over it."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._doors: dict[Node, tuple[Door, Litestar]] = {}
        self.down: set[str] = set()
        self.seen: list[httpx.Request] = []
        self._tampers: list[tuple[str, str, Tamper]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        where = f"{request.url.scheme}://{request.url.netloc.decode()}"
        self.seen.append(request)
        if where in self.down or where not in self.nodes:
            raise httpx.ConnectError("the line is cut", request=request)
        app: Any = self._door(self.nodes[where])
        answer = await httpx.ASGITransport(app).handle_async_request(request)
        body = b"".join([part async for part in answer.aiter_raw()])
        answer = httpx.Response(answer.status_code, headers=answer.headers, stream=_Body(body))
        for url, beginning, tamper in self._tampers:
            if where == url and request.url.path.startswith(beginning):
                answer = tamper(request, answer) or answer
        return answer

    def _door(self, node: Node) -> Litestar:
        """Put there when the first comes to it: not every test has a request over the wire."""
        if node not in self._doors:
            door = Door(node, "", lambda _member: None)
            if _free_doors:
                moved, app = _free_doors.pop()
                vars(moved).update(vars(door))
            else:
                routes = routes_behind(door)
                moved, app = door, Litestar(routes, logging_config=None, openapi_config=None)
            self._doors[node] = moved, app
        return self._doors[node][1]

    def close(self) -> None:
        """Nobody comes any more: the doors are free for the nodes of the next test."""
        _free_doors.extend(self._doors.values())
        self._doors.clear()

    @contextmanager
    def tampered(self, url: str, beginning: str, tamper: Tamper) -> Iterator[None]:
        """The node at `url` answers requests whose path begins so in another way for a while."""
        entry = (url, beginning, tamper)
        self._tampers.append(entry)
        try:
            yield
        finally:
            self._tampers.remove(entry)


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> Any:
        yield self.body


def body_of(answer: httpx.Response) -> bytes:
    """The raw body of an answer that goes through the network."""
    assert isinstance(answer.stream, _Body)
    return answer.stream.body


def answer_with(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """An answer for a tamper to give."""
    return httpx.Response(status, headers=dict(headers or {}), stream=_Body(body))


class Stages:
    """Homes that are copied rather than led there anew, in `folder`; and what they were led by."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: dict[str, tuple[Path, Any]] = {}


class Community:
    """Nodes by name: `community["Alfa"]`. Homes that are in `folder` already are taken up."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str] = ("Alfa", "Bravo", "Charlie"),
        *,
        clock: Clock = utc_now,
        limits: Limits | None = None,
    ) -> None:
        self.folder = folder
        self.stages: Stages | None = None
        self.network = Network()
        self.nodes: dict[str, Node] = {}
        self.clock = clock
        self.agreement = ""  # the last one that was agreed
        for place, name in enumerate(names):
            url = f"http://127.0.0.1:{_FIRST_PORT + place}"
            settings = HomeSettings(name=name, url=url, limits=limits or Limits())
            if not (folder / name).exists():
                found_node(folder / name, settings, clock)
            self.open(folder / name)

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def open(self, folder: Path) -> Node:
        """Open (or open again) the node in this folder and put it on the network."""
        node = open_node(folder, self.clock)
        self.nodes[node.settings.name] = node
        self.network.nodes[node.settings.url] = node
        return node

    def close(self) -> None:
        self.network.close()
        for node in self:
            node.close()

    def staged(self, what: str, job: Callable[[], T]) -> T:
        """Do `job`, as the first thing; where `stages` know it, it is not done again.

        The community then gets the homes that it left the first time, and its answer.
        """
        assert self.stages is not None
        assert not self.network.seen
        if what in self.stages.done:
            stage, answer = self.stages.done[what]
            self._swap(stage, self.folder)
        else:
            answer = job()
            stage = Path(tempfile.mkdtemp(dir=self.stages.folder))
            self._swap(self.folder, stage)
            self.stages.done[what] = stage, answer
            self.network.seen.clear()
        done: T = answer
        return done

    def _swap(self, source: Path, target: Path) -> None:
        """Copy the homes, closed, and open those of this community again as the same nodes."""
        self.close()
        for name, node in self.nodes.items():
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(source / name, target / name)
            vars(node).clear()  # whoever has the node at hand has that of the stage
            vars(node).update(vars(open_node(self.folder / name, self.clock)))

    def connect(self, node: Node, url: str) -> PeerClient:
        """The way of one node to another: over the simulated network, and otherwise in earnest."""
        return HttpPeerClient(node, url, self.network)

    def meet(self) -> None:
        """Everybody confirms everybody."""
        for node in self:
            for other in self:
                if other is not node:
                    self.confirm(node, other)

    def confirm(self, node: Node, other: Node) -> None:
        card = members.add_peer(node, other.settings.url, other.card_bytes())
        members.confirm_peer(node, card.member, card.fingerprint.hex())

    def sync(self, *only: Node) -> None:
        """Everybody (or `only` these) catches up with everybody, until nothing moves any more."""
        for _ in range(_ROUNDS):
            before = self._state()
            for node in only or tuple(self):
                self.sync_one(node)
            if self._state() == before:
                return
        raise AssertionError("the community does not converge")

    def sync_one(self, node: Node, other: Node | None = None) -> list[SyncReport]:
        return sync_once(node, None if other is None else other.member, self.connect)

    def ask(
        self,
        asker: Node,
        asked: Node,
        path: str,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request over the network, signed by `asker` unless `headers` are given."""
        url = asked.settings.url + path
        signed = headers
        if signed is None:
            signed = sign_request("GET", url, asker.keys.transport, asker.now(), asker.limits)

        async def request() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.network) as client:
                return await client.get(url, headers=signed)

        return asyncio.run(request())

    def copy(self, node: Node, folder: Path) -> Path:
        """A copy of a node's home as it is now: what a dishonest or restored node comes from."""
        home = node.home.folder
        node.close()
        shutil.copytree(home, folder)
        self.open(home)
        return folder

    def _state(self) -> list[Any]:
        return [
            [(row.origin, row.size) for row in node.read(lambda tx: tx.ledgers.all())]
            for node in self
        ]

    def agree(self, *parties: Node, **terms: str) -> str:
        """An agreement of these nodes (all, by default), signed by all and known to all."""
        nodes = parties or tuple(self)
        view = agreements.propose(nodes[0], agreement_toml([n.member for n in nodes], **terms))
        self.sync()
        for node in nodes:
            agreements.sign(node, view.id, sha256=None, person="A. Person", office="Head")
        self.sync()
        self.agreement = view.id
        return view.id

    def limit(self, node: Node, **limits: float) -> None:
        """Give a node other limits."""
        changed = msgspec.structs.replace(node.limits, **limits)
        node.settings = msgspec.structs.replace(node.settings, limits=changed)

    def publish(self, node: Node, agreement: str, *objects: bytes, **order: Any) -> Publication:
        """Publish objects (one fresh indicator by default) as TLP:GREEN under an agreement."""
        wanted = Order(**{"agreement": agreement, "tlp": "green", **order})
        return publish(node, objects or [indicator()], wanted)


def agreement_toml(parties: Sequence[str], **terms: str) -> str:
    """The text of an agreement between these members; `terms` are further TOML values."""
    values = {"tlp_ceiling": '"amber"', "onward": '"none"', **terms}
    lines = [f"{name} = {value}" for name, value in values.items()]
    return "\n".join(
        [
            'name = "Test agreement"',
            f"parties = {json.dumps(list(parties))}",
            'areas = ["cyber"]',
            'purposes = ["defence"]',
            'valid_from = "2026-01-01T00:00:00Z"',
            *lines,
            "[titles]",
            'zh = "协定"\nru = "Соглашение"\nen = "Agreement"',
            "[texts]",
            'zh = "文本"\nru = "Текст"\nen = "Text"',
        ]
    )


def indicator(value: str | None = None, **fields: Any) -> bytes:
    """The bytes of a fresh indicator (or of `value` as its domain)."""
    moment = format_time(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    name = value or f"{uuid.uuid4().hex}.example"
    return json.dumps(
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid.uuid4()}",
            "created": moment,
            "modified": moment,
            "pattern": f"[domain-name:value = '{name}']",
            "pattern_type": "stix",
            "valid_from": moment,
            **fields,
        }
    ).encode()


def held(node: Node, object_id: str) -> list[bytes]:
    """The bodies of all versions of an object that a node holds."""
    rows = node.read(lambda tx: tx.holdings.versions(object_id))
    return [row.body for row in rows if row.body is not None]


def ledger_of(node: Node, member: Node) -> LedgerRow:
    """A member's ledger as a node has it: its own, or one it follows."""
    row = node.read(lambda tx: tx.ledgers.of_member(member.member))
    assert row is not None
    return row


def id_of(raw: bytes) -> str:
    return str(json.loads(raw)["id"])
