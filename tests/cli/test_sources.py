"""`accord source`, and what a serving node takes by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from accord.node.node import open_node
from accord.node.tokens import add_token
from tests.node.support import indicator, object_id
from tests.taxii import served as taxii

from .conftest import Accord, Homes
from .test_serving import SECONDS, free_port, served, stop


class Feed(NamedTuple):
    """Alfa's collection of the agreement: three indicators, the text and its signatures."""

    url: str
    token: str


@pytest.fixture
def feed(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    node = open_node(homes.alfa)
    try:
        made = add_token(node, "feeder", role="analyst")
        with taxii.served(node) as address:
            monkeypatch.setenv("FEED", made.token)
            yield Feed(f"{address}/api/collections/{homes.agreement}/", made.token)
    finally:
        node.close()


@pytest.fixture
def lone(accord: Accord, tmp_path: Path) -> Path:
    """A member without peers, who does not have these indicators."""
    home = tmp_path / "lone"
    assert accord("init", "--home", home, "--name", "CERT Lone").code == 0
    return home


def add(accord: Accord, home: Path, feed: Feed, *words: object) -> Any:
    return accord("source", "add", feed.url, "--home", home, "--token-env", "FEED", *words)


def test_a_source_is_added_read_listed_shown_and_removed(
    accord: Accord, feed: Feed, lone: Path
) -> None:
    added = add(accord, lone, feed, "--name", "alfa")
    assert added.code == 0, added.err
    assert "private" in added.out
    done = accord("source", "sync", "--home", lone, "--json")
    assert (done.code, done.json[0]["fault"]) == (0, None)
    taken = done.json[0]["new"]
    assert taken >= 3
    (row,) = accord("source", "list", "--home", lone, "--json").json
    assert (row["name"], row["into"], row["objects"], row["minutes"]) == (
        *("alfa", "private"),
        *(taken, 60),
    )
    (shown,) = accord("show", object_id(indicator(0)), "--home", lone, "--json").json
    (source,) = shown["sources"]
    assert (source["name"], source["url"]) == ("alfa", feed.url)
    assert source["date_added"] is not None
    assert "alfa" in accord("show", object_id(indicator(0)), "--home", lone).out
    assert accord("source", "remove", "alfa", "--home", lone).code == 0
    assert accord("source", "list", "--home", lone, "--json").json == []
    assert list((lone / "keys").glob("source-*")) == []


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_every_command_speaks_the_readers_language(
    accord: Accord, feed: Feed, lone: Path, language: str
) -> None:
    add(accord, lone, feed, "--name", "alfa")
    for words in (("list",), ("sync", "alfa"), ("list",), ("remove", "alfa"), ("list",)):
        said = accord("source", *words, "--home", lone, "--lang", language)
        assert said.code == 0
        assert "cli." not in said.out


def test_a_password_and_its_user_sign_in_as_well(accord: Accord, feed: Feed, lone: Path) -> None:
    words = ("source", "add", feed.url, "--home", lone, "--user", "feeder")
    assert accord(*words, "--password-env", "FEED").code == 0
    assert accord("source", "sync", "--home", lone, "--json").json[0]["new"] >= 3


def test_a_source_that_refuses_us_is_not_added(accord: Accord, feed: Feed, lone: Path) -> None:
    refused = accord("source", "add", feed.url, "--home", lone, "--json")
    assert (refused.code, refused.error["error"]) == (4, "taxii.source-unwelcome")
    assert accord("source", "list", "--home", lone, "--json").json == []


def test_a_fault_is_told_and_listed(accord: Accord, feed: Feed, lone: Path) -> None:
    add(accord, lone, feed, "--name", "alfa")
    secret = lone / "keys/source-alfa.key"
    secret.write_text('{"token": "another"}')
    failed = accord("source", "sync", "--home", lone)
    assert failed.code == 4
    assert "401" in failed.out
    (row,) = accord("source", "list", "--home", lone, "--json").json
    assert "401" in row["last_fault"]
    assert row["last_contact"] is None


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--user", "a"), "cli.source-half-secret"),
        (("--password-env", "FEED"), "cli.source-half-secret"),
        (("--token-env", "FEED", "--user", "a"), "cli.source-two-secrets"),
        (("--token-env", "NOT_SET"), "cli.source-variable"),
        (("--token-env", "BLANKS"), "cli.source-token-form"),
        (("--user", "a:b", "--password-env", "FEED"), "cli.source-user-form"),
        (("--token-env", "FEED", "--every", "0"), "node.source-minutes"),
        (("--token-env", "FEED", "--name", "../x"), "node.source-name"),
        (("--token-env", "FEED", "--into", "accord-agreement--x"), "node.agreement-unknown"),
    ],
)
def test_a_wrong_command_line_adds_nothing(
    accord: Accord,
    feed: Feed,
    lone: Path,
    words: tuple[str, ...],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BLANKS", "two words")
    refused = accord("source", "add", feed.url, "--home", lone, "--json", *words)
    assert refused.error["error"] == key
    assert accord("source", "list", "--home", lone, "--json").json == []


def test_for_an_agreement_a_draft_waits(accord: Accord, feed: Feed, homes: Homes) -> None:
    assert add(accord, homes.bravo, feed, "--name", "alfa", "--into", homes.agreement).code == 0
    done = accord("source", "sync", "--home", homes.bravo, "--json").json[0]
    drafts = accord("draft", "list", "--home", homes.bravo, "--json").json
    assert sum(draft["objects"] for draft in drafts) == done["drafted"]
    assert done["new"] == 0 or done["drafted"] + done["withheld"] > 0


def test_a_serving_node_takes_by_itself(accord: Accord, feed: Feed, lone: Path) -> None:
    add(accord, lone, feed, "--name", "alfa")
    with served(lone, free_port()) as process:
        until = time.monotonic() + SECONDS
        objects = 0
        while objects < 3 and time.monotonic() < until:
            time.sleep(0.2)
            objects = accord("source", "list", "--home", lone, "--json").json[0]["objects"]
        assert objects >= 3
        out, err = stop(process)
        assert process.returncode == 0
        assert feed.token not in out + err
