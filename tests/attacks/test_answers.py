"""A peer whose answers are too large, too slow, endless, packed, or point elsewhere; and floods."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache

import httpx
import pytest
import zstandard

from accord.base.errors import PeerFault
from accord.ledger.keys import TransportKey, transport_key_id
from accord.node.node import Node
from accord.peers.client import HttpPeerClient
from accord.peers.compression import decompress
from accord.peers.faults import BadAnswer, NetworkFault, NotThere, Unwelcome
from accord.peers.signatures import sign_request
from tests.community import Community, Tamper, answer_with, body_of, held, id_of, indicator

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MIB = 1 << 20


@asynccontextmanager
async def raw_server(serve: Serve) -> AsyncIterator[str]:
    """A server that speaks TCP and whatever else a test wants."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client went away, as it should
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def asked(node: Node, serve: Serve, *, most: int = MIB, seconds: float = 1.0) -> PeerFault | bytes:
    """What the client of a node makes of such a server."""

    async def story() -> PeerFault | bytes:
        async with raw_server(serve) as url:
            client = HttpPeerClient(node, url)
            try:
                return (await client.get("/log/checkpoint", most=most, seconds=seconds)).body
            except PeerFault as fault:
                return fault
            finally:
                await client.close()

    return asyncio.run(story())


def test_an_endless_answer_is_read_no_further_than_its_limit(community: Community) -> None:
    sent = 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            await writer.drain()
            sent += 0x10000

    fault = asked(community["Alfa"], serve, seconds=20.0)
    assert isinstance(fault, BadAnswer)
    assert fault.message.key == "peers.answer-large"
    assert sent < 32 * MIB


def test_an_answer_that_drips_is_given_up_in_time(community: Community) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _drop in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    began = time.monotonic()
    fault = asked(community["Alfa"], serve, seconds=0.5)
    assert isinstance(fault, NetworkFault)
    assert time.monotonic() - began < 40, "the drops alone would take fifty seconds"


def test_headers_that_never_end_are_given_up_in_time(community: Community) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
            await writer.drain()

    assert isinstance(asked(community["Alfa"], serve, seconds=2.0), NetworkFault)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", b"SSH-2.0\r\n\r\n"]
)
def test_an_answer_that_breaks_off_is_a_fault_of_the_network(
    community: Community, answer: bytes
) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    assert isinstance(asked(community["Alfa"], serve), NetworkFault)


def packed(encoding: str, body: bytes) -> Tamper:
    return lambda *_: answer_with(body, headers={"content-encoding": encoding})


@cache
def bombs() -> dict[str, tuple[str, bytes]]:
    once_packed = zstandard.compress(bytes(256 * MIB))
    once = zlib.compressobj(9, wbits=31)
    return {
        "zstd": ("zstd", once_packed),
        "gzip": ("gzip", once.compress(bytes(64 * MIB)) + once.flush()),
        "twice": ("zstd, zstd", zstandard.compress(once_packed)),
        "not packed at all": ("zstd", b"plain"),
        # the magic number, a descriptor without content size, a window of one gigabyte
        "a window of a gigabyte": ("zstd", b"\x28\xb5\x2f\xfd\x00\xa0" + b"\x01\x00\x00"),
    }


def test_a_compressed_bomb_is_not_unpacked(community: Community) -> None:
    alfa, bravo, _ = community
    for name, (encoding, body) in bombs().items():
        with community.network.tampered(alfa.settings.url, "/log/openings", packed(encoding, body)):
            (report,) = community.sync_one(bravo, alfa)
        assert report.fault is not None, name
        assert report.fault.key.startswith("peers.answer-"), name


@pytest.mark.parametrize("status", [302, 308])
def test_a_redirect_to_another_host_is_not_followed(community: Community, status: int) -> None:
    alfa, bravo, _ = community
    charlie_url = community["Charlie"].settings.url
    location = {"location": f"{charlie_url}/log/checkpoint"}
    community.network.seen.clear()
    with community.network.tampered(
        alfa.settings.url, "/log/", lambda *_: answer_with(b"", status, location)
    ):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.answer-redirect"
    hosts = {str(request.url.copy_with(path="/")) for request in community.network.seen}
    assert hosts == {f"{alfa.settings.url}/"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unwelcome), (403, Unwelcome), (404, NotThere), (503, NetworkFault), (500, BadAnswer)],
)
def test_faults_are_told_apart(community: Community, status: int, kind: type[PeerFault]) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    assert type(asked(community["Alfa"], serve)) is kind


def test_a_request_that_is_made_again_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    url = alfa.settings.url + "/log/checkpoint"
    signed = sign_request("GET", url, bravo.keys.transport, bravo.now(), bravo.limits)
    assert community.ask(bravo, alfa, "/log/checkpoint", headers=signed).status_code == 200
    again = community.ask(bravo, alfa, "/log/checkpoint", headers=signed)
    assert (again.status_code, again.json()["key"]) == (401, "peers.signature-replayed")


def test_a_request_that_is_passed_on_to_another_node_is_refused(community: Community) -> None:
    alfa, bravo, charlie = community
    url = charlie.settings.url + "/log/checkpoint"
    signed = sign_request("GET", url, bravo.keys.transport, bravo.now(), bravo.limits)
    host = charlie.settings.url.removeprefix("http://")
    passed_on = community.ask(bravo, alfa, "/log/checkpoint", headers={**signed, "host": host})
    assert passed_on.status_code == 401


def test_a_request_for_another_path_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    url = alfa.settings.url + "/log/checkpoint"
    signed = sign_request("GET", url, bravo.keys.transport, bravo.now(), bravo.limits)
    path = "/log/openings?after=0.0&limit=500"
    assert community.ask(bravo, alfa, path, headers=signed).status_code == 401


def test_a_stale_request_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    url = alfa.settings.url + "/log/checkpoint"
    then = bravo.now() - timedelta(minutes=10)
    signed = sign_request("GET", url, bravo.keys.transport, then, bravo.limits)
    answer = community.ask(bravo, alfa, "/log/checkpoint", headers=signed)
    assert (answer.status_code, answer.json()["key"]) == (401, "peers.signature-stale")


def test_a_key_with_the_same_beginning_is_another_key(community: Community) -> None:
    alfa, bravo, _ = community
    url = alfa.settings.url + "/log/checkpoint"
    thief = TransportKey.generate()
    signed = sign_request("GET", url, thief, bravo.now(), bravo.limits)
    real, false = (transport_key_id(key.public) for key in (bravo.keys.transport, thief))
    for key_id in (real, real[:8] + false[8:], real[:8]):
        forged = dict(signed)
        forged["Signature-Input"] = signed["Signature-Input"].replace(false, key_id)
        assert community.ask(bravo, alfa, "/log/checkpoint", headers=forged).status_code == 401


def test_a_flood_of_entries_over_the_quota_is_not_followed(community: Community) -> None:
    alfa, bravo, _ = community
    community.limit(bravo, peer_entries_per_day=50)
    community.publish(alfa, community.agreement, *[indicator() for _ in range(60)])
    (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.quota-entries"
    community.limit(bravo, peer_entries_per_day=5000)
    assert community.sync_one(bravo, alfa)[0].converged


def test_a_flood_of_bytes_over_the_quota_is_not_taken(community: Community) -> None:
    alfa, bravo, _ = community
    community.limit(bravo, peer_bytes=20_000, openings_page=10)
    community.publish(alfa, community.agreement, *[indicator() for _ in range(60)])
    (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.quota-bytes"
    assert report.size > 60  # its ledger is followed all the same
    assert bravo.read(lambda tx: tx.holdings.count()) < 60


def test_grants_that_never_move_on_end_in_a_fault(community: Community) -> None:
    alfa, bravo, _ = community
    raw = indicator()
    community.publish(alfa, community.agreement, raw)
    first: list[bytes] = []

    def again(_request: httpx.Request, honest: httpx.Response) -> httpx.Response:
        encoding = honest.headers.get("content-encoding", "")
        first.append(decompress(body_of(honest), encoding, MIB))
        return answer_with(first[0], headers={"accord-more": "1"})

    with community.network.tampered(alfa.settings.url, "/log/openings", again):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.grants-order"
    assert held(bravo, id_of(raw)) == [raw]


def test_a_page_larger_than_agreed_is_refused(community: Community) -> None:
    alfa, bravo, _ = community
    huge = bytes(bravo.limits.openings_page_bytes + 1)
    with community.network.tampered(
        alfa.settings.url, "/log/openings", lambda *_: answer_with(huge)
    ):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.answer-large"


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/tile/", "/log/openings", "/witness/"])
def test_garbage_is_a_fault_of_the_peer_and_never_an_error_of_ours(
    community: Community, path: str
) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    for body in (b"", b"\x00" * 100, b"\xff" * 34, b"[" * 2000, b"\n\n\n"):
        with community.network.tampered(
            alfa.settings.url,
            path,
            lambda *_: answer_with(body),  # noqa: B023
        ):
            community.sync_one(bravo, alfa)
    community.sync_one(bravo, alfa)
    assert community.sync_one(bravo, alfa)[0].converged
