"""The physical limit of reading: a bare server that answers with the same bytes out of memory.

It is granian, the server that Accord itself is embedded in, with nothing behind it: no store, no
credentials, no rules. `python -m granian --interface rsgi bench.plain:answer` serves the pages in
the file that `ACCORD_BENCH_PAGES` names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from .processes import HOST, TAXII, Server, free_port

_PAGES = "ACCORD_BENCH_PAGES"
_HEADERS = [("content-type", TAXII)]
_pages: dict[str, bytes] = {}

if _PAGES in os.environ:  # in the server
    _given = Path(os.environ[_PAGES]).read_bytes()
    _pages.update(msgspec.msgpack.decode(_given, type=dict[str, bytes]))


async def answer(scope: Any, protocol: Any) -> None:
    """One request (RSGI): the bytes that belong to its path and query."""
    protocol.response_bytes(200, _HEADERS, _pages[f"{scope.path}?{scope.query_string}"])


def plain_server(folder: Path, pages: Mapping[str, bytes]) -> Server:
    """A server of `pages`, by path and query; to be started."""
    file = folder / "pages.msgpack"
    file.write_bytes(msgspec.msgpack.encode(dict(pages)))
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--no-log"),
        *("--host", HOST, "--port", str(port), "bench.plain:answer"),
    ]
    root = str(Path(__file__).parent.parent)
    variables = {_PAGES: str(file), "PYTHONPATH": root}
    return Server(folder, port, command, "", variables, door=next(iter(pages)))
