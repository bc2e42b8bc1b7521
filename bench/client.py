"""A TAXII client that costs as little as possible, so that the server is what is measured.

One kept connection, uncompressed bodies, every byte of every answer read. It finds its way as a
TAXII 2.1 client does: discovery, API root, collections, status, `next`. What it asks of one server
it asks of every other in the same words.
"""

from __future__ import annotations

import http.client
import re
import time
from typing import Any, Self
from urllib.parse import quote, urlsplit

import msgspec

from .processes import TAXII

_PAUSE = 0.002  # seconds between two looks at a status that is not complete
_NEXT = re.compile(rb'"next": ?"([^"]+)"')
_EDGE = 400  # `more` and `next` stand before the objects or after them


class Answer(msgspec.Struct, frozen=True):
    """Status and whole body."""

    status: int
    body: bytes


class _Status(msgspec.Struct):
    id: str
    status: str
    failure_count: int = 0
    success_count: int = 0
    failures: list[dict[str, Any]] = []


_read_status = msgspec.json.Decoder(_Status).decode


class Taxii:
    """A client with one `authorization` and one kept connection."""

    def __init__(self, url: str, authorization: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=600)
        self._headers = {"Accept": TAXII, "Authorization": authorization}
        self.root = ""

    def __enter__(self) -> Self:
        self.root = urlsplit(str(self._json("/taxii2/")["api_roots"][0])).path
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        self._connection.request("GET", path, headers=self._headers)
        return self._answer()

    def collection(self, alias: str | None = None, title: str | None = None) -> str:
        """The path of the objects of a collection, by alias or else by title."""
        for each in self._json(f"{self.root}collections/")["collections"]:
            if (alias and each.get("alias") == alias) or (title and each["title"] == title):
                return f"{self.root}collections/{each['id']}/objects/"
        raise LookupError(f"no collection {alias or title}")

    def post(self, objects_path: str, envelope: bytes) -> int:
        """Hand in an envelope and wait until its status is complete; how many succeeded."""
        headers = {**self._headers, "Content-Type": TAXII}
        self._connection.request("POST", objects_path, body=envelope, headers=headers)
        status = _read_status(_good(self._answer(), 202).body)
        while status.status != "complete":
            time.sleep(_PAUSE)
            status = _read_status(_good(self.get(f"{self.root}status/{status.id}/"), 200).body)
        if status.failure_count:
            raise RuntimeError(
                f"{status.failure_count} objects were refused: {status.failures[:1]}"
            )
        return status.success_count

    def page(self, objects_path: str, limit: int, query: str = "") -> bytes:
        """One page, as its bytes."""
        return _good(self.get(f"{objects_path}?limit={limit}{query}"), 200).body

    def drain(self, objects_path: str, limit: int = 1000) -> list[str]:
        """Every page of a collection, to the last byte; the paths that were asked for."""
        first = f"{objects_path}?limit={limit}"
        path, asked = first, []
        while path:
            asked.append(path)
            cursor = following(_good(self.get(path), 200).body)
            path = f"{first}&next={quote(cursor)}" if cursor else ""
        return asked

    def replay(self, paths: list[str]) -> int:
        """The same pages again; how many bytes."""
        return sum(len(_good(self.get(path), 200).body) for path in paths)

    def _answer(self) -> Answer:
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read())

    def _json(self, path: str) -> Any:
        return msgspec.json.decode(_good(self.get(path), 200).body)


def following(body: bytes) -> str:
    """The `next` of a page, "" on the last. The objects between are not looked at."""
    found = _NEXT.search(body[:_EDGE].partition(b'"objects"')[0]) or _NEXT.search(body[-_EDGE:])
    return found[1].decode() if found else ""


def _good(answer: Answer, expected: int) -> Answer:
    if answer.status != expected:
        raise RuntimeError(f"answered {answer.status}: {answer.body[:300]!r}")
    return answer
