"""Members on the page: the directory, suspension, removal."""

from __future__ import annotations

from collections.abc import Callable

from accord.node.members import find_peer
from accord.node.node import Node
from tests.community import Community
from tests.web.conftest import Person

Client = Callable[..., Person]


def state(node: Node, other: Node) -> str:
    return node.read(lambda tx: find_peer(tx, other.member).state)


def test_the_directory_and_each_member(community: Community, client: Client) -> None:
    for language in ("en", "ru", "zh"):
        person = client("operator", language)
        assert "Bravo" in person.get("/members")
        for node in community:
            page = person.get(f"/members/{node.member}")
            assert "members." not in page.replace("/members", "")
    client("operator").get("/members/nobody", 404)


def test_a_member_is_suspended_and_resumed(community: Community, client: Client) -> None:
    alfa, bravo, person = community["Alfa"], community["Bravo"], client("operator")
    person.follow(person.post(f"/members/{bravo.member}/suspend"))
    assert state(alfa, bravo) == "suspended"
    person.follow(person.post(f"/members/{bravo.member}/resume"))
    assert state(alfa, bravo) == "confirmed"
    client("delegate").post(f"/members/{bravo.member}/suspend", 403)


def test_a_removed_member_is_named_even_by_its_name(community: Community, client: Client) -> None:
    alfa, bravo, person = community["Alfa"], community["Bravo"], client("operator")
    assert "Bravo" in person.follow(person.post("/members/Bravo/remove"))
    assert state(alfa, bravo) == "removed"
