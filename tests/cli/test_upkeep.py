"""`accord doctor`, `key change`, `upgrade`, `version`."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from accord.base.messages import say
from accord.node.doctor import examine
from accord.node.node import open_node
from tests.node.support import START

from .conftest import Accord, Homes


def _keys(folder: Path) -> dict[str, str]:
    return {finding.message.key: finding.state for finding in examine(folder)}


@pytest.fixture
def well(homes: Homes) -> Homes:
    """The same, with a peer that was heard of just now."""
    node = open_node(homes.alfa)
    node.write(lambda tx: tx.peers.note_contact(1, node.micros(), 0))
    node.close()
    return homes


def test_a_node_that_is_well_is_said_to_be(accord: Accord, well: Homes) -> None:
    ended = accord("doctor", "--home", well.alfa, "--json")
    assert ended.code == 0
    assert ended.json["healthy"] is True
    subjects = {finding["subject"] for finding in ended.json["findings"]}
    looked_at = {"home", "keys", "disk", "store", "search", "clock", "ledger", "backup", "peers"}
    assert subjects == looked_at
    assert "Неисправностей нет" in accord("doctor", "--home", well.alfa, "--lang", "ru").out


def test_loose_keys_are_found_with_what_to_do(accord: Accord, well: Homes) -> None:
    (well.alfa / "keys" / "witness.key").chmod(0o640)
    ended = accord("doctor", "--home", well.alfa)
    assert ended.code == 1
    assert "chmod 600" in " ".join(ended.out.split())


def test_a_missing_key_is_found(well: Homes) -> None:
    (well.alfa / "keys" / "witness.key").unlink()
    assert _keys(well.alfa)["node.key-unreadable"] == "wrong"


def test_a_folder_that_others_may_write_is_found(well: Homes) -> None:
    well.alfa.chmod(0o777)
    assert _keys(well.alfa)["node.doctor-folder-loose"] == "wrong"


def test_a_full_disk_is_found(well: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=10))
    assert _keys(well.alfa)["node.doctor-disk-low"] == "wrong"


def test_a_clock_two_days_behind_is_found(well: Homes) -> None:
    at = examine(well.alfa, lambda: START - timedelta(days=2))
    assert {finding.message.key: finding.state for finding in at}[
        "node.doctor-clock-behind"
    ] == "wrong"


def test_a_damaged_store_is_found(accord: Accord, well: Homes) -> None:
    (well.alfa / "accord.db").write_bytes(b"not a database at all" * 1000)
    ended = accord("doctor", "--home", well.alfa, "--json")
    assert ended.code == 1
    assert "store.damaged" in {finding["key"] for finding in ended.json["findings"]}


def test_a_ledger_that_lost_an_entry_is_found(well: Homes) -> None:
    database = sqlite3.connect(well.alfa / "accord.db")
    database.execute("DELETE FROM entries WHERE ledger = 1 AND number = 0")
    database.commit()
    database.close()
    assert _keys(well.alfa)["node.doctor-ledger-damaged"] == "wrong"


def test_a_peer_never_reached_silent_or_at_fault_is_found(homes: Homes) -> None:
    assert _keys(homes.alfa)["node.doctor-peer-never"] == "wrong"
    node = open_node(homes.alfa)
    before = node.micros() - 3_600_000_000
    node.write(lambda tx: tx.peers.note_contact(1, before, 0))
    assert _keys(homes.alfa)["node.doctor-peer-silent"] == "wrong"
    node.write(lambda tx: tx.peers.note_fault(1, before, say("node.peer-is-self", url="x")))
    node.close()
    assert _keys(homes.alfa)["node.doctor-peer-fault"] == "wrong"


def test_doctor_without_a_node_says_there_is_none(accord: Accord, tmp_path: Path) -> None:
    ended = accord("doctor", "--home", tmp_path, "--json")
    assert ended.code == 1
    assert ended.json["findings"][0]["key"] == "node.home-missing"


def test_the_keys_change_with_the_recovery_words_alone(accord: Accord, homes: Homes) -> None:
    before = accord("peer", "show", "--home", homes.alfa, "--json").json
    words = homes.recovery.encode()
    changed = accord("key", "change", "--home", homes.alfa, stdin=words)
    assert changed.code == 0
    after = accord("peer", "show", "--home", homes.alfa, "--json").json
    assert after["member"] == before["member"]
    assert after["fingerprint"] != before["fingerprint"]
    assert accord("ledger", "verify", "--home", homes.alfa).code == 0


def test_other_recovery_words_change_nothing(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    made = accord("init", "--home", tmp_path / "other", "--name", "X", "--json").json
    file = tmp_path / "words.txt"
    file.write_text(" ".join(made["recovery_words"]))
    ended = accord("key", "change", "--words", file, "--home", homes.alfa)
    assert ended.code == 1
    file.write_text("abandon ability")
    assert accord("key", "change", "--words", file, "--home", homes.alfa).code == 2


def test_upgrade_of_a_store_of_this_version_does_nothing(accord: Accord, homes: Homes) -> None:
    ended = accord("upgrade", "--home", homes.alfa, "--json")
    assert ended.code == 0
    assert ended.json["before"] == ended.json["after"]
    assert "already" in accord("upgrade", "--home", homes.alfa).out


def test_version_names_program_wire_and_store(accord: Accord) -> None:
    found = accord("version", "--json").json
    assert set(found) == {"accord", "wire", "store", "python"}
    assert found["accord"] in accord("version").out
