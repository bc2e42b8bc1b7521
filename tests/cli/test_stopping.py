"""A server that is told to stop finishes what it is at, and leaves the store in one file."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from accord.node.node import open_node
from accord.node.tokens import add_token
from tests.node.support import indicator, object_id

from .conftest import Accord, Homes
from .test_serving import SECONDS, free_port, served

_PATH = "/api/collections/private/objects/"


def _begin_upload(home: Path, port: int, body: bytes) -> socket.socket:
    """Send a request but for the last byte of its body."""
    node = open_node(home)
    token = add_token(node, "tool", role="analyst").token
    node.close()
    head = [
        f"POST {_PATH} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        "Accept: application/taxii+json;version=2.1",
        "Content-Type: application/taxii+json;version=2.1",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body[:-1])
    return connection


def _answer(connection: socket.socket) -> bytes:
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def test_a_request_under_way_is_answered_and_what_it_brought_is_kept(
    accord: Accord, homes: Homes
) -> None:
    raw = indicator(77)
    body = b'{"objects":[' + raw + b"]}"
    port = free_port()
    with served(homes.alfa, port) as process:
        with _begin_upload(homes.alfa, port, body) as connection:
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert process.poll() is None
            connection.sendall(body[-1:])
            assert _answer(connection).startswith(b"HTTP/1.1 202 ")
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    _assert_one_file(homes.alfa)
    assert accord("show", object_id(raw), "--home", homes.alfa).code == 0


@pytest.mark.slow
def test_a_client_that_never_ends_its_request_does_not_keep_the_server(homes: Homes) -> None:
    port = free_port()
    with (
        served(homes.alfa, port) as process,
        _begin_upload(homes.alfa, port, b'{"objects":[]}'),
    ):
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    _assert_one_file(homes.alfa)


def _assert_one_file(home: Path) -> None:
    """The write-ahead log was led into the database: a copy of the one file is whole."""
    journal = home / "accord.db-wal"
    assert not journal.exists() or journal.stat().st_size == 0


def test_stopping_twice_is_stopping_once(homes: Homes) -> None:
    with served(homes.alfa, free_port()) as process:
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
