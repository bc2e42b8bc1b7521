"""The way to a peer: TLS that is verified, addresses that are refused, cards that are fetched."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accord.base.errors import InputError
from accord.base.limits import Limits
from accord.ledger.card import decode_card
from accord.node import asking
from accord.peers.client import HttpPeerClient, fetch_card
from accord.peers.faults import NetworkFault
from tests.community import Community


def certificate(folder: Path, *, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A self-signed certificate for an address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(host))]), False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, private


def ask_over_tls(community: Community, pem: Path, private: Path) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()
        writer.close()

    async def story() -> bytes:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            peer = HttpPeerClient(community["Alfa"], f"https://127.0.0.1:{port}")
            try:
                return (await peer.get("/log/checkpoint", most=100, seconds=5.0)).body
            finally:
                await peer.close()

    return asyncio.run(story())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_a_certificate_counts_for_its_host_alone_and_only_if_trusted(
    community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    pem, private = certificate(tmp_path, host=host)
    asking._tls.cache_clear()
    with pytest.raises(NetworkFault, match="certificate at its address"):
        ask_over_tls(community, pem, private)

    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    asking._tls.cache_clear()
    try:
        if host == "127.0.0.1":
            assert ask_over_tls(community, pem, private) == b"hello"
        else:
            with pytest.raises(NetworkFault, match="certificate at its address"):
                ask_over_tls(community, pem, private)
    finally:
        asking._tls.cache_clear()


@pytest.mark.parametrize(
    "url",
    [
        "http://alfa.example",
        "http://127.0.0.1.evil.example",
        "http://127.evil.example:80",
        "ftp://127.0.0.1",
        "https://user:secret@alfa.example",
        "https://",
        "nonsense",
    ],
)
def test_an_address_without_tls_or_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        fetch_card(url, Limits())


def test_a_card_is_fetched_without_a_signature(community: Community) -> None:
    alfa = community["Alfa"]
    raw = fetch_card(alfa.settings.url, alfa.limits, community.network)
    assert decode_card(raw, alfa.limits).member == alfa.member
    assert "signature" not in community.network.seen[-1].headers


def test_where_nobody_answers_it_is_said_in_words_of_ours(community: Community) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NetworkFault) as fault:
            fetch_card(url, community["Alfa"].limits)
    assert fault.value.message.key == "peers.nobody-answers"
    with pytest.raises(NetworkFault) as fault:
        fetch_card("https://nowhere.invalid", community["Alfa"].limits)  # RFC 6761: nobody's name
    assert fault.value.message.key == "peers.no-such-host"


def test_a_line_that_is_cut_is_a_fault_of_the_network_and_following_goes_on(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    community.network.down.add(alfa.settings.url)
    (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.unreachable"
    community.network.down.clear()
    assert community.sync_one(bravo, alfa)[0].converged
