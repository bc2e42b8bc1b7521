"""Compression of pages on the way between nodes: zstd, and never more out than was agreed to."""

from __future__ import annotations

import io
import zlib

import zstandard

from .faults import BadAnswer

_LEVEL = 1  # pages are made once for each peer; higher levels cost more than the line
_SMALL = 1024  # bytes below which nothing is gained
_WINDOW = 1 << 23  # bytes of history a decompressor may ask of us (RFC 9659: 8 MiB at least)


def compress(data: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    """The page as the asker's `Accept-Encoding` allows, and the header fields that say so."""
    names = {part.partition(";")[0].strip() for part in accepted.lower().split(",")}
    fields = {"vary": "accept-encoding"}
    if len(data) < _SMALL:
        return data, fields
    if "zstd" in names:
        return zstandard.compress(data, _LEVEL), {**fields, "content-encoding": "zstd"}
    if "gzip" in names:
        packer = zlib.compressobj(_LEVEL, wbits=31)
        return packer.compress(data) + packer.flush(), {**fields, "content-encoding": "gzip"}
    return data, fields


def decompress(data: bytes, encoding: str, most: int) -> bytes:
    """What `data` unpacks to, if that is at most `most` bytes. Reading stops there: `BadAnswer`."""
    if encoding in ("", "identity"):
        return data
    if encoding != "zstd":
        raise BadAnswer("peers.answer-encoding", found=encoding[:40])
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(io.BytesIO(data))
        out = reader.read(most + 1)
    except zstandard.ZstdError as error:
        raise BadAnswer("peers.answer-damaged", problem=str(error)[:200]) from None
    if len(out) > most:
        raise BadAnswer("peers.answer-large", limit=most)
    return out
