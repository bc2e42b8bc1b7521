"""Real tools against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cytaxii2 import cytaxii2
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from accord.node.tokens import add_token
from tests.node.support import Community, indicator, indicators
from tests.taxii.served import served
from tests.taxii.support import ids_of, parsed


@pytest.fixture
def address(lone: Community) -> Iterator[tuple[str, str]]:
    """A served node, and the token of a tool called `tool`."""
    token = add_token(lone["Alfa"], "tool", role="analyst").token
    with served(lone["Alfa"]) as url:
        yield url, token


@pytest.fixture
def collections(address: tuple[str, str]) -> Iterator[dict[str, Collection]]:
    """The collections by title, as taxii2-client finds them."""
    url, token = address
    server = Server(f"{url}/taxii2/", user="tool", password=token)
    root: ApiRoot = server.default
    found = {each.title: each for each in root.collections}
    yield found
    for endpoint in (server, *server.api_roots, *found.values()):
        endpoint.close()


def test_taxii2_client_discovers_writes_pages_filters_and_deletes(
    collections: dict[str, Collection],
) -> None:
    private, everything = collections["Private"], collections["Everything"]
    assert (private.can_write, everything.can_write) == (True, False)
    status = private.add_objects({"objects": parsed(indicators(23))})
    assert (status.status, status.success_count) == ("complete", 23)
    assert status.refresh() is None
    for page_size in (1, 5, 23, 100):
        pages = list(as_pages(everything.get_objects, per_request=page_size))
        assert [each["id"] for page in pages for each in page["objects"]] == ids_of(indicators(23))
        pages = list(as_pages(private.get_manifest, per_request=page_size))
        assert sum(len(page["objects"]) for page in pages) == 23
    private.add_objects({"objects": parsed([indicator(1, version=5)])})
    (wanted,) = ids_of([indicator(1)])
    assert len(private.object_versions(wanted)["versions"]) == 2
    assert private.get_object(wanted)["objects"] == parsed([indicator(1, version=5)])
    every = private.get_objects(id=wanted, version="all")
    assert len(every["objects"]) == 2
    private.delete_object(wanted)
    assert wanted not in {each["id"] for each in private.get_objects()["objects"]}


def test_cytaxii2_discovers_polls_and_writes(address: tuple[str, str]) -> None:
    url, token = address
    tool = cytaxii2.cytaxii2(f"{url}/taxii2/", "tool", token, version=2.1)

    def good(answer: dict[str, Any], status: int = 200) -> Any:
        assert answer["status_code"] == status, answer
        return answer["response"]

    assert good(tool.root_discovery())["title"] == "Alfa"
    shown = good(tool.collection_request())["collections"]
    private = next(each["id"] for each in shown if each["alias"] == "private")
    assert good(tool.collection_data_request(private))["can_write"]
    body = json.dumps({"objects": parsed(indicators(7))})
    assert good(tool.inbox_request(private, body), 202)["success_count"] == 7
    seen, following = [], None
    while True:
        page = good(tool.poll_request(private, limit=3, next=following, object_type="indicator"))
        seen += [each["id"] for each in page["objects"]]
        following = page.get("next")
        if not page["more"]:
            break
    assert seen == ids_of(indicators(7))
