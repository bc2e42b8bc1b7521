"""Search in three scripts: the page, what is sent while one types, facets, and who finds what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accord.node.indexing import catch_up
from tests.community import Community, id_of, indicator
from tests.web.conftest import Person
from tests.web.intelligence.test_listing import shown

Client = Callable[..., Person]
NAMES = ("Сервер управления «Зимородок»", "翠鸟控制服务器", "Kingfisher control server")


@pytest.fixture
def named(community: Community) -> list[str]:
    """Three indicators with names in three scripts, indexed."""
    raws = [indicator(name=name) for name in NAMES]
    for raw, tlp in zip(raws, ("green", "green", "amber"), strict=True):
        community.publish(community["Alfa"], community.agreement, raw, tlp=tlp)
    catch_up(community["Alfa"], 10.0)
    return [id_of(raw) for raw in raws]


def test_words_are_found_in_each_script(client: Client, named: list[str]) -> None:
    person = client()
    for question, place in (("серверы", 0), ("控制", 1), ("kingfisher", 2)):
        assert shown(person.get(f"/intelligence/search?q={question}")) == [named[place]]
    assert "Nothing that you may read" in person.get("/intelligence/search?q=albatross")


def test_while_one_types_only_what_was_found_is_sent(client: Client, named: list[str]) -> None:
    person = client()
    part = person.get("/intelligence/search?q=kingfi&typing=1", HX_Request="true")
    assert shown(part) == [named[2]]
    assert "<html" not in part
    assert shown(person.get("/intelligence/search?q=kingfi")) == []


def test_facets_count_and_narrow(client: Client, named: list[str]) -> None:
    person = client()
    text = person.get("/intelligence/search?q=server*")
    assert shown(text) == [named[2]]
    text = person.get("/intelligence/search?q=indicator")
    assert len(shown(text)) == 3
    assert "/intelligence/search?q=indicator&amp;tlp=amber" in text
    assert shown(person.get("/intelligence/search?q=indicator&tlp=amber")) == [named[2]]
    assert shown(person.get("/intelligence/search?q=indicator&month=2026-03")) != []
    assert shown(person.get("/intelligence/search?q=indicator&month=2026-02")) == []


def test_a_reader_finds_and_counts_only_what_they_may_see(client: Client, named: list[str]) -> None:
    low = client(name="low", tlp="green")
    assert sorted(shown(low.get("/intelligence/search?q=indicator"))) == sorted(named[:2])
    assert "In all: 2" in low.text
    assert "TLP:AMBER" not in low.text


@pytest.mark.parametrize(
    ("question", "status"),
    [("q=", 200), ("q=%2C%2C", 200), ("q=%00", 200), ("q=a&month=2026", 400),
     ("q=a&after=7", 400), ("q=a&tlp=mauve", 400), (f"q={'x' * 5000}", 200)],
)  # fmt: skip
def test_odd_questions_do_no_harm(
    client: Client, named: list[str], question: str, status: int
) -> None:
    assert client().get(f"/intelligence/search?{question}", status)
