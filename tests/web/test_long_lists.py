"""Lists of a community of hundreds: in parts, and found by name; a small one looks as before."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from accord.base.messages import say
from accord.base.paging import MOST
from accord.node.node import Node
from accord.store.records import QuarantineRow, RefusalRow
from accord.store.transaction import Transaction
from tests.community import Community
from tests.web.conftest import OpenFor, Person

Client = Callable[..., Person]
FIND = 'id="find"'
NEXT = 'rel="next"'


def add_peers(node: Node, count: int) -> None:
    """So many more peers, called Aa 000 and so on, of whom the last cannot be reached."""

    def job(tx: Transaction) -> None:
        plain = tx.peers.all()[0]
        for number in range(count):
            row = msgspec.structs.replace(
                plain,
                id=tx.peers.next_id(),
                member=f"accord-member--{number:03}",
                name=f"Aa {number:03}",
                last_contact=node.micros(),
            )
            tx.peers.put(row)
        fault = say("peers.unreachable", problem="cut")
        tx.peers.put(msgspec.structs.replace(row, last_fault=fault, fault_at=node.micros()))

    node.write(job)


def shown(page: str, count: int) -> list[int]:
    """Which of these peers have a row."""
    main = page.partition("<main")[2]
    return [each for each in range(count) if f">Aa {each:03}<" in main]


@pytest.mark.parametrize("where", ["/members", "/upkeep"])
def test_hundreds_of_members_stand_in_parts_and_are_found_by_name(
    community: Community, client: Client, where: str
) -> None:
    person, many = client("operator"), MOST + 10
    small = person.get(where)
    assert FIND not in small
    assert NEXT not in small
    add_peers(community["Alfa"], many)
    last = many - 1
    first = [last, *range(MOST - 1)] if where == "/upkeep" else list(range(MOST))
    page = person.get(where)
    assert shown(page, many) == sorted(first)
    assert FIND in page
    assert NEXT in page
    page = person.get(f"{where}?after=accord-member--{first[-1]:03}")
    assert shown(page, many) == sorted(set(range(many)) - set(first))
    assert ">Bravo<" in page
    assert NEXT not in page
    assert shown(person.get(f"{where}?q=aa+05"), many) == list(range(50, 60))
    assert "/live/members-list" not in person.text
    assert shown(person.get(f"{where}?q=nobody"), many) == []


def test_every_finding_about_a_peer_stands_beside_it(community: Community, client: Client) -> None:
    add_peers(community["Alfa"], 1)
    page = client("operator").get("/upkeep")
    assert page.index("Aa 000") < page.index(">Bravo<"), "what is wrong comes first"
    assert "2 peers" not in page


def test_accounts_and_tokens_stand_in_parts(
    community: Community, client: Client, person: OpenFor
) -> None:
    operator = client("operator", name="aa")
    for number in range(MOST):
        person(community["Alfa"], "analyst", name=f"analyst-{number:02}")
    page = operator.get("/accounts")
    assert NEXT in page
    assert "/accounts/analyst-49" not in page
    assert "/accounts/analyst-49" in operator.get("/accounts?after=analyst-48")
    assert "/accounts/analyst-48" not in operator.text
    page = operator.get("/accounts?q=YST-07")
    assert "/accounts/analyst-07" in page
    assert "/accounts/analyst-08" not in page


def test_quarantine_stands_in_parts(community: Community, client: Client) -> None:
    def job(tx: Transaction) -> None:
        ledger = next(row.id for row in tx.ledgers.all() if row.id)
        for number in range(MOST + 1):
            at, why = number + 1, (say("node.quarantine-expired"),)
            tx.quarantine.hold(QuarantineRow(0, ledger, number, at, 0, b"", why))
            tx.quarantine.refuse(RefusalRow(0, ledger, number, b"", at, why, notified=True))

    community["Alfa"].write(job)
    person = client("operator")
    for where, last, first in (("", MOST, 0), ("/refused", 0, MOST)):
        page = person.get(f"/upkeep/quarantine{where}")
        assert f"#{first}<" in page
        assert f"#{last}<" not in page
        after = page.partition("after=")[2].partition('"')[0]
        page = person.get(f"/upkeep/quarantine{where}?after={after}")
        assert f"#{last}<" in page
        assert f"#{first}<" not in page
    person.get("/upkeep/quarantine/refused?after=x")
    person.get("/upkeep/quarantine/by-others?after=9")
