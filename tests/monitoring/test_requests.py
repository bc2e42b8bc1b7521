"""Requests are timed by door; a slow one is in the log by its route, never by its path."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from accord.monitoring.board import Board
from accord.monitoring.exposition import write
from accord.monitoring.traffic import Traffic, Watched, door_of
from tests.node.support import Community

from .conftest import Door


@pytest.mark.parametrize(
    "path, door",
    [
        ("/log/wait", "wait"),
        ("/log/tile/0/000", "peers"),
        ("/.well-known/accord", "peers"),
        ("/witness/x/checkpoint", "peers"),
        ("/taxii2/", "taxii"),
        ("/api/collections/", "taxii"),
        ("/metrics", "operator"),
        ("/", "none"),
    ],
)
def test_every_path_belongs_to_a_door(path: str, door: str) -> None:
    assert door_of(path) == door


def test_a_slow_request_is_told_by_its_route(
    trio: Community, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.monitoring.traffic.SLOW_SECONDS", 0)
    with caplog.at_level(logging.WARNING, "accord.monitoring"):
        Door(trio["Alfa"]).get("/api/collections/private/objects/indicator--secret/?match[id]=x")
    (record,) = caplog.records
    about: dict[str, Any] = record.about  # type: ignore[attr-defined]
    assert (about["door"], about["method"], about["status"]) == ("taxii", "GET", 401)
    assert "{" in about["route"]
    assert "secret" not in about["route"]


def test_whoever_goes_away_is_counted_as_that() -> None:
    traffic = Traffic(Board())

    async def gone(_scope: Any, _receive: Any, _send: Any) -> None:
        raise asyncio.CancelledError

    async def ask() -> None:
        scope = {"type": "http", "path": "/taxii2/", "method": "GET"}
        await Watched(gone, traffic)(scope, None, None)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(ask())
    text = write(traffic.families()).decode()
    assert 'accord_request_seconds_count{door="taxii",status="aborted"} 1' in text


def test_what_is_no_request_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Watched(app, Traffic(Board()))({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
