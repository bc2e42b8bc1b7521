"""The files that pages refer to, at addresses that name their content, so that they never change.

Own files stand in `static/`; those of npm packages in `assets/`, where `make setup` puts them and
which may be empty. What can be asked for is a closed list, read once: no address becomes a path.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import zstandard

HERE = Path(__file__).parent
STATIC, PACKAGES = HERE / "static", HERE / "assets"
PREFIX: Final = "/assets"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_DIGEST = 16  # hex digits of SHA-256 in an address
_SMALL = 512  # bytes below which packing gains nothing
_GZIP_LEVEL, _ZSTD_LEVEL = 9, 19  # each file is packed once


class _File(msgspec.Struct, frozen=True):
    digest: str
    media_type: str
    body: bytes


class Assets:
    """The files by name, kept in memory. One per process; safe to share between threads."""

    def __init__(self, folders: Iterable[Path] = (PACKAGES, STATIC)) -> None:
        self._files = {
            path.name: _read(path)
            for folder in folders
            if folder.is_dir()
            for path in sorted(folder.iterdir())
            if path.suffix in MEDIA_TYPES and path.is_file()
        }
        self._packed: dict[tuple[str, str], bytes] = {}

    def has(self, name: str) -> bool:
        return name in self._files

    def url(self, name: str) -> str:
        """The address of a file, which changes when its content does. Raises `KeyError`."""
        return f"{PREFIX}/{self._files[name].digest}/{name}"

    def answer(self, digest: str, name: str, accepted: str) -> tuple[bytes, dict[str, str]] | None:
        """Body and header fields by an `Accept-Encoding` header; null when there is no such file.

        Of another content than `digest` it is not there: browsers keep an answer for ever.
        """
        file = self._files.get(name)
        if file is None or file.digest != digest:
            return None
        coding = _coding(accepted) if len(file.body) >= _SMALL else ""
        fields = {
            "content-type": file.media_type,
            "cache-control": _FOR_EVER,
            "x-content-type-options": "nosniff",
            "vary": "accept-encoding",
        }
        if not coding:
            return file.body, fields
        return self._pack(name, coding), {**fields, "content-encoding": coding}

    def _pack(self, name: str, coding: str) -> bytes:
        packed = self._packed.get((name, coding))
        if packed is None:
            body = self._files[name].body
            if coding == "zstd":
                packed = zstandard.compress(body, _ZSTD_LEVEL)
            else:
                packed = gzip.compress(body, _GZIP_LEVEL, mtime=0)
            self._packed[name, coding] = packed
        return packed


def _read(path: Path) -> _File:
    body = path.read_bytes()
    return _File(sha256(body).hexdigest()[:_DIGEST], MEDIA_TYPES[path.suffix], body)


def _coding(accepted: str) -> str:
    """What browsers say: names, sometimes with a quality, of which only 0 matters here."""
    wanted = set()
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            wanted.add(name.strip())
    return next((coding for coding in ("zstd", "gzip") if coding in wanted), "")
