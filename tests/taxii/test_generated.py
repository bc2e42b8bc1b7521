"""The door under a generator: whatever is asked, no 5xx and no stack trace."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.node.support import Community, indicator, indicators, object_id
from tests.taxii.support import PRIVATE, TAXII, Tool, tool_of

STATUSES = {200, 202, 204, 304, 400, 401, 403, 404, 405, 406, 413, 415, 422}

texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["1", "0", "-1", "last", "first", "all", "2.1", "indicator", "2026-01-01T00:00:00Z",
         "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "7fffffffffffffff", "1.YQ", "%00"]
    ),
)  # fmt: skip
queries = st.dictionaries(
    st.sampled_from(
        ["limit", "added_after", "next", "match[id]", "match[type]", "match[version]",
         "match[spec_version]", "x"]
    ),
    texts,
    max_size=4,
)  # fmt: skip
names = st.one_of(
    st.sampled_from(["private", "everything", object_id(indicator(1))]), st.text(max_size=20)
)
headers = st.dictionaries(
    st.sampled_from(["Accept", "Content-Type", "Content-Encoding", "If-None-Match"]),
    st.one_of(
        st.sampled_from([TAXII, "gzip", "*/*"]), st.text(st.characters(codec="ascii"), max_size=20)
    ),
)
bodies = st.one_of(
    st.binary(max_size=60),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["objects", "id", "type", "spec_version"]), inner, max_size=4
            ),
        ),
        max_leaves=8,
    ),
)


@pytest.fixture(scope="module")
def analyst(lone_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    community = Community(lone_template, tmp_path_factory.mktemp("generated"))
    with tool_of(community["Alfa"]) as tool:
        tool.put(indicators(30))
        yield tool
    community.close()


def check(answer: Any) -> None:
    assert answer.status_code in STATUSES, (answer.status_code, answer.text)
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == TAXII
        assert answer.json()["title"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names, names, st.sampled_from(["", "objects/", "manifest/", "one", "versions"]), queries)
def test_no_question_breaks_the_door(
    analyst: Tool, name: str, object_: str, rest: str, query: dict[str, str]
) -> None:
    from urllib.parse import quote

    tail = {"one": f"objects/{quote(object_, safe='')}/"}.get(rest, rest)
    tail = f"objects/{quote(object_, safe='')}/versions/" if rest == "versions" else tail
    path = f"/api/collections/{quote(name, safe='')}/{tail}"
    check(analyst.request("GET", path, params=query))


@given(bodies, headers)
def test_no_body_breaks_the_door(analyst: Tool, body: Any, given_headers: dict[str, str]) -> None:
    import json

    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": TAXII} | given_headers
    check(analyst.request("POST", f"{PRIVATE}objects/", content=content, headers=named))


def openapi() -> dict[str, Any]:
    """The door's endpoints as a generator reads them."""
    text = {"type": "string"}

    def place(name: str, where: str) -> dict[str, Any]:
        return {"name": name, "in": where, "required": where == "path", "schema": text}

    filters = [place(name, "query") for name in ("limit", "added_after", "next")]
    filters += [place(f"match[{f}]", "query") for f in ("id", "type", "version", "spec_version")]
    body = {"content": {TAXII: {"schema": {"type": "object", "properties": {"objects": {
        "type": "array", "items": {"type": "object"}}}}}}}  # fmt: skip
    done = {"responses": {"200": {"description": "as asked"}}}
    root, name, one = "/api/collections/", place("name", "path"), place("object", "path")
    get = {"get": {"parameters": [name, *filters], **done}}
    post = {"post": {"parameters": [name], "requestBody": body, **done}}
    single = {"parameters": [name, one, *filters], **done}
    return {
        "openapi": "3.0.3",
        "info": {"title": "TAXII 2.1", "version": "2.1"},
        "paths": {
            "/taxii2/": {"get": done},
            "/api/": {"get": done},
            root: {"get": done},
            "/api/status/{name}/": {"get": {"parameters": [name], **done}},
            root + "{name}/": {"get": {"parameters": [name], **done}},
            root + "{name}/manifest/": get,
            root + "{name}/objects/": get | post,
            root + "{name}/objects/{object}/": {"get": single, "delete": single},
            root + "{name}/objects/{object}/versions/": {"get": single},
        },
    }


schema = schemathesis.openapi.from_dict(openapi())


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_schemathesis_finds_no_5xx(case: schemathesis.Case[Any], analyst: Tool) -> None:
    options = case.as_transport_kwargs()
    sent = {key: options[key] for key in ("params", "json", "data", "cookies") if options.get(key)}
    if isinstance(sent.get("data"), bytes):
        sent["content"] = sent.pop("data")
    given_headers = {
        key: value
        for key, value in dict(options.get("headers") or {}).items()
        if key.lower() not in ("authorization", "accept", "user-agent")
    }
    path = options["url"].removeprefix("http://127.0.0.1")
    check(analyst.request(options["method"], path, headers=given_headers, **sent))
