"""The council on the page: motions and ballots; what is wrong is said, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accord.node.councils import motion, motions
from tests.node.council import chartered, move, run, states
from tests.node.support import NAMES, Community, Template
from tests.web.conftest import OpenFor, Person

Client = Callable[..., Person]


@pytest.fixture(scope="module")
def made_council(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, str, str]:
    """The homes of three under a charter and an agreement; and the ids of these."""
    folder = tmp_path_factory.mktemp("council")
    community = Community.new(folder, *NAMES)
    charter = chartered(community)
    rivers = community.agree()
    return community.template(), charter.id, rivers.id


@pytest.fixture
def council(made_council: tuple[Template, str, str], tmp_path: Path) -> Iterator[Community]:
    community = Community(made_council[0], tmp_path)
    yield community
    community.close()


@pytest.fixture
def charter(made_council: tuple[Template, str, str]) -> str:
    return made_council[1]


@pytest.fixture
def rivers(made_council: tuple[Template, str, str]) -> str:
    return made_council[2]


@pytest.fixture
def delegate(council: Community, person: OpenFor) -> Client:
    """`delegate("Bravo")`: the delegate of a member."""
    return lambda at="Alfa", language="en", **fields: person(
        council[at], "delegate", language, **fields
    )


def fields(**changed: object) -> dict[str, object]:
    plain: dict[str, object] = {"how": "form", "does": "declare", "standing": "member"}
    for language in ("zh", "ru", "en"):
        plain[f"title_{language}"] = f"Title {language}"
        plain[f"text_{language}"] = f"Text {language}"
    return plain | changed


def test_what_is_wrong_in_a_motion_is_named_and_nothing_is_lost(
    council: Community, delegate: Client, rivers: str
) -> None:
    person, before = delegate(zone="Asia/Shanghai"), len(motions(council["Alfa"]))
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({"title_ru": ""}, "(ru)"),
        ({"does": "conquer"}, "conquer"),
        ({"does": "admit"}, "Member"),
        ({"does": "suspend", "member": "nobody"}, "notice-bad"),
        ({"does": "admit", "member": council["Bravo"].member, "standing": "king"}, "king"),
        ({"does": "adopt-agreement"}, "notice-bad"),
        ({"does": "adopt-agreement", "text_of": f"{rivers} {'0' * 64}"}, "notice-bad"),
        ({"does": "adopt-agreement", "text_of": "x"}, "notice-bad"),
        ({"does": "close-group", "group": "none"}, "notice-bad"),
        ({"closes": "soon"}, "soon"),
        ({"closes": "2020-01-01T00:00"}, "notice-bad"),
        ({"closes": "0001-01-01T00:00"}, "notice-bad"),
        ({"body": "elsewhere"}, "notice-bad"),
    )
    for changed, named in cases:
        page = person.post("/council/propose", 400, **fields(**changed)).text
        assert "notice-bad" in page, changed
        assert named in page, changed
        assert "Title en" in page
    for file in ("", "titles =", 'does = "declare"'):
        page = person.post("/council/propose", 400, how="file", file=file).text
        assert "notice-bad" in page
        assert file in page.replace("&#34;", '"')
    assert len(motions(council["Alfa"])) == before


def test_a_no_breaks_the_silence_and_the_words_stay(council: Community, delegate: Client) -> None:
    name = move(council["Alfa"])
    run(council, 1)
    bravo, person = council["Bravo"], delegate("Bravo")
    view, where = motion(bravo, name), f"/council/motions/{name}"
    person.get(where)
    ballot = {"sha256": view.sha256, "reason": "Kept reason"}
    assert "Kept reason" in person.post(f"{where}/vote", 400, **ballot, choice="maybe").text
    person.post(f"{where}/vote", 400, **ballot | {"sha256": "0" * 64}, choice="no")
    long = person.post(f"{where}/vote", 400, **ballot | {"reason": "w" * 2001}, choice="no").text
    assert "w" * 2001 in long
    assert [v.said for v in motion(bravo, name).voices if v.member == bravo.member] != ["no"]
    assert "Kept reason" in person.follow(person.post(f"{where}/vote", **ballot, choice="no"))
    person.post(f"{where}/vote", 409, **ballot, choice="yes")
    run(council, 96)
    assert set(states(council, name)) == {"rejected"}
    delegate().get("/council/motions/nothing", 404)


def test_an_account_for_other_agreements_sees_no_motion_of_the_council(
    council: Community, delegate: Client, charter: str, rivers: str
) -> None:
    name = motion(council["Alfa"], move(council["Alfa"])).id
    limited = delegate(name="limited", agreements=(rivers,))
    assert name not in limited.get("/council")
    limited.get(f"/council/motions/{name}", 404)
    limited.post(f"/council/motions/{name}/withdraw", 404)
    limited.post(f"/council/motions/{name}/extend", 404, closes="2027-01-01T00:00")
    limited.post("/council/propose", 400, **fields())
    assert name not in limited.get("/")
    assert name in delegate(name="within", agreements=(charter,)).get("/council")
