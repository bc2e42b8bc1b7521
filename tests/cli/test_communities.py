"""Joining and leaving a community at the shell: apply, sponsor, status, leave, departures."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.base.clock import utc_now
from accord.node.duties import do_duties
from accord.node.node import open_node
from tests.node.council import chartered
from tests.node.support import Community, HandClock, found, meet, sync

from .conftest import Accord

WORDS = {"en": "compare keys", "ru": "сверка ключей", "zh": "核对密钥"}


@pytest.fixture
def joining(tmp_path: Path) -> tuple[dict[str, Path], str]:
    """Alfa and Bravo under a charter, and Delta, who has compared keys with Alfa; all closed."""
    community = Community.new(tmp_path, "Alfa", "Bravo")
    charter = chartered(community).id
    homes = {name: community.folder / name for name in community.nodes}
    homes["Delta"] = tmp_path / "Delta"
    found(homes["Delta"], "Delta", HandClock(utc_now()), 3)
    delta = open_node(homes["Delta"])
    meet(delta, community["Alfa"])
    meet(community["Alfa"], delta)
    delta.close()
    community.close()
    return homes, charter


def exchange(homes: dict[str, Path]) -> None:
    """Alfa follows the two others, and they follow it; each does its duties, as served nodes do."""
    nodes = {name: open_node(home) for name, home in homes.items()}
    for name in ("Bravo", "Delta"):
        sync(nodes["Alfa"], nodes[name])
        sync(nodes[name], nodes["Alfa"])
    for node in nodes.values():
        do_duties(node)
        node.close()


def test_an_accession_is_followed_step_by_step(
    accord: Accord, joining: tuple[dict[str, Path], str]
) -> None:
    homes, charter = joining
    alfa, bravo, delta = (homes[name] for name in ("Alfa", "Bravo", "Delta"))
    to = ("community", "apply", charter, "--sponsor", "Alfa", "--home", delta)
    assert accord(*to, "--as", "friend", "--reason", "?").code == 2
    applied = accord(*to, "--reason", "We share the river.", "--json").json
    assert (applied["state"], applied["standing"]) == ("applied", "member")
    assert accord(*to, "--reason", "Again.").code != 0
    exchange(homes)

    shown = accord("community", "status", "--home", alfa).out
    assert "We share the river." in shown
    assert "Alfa" in shown
    moved = accord("community", "sponsor", "Delta", "--home", alfa, "--json").json
    assert moved["effect"] == {
        "does": "admit",
        "member": applied["applicant"],
        "standing": "member",
    }
    assert "We share the river." in moved["texts"]["ru"]
    exchange(homes)
    (view,) = accord("community", "status", "--home", bravo, "--json").json
    assert [step["state"] for step in view["steps"]] == ["done", "done", "next", "later", "later"]
    assert view["reason"] is None
    for language, word in WORDS.items():
        assert (
            word in accord("community", "status", "Delta", "--home", delta, "--lang", language).out
        )
    left = accord("community", "leave", "--reason", "No more.", "--home", delta, "--json").json
    assert left == {"left": [], "departures": []}
    (view,) = accord("community", "status", "--home", delta, "--json").json
    assert view["state"] == "gone"
    assert accord("community", "departures", "--home", delta, "--json").json == []


def test_leaving_lists_what_stops_and_what_is_owed(
    accord: Accord, joining: tuple[dict[str, Path], str]
) -> None:
    homes, charter = joining
    bravo = homes["Bravo"]
    ended = accord("community", "leave", "--reason", "Decided.", "--home", bravo, "--json")
    assert ended.code == 0, ended.err
    left = ended.json
    assert left["left"] == [charter]
    (view,) = left["departures"]
    assert (view["noted"], "vote" in view["stops"], "tally" in view["goes_on"]) == (
        False,
        True,
        True,
    )
    exchange(homes)
    for language, word in {"en": "stopped", "ru": "прекратилось", "zh": "已停止"}.items():
        shown = accord("community", "departures", "--home", homes["Alfa"], "--lang", language)
        assert word in shown.out
    assert accord("community", "leave", "--reason", "Again.", "--home", bravo).code == 1


def test_nothing_is_known_where_nobody_applied_or_left(
    accord: Accord, joining: tuple[dict[str, Path], str]
) -> None:
    homes, _ = joining
    assert "No accession" in accord("community", "status", "--home", homes["Alfa"]).out
    assert "Nobody" in accord("community", "departures", "--home", homes["Alfa"]).out
    assert accord("community", "show", "--home", homes["Alfa"]).out == (
        accord("community", "--home", homes["Alfa"]).out
    )
