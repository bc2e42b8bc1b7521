"""`accord token` and `accord peer`."""

from __future__ import annotations

import pytest

from accord.node.members import add_peer
from accord.node.node import open_node
from accord.node.places import places
from accord.node.tokens import reader_of

from .conftest import Accord, Homes


def test_a_token_is_shown_once_and_opens_what_its_role_may(accord: Accord, homes: Homes) -> None:
    made = accord("token", "add", "tool", "--role", "analyst", "--home", homes.alfa, "--json").json
    assert (made["name"], made["role"], made["tlp"]) == ("tool", "analyst", "amber+strict")
    node = open_node(homes.alfa)
    reader = reader_of(node, made["token"])
    node.close()
    assert reader is not None
    assert reader.name == "tool"
    listed = accord("token", "list", "--home", homes.alfa)
    assert "tool" in listed.out
    assert made["token"] not in listed.out


def test_a_revoked_token_is_listed_as_such(accord: Accord, homes: Homes) -> None:
    accord("token", "add", "tool", "--role", "duty", "--home", homes.alfa)
    assert accord("token", "revoke", "tool", "--home", homes.alfa).code == 0
    (row,) = accord("token", "list", "--home", homes.alfa, "--json").json
    assert row["revoked"]
    assert accord("token", "revoke", "tool", "--home", homes.alfa).code == 1


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("x", "--role", "king"), 2, "“king” is not a role"),
        (("x", "--role", "duty", "--tlp", "pink"), 2, "“pink” is not a TLP level"),
        (("bad name", "--role", "duty"), 2, "cannot be a token's name"),
        (("x", "--role", "duty", "--agreement", "accord-agreement--1"), 1, "No agreement"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    accord: Accord, homes: Homes, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = accord("token", "add", *words, "--home", homes.alfa)
    assert ended.code == code
    assert said in ended.err


def test_peers_are_listed_with_state_lag_and_fault(accord: Accord, homes: Homes) -> None:
    (row,) = accord("peer", "list", "--home", homes.alfa, "--json").json
    assert (row["member"], row["state"], row["lag"]) == (homes.bravo_id, "confirmed", 0)
    assert row["witness_note"]
    shown = accord("peer", "list", "--home", homes.alfa, "--lang", "ru").out
    assert "подтверждён" in shown
    assert "Bravo" in shown


def test_a_peer_is_suspended_resumed_and_removed_by_name(accord: Accord, homes: Homes) -> None:
    for verb, state in (("suspend", "suspended"), ("resume", "confirmed"), ("remove", "removed")):
        ended = accord("peer", verb, "Bravo", "--home", homes.alfa, "--json")
        assert ended.code == 0
        assert ended.json == {
            "member": homes.bravo_id,
            "name": "Bravo",
            "url": "http://127.0.0.1:8101",
            "state": state,
        }
    assert accord("peer", "list", "--home", homes.alfa, "--json").json == []
    assert accord("peer", "suspend", "Bravo", "--home", homes.alfa).code == 1


def test_the_fingerprint_of_both_sides_can_be_read_again(accord: Accord, homes: Homes) -> None:
    mine = accord("peer", "show", "--home", homes.alfa, "--json").json
    theirs = accord("peer", "show", "Alfa", "--home", homes.bravo, "--json").json
    assert mine["fingerprint"] == theirs["fingerprint"]
    assert mine["member"] == homes.alfa_id
    in_chinese = accord("peer", "show", "--home", homes.alfa, "--json", "--lang", "zh").json
    assert in_chinese["fingerprint_words"] != mine["fingerprint_words"]
    words = accord("peer", "show", "Bravo", "--home", homes.alfa).out
    assert homes.bravo_id in words


def test_another_fingerprint_confirms_nobody(accord: Accord, homes: Homes) -> None:
    accord("peer", "remove", "Bravo", "--home", homes.alfa)
    node, other = open_node(homes.alfa), open_node(homes.bravo)
    add_peer(node, other.settings.url, other.card_bytes())
    right = other.read_card().fingerprint.hex()
    node.close()
    other.close()
    wrong = "0" * 64
    ended = accord("peer", "confirm", homes.bravo_id, wrong, "--home", homes.alfa)
    assert ended.code == 2
    assert "not that of" in ended.err
    short = accord("peer", "confirm", homes.bravo_id, "abandon", "ability", "--home", homes.alfa)
    assert short.code == 2
    groups = [right[at : at + 4] for at in range(0, 64, 4)]
    assert accord("peer", "confirm", "Bravo", *groups, "--home", homes.alfa).code == 0


def test_a_peer_that_does_not_answer_is_a_fault_of_the_peer(accord: Accord, homes: Homes) -> None:
    ended = accord("peer", "add", "http://127.0.0.1:9", "--home", homes.alfa)
    assert ended.code == 4
    synced = accord("peer", "sync", "--home", homes.alfa, "--json")
    assert synced.code == 4
    assert synced.json[0]["fault"]
    assert not synced.json[0]["converged"]


def test_a_plain_address_elsewhere_is_refused_before_anything_is_asked(
    accord: Accord, homes: Homes
) -> None:
    ended = accord("peer", "add", "http://cert.example", "--home", homes.alfa)
    assert ended.code == 2
    assert "https://" in ended.err


def test_a_members_country_is_noted_and_forgotten(accord: Accord, homes: Homes) -> None:
    """Ours too; the map of this node is where it is seen."""

    def noted() -> dict[str, str]:
        node = open_node(homes.alfa)
        found = node.read(places)
        node.close()
        return found

    set_ = accord("peer", "place", "Bravo", "uz", "--home", homes.alfa)
    assert "UZ" in set_.out
    assert accord("peer", "place", "Alfa", "CN", "--home", homes.alfa).code == 0
    assert noted()[homes.bravo_id] == "UZ"
    assert set(noted().values()) == {"UZ", "CN"}
    assert accord("peer", "place", "Bravo", "--home", homes.alfa).code == 0
    assert set(noted().values()) == {"CN"}


@pytest.mark.parametrize("found", ["Uzbekistan", "ZZ", "EU", "U", "1Z"])
def test_what_is_no_country_is_refused(accord: Accord, homes: Homes, found: str) -> None:
    ended = accord("peer", "place", "Bravo", found, "--home", homes.alfa)
    assert ended.code == 2
    assert "ISO 3166-1" in ended.err
