"""Resources, errors and who may ask."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from accord.node.tokens import revoke_token
from tests.node.support import Community, indicator, indicators, object_id
from tests.taxii.support import PRIVATE, TAXII, Tool, tool_of

ENDPOINTS = [
    "/taxii2/",
    "/api/",
    "/api/collections/",
    PRIVATE,
    f"{PRIVATE}objects/",
    f"{PRIVATE}manifest/",
    "/api/collections/everything/objects/",
]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_answers_in_taxii(tool: Tool, path: str) -> None:
    answer = tool.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == TAXII
    assert tool.request("HEAD", path).status_code == 200


def test_discovery_leads_to_the_api_root(tool: Tool) -> None:
    found = tool.get("/taxii2/").json()
    assert found["title"] == "Alfa"
    assert found["default"] in found["api_roots"]
    root = tool.get(found["default"]).json()
    assert root["versions"] == [TAXII]
    assert root["max_content_length"] == tool.node.limits.upload_bytes


def test_the_resources_hold_what_the_published_ones_hold(tool: Tool, shared_data: Path) -> None:
    text = (shared_data / "taxii" / "test_client_v21.constants.json").read_text()
    published = json.loads(text)
    for path, name in (
        ("/taxii2/", "DISCOVERY_RESPONSE"),
        ("/api/", "API_ROOT_RESPONSE"),
        ("/api/collections/", "COLLECTIONS_RESPONSE"),
        (PRIVATE, "COLLECTION_RESPONSE"),
    ):
        missing = set(published[name]) - set(tool.get(path).json()) - {"contact"}
        assert not missing, path
    item = json.dumps(published["STIX_OBJECT"]).encode()
    status = tool.put([item])
    assert set(published["ADD_OBJECTS_RESPONSE"]) <= set(status)
    manifest = tool.get(f"{PRIVATE}manifest/").json()
    assert set(manifest["objects"][0]) >= set(published["GET_MANIFEST_RESPONSE"]["objects"][0])


def test_a_collection_has_its_alias_wherever_it_has_its_id(tool: Tool) -> None:
    tool.put(indicators(2))
    private, everything = tool.get("/api/collections/").json()["collections"]
    assert (private["alias"], everything["alias"]) == ("private", "everything")
    assert (private["can_write"], everything["can_write"]) == (True, False)
    for each in (private, everything):
        for rest in ("", "objects/", "manifest/", f"objects/{object_id(indicator(0))}/"):
            by_id = tool.get(f"/api/collections/{each['id']}/{rest}")
            assert by_id.status_code == 200
            assert by_id.json() == tool.get(f"/api/collections/{each['alias']}/{rest}").json()


def test_titles_come_in_the_language_that_is_asked_for(tool: Tool) -> None:
    said = {
        language: tool.get(PRIVATE, headers={"Accept-Language": language}).json()["title"]
        for language in ("en", "ru", "zh-CN")
    }
    assert len(set(said.values())) == 3


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_stranger_learns_nothing_but_how_to_come_in(lone: Community, path: str) -> None:
    with tool_of(lone["Alfa"]) as tool:
        for header in (None, "Bearer", "Bearer x", "Basic ???", "Basic eDp5", "Digest x", "Basic"):
            tool.headers = {"Accept": TAXII} | ({"Authorization": header} if header else {})
            answer = tool.get(path)
            assert answer.status_code == 401
            assert answer.json()["http_status"] == "401"
            assert {"Basic", "Bearer"} <= set(answer.headers["www-authenticate"].split())


def test_basic_takes_the_tokens_own_name_only(tool: Tool) -> None:
    for name, expected in (("tool", 200), ("other", 401), ("", 401)):
        packed = base64.b64encode(f"{name}:{tool.token}".encode()).decode()
        answer = tool.get("/api/", headers={"Authorization": f"Basic {packed}"})
        assert answer.status_code == expected


def test_a_revoked_token_opens_nothing_from_the_next_request_on(tool: Tool) -> None:
    assert tool.get("/api/").status_code == 200
    revoke_token(tool.node, "tool")
    assert tool.get("/api/").status_code == 401


@pytest.mark.parametrize("accept", ["application/json", "application/taxii+json;version=2.0"])
def test_what_is_not_acceptable_is_406(tool: Tool, accept: str) -> None:
    answer = tool.get(f"{PRIVATE}objects/", headers={"Accept": accept})
    assert answer.status_code == 406
    assert answer.json()["title"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/collections/unknown/",
        "/api/collections/unknown/objects/",
        "/api/collections/%00/objects/",
        f"{PRIVATE}objects/indicator--00000000-0000-4000-8000-000000000000/",
        f"{PRIVATE}objects/%00/",
        f"{PRIVATE}objects/nothing/versions/",
        "/api/status/unknown/",
        "/api/status/%00/",
        "/api/nowhere/",
        "/taxii2/nowhere/",
    ],
)
def test_what_is_not_here_is_404_with_an_error_object(tool: Tool, path: str) -> None:
    answer = tool.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == TAXII
    assert answer.json()["title"]
    assert answer.json()["http_status"] == "404"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE", "TRACE"])
def test_other_methods_are_told_which_there_are(tool: Tool, method: str) -> None:
    answer = tool.request(method, f"{PRIVATE}manifest/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["http_status"] == "405"


def test_a_role_without_content_reads_and_writes_nothing(lone: Community) -> None:
    with tool_of(lone["Alfa"], "writer") as writer:
        writer.put(indicators(1))
    with tool_of(lone["Alfa"], "watch", role="operator") as watch:
        shown = watch.get("/api/collections/").json()["collections"]
        assert not any(each["can_read"] or each["can_write"] for each in shown)
        for path in ("objects/", "manifest/", f"objects/{object_id(indicator(0))}/"):
            assert watch.get(PRIVATE + path).status_code == 403
        assert watch.post(indicators(1)).status_code == 403
        gone = watch.request("DELETE", f"{PRIVATE}objects/{object_id(indicator(0))}/")
        assert gone.status_code == 403
