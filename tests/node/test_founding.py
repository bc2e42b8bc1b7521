"""Making a home, opening it, and what stands in it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from accord.base.errors import ConflictError, InputError, MachineFault
from accord.ledger.card import continues, decode_card
from accord.node.founding import found_node
from accord.node.home import Home, HomeSettings
from accord.node.node import open_node
from accord.node.starting import take_up
from accord.node.verifying import verify_ledgers
from tests.node.support import Community, HandClock, found


def test_a_new_member_has_an_empty_ledger_that_verifies(tmp_path: Path) -> None:
    founded = found(tmp_path / "home", "Alfa", HandClock())
    node = open_node(tmp_path / "home")
    try:
        (own,) = verify_ledgers(node)
        assert (own.member, own.size, own.own, own.faults) == (founded.member, 0, True, ())
        assert decode_card(node.card_bytes(), node.limits).member == founded.member
    finally:
        node.close()


def test_the_identity_is_the_same_after_a_restart(tmp_path: Path) -> None:
    founded = found(tmp_path / "home", "Alfa", HandClock())
    for _ in range(2):
        node = open_node(tmp_path / "home")
        assert node.member == founded.member
        node.close()


def test_two_members_of_one_name_are_two_members(tmp_path: Path) -> None:
    first = found(tmp_path / "one", "Alfa", HandClock())
    second = found(tmp_path / "two", "Alfa", HandClock())
    assert first.member != second.member


def test_the_recovery_key_is_nowhere_in_the_home(tmp_path: Path) -> None:
    founded = found(tmp_path / "home", "Alfa", HandClock())
    words = " ".join(founded.recovery_words).encode()
    assert len(founded.recovery_words) >= 24
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file():
            assert words not in path.read_bytes()


def test_keys_and_store_are_for_their_owner_alone(tmp_path: Path) -> None:
    found(tmp_path / "home", "Alfa", HandClock())
    for path in (tmp_path / "home").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_home_is_not_founded_twice(tmp_path: Path) -> None:
    found(tmp_path / "home", "Alfa", HandClock())
    before = (tmp_path / "home" / "keys" / "ledger.key").read_bytes()
    with pytest.raises(ConflictError):
        found(tmp_path / "home", "Alfa", HandClock())
    assert (tmp_path / "home" / "keys" / "ledger.key").read_bytes() == before


def test_a_store_of_another_member_is_not_taken_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    found_node(tmp_path / "one", HomeSettings(name="Alfa", db=url))
    with pytest.raises(ConflictError) as refused:
        found_node(tmp_path / "two", HomeSettings(name="Bravo", db=url))
    assert refused.value.message.key == "node.store-taken"
    node = open_node(tmp_path / "one")
    assert node.read_card().name == "Alfa"
    node.close()


def test_a_founding_that_was_cut_off_may_be_run_again(tmp_path: Path) -> None:
    """The keys came first and nothing else: they are made anew."""
    home = tmp_path / "home"
    found(home, "Alfa", HandClock())
    for name in ("accord.toml", "accord.db", "accord.db-wal", "accord.db-shm"):
        (home / name).unlink(missing_ok=True)
    found(home, "Alfa", HandClock())
    open_node(home).close()


def test_a_store_without_its_settings_is_refused_with_a_reason(tmp_path: Path) -> None:
    """Keys and store came, the settings did not: new keys must not meet the old store."""
    home = tmp_path / "home"
    found(home, "Alfa", HandClock())
    (home / "accord.toml").unlink()
    with pytest.raises(ConflictError):
        found(home, "Alfa", HandClock())


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (HomeSettings(name="  "), "node.name-empty"),
        (HomeSettings(name="Alfa", language="xx"), "node.language"),
        (HomeSettings(name="Alfa", url="http://example.org"), "node.url-plain"),
        (HomeSettings(name="Alfa", url="https://a:b@example.org"), "node.url-invalid"),
        (HomeSettings(name="Alfa", url="ftp://example.org"), "node.url-invalid"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_is_made(
    tmp_path: Path, settings: HomeSettings, key: str
) -> None:
    with pytest.raises(InputError) as refused:
        found_node(tmp_path / "home", settings)
    assert refused.value.message.key == key
    assert not (tmp_path / "home").exists()


def test_a_folder_without_a_home_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        open_node(tmp_path)
    assert refused.value.message.key == "node.home-missing"


def test_settings_that_are_damaged_are_named(tmp_path: Path) -> None:
    found(tmp_path / "home", "Alfa", HandClock())
    (tmp_path / "home" / "accord.toml").write_text("name = 3\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_node(tmp_path / "home")
    assert refused.value.message.key == "node.home-settings"


def test_limits_that_differ_from_the_built_in_are_kept(tmp_path: Path) -> None:
    found(tmp_path / "home", "Alfa", HandClock(), quarantine_entries=7)
    assert Home(tmp_path / "home").settings().limits.quarantine_entries == 7


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    found(tmp_path / "home", "Alfa", HandClock())
    (tmp_path / "home" / "keys" / "witness.key").unlink()
    with pytest.raises(MachineFault) as fault:
        open_node(tmp_path / "home")
    assert "witness.key" in str(fault.value.message.args["path"])


def test_a_changed_name_or_address_is_on_the_card_at_the_next_start(pair: Community) -> None:
    alfa = pair["Alfa"]
    before = alfa.read_card()
    settings = msgspec.structs.replace(alfa.settings, name="CERT Alfa", url="http://127.0.0.1:9999")
    alfa.home.write_settings(settings)
    alfa.close()
    pair.clock.advance(seconds=1)
    pair.nodes["Alfa"] = renamed = open_node(alfa.home.folder, pair.clock)
    take_up(renamed)
    card = renamed.read_card()
    assert (card.name, card.url) == ("CERT Alfa", "http://127.0.0.1:9999")
    assert not continues(before, card), "the keys are the same"
    take_up(renamed)
    assert renamed.read_card() == card, "nothing is signed anew without need"
