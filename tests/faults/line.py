"""A line to a PostgreSQL server that breaks at a statement: a proxy that reads the protocol.

A statement is what the server is told to run: a Query, or an Execute of the extended protocol
(PostgreSQL manual, 54.7). The line breaks before the server gets it, or after the server has run
it, with the answer on its way.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

Lost = Literal["request", "answer"]

_SOCKET = ".s.PGSQL.5432"
_RUNS = (b"Q", b"E")


class Line:
    """Listens in `folder`, for the server whose socket is in `server`."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.statements = 0  # since it was armed
        self._server = str(server / _SOCKET)
        self._lost: Lost | None = None
        self._at = 0
        self._ends: list[socket.socket] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / _SOCKET))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, lost: Lost, at: int) -> None:
        """Let the `at`-th statement from now on (0: the next) be lost, once."""
        self.statements, self._at, self._lost = 0, at, lost

    def disarm(self) -> bool:
        """Whether it has broken since it was armed; it breaks no more."""
        broke, self._lost = self._lost is None, None
        return broke

    def cut(self) -> None:
        """All who are connected are so no more."""
        ends, self._ends = self._ends, []
        for each in ends:
            _end(each)

    def close(self) -> None:
        _end(self._listening)
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._ends += [client, server]
                call = _Call(client, server)
                threading.Thread(target=self._ask, args=(call,), daemon=True).start()
                threading.Thread(target=call.answer, daemon=True).start()

    def _ask(self, call: _Call) -> None:
        """From the client to the server, message by message."""
        with suppress(OSError):
            start = _exactly(call.client, 4)
            call.server.sendall(start + _exactly(call.client, int.from_bytes(start, "big") - 4))
            while True:
                head = _exactly(call.client, 5)
                message = head + _exactly(call.client, int.from_bytes(head[1:], "big") - 4)
                lost = self._counted() if head[:1] in _RUNS else None
                if lost == "answer":
                    call.drop_answer(message)
                if lost is not None:
                    break
                call.server.sendall(message)
        _end(call.client)
        _end(call.server)

    def _counted(self) -> Lost | None:
        number, self.statements = self.statements, self.statements + 1
        if self._lost is None or number != self._at:
            return None
        lost, self._lost = self._lost, None
        return lost


class _Call:
    """One client and its connection to the server."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self._drops = threading.Event()
        self._dropped = threading.Event()

    def drop_answer(self, message: bytes) -> None:
        """Have a statement run, and keep what the server says to it."""
        self._drops.set()
        ended = b"" if message[:1] == b"Q" else b"S\0\0\0\4"  # Sync: it is to answer at once
        self.server.sendall(message + ended)
        self._dropped.wait(30)

    def answer(self) -> None:
        """From the server to the client, as it comes."""
        with suppress(OSError):
            while part := self.server.recv(1 << 16):
                if self._drops.is_set():
                    self._dropped.set()
                    return
                self.client.sendall(part)
        self._dropped.set()
        _end(self.client)


def _exactly(end: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = end.recv(size - len(found))
        if not part:
            raise ConnectionResetError
        found += part
    return found


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
