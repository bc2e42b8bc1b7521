"""`accord backup`, `restore`, `recover`, and `accord proof --take`, at the shell."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from accord.base.clock import utc_now
from accord.node.doctor import examine
from tests.node.support import indicator, object_id

from .conftest import Accord, Homes


def test_a_backup_is_made_and_checked(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    made = accord("backup", tmp_path / "copy", "--keep", "7", "--home", homes.alfa, "--json")
    assert made.code == 0
    checked = accord("backup", "--check", tmp_path / "copy", "--json")
    assert checked.code == 0
    assert checked.json == made.json
    assert made.json["folder"] == str(tmp_path / "copy")
    shown = accord("backup", tmp_path / "other", "--home", homes.alfa, "--lang", "zh").out
    assert "私钥" in shown
    (tmp_path / "copy" / "keys" / "token.key").write_text("other")
    broken = accord("backup", "--check", tmp_path / "copy", "--json")
    assert broken.code == 3
    assert broken.error["error"] == "node.backup-damaged"
    assert accord("backup", tmp_path / "copy", "--home", homes.alfa).code == 1
    assert accord("backup", "--check", tmp_path / "nothing").code == 2


def test_a_restored_node_says_what_comes_next_and_signs_nothing(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    accord("backup", tmp_path / "copy", "--home", homes.alfa)
    assert accord("restore", tmp_path / "copy", "--home", homes.alfa).code == 1
    shutil.rmtree(homes.alfa)
    restored = accord("restore", tmp_path / "copy", "--home", homes.alfa, "--lang", "en")
    assert restored.code == 0
    assert "accord recover" in restored.out
    path = tmp_path / "new.json"
    path.write_bytes(indicator(700))
    words = ("publish", path, "--home", homes.alfa, "--agreement", homes.agreement)
    refused = accord(*words, "--tlp", "green", "--json")
    assert refused.code == 3
    assert refused.error["error"] == "node.restored"
    found = accord("doctor", "--home", homes.alfa, "--json")
    assert found.code == 1
    assert "node.restored" in {each["key"] for each in found.json["findings"]}


def test_recover_tells_whom_it_waits_for(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    needless = accord("recover", "--home", homes.alfa, "--json")
    assert needless.code == 1
    assert needless.error["error"] == "node.recovery-needless"
    accord("backup", tmp_path / "copy", "--home", homes.alfa)
    home = tmp_path / "restored"
    accord("restore", tmp_path / "copy", "--home", home)
    waits = accord("recover", "--home", home, "--json")  # nobody is served: Bravo cannot be asked
    assert waits.code == 1
    assert waits.json["done"] is False
    assert waits.json["waits_for"] == ["Bravo"]
    assert "Bravo" in accord("recover", "--home", home, "--lang", "ru").out
    assert accord("recover", "--home", home, "--quorum", "Nobody", "--json").code == 1


def test_a_node_without_peers_recovers_alone_and_is_told_so(accord: Accord, tmp_path: Path) -> None:
    accord("init", "--home", tmp_path / "solo", "--name", "Solo")
    accord("backup", tmp_path / "copy", "--home", tmp_path / "solo")
    accord("restore", tmp_path / "copy", "--home", tmp_path / "again")
    done = accord("recover", "--home", tmp_path / "again", "--lang", "en")
    assert done.code == 0
    assert "no confirmed peer to ask" in " ".join(done.out.split())
    assert "node.doctor-backup-never" not in _keys_now(tmp_path / "again")


def _keys_now(folder: Path) -> set[str]:
    return {each.message.key for each in examine(folder, utc_now)}


def test_doctor_says_how_old_the_last_backup_is(
    accord: Accord, homes: Homes, tmp_path: Path
) -> None:
    assert _keys_now(homes.alfa) >= {"node.doctor-backup-never"}
    accord("backup", tmp_path / "copy", "--home", homes.alfa)
    assert "node.doctor-backup" in _keys_now(homes.alfa)
    later = {
        each.message.key: each.state
        for each in examine(homes.alfa, lambda: utc_now() + timedelta(days=9))
    }
    assert later["node.doctor-backup-old"] == "wrong"


def test_an_entry_is_taken_from_evidence(accord: Accord, homes: Homes, tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    path.write_bytes(indicator(600))
    words = ("publish", path, "--home", homes.alfa, "--agreement", homes.agreement)
    assert accord(*words, "--tlp", "green").code == 0
    file, wanted = tmp_path / "alert.tlog-proof", object_id(indicator(600))
    assert accord("proof", wanted, "--home", homes.alfa, "--out", file).code == 0
    taken = accord("proof", "--take", file, "--home", homes.bravo, "--json")
    assert taken.code == 0
    assert taken.json["kept"] == 1
    assert accord("show", wanted, "--home", homes.bravo).code == 0
    assert "already" in accord("proof", "--take", file, "--home", homes.bravo).out
    assert accord("proof", "--take", file, "--check", file).code == 2
    file.write_bytes(file.read_bytes()[:-9])
    assert accord("proof", "--take", file, "--home", homes.bravo).code == 4
