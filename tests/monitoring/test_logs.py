"""The log: one line an event, in JSON, and nothing in it that was sent, kept or is secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from accord.base.errors import InputError
from accord.monitoring.logs import LEVELS, Lines, start_logging
from accord.node.events import tell
from accord.node.tokens import add_token
from tests.node.support import Community, give, indicator, sync

from .conftest import Door

SECRET = "swordfish-7f3a"
MEMBER = "identity--e797141e-343f-577e-a70e-bf561c35c1ae"


class Log:
    """What was written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    written, root = Log(), logging.getLogger()
    levels = root.level, logging.getLogger("accord").level
    handler = start_logging("debug", written.stream)
    yield written
    root.removeHandler(handler)
    root.setLevel(levels[0])
    logging.getLogger("accord").setLevel(levels[1])


def test_an_event_is_one_line_with_its_facts(log: Log) -> None:
    tell(logging.getLogger("accord.x"), logging.WARNING, "peer-fault", member=MEMBER, reason="a.b")
    (line,) = log.lines
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "peer-fault",
        "member": MEMBER,
        "reason": "a.b",
        "logger": "accord.x",
    }


def test_only_known_facts_may_be_told() -> None:
    with pytest.raises(ValueError, match="object"):
        tell(logging.getLogger("accord.x"), logging.INFO, "x", object="indicator--1")


def test_values_in_other_lines_are_hidden(log: Log) -> None:
    ours = logging.getLogger("accord.x")
    ours.warning("of %s, %d times: %s", MEMBER, 3, SECRET)
    ours.error("failed: %s", InputError("base.json-too-deep", limit=SECRET))
    ours.error("failed: %s", ValueError(SECRET))
    assert SECRET not in log.text
    assert [line["event"] for line in log.lines] == [
        f"of {MEMBER}, 3 times: …",
        "failed: base.json-too-deep",
        "failed: ValueError",
    ]


def test_a_line_that_does_not_fit_its_values_is_still_a_line() -> None:
    record = logging.makeLogRecord({"name": "accord.x", "msg": "failed: %d", "args": (SECRET,)})
    assert json.loads(Lines(plain=False).format(record))["event"] == "failed: %d"


def test_an_error_is_told_by_its_kind_and_place(log: Log) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("accord.x").exception("a bug")
    (line,) = log.lines
    assert (line["error"], SECRET in log.text) == ("ValueError", False)
    assert line["at_lines"][0].startswith("test_an_error_is_told")


def test_of_a_library_only_its_name_is_told(log: Log) -> None:
    logging.getLogger("asyncio").error(f"Task exception: {SECRET}")
    logging.getLogger("httpx").info(f"GET https://{SECRET}/")
    (line,) = log.lines
    assert (line["event"], line["logger"]) == ("library", "asyncio")
    assert SECRET not in log.text


def test_on_a_terminal_it_is_plain_words() -> None:
    record = logging.makeLogRecord(
        {"name": "accord.x", "levelname": "INFO", "event": "ready", "about": {"status": 3}}
    )
    line = Lines(plain=True).format(record)
    assert line.endswith("info    ready status=3 logger=accord.x")


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_understood(level: str, log: Log) -> None:
    logging.getLogger().removeHandler(start_logging(level, log.stream))


def test_another_level_is_refused() -> None:
    with pytest.raises(InputError, match="loud"):
        start_logging("loud")


def test_neither_content_nor_secrets_reach_the_log(trio: Community, log: Log) -> None:
    alfa, bravo = trio["Alfa"], trio["Bravo"]
    agreement = trio.agree()
    token = add_token(alfa, "desk", role="analyst").token
    marked = indicator(
        1, name=SECRET, description=SECRET, pattern=f"[domain-name:value = '{SECRET}.example']"
    )
    give(alfa, [marked], agreement.id)
    sync(bravo, alfa)
    door = Door(alfa)
    accept = {"accept": "application/taxii+json;version=2.1"}
    held = door.get(
        f"/api/collections/{agreement.collection}/objects/?match[id]={SECRET}",
        authorization=f"Bearer {token}",
        **accept,
    )
    assert held.status_code < 500
    for path in (f"/api/{SECRET}/", f"/log/openings?after={SECRET}", f"/{SECRET}"):
        assert door.get(path, authorization=f"Bearer {SECRET}").status_code >= 400
    alfa.home.folder.joinpath("accord.db").rename(trio.folder / "gone")
    alfa.store._engine.engine.dispose()
    assert door.get("/taxii2/", authorization=f"Bearer {token}", **accept).status_code == 503
    assert log.lines  # the fault of the machine, at least
    keys = [path.read_text("ascii") for path in alfa.home.folder.glob("keys/*.key")]
    for secret in (SECRET, token, token.removeprefix("accord_"), *keys, trio.recovery["Alfa"]):
        assert secret.strip() not in log.text
