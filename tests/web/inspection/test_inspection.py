"""The inspector's pages: the record, one line then and now, why, counts, verification."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accord.node import agreements
from accord.node.checking import start_check
from accord.node.transfers import list_transfers
from tests.community import Community, agreement_toml, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]


@pytest.fixture
def given(community: Community) -> bytes:
    """An object that Alfa gave to all."""

    def give() -> bytes:
        raw = indicator(name="The content of it")
        community.publish(community["Alfa"], community.agreement, raw)
        community.sync()
        return raw

    return community.staged("given", give)


def test_the_record_is_filtered_paged_and_without_content(
    community: Community, client: Client, given: bytes
) -> None:
    person, alfa = client("inspector"), community["Alfa"]
    lines = list(list_transfers(alfa))
    page = person.get("/inspection")
    assert f'href="/inspection/transfers/{lines[-1].seq}"' in page
    assert "The content of it" not in page
    bravo = community["Bravo"].member
    theirs = person.get(f"/inspection?member={bravo}&direction=out")
    assert theirs.count("/inspection/transfers/") == sum(
        line.peer == bravo and line.direction == "out" for line in lines
    )
    assert "/inspection/transfers/" not in person.get(f"/inspection?before={lines[0].seq}")
    person.get(f"/inspection?before={10**30}")
    person.get("/inspection?direction=sideways", 400)
    person.get("/inspection?member=nobody", 404)
    assert str(lines[0].commitment) in person.get("/inspection/record.jsonl")


def test_one_line_is_judged_then_and_now(
    community: Community, client: Client, given: bytes
) -> None:
    person = client("inspector")
    *_, line = list_transfers(community["Alfa"])
    page = person.get(f"/inspection/transfers/{line.seq}")
    assert page.count('class="verdict yes"') == 3  # on record, then, now
    assert "The content of it" not in page
    for unknown in (0, line.seq + 1, 10**30):
        person.get(f"/inspection/transfers/{unknown}", 404)


def test_a_line_whose_entry_is_not_held_says_what_the_record_says(
    community: Community, client: Client
) -> None:
    line = _held(community)
    for language in ("en", "ru", "zh"):
        page = client("inspector", language).get(f"/inspection/transfers/{line}")
        assert 'class="reasons"' in page
        assert "notice-note" in page
        assert page.count('class="verdict no"') == 1  # on record; it cannot be judged again
        assert community["Bravo"].settings.name in page


def test_why_is_answered_and_what_is_unknown_is_said_beside_what_was_asked(
    community: Community, client: Client, given: bytes
) -> None:
    person, bravo = client("inspector"), community["Bravo"].member
    asked = f"/inspection/why?object={id_of(given)}&member={bravo}"
    assert 'class="verdict yes"' in person.get(asked)
    assert "The content of it" not in person.get(asked)
    early = person.get(f"{asked}&at=2026-01-01T00:00")
    assert id_of(given) in early
    person.get(f"{asked}&at=yesterday", 400)
    page = person.get(f"/inspection/why?object=indicator--x&member={bravo}", 400)
    assert "indicator--x" in page
    assert "notice-bad" in page


def test_verification_is_a_button_and_its_result_stays(
    community: Community, client: Client, given: bytes
) -> None:
    person = client("inspector analyst")
    person.get("/inspection/ledgers")
    person.get("/inspection/counts")
    start_check(community["Alfa"]).join()
    page = person.get("/inspection/ledgers")
    assert 'class="notice notice-good"' in page
    assert community["Bravo"].settings.name in page
    assert community.agreement in person.get("/inspection/counts")


def test_an_account_for_other_agreements_sees_none_of_these_lines(
    community: Community, client: Client, given: bytes
) -> None:
    *_, line = list_transfers(community["Alfa"])
    limited = client("inspector", name="limited", agreements=("accord-agreement--none",))
    assert "/inspection/transfers/" not in limited.get("/inspection")
    assert "/inspection/transfers/" not in limited.get(
        f"/inspection?agreement={community.agreement}"
    )
    limited.get(f"/inspection/transfers/{line.seq}", 404)
    limited.get("/inspection/record.jsonl", 404)


def _held(community: Community) -> int:
    """The line of what Bravo gave to Alfa, which has not seen Charlie's signature yet."""
    alfa, bravo, charlie = community
    view = agreements.propose(alfa, agreement_toml([node.member for node in community]))
    community.sync()
    for node in community:
        agreements.sign(node, view.id, sha256=None, person="A. Person", office="Head")
    community.sync(bravo, charlie)
    community.publish(bravo, view.id)
    community.sync_one(alfa, bravo)
    (line,) = list_transfers(alfa, direction="held")
    return line.seq
