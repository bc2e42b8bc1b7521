"""Two nodes served on loopback for real: following, waking, suspending, stopping."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accord.node import agreements, members
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.overview import peer_overview
from accord.peers.client import fetch_card
from tests.community import Community, agreement_toml, held, id_of, indicator
from tests.node.council import charter_text, council, move

SERVE = textwrap.dedent("""
    import asyncio, signal, sys
    from pathlib import Path
    from granian.constants import Interfaces
    from granian.server.embed import Server
    from litestar import Litestar
    from accord.node.node import open_node
    from accord.peers.routes import peer_routes
    from accord.peers.service import FollowService

    async def serve(folder, port):
        node = open_node(Path(folder))
        service = FollowService(node)
        app = Litestar(
            peer_routes(node, "", service.heard),
            on_startup=[service.start],
            on_shutdown=[service.stop],
            logging_config=None,
        )
        server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False)

        def stop():
            node.stopping = True
            server.stop()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        await server.serve()
        node.close()

    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
""")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(node: Node) -> Iterator[subprocess.Popen[bytes]]:
    port = node.settings.url.rpartition(":")[2]
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(node.home.folder), port])
    try:
        until(lambda: _answers(int(port)))
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(done: Callable[[], bool], seconds: float = 90.0) -> float:
    """Wait for `done`; how many seconds it took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Community]:
    """Two nodes on free ports; this process plays the part of the command line."""
    community = Community(tmp_path, ())
    for name in ("Alfa", "Bravo"):
        settings = HomeSettings(name=name, url=f"http://127.0.0.1:{free_port()}")
        found_node(tmp_path / name, settings)
        community.nodes[name] = open_node(tmp_path / name)
    yield community
    community.close()


def test_nodes_that_are_served_follow_each_other(pair: Community) -> None:
    """Confirmed, published and suspended from another process: each takes effect at once."""
    alfa, bravo = pair
    with served(alfa), served(bravo):
        for node, other in ((alfa, bravo), (bravo, alfa)):  # as `accord peer add` and `confirm` do
            card = members.add_peer(
                node, other.settings.url, fetch_card(other.settings.url, node.limits)
            )
            members.confirm_peer(node, card.member, card.fingerprint.hex())
        agreement = _agree(pair)
        raws = [indicator() for _ in range(700)]
        pair.publish(alfa, agreement, *raws)
        until(lambda: held(bravo, id_of(raws[-1])) == [raws[-1]])

        urgent = indicator()
        pair.publish(alfa, agreement, urgent, urgent=True)
        until(lambda: held(bravo, id_of(urgent)) == [urgent])

        (seen,) = peer_overview(bravo)
        assert seen.lag == 0
        assert seen.witness_note is not None  # with two members alone no fork can be detected

        secret = indicator()
        members.suspend_peer(bravo, alfa.member)
        pair.publish(alfa, agreement, secret)
        time.sleep(0.5)
        assert held(bravo, id_of(secret)) == []
        members.resume_peer(bravo, alfa.member)
        until(lambda: held(bravo, id_of(secret)) == [secret])

    with served(bravo):
        until(lambda: peer_overview(bravo)[0].last_fault is not None)
        assert str(peer_overview(bravo)[0].last_fault).startswith("The peer cannot be reached")


def _agree(pair: Community) -> str:
    alfa, bravo = pair
    until(lambda: all(row.state == "confirmed" for node in pair for row in peer_overview(node)))
    view = agreements.propose(alfa, agreement_toml([alfa.member, bravo.member]))
    agreements.sign(alfa, view.id, sha256=None, person="A", office="Head")
    until(lambda: view.id in bravo.facts_now().agreements)
    agreements.sign(bravo, view.id, sha256=None, person="B", office="Head")
    until(lambda: agreements.show(alfa, view.id)[0].standing.state == "in-force")
    until(lambda: agreements.show(bravo, view.id)[0].standing.state == "in-force")
    return view.id


def test_a_server_stops_at_once_though_a_peer_waits(pair: Community) -> None:
    alfa, bravo = pair
    pair.confirm(alfa, bravo)
    pair.confirm(bravo, alfa)
    with served(bravo), served(alfa) as process:
        until(lambda: peer_overview(bravo)[0].last_contact is not None)
        time.sleep(0.5)  # by now it waits
        process.send_signal(signal.SIGTERM)
        assert until(lambda: process.poll() is not None) < 5.0


def test_served_nodes_say_by_themselves_that_they_have_a_motion(pair: Community) -> None:
    """Moved by another process: both servers look by the clock, without being asked."""
    alfa, bravo = pair
    pair.confirm(alfa, bravo)
    pair.confirm(bravo, alfa)
    charter = agreements.propose(alfa, charter_text([alfa.member, bravo.member]))
    agreements.sign(alfa, charter.id, sha256=None, person="A", office="Head")
    with served(alfa), served(bravo):
        until(lambda: charter.id in bravo.facts_now().agreements)
        agreements.sign(bravo, charter.id, sha256=None, person="B", office="Head")
        until(lambda: agreements.show(alfa, charter.id)[0].standing.state == "in-force")
        motion = move(alfa)

        def seen() -> set[str]:
            record = council(alfa).record(motion)
            return set() if record is None else set(record.seen)

        until(lambda: seen() == {alfa.member, bravo.member}, seconds=30.0)
