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
    private.refresh()
    assert private.title == "Private"
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
    first = private.get_objects(id=wanted, version="first", type="indicator", spec_version="2.1")
    assert first["objects"] == parsed([indicator(1)])
    dates = [each["date_added"] for each in private.get_manifest(version="all")["objects"]]
    assert len(private.get_objects(added_after=dates[19])["objects"]) == 4
    private.delete_object(wanted)
    assert wanted not in {each["id"] for each in private.get_objects()["objects"]}


def test_taxii2_client_reads_the_root_and_a_status_by_their_addresses(
    address: tuple[str, str],
) -> None:
    url, token = address
    root = ApiRoot(f"{url}/api/", user="tool", password=token)
    assert (root.title, root.versions) == ("Alfa", ["application/taxii+json;version=2.1"])
    private = next(each for each in root.collections if each.title == "Private")
    status = private.add_objects({"objects": [*parsed(indicators(1)), {"type": "indicator"}]})
    again = root.get_status(status.id)
    assert (again.success_count, again.failure_count, again.pending_count) == (1, 1, 0)
    assert again.successes[0]["id"] == ids_of(indicators(1))[0]
    for endpoint in (root, *root.collections):
        endpoint.close()


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
    one = good(tool.poll_request(private, object_id=seen[3]))
    assert [each["id"] for each in one["objects"]] == [seen[3]]
    assert good(tool.poll_request(private, added_after="2100-01-01T00:00:00.000Z")) == {}
    assert good(tool.discovery_request())
    assert tool.get_api_root() == (f"{url}/api/", False)
