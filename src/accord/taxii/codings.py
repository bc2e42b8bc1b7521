"""Content codings of bodies, both ways: never more bytes out than were asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

import zstandard

from .media import qualities

DAMAGED: Final = (zlib.error, zstandard.ZstdError, EOFError)  # what is not packed as it says

_GZIP = 16 + zlib.MAX_WBITS
_ZSTD_WINDOW = 8 << 20  # bytes: what RFC 8878 asks every decoder to bear
_LEVEL = 1  # of both: a higher one takes several times as long and saves a tenth


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
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    with unpacker.stream_reader(body, read_across_frames=True) as reader:
        return reader.read(most)


CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "zstd": _unzstd,
}


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return packer.compress(body) + packer.flush()


def _zstd(body: bytes) -> bytes:
    return zstandard.compress(body, _LEVEL)


# What answers may be packed with, and "" for not at all. Of what a tool wants alike, the first.
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"zstd": _zstd, "gzip": _gzip, "": bytes}


def wanted_coding(header: str | None) -> str | None:
    """A key of `PACKINGS` by an `Accept-Encoding` header (RFC 9110 section 12.5.3).

    Null where the header admits none of them, not even "identity". What is not packed is always
    admitted unless it is named with a quality of 0, and wanted least unless it is named.
    """
    named = dict(qualities(header))
    if "x-gzip" in named:
        named.setdefault("gzip", named["x-gzip"])
    others = named.get("*", 0.0)
    levels = {coding: named.get(coding, others) for coding in PACKINGS if coding}
    levels[""] = named.get("identity", named.get("*", 0.0005))
    best = max(levels, key=lambda coding: levels[coding])
    return best if levels[best] > 0 else None
