"""A tool that speaks TAXII 2.1 to a node in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from accord.node.node import Node
from accord.node.tokens import add_token
from accord.taxii.faults import EXCEPTION_HANDLERS
from accord.taxii.routes import taxii_routes
from tests.node.support import object_id

TAXII = "application/taxii+json;version=2.1"
PRIVATE = "/api/collections/private/"


class Tool:
    """Requests with one token; the node behind the door can be looked at as well."""

    def __init__(self, node: Node, client: TestClient[Litestar], token: str) -> None:
        self.node, self.client, self.token = node, client, token
        self.headers = {"Accept": TAXII, "Authorization": f"Bearer {token}"}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        options["headers"] = self.headers | options.get("headers", {})
        return self.client.request(method, path, **options)

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        named = {_filter(name): value for name, value in query.items()}
        return self.request("GET", path, params=named, headers=headers or {})

    def post(
        self, raws: Sequence[bytes], collection: str = PRIVATE, **headers: str
    ) -> httpx.Response:
        return self.send(b'{"objects":[' + b",".join(raws) + b"]}", collection, **headers)

    def send(self, body: Any, collection: str = PRIVATE, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Content-Type": TAXII} | named
        return self.request("POST", f"{collection}objects/", content=body, headers=named)

    def put(self, raws: Sequence[bytes], collection: str = PRIVATE) -> dict[str, Any]:
        """Hand objects in; the status."""
        answer = self.post(raws, collection)
        assert answer.status_code == 202, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every page, as a well-behaved tool reads them."""
        while True:
            page = self.get(path, **query).json()
            yield page
            if not page.get("more"):
                return
            query["next"] = page["next"]

    def objects(self, collection: str = PRIVATE, **query: Any) -> list[dict[str, Any]]:
        pages = self.pages(f"{collection}objects/", **query)
        return [each for page in pages for each in page.get("objects", [])]

    def ids(self, collection: str = PRIVATE, **query: Any) -> list[str]:
        return [each["id"] for each in self.objects(collection, **query)]


@contextmanager
def tool_of(node: Node, name: str = "tool", role: str = "analyst", **token: Any) -> Iterator[Tool]:
    """A tool with a token of its own."""
    made = add_token(node, name, role=role, **token)
    app = Litestar(
        route_handlers=taxii_routes(node),
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Tool(node, client, made.token)


def ids_of(raws: Sequence[bytes]) -> list[str]:
    return [object_id(raw) for raw in raws]


def versions_of(answer: httpx.Response) -> list[str]:
    return [each["version"] for each in answer.json().get("objects", [])]


def parsed(raws: Sequence[bytes]) -> list[Any]:
    return [json.loads(raw) for raw in raws]


def _filter(name: str) -> str:
    """`match_type` as `match[type]`."""
    kind, _, field = name.partition("match_")
    return f"match[{field}]" if field and not kind else name
