"""`/healthz` says alive; `/readyz` whether the node can work, and to its operator what it lacks."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accord.node.keychange import change_keys
from accord.node.node import open_node
from accord.node.readiness import Readiness
from accord.store.transaction import Transaction
from tests.node.support import Community

from .conftest import Door


def _lacks(community: Community) -> dict[str, str]:
    found = Readiness(community["Alfa"]).lacks()
    return {lack.part: lack.message.key for lack in found}


def test_a_node_that_is_well_is_ready(trio: Community) -> None:
    door = Door(trio["Alfa"])
    assert door.get("/healthz").json() == {"status": "ok"}
    answer = door.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "lacks": []})


def test_strangers_learn_only_whether(trio: Community) -> None:
    (trio["Alfa"].home.key_path("witness")).chmod(0o644)
    door = Door(trio["Alfa"])
    stranger = door.get("/readyz", host="192.0.2.7")
    assert (stranger.status_code, stranger.json()) == (503, {"ready": False})
    (lack,) = door.get("/readyz").json()["lacks"]
    assert (lack["part"], lack["key"]) == ("keys", "node.key-loose")


def test_a_missing_key_is_found(trio: Community) -> None:
    trio["Alfa"].home.key_path("transport").unlink()
    assert _lacks(trio) == {"keys": "node.key-unreadable"}


def test_keys_that_another_process_changed_are_found(trio: Community) -> None:
    other = open_node(trio["Alfa"].home.folder, trio.clock)
    change_keys(other, trio.recovery["Alfa"])
    other.close()
    assert _lacks(trio) == {"keys": "node.keys-changed"}


def test_a_store_that_was_upgraded_beyond_the_program_is_found(trio: Community) -> None:
    def job(tx: Transaction) -> None:
        tx._connection.execute(text("UPDATE schema SET version = 99, compatible = 99"))

    trio["Alfa"].write(job)
    assert _lacks(trio) == {"schema": "store.too-new"}


def test_a_store_that_cannot_be_written_is_found(trio: Community) -> None:
    trio["Alfa"].home.folder.joinpath("accord.db").rename(trio.folder / "elsewhere")
    assert "store" in _lacks(trio)


def test_a_store_that_takes_too_long_is_found(
    trio: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accord.node.readiness.WRITE_SECONDS", 0)
    with trio["Alfa"].store._engine.writer_lock():
        assert _lacks(trio) == {"store": "node.ready-store-slow"}


def test_asking_often_writes_once(trio: Community) -> None:
    commits: list[int] = []
    trio["Alfa"].store.on_timed(lambda jobs, seconds: commits.append(jobs))
    readiness = Readiness(trio["Alfa"])
    for _ in range(20):
        assert readiness.lacks() == ()
    assert commits == [1]
