"""Content codings of bodies, both ways: never more bytes out than were asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import zstandard

DAMAGED: Final = (zlib.error, zstandard.ZstdError, EOFError)  # what is not packed as it says

_GZIP = 16 + zlib.MAX_WBITS
_ZSTD_WINDOW = 8 << 20  # bytes: what RFC 8878 asks every decoder to bear


def _gunzip(body: bytes, most: int) -> bytes:
    """One or several gzip members, up to `most` bytes."""
    parts: list[bytes] = []
    left = most
    while body and left > 0:
        member = zlib.decompressobj(wbits=_GZIP)
        parts.append(member.decompress(body, left))
        left -= len(parts[-1])
        if not member.eof and left > 0:
            raise EOFError("the compressed data ends early")
        body = member.unused_data.lstrip(b"\x00")
    return b"".join(parts)


def _unzstd(body: bytes, most: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(body) as reader:
        return reader.read(most)


CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "zstd": _unzstd,
}
