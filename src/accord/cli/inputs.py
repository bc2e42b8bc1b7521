"""What is handed in: files, compressed or not, or the standard input; never over the limits."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, cast

from accord.base.errors import InputError
from accord.base.limits import MIB

if TYPE_CHECKING:
    from accord.base.limits import Limits

STDIN = "-"
_GZIP = b"\x1f\x8b"
_PIECE = 1 * MIB


class InFile(InputError):
    """An error of what stands in a file; whoever shows it says which file."""

    def __init__(self, file: str, error: InputError) -> None:
        super().__init__(error.message.key, **error.message.args)
        self.file = file


def read_objects(files: Sequence[str], limits: Limits) -> list[bytes]:
    """The STIX objects in all these files, each as it was written, in order.

    Raises `InputError` that names the file: not there, over a limit, broken compression, not STIX.
    """
    from accord.stix.split import split_objects

    found: list[bytes] = []
    for file in files:
        data = read_bytes(file, limits.upload_bytes)
        try:
            found += split_objects(data, limits)
        except InputError as error:
            raise InFile(file, error) from None
        if len(found) > limits.upload_objects:
            raise InputError("stix.too-many-objects", found=len(found), limit=limits.upload_objects)
    return found


def read_bytes(file: str, limit: int) -> bytes:
    """A whole file (`-`: the standard input), inflated when it is gzip, at most `limit` bytes.

    A compressed bomb is not inflated further than one piece beyond the limit.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in _pieces(file):
            size += len(piece)
            if size > limit:
                raise InputError("cli.file-too-large", file=file, limit=limit // MIB or 1)
            pieces.append(piece)
    except (EOFError, zlib.error):
        raise InputError("cli.file-gzip", file=file) from None
    except FileNotFoundError:
        raise InputError("cli.file-missing", file=file) from None
    except OSError as error:
        problem = error.strerror or str(error)
        raise InputError("cli.file-unreadable", file=file, problem=problem) from None
    return b"".join(pieces)


def read_text(file: str, limit: int) -> str:
    """A text file in UTF-8."""
    try:
        return read_bytes(file, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("cli.file-encoding", file=file, place=error.start) from None


def _pieces(file: str) -> Iterator[bytes]:
    with _opened(file) as stream:
        source: GzipFile | BufferedReader = stream
        if stream.peek(len(_GZIP)).startswith(_GZIP):
            source = GzipFile(fileobj=stream, mode="rb")
        while piece := source.read(_PIECE):
            yield piece


def _opened(file: str) -> AbstractContextManager[BufferedReader]:
    if file == STDIN:
        return nullcontext(cast("BufferedReader", sys.stdin.buffer))
    return Path(file).open("rb")
