"""How two members get acquainted on the page: the card is fetched, the fingerprint compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.base.errors import PeerFault
from accord.ledger.keys import fingerprint_hex, fingerprint_words
from accord.node import members
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.node.places import places
from tests.community import Community
from tests.web.conftest import OpenFor, Person
from tests.web.members.test_members import Client, state

URL = "http://127.0.0.1:18199"
WORDS = {"en": "english", "ru": "russian", "zh": "chinese_simplified"}  # of BIP-39


@pytest.fixture
def delta(tmp_path: Path) -> Iterator[Node]:
    """A node that nobody knows yet."""
    found_node(tmp_path / "Delta", HomeSettings(name="Delta", url=URL))
    node = open_node(tmp_path / "Delta")
    yield node
    node.close()


@pytest.fixture
def operator(community: Community, delta: Node, cards: dict[str, bytes], client: Client) -> Person:
    """Alfa's operator; Delta's card can be fetched."""
    cards[URL] = delta.card_bytes()
    return client("operator")


def added(operator: Person, delta: Node) -> str:
    """Delta's card was fetched; the page where the fingerprint is compared."""
    answer = operator.post("/members/add", url=f" {URL}/ ")
    assert answer.headers["location"] == f"/members/{delta.member}/confirm"
    return answer.headers["location"]


def known(node: Node) -> int:
    return len(node.read(lambda tx: tx.peers.all()))


def test_a_card_is_fetched_and_shown_and_nothing_flows_yet(
    community: Community, operator: Person, delta: Node
) -> None:
    assert "/members/add" in operator.get("/members")
    operator.get("/members/add")
    page = operator.get(added(operator, delta))
    assert "Delta" in page
    assert state(community["Alfa"], delta) == "added"
    words = fingerprint_words(community["Alfa"].read_card().fingerprint, "english")
    assert all(word in page for word in words), "what we read aloud to them"


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a", "http://192.0.2.9", "http://127.0.0.1:1", f"{URL}?a=b", "\x00"]
)
def test_what_is_no_address_of_a_member_is_refused_and_kept(
    community: Community, operator: Person, url: str
) -> None:
    before = known(community["Alfa"])
    page = operator.post("/members/add", 400, url=url).text
    assert "notice-bad" in page
    assert f'value="{url}"' in page or url == "\x00"
    assert known(community["Alfa"]) == before


def test_a_card_that_is_none_or_is_our_own_is_refused(
    community: Community, operator: Person, cards: dict[str, bytes]
) -> None:
    alfa, before = community["Alfa"], known(community["Alfa"])
    for wrong in (b"", b"{}", b"\xff" * 100, alfa.card_bytes()):
        cards[URL] = wrong
        assert "notice-bad" in operator.post("/members/add", 400, url=URL).text
    assert known(alfa) == before


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_a_member_is_confirmed_by_words_of_each_language(
    community: Community, operator: Person, client: Client, delta: Node, language: str
) -> None:
    where = added(operator, delta)
    person = client("operator", language)
    words = fingerprint_words(delta.read_card().fingerprint, WORDS[language])
    person.get(f"{where}?words={language}")
    said = "\n".join(" ".join(words[line : line + 6]) for line in range(0, 24, 6)).upper()
    page = person.follow(person.post(where, fingerprint=said))
    assert "Delta" in page
    assert state(community["Alfa"], delta) == "confirmed"


def test_a_member_is_confirmed_by_digits(
    community: Community, operator: Person, delta: Node
) -> None:
    where = added(operator, delta)
    digits = fingerprint_hex(delta.read_card().fingerprint)
    operator.follow(operator.post(where, fingerprint=f"  {digits.upper()} "))
    assert state(community["Alfa"], delta) == "confirmed"
    page = operator.post(where, 400, fingerprint=digits).text
    assert "notice-bad" in page, "once is all there is to it"


def test_a_fingerprint_that_is_not_wholly_right_confirms_nothing(
    community: Community, operator: Person, delta: Node
) -> None:
    where = added(operator, delta)
    card = delta.read_card()
    other = fingerprint_hex(community["Bravo"].read_card().fingerprint)
    words = fingerprint_words(card.fingerprint)
    wrong = ["", "kangaroo", card.fingerprint.hex()[:-1], other, " ".join(words[:-1])]
    wrong += [" ".join([*words[1:], words[0]]), "w" * 1001]
    for heard in wrong:
        page = operator.post(where, 400, fingerprint=heard).text
        assert "notice-bad" in page, heard
        assert heard[:1000] in page
    assert state(community["Alfa"], delta) == "added"
    operator.get(f"/members/{community['Alfa'].member}/confirm", 400)
    operator.post("/members/nobody/confirm", 404, fingerprint=other)


def test_a_member_that_speaks_no_version_of_ours_is_not_confirmed(
    community: Community, operator: Person, delta: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = added(operator, delta)
    monkeypatch.setattr(members, "VERSION", 99)
    digits = delta.read_card().fingerprint.hex()
    assert "notice-bad" in operator.post(where, 400, fingerprint=digits).text
    assert state(community["Alfa"], delta) == "added"


def test_the_country_of_a_member_is_noted_and_forgotten(
    community: Community, client: Client
) -> None:
    alfa, bravo, person = community["Alfa"], community["Bravo"], client("operator")
    where = f"/members/{bravo.member}"
    for wrong in ("Atlantis", "ZZ", "EU", "x" * 501):
        page = person.post(f"{where}/place", 400, country=wrong).text
        assert "notice-bad" in page, wrong
        assert f'value="{wrong}"' in page
    assert alfa.read(places) == {}
    person.follow(person.post(f"{where}/place", country=" ru "))
    assert alfa.read(places) == {bravo.member: "RU"}
    person.follow(person.post(f"{where}/place", country=""))
    assert alfa.read(places) == {}
    person.post("/members/nobody/place", 404, country="ru")
    client("delegate").post(f"{where}/place", 403, country="ru")


def test_no_way_to_another_member_is_said(person: OpenFor, community: Community) -> None:
    page = person(community["Bravo"], "operator").post("/members/add", 400, url=URL).text
    assert "notice-bad" in page
    assert PeerFault.__name__ not in page
