"""A TAXII client that costs as little as possible, so that the server is what is measured.

One kept connection, uncompressed bodies, every byte of every answer read. It finds its way as a
TAXII 2.1 client does: discovery, API root, collections, status.
"""

from __future__ import annotations

import http.client
import time
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

_TAXII = "application/taxii+json;version=2.1"
_PAUSE = 0.002  # seconds between two looks at a status that is not complete


class Answer(msgspec.Struct, frozen=True):
    """Status and whole body."""

    status: int
    body: bytes


class _More(msgspec.Struct):
    more: bool = False
    next: str = ""


class _Status(msgspec.Struct):
    id: str
    status: str
    failure_count: int = 0
    success_count: int = 0


_read_more = msgspec.json.Decoder(_More).decode
_read_status = msgspec.json.Decoder(_Status).decode


class Taxii:
    """A client with one token and one kept connection."""

    def __init__(self, url: str, token: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
        self._headers = {"Accept": _TAXII, "Authorization": f"Bearer {token}"}
        self.root = ""

    def __enter__(self) -> Self:
        self.root = urlsplit(str(self._json("/taxii2/")["api_roots"][0])).path
        return self

    def __exit__(self, *_: object) -> None:
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
        headers = {**self._headers, "Content-Type": _TAXII}
        self._connection.request("POST", objects_path, body=envelope, headers=headers)
        status = _read_status(_good(self._answer(), 202).body)
        while status.status != "complete":
            time.sleep(_PAUSE)
            status = _read_status(_good(self.get(f"{self.root}status/{status.id}/"), 200).body)
        if status.failure_count:
            raise RuntimeError(f"{status.failure_count} objects were refused")
        return status.success_count

    def page(self, objects_path: str, limit: int) -> bytes:
        """One page, as its bytes."""
        return _good(self.get(f"{objects_path}?limit={limit}"), 200).body

    def drain(self, objects_path: str, limit: int = 1000) -> int:
        """Every page of a collection, to the last byte; how many pages."""
        path, pages = f"{objects_path}?limit={limit}", 0
        while path:
            more = _read_more(_good(self.get(path), 200).body)
            pages += 1
            path = f"{objects_path}?limit={limit}&next={more.next}" if more.more else ""
        return pages

    def _answer(self) -> Answer:
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read())

    def _json(self, path: str) -> Any:
        return msgspec.json.decode(_good(self.get(path), 200).body)


def _good(answer: Answer, expected: int) -> Answer:
    if answer.status != expected:
        raise RuntimeError(f"answered {answer.status}: {answer.body[:300]!r}")
    return answer
