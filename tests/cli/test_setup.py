"""`accord init`, and what every command does with `--home`, `--json` and `--lang`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from accord.ledger.keys import RecoveryKey, fingerprint_words
from accord.node.node import open_node

from .conftest import Accord, Homes


def test_init_shows_once_what_must_be_kept(accord: Accord, tmp_path: Path) -> None:
    ended = accord("init", "--home", tmp_path / "n", "--name", "CERT Alfa")
    assert ended.code == 0
    node = open_node(tmp_path / "n")
    card = node.read_card()
    node.close()
    shown = " ".join(ended.out.split())
    assert card.member in shown
    assert card.fingerprint.hex() in shown.replace(" ", "")
    assert " ".join(fingerprint_words(card.fingerprint)) in shown
    after = shown.partition("shown this once")[2].split()
    words = [word for word in after if word.islower() and word.isalpha()][-200:]
    numbered = [after[after.index(str(place)) + 1] for place in range(1, 25)]
    assert set(numbered) <= set(words)
    assert RecoveryKey.from_words(" ".join(numbered)).public.hex() == card.recovery


def test_init_answers_a_program_with_the_member(accord: Accord, tmp_path: Path) -> None:
    ended = accord("init", "--home", tmp_path / "n", "--name", "CERT Alfa", "--json")
    assert ended.json["member"].startswith("identity--")
    assert len(ended.json["recovery_words"]) == 24
    assert ended.json["fingerprint_words"]


def test_init_keeps_the_language_for_later_commands(accord: Accord, tmp_path: Path) -> None:
    home = tmp_path / "n"
    assert accord("init", "--home", home, "--name", "北方", "--lang", "zh").code == 0
    assert "尚无令牌" in accord("token", "list", "--home", home).out
    assert "There are no tokens" in accord("token", "list", "--home", home, "--lang", "en").out


def test_init_makes_files_that_only_their_owner_may_read(accord: Accord, tmp_path: Path) -> None:
    accord("init", "--home", tmp_path / "n", "--name", "CERT Alfa")
    for path in [*(tmp_path / "n" / "keys").iterdir(), tmp_path / "n" / "accord.db"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_init_does_not_touch_a_node_that_is_there(accord: Accord, homes: Homes) -> None:
    ended = accord("init", "--home", homes.alfa, "--name", "Another")
    assert ended.code == 1
    assert "already" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    "url, said", [("ftp://x", "not an address"), ("http://cert.example", "not encrypted")]
)
def test_init_refuses_an_address_that_could_not_work(
    accord: Accord, tmp_path: Path, url: str, said: str
) -> None:
    ended = accord("init", "--home", tmp_path / "n", "--name", "X", "--url", url)
    assert (ended.code, said in ended.err) == (2, True)
    assert not (tmp_path / "n").exists()


def test_a_command_without_a_home_says_how_to_name_one(accord: Accord) -> None:
    ended = accord("token", "list")
    assert ended.code == 2
    assert "--home" in ended.err
    assert "ACCORD_HOME" in ended.err


def test_a_folder_without_a_node_is_said_to_have_none(accord: Accord, tmp_path: Path) -> None:
    ended = accord("peer", "list", "--home", tmp_path)
    assert ended.code == 2
    assert ended.err == f"There is no node in {tmp_path}. “accord init” makes one.\n"


def test_the_home_may_stand_before_after_or_in_the_environment(
    accord: Accord, homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = accord("--home", homes.alfa, "--json", "agreement", "list")
    after = accord("agreement", "list", f"--home={homes.alfa}", "--json")
    monkeypatch.setenv("ACCORD_HOME", str(homes.alfa))
    named = accord("agreement", "--json", "list")
    assert before.json == after.json == named.json
    assert before.json[0]["id"] == homes.agreement


def test_loose_keys_are_refused_with_the_command_that_mends_them(
    accord: Accord, homes: Homes
) -> None:
    key = homes.alfa / "keys" / "ledger.key"
    key.chmod(0o644)
    ended = accord("peer", "list", "--home", homes.alfa)
    assert ended.code == 2
    assert f"chmod 600 {key}" in ended.err


def test_settings_that_are_not_toml_are_named_with_the_problem(
    accord: Accord, homes: Homes
) -> None:
    (homes.alfa / "accord.toml").write_text("name = \n")
    ended = accord("peer", "list", "--home", homes.alfa)
    assert ended.code == 2
    assert "accord.toml" in ended.err
    assert "line 1" in ended.err


def test_an_error_is_json_on_stderr_for_a_program(accord: Accord, tmp_path: Path) -> None:
    ended = accord("peer", "list", "--home", tmp_path, "--json", "--lang", "ru")
    assert ended.error["error"] == "node.home-missing"
    assert ended.error["code"] == ended.code == 2
    assert ended.error["arguments"] == {"folder": str(tmp_path)}
    assert "узла нет" in ended.error["message"]


def test_a_store_that_is_gone_is_said_to_be(accord: Accord, homes: Homes) -> None:
    (homes.alfa / "accord.db").unlink()
    ended = accord("peer", "list", "--home", homes.alfa)
    assert ended.code == 2
    assert "There is no store" in ended.err


def test_a_damaged_store_is_a_fault_of_the_machine(accord: Accord, homes: Homes) -> None:
    (homes.alfa / "accord.db").write_bytes(b"not a database at all" * 1000)
    ended = accord("peer", "list", "--home", homes.alfa)
    assert ended.code == 3
    assert "damaged" in ended.err


def test_a_folder_that_cannot_be_written_is_a_fault_of_the_machine(accord: Accord) -> None:
    ended = accord("init", "--home", "/proc/accord", "--name", "X", "--lang", "ru")
    assert ended.code == 3
    assert "/proc/accord" in ended.err
    assert "невозможна" in ended.err
