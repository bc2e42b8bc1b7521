"""Working groups at the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.node import groups
from tests.cli.conftest import Accord, accord
from tests.groups.conftest import Convened
from tests.groups.support import Council
from tests.node.support import Community, indicator, object_id

__all__ = ["accord"]  # the fixture


@pytest.fixture(scope="module")
def homes(convened: Convened, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Closed nodes: a group of Alfa and Bravo, which has admitted Charlie; and its agreement."""
    template, agreement = convened
    community = Community(template, tmp_path_factory.mktemp("homes"))
    council = Council(community, agreement)
    group = council.authorise("Alfa", "Bravo")
    council.admit(group, "Alfa", "Charlie", joins=False)
    assert [each.id for each in groups.groups(council["Charlie"])] == [group]
    community.close()
    return community.folder, group, agreement.id


def test_a_group_is_listed_joined_published_to_and_left(
    accord: Accord, homes: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder, group, agreement = homes
    alfa, charlie, delta = (("--home", folder / name) for name in ("Alfa", "Charlie", "Delta"))
    (row,) = accord("group", "list", *charlie, "--json").json
    assert (row["id"], row["mine"]) == (group, "invited")
    assert accord("group", "list", *delta, "--json").json == []
    assert "admitted" in accord("group", "show", group[:24], *charlie).out
    joined = accord("group", "join", group, *charlie, "--json").json
    assert {each["place"] for each in joined["members"]} == {"belongs"}

    file = tmp_path / "one.json"
    file.write_bytes(indicator(1))
    words = (file, "--group", group, "--tlp", "green")
    seen = accord("release", "preview", *words, *alfa, "--json").json
    assert sum(each["released"] for each in seen["rows"]) == 1, "Charlie's word is not here yet"
    done = accord("publish", *words, *alfa, "--json").json
    assert done["published"] == 1
    assert group in accord("show", object_id(indicator(1)), *alfa).out
    both = accord("publish", file, "--group", group, "--to", "Bravo", *alfa, "--json")
    assert both.error["error"] == "cli.group-and-to"
    neither = accord("publish", file, *alfa, "--json")
    assert neither.error["error"] == "cli.usage-missing"

    left = accord("group", "leave", group, "--reason", "Done.", *charlie, "--json").json
    assert left["mine"] == "left"
    moved = accord("group", "invite", group, "Delta", *alfa, "--json").json
    assert moved["effect"]["does"] == "admit"
    assert moved["titles"]["zh"]
    closing = accord("group", "close", group, *alfa, "--json").json
    assert closing["effect"] == {"does": "close-group", "group": group}
    proposed = accord(
        "group", "propose", "--agreement", agreement, "--member", "Alfa", "--member", "Delta",
        "--history", "from-joining", *delta, "--json",
    )  # fmt: skip
    assert proposed.json["effect"]["history"] == "from-joining"


def test_a_draft_for_a_group_is_released_to_it_by_who_may_read_of_it(
    accord: Accord, homes: tuple[Path, str, str], tmp_path: Path
) -> None:
    folder, group, _ = homes
    alfa = ("--home", folder / "Alfa")

    def token(name: str, role: str, *words: str) -> str:
        added = accord("token", "add", name, "--role", role, *words, *alfa, "--json").json
        return str(added["token"])

    within = ("--circle", group)
    author, releaser = token("a", "analyst", *within), token("r", "releaser", *within)
    outside = token("o", "releaser")
    file = tmp_path / "two.json"
    file.write_bytes(indicator(2))
    making = ("draft", "make", file, "--group", group, "--tlp", "green", *alfa, "--json")
    assert accord(*making, "--by", token("b", "analyst")).error["error"] == "node.may-not-draft"
    draft = accord(*making, "--by", author).json
    assert draft["group"] == group
    assert group in accord("draft", "show", draft["id"], *alfa).out

    release = ("draft", "release", draft["id"], *alfa, "--json")
    assert accord(*release, "--by", outside).error["error"] == "node.draft-unknown"
    wider = accord(*release, "--by", releaser, "--to", "Delta")
    assert wider.error["error"] == "cli.group-and-to"
    done = accord(*release, "--by", releaser).json
    assert done["published"] == 1
    assert group in accord("show", object_id(indicator(2)), *alfa).out
    assert accord("draft", "list", *alfa, "--json").json == []


def test_nobody_outside_is_told_of_a_group(accord: Accord, homes: tuple[Path, str, str]) -> None:
    folder, group, _ = homes
    delta = ("--home", folder / "Delta")
    told = set()
    for name in (group, "accord-group--00000000-0000-4000-8000-000000000000"):
        for words in (("show", name), ("join", name), ("leave", name), ("close", name)):
            ended = accord("group", *words, *delta, "--json")
            assert ended.code != 0
            told.add(ended.error["error"])
        token = accord("token", "add", "x", "--role", "analyst", "--circle", name, *delta, "--json")
        told.add(token.error["error"])
    assert told == {"node.group-unknown"}


def test_a_token_reads_of_the_groups_it_names(accord: Accord, homes: tuple[Path, str, str]) -> None:
    folder, group, _ = homes
    alfa = ("--home", folder / "Alfa")
    made = accord("token", "add", "y", "--role", "analyst", "--circle", group, *alfa, "--json").json
    assert made["circles"] == [group]
    (row,) = (each for each in accord("token", "list", *alfa, "--json").json if each["name"] == "y")
    assert row["circles"] == [group]
