"""The list of what a person may read: order, filters, counts, pages, and whom it shows what."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from accord.node.indexing import catch_up
from accord.node.prepare import check_all
from accord.node.private import keep_private
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person

Client = Callable[..., Person]
_LINK = re.compile(r'<a href="/intelligence/objects/([^"]+)"')


def shown(text: str) -> list[str]:
    """The objects that a page leads to, in their order."""
    return list(dict.fromkeys(_LINK.findall(text)))


def publish_one_by_one(community: Community, name: str, count: int) -> list[str]:
    raws = [indicator(name=f"Thing {number:02} of {name}") for number in range(count)]
    for raw in raws:
        community.publish(community[name], community.agreement, raw)
    return [id_of(raw) for raw in raws]


def test_the_newest_stand_first_and_the_pages_follow_without_gap(
    community: Community, client: Client
) -> None:
    ids = publish_one_by_one(community, "Alfa", 30)
    person = client()
    first = person.get("/intelligence")
    assert shown(first) == ids[:4:-1]
    assert "In all: 30" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert shown(person.get(following[1].replace("&amp;", "&"))) == ids[4::-1]


def test_an_empty_node_says_what_to_do_first(community: Community, client: Client) -> None:
    text = client().get("/intelligence")
    assert "Nothing is here yet" in text
    assert 'href="/publish"' in text
    assert "目前还没有内容" in client("analyst", "zh").get("/intelligence")


@pytest.mark.parametrize("indexed", [True, False])
def test_filters_leave_out_the_rest(community: Community, client: Client, indexed: bool) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    ours = publish_one_by_one(community, "Alfa", 3)
    theirs = publish_one_by_one(community, "Bravo", 2)
    community.sync()
    if indexed:
        catch_up(alfa, 10.0)
    person = client()
    assert sorted(shown(person.get(f"/intelligence?member={bravo.member}"))) == sorted(theirs)
    assert sorted(shown(person.get(f"/intelligence?member={alfa.member}"))) == sorted(ours)
    every = sorted(ours + theirs)
    assert sorted(shown(person.get("/intelligence?type=indicator"))) == every
    assert sorted(shown(person.get("/intelligence?tlp=green"))) == every
    assert sorted(shown(person.get(f"/intelligence?agreement={community.agreement}"))) == every
    for nothing in ("type=malware", "tlp=red", "agreement=private", "since=2099-01-01"):
        assert shown(person.get(f"/intelligence?{nothing}")) == []
        assert "Nothing fits these filters" in person.text
    if indexed:
        assert sorted(shown(person.get("/intelligence?area=cyber&type=indicator"))) == every
        assert shown(person.get("/intelligence?area=narcotics")) == []


def test_what_a_scope_does_not_reach_is_neither_shown_nor_counted(
    community: Community, client: Client
) -> None:
    alfa = community["Alfa"]
    items, _ = check_all(alfa, [indicator(name="Our own note")])
    keep_private(alfa, items, "desk")
    published = publish_one_by_one(community, "Alfa", 1)
    amber = indicator(name="For few")
    community.publish(alfa, community.agreement, amber, tlp="amber")
    private = items[0].id
    assert shown(client().get("/intelligence")) == [id_of(amber), *published, private]
    low = client(name="low", tlp="green")
    assert shown(low.get("/intelligence")) == published
    assert "In all: 1" in low.text
    bound = client(name="bound", agreements=(community.agreement,))
    assert shown(bound.get("/intelligence")) == [id_of(amber), *published]
    assert "agreement=private" not in bound.text


@pytest.mark.parametrize(
    "question", ["since=soon", "until=2026-02-30", "before=x", "before=-1", "tlp=purple",
                 "since=2026-03-03&until=2026-03-01", "since=9999-12-31&until=9999-12-31"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(client: Client, question: str) -> None:
    assert client().get(f"/intelligence?{question}", 400)


def test_who_may_not_read_content_finds_no_list(client: Client) -> None:
    for role in ("operator", "inspector"):
        client(role).get("/intelligence", 403)


def test_a_hostile_name_stays_text(community: Community, client: Client) -> None:
    name = "<script>alert(1)</script>\u202egnp.exe"
    community.publish(community["Alfa"], community.agreement, indicator(name=name))
    text = client().get("/intelligence")
    assert "<script>alert" not in text
    assert '<bdi class="theirs">&lt;script&gt;alert(1)&lt;/script&gt;' in text
