"""The start page: what waits for whom, what is new, what flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from accord.base.messages import LANGUAGES
from accord.node import agreements, recalling
from accord.node.answering import answer_recalls
from accord.node.drafts import make_draft
from accord.node.legal_holds import place_hold
from accord.node.prepare import Order
from accord.node.tokens import Reader
from accord.rules.access import Role, Scope
from tests.community import Community, id_of, indicator
from tests.node.support import terms_text
from tests.web.conftest import Person

Client = Callable[..., Person]


def todo(page: str) -> str:
    """What waits."""
    return page.partition('class="todo"')[2].partition("</ul>")[0]


def analyst(name: str = "tool", role: Role = "analyst") -> Reader:
    return Reader(name=name, scope=Scope(roles=frozenset({role})))


@pytest.mark.parametrize("role", get_args(Role))
def test_every_role_begins_on_it_in_each_language(client: Client, role: str) -> None:
    for language in LANGUAGES:
        page = client(role, language).get("/")
        assert "situation." not in page
        reads = role not in ("operator", "inspector")
        assert ("/looked" in page) == reads, "who reads no content is told of none"


def test_what_waits_is_for_those_who_may_do_it(community: Community, client: Client) -> None:
    parties = [node.member for node in community]
    view = agreements.propose(community["Bravo"], terms_text(parties, name="River text"))
    community.sync()
    order = Order(agreement=community.agreement, tlp="green")
    make_draft(community["Alfa"], analyst(), [indicator()], order)
    signs, releases = client("delegate").get("/"), client("releaser").get("/")
    assert f"/agreements/{view.id}" in signs
    assert 'href="/drafts"' in releases
    assert todo(client("inspector").get("/")) == ""
    limited = client("delegate", name="limited", agreements=(community.agreement,)).get("/")
    assert view.id not in limited


def test_own_drafts_wait_for_somebody_else(community: Community, client: Client) -> None:
    person = client("releaser")
    order = Order(agreement=community.agreement, tlp="green")
    make_draft(community["Alfa"], analyst(person.account, "releaser"), [indicator()], order)
    assert todo(person.get("/")) == ""


def test_what_came_is_new_until_one_has_looked(community: Community, client: Client) -> None:
    raw = indicator(name="Fresh beacon")
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    person = client("analyst")
    assert "Fresh beacon" in person.get("/")
    person.follow(person.post("/looked"))
    assert "Fresh beacon" not in person.text
    assert "Fresh beacon" in client("analyst", "ru").get("/"), "others have not looked yet"
    client("operator").follow(client("operator").post("/looked"))


def test_names_that_members_chose_stay_words(community: Community, client: Client) -> None:
    raw = indicator(name="<script>alert(1)</script>")
    community.publish(community["Bravo"], community.agreement, raw)
    community.sync()
    page = client("analyst").get("/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_recall_that_was_refused_waits_for_the_releaser(
    community: Community, client: Client
) -> None:
    alfa, bravo, raw = community["Alfa"], community["Bravo"], indicator()
    (number,) = community.publish(alfa, community.agreement, raw).numbers
    community.sync()
    place_hold(bravo, id_of(raw), "A court asked for it.")
    due = alfa.now() + timedelta(days=3)
    order = recalling.Order(mode="erase", reason="A source asked", due=due)
    recalling.recall_entries(alfa, [number], order)
    assert '"/recalls"' not in todo(client("releaser").get("/"))
    for _ in range(2):
        community.sync()
        answer_recalls(bravo)
    community.sync()
    assert '"/recalls"' in todo(client("releaser").get("/"))
    assert '"/recalls"' not in todo(client("analyst").get("/"))
