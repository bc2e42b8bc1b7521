"""Deciding at the shell: move, show, vote, extend; sessions and minutes; who belongs."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from accord.base.clock import format_time, utc_now
from accord.node.node import open_node
from tests.node.council import chartered, round_of
from tests.node.support import Community, sync

from .conftest import Accord

MOTION = """
session = "{session}"
[titles]
zh = "动议"
ru = "Предложение"
en = "A motion"
[texts]
zh = "文本"
ru = "Текст"
en = "The text"
[effect]
does = "declare"
"""
HOUR = timedelta(hours=1)

SESSION = """
place = "Tashkent"
begins = {begins}
ends = {ends}
[titles]
zh = "第三次会议"
ru = "Третье заседание"
en = "Third session"
[[papers]]
ref = "report--11111111-1111-4111-8111-111111111111"
title = "First quarter"
"""


@pytest.fixture(scope="module")
def council_homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Alfa and Bravo under a charter that decides by silence; their nodes are closed."""
    folder = tmp_path_factory.mktemp("council")
    community = Community.new(folder, "Alfa", "Bravo")
    chartered(community)
    round_of(community)
    community.close()
    return {name: community.folder / name for name in community.nodes}


def _exchange(homes: dict[str, Path]) -> None:
    """Each follows the other, as two serving nodes would."""
    nodes = [open_node(home) for home in homes.values()]
    sync(nodes[0], nodes[1])
    sync(nodes[1], nodes[0])
    for node in nodes:
        node.close()


def test_a_session_with_a_motion_from_the_convening_to_the_minutes(
    accord: Accord,
    council_homes: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alfa, bravo = council_homes.values()
    session_file, motion_file = tmp_path / "session.toml", tmp_path / "motion.toml"
    begins, ends = (format_time(each) for each in (utc_now(), utc_now() + HOUR))
    session_file.write_text(SESSION.format(begins=begins, ends=ends), "utf-8")
    session = accord("council", "convene", session_file, "--home", alfa, "--json").json["id"]
    motion_file.write_text(MOTION.format(session=session), "utf-8")
    moved = accord("motion", "propose", motion_file, "--home", alfa, "--json").json
    assert moved["state"] == "open"
    _exchange(council_homes)

    name = moved["sha256"][:10]
    voted = accord("motion", "vote", name, "no", "--home", bravo, "--reason", "Not yet.", "--json")
    assert [each["said"] for each in voted.json["voices"]].count("no") == 1
    assert accord("motion", "vote", name, "yes", "--home", bravo).code != 0, "there is no second"
    assert accord("motion", "vote", name, "perhaps", "--home", bravo).code == 2
    _exchange(council_homes)
    for language, word in (("en", "open"), ("ru", "открыто"), ("zh", "表决中")):
        assert word in accord("motion", "list", "--home", alfa, "--lang", language).out
        shown = accord("motion", "show", name, "--home", alfa, "--lang", language).out
        assert "Bravo" in shown
        assert "Not yet." in shown

    monkeypatch.setenv("TZ", "Asia/Tashkent")
    time.tzset()
    local = accord("motion", "list", "--home", alfa).out
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert "+05:00 (" in local, "the reader's own time, with UTC beside it"

    extended = accord("motion", "extend", name, "--closes", "2099-01-01", "--home", alfa, "--json")
    assert extended.code == 0
    assert accord("motion", "extend", name, "--closes", "2099-02-01", "--home", alfa).code != 0

    words = ("council", "attend", "--person", "R. Example", "--office", "Director")
    assert accord(*words, "--home", bravo, "--json").json["session"] == session
    _exchange(council_homes)
    agenda = accord("council", "agenda", "--home", alfa, "--json").json
    assert [each["sha256"] for each in agenda["motions"]] == [moved["sha256"]]
    assert "First quarter" in accord("council", "agenda", "--home", bravo).out
    for language, heading in (("en", "# Third session"), ("zh", "# 第三次会议")):
        text = accord("council", "minutes", "--home", alfa, "--lang", language).out
        assert text.startswith(heading)
        assert "Bravo: R. Example, Director" in text
        page = tmp_path / f"{language}.html"
        accord("council", "minutes", "--home", alfa, "--lang", language, "--html", page)
        printed = page.read_text("utf-8")
        assert "R. Example, Director" in printed
        assert heading.removeprefix("# ") in printed
    nowhere = tmp_path / "none" / "minutes.html"
    refused = accord("council", "minutes", "--home", alfa, "--html", nowhere)
    assert refused.code != 0
    assert str(nowhere) in refused.err


def test_the_community_lists_who_belongs(accord: Accord, council_homes: dict[str, Path]) -> None:
    alfa = council_homes["Alfa"]
    (body,) = accord("community", "--home", alfa, "--json").json["bodies"]
    assert [each["standing"] for each in body["members"]] == ["member", "member"]
    for language, word in (("en", "silence"), ("ru", "консенсус"), ("zh", "默许")):
        shown = accord("community", "--home", alfa, "--lang", language).out
        assert "Charter" in shown
        assert word in shown


def test_a_file_that_is_no_motion_names_the_field(
    accord: Accord, council_homes: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "motion.toml"
    for broken, field in (("x = 1\n", "x"), (MOTION.replace("declare", "conquer"), "effect.does")):
        path.write_text(broken, "utf-8")
        ended = accord("motion", "propose", path, "--home", council_homes["Alfa"])
        assert ended.code == 2
        assert field in ended.err


def test_without_a_charter_the_commands_say_so(
    accord: Accord, tmp_path_factory: pytest.TempPathFactory
) -> None:
    community = Community.new(tmp_path_factory.mktemp("alone"), "Alfa")
    home = community.folder / "Alfa"
    community.close()
    assert "charter" in accord("community", "--home", home).out
    assert accord("motion", "list", "--home", home, "--json").json == []
    assert accord("council", "minutes", "--home", home).code == 1
