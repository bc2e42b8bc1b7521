"""The line to the server breaks in the middle of a publish, at each of its statements in turn."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.engine import make_url

from accord.base.errors import MachineFault
from accord.node.home import Home
from accord.node.node import open_node
from tests.faults.conftest import Scenes
from tests.faults.engine import move_store
from tests.faults.line import Line, Lost
from tests.faults.steps import only_agreement
from tests.node.support import (
    Community,
    assert_sound,
    body_of,
    entries_of,
    give,
    holds,
    indicators,
    object_id,
)
from tests.workers.servers import Death, Server

MOST = 200  # statements


@pytest.fixture
def line(mortal: Server) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="accord-line-") as folder:
        made = Line(Path(folder), mortal.folder)
        yield made
        made.close()


@pytest.fixture
def connected(scenes: Scenes, mortal: Server, tmp_path: Path, line: Line) -> Iterator[Community]:
    """Alfa, who reaches its store over the line, and Bravo; an agreement in force."""
    community = scenes.copy("append", tmp_path)
    community["Alfa"].close()
    home = Home(community.folder / "Alfa")
    with mortal.empty_schema() as url:
        move_store(home.folder, url)
        over = make_url(url).update_query_dict({"host": str(line.folder)})
        db = over.render_as_string(hide_password=False)
        home.write_settings(msgspec.structs.replace(home.settings(), db=db))
        community.nodes["Alfa"] = open_node(home.folder, community.clock)
        yield community
        community.close()


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("stale", [False, True], ids=["well", "stale"])
def test_a_publish_that_loses_the_line_is_whole_or_not_there(
    connected: Community, line: Line, lost: Lost, stale: bool
) -> None:
    """And whoever asks next, or tries again, is served on a fresh connection.

    Also while that one is being made, because all pooled ones were found `stale`.
    """
    alfa, agreement = connected["Alfa"], only_agreement(connected)
    told: list[str] = []
    for number in range(MOST):
        raws = indicators(2, 2 * number)
        if stale:
            line.cut()
        line.arm(lost, number)
        acknowledged = True
        try:
            give(alfa, raws, agreement)
        except MachineFault as fault:
            acknowledged = False
            told.append(fault.message.key)
        broke = line.disarm()
        kept = {holds(alfa, raw) for raw in raws}
        assert len(kept) == 1
        assert kept == {True} or not acknowledged
        give(alfa, raws, agreement)
        assert all(holds(alfa, raw) for raw in raws)
        if not broke:
            break
    else:
        pytest.fail("the publish never ends")
    assert number > 20, "a publish has more statements than that"
    assert set(told) == {"store.unreachable"}
    _assert_each_once(connected, 2 * number + 2)


def _assert_each_once(community: Community, count: int) -> None:
    alfa = community["Alfa"]
    rows = entries_of(alfa, alfa.member)
    assert [row.number for row in rows] == list(range(len(rows)))
    found = Counter(object_id(body_of(alfa, row)) for row in rows if row.kind == "object")
    assert found == Counter(object_id(raw) for raw in indicators(count))
    assert_sound(alfa)


@pytest.mark.parametrize("death", ["kill -9", "immediate"])
def test_after_the_server_came_back_nobody_is_told_that_it_was_gone(
    scenes: Scenes, mortal: Server, tmp_path: Path, death: Death
) -> None:
    """All pooled connections are dead: what is asked or published next goes over fresh ones."""
    community = scenes.copy("append", tmp_path / "homes")
    community["Alfa"].close()
    with mortal.empty_schema() as url:
        move_store(community.folder / "Alfa", url)
        alfa = community.nodes["Alfa"] = open_node(community.folder / "Alfa", community.clock)
        agreement = only_agreement(community)
        for number in range(2):
            pool = [alfa.store._engine.engine.connect() for _ in range(4)]
            for each in pool:
                each.close()
            mortal.die(death)
            with pytest.raises(MachineFault) as fault:
                give(alfa, indicators(1, 2 * number), agreement)
            assert fault.value.message.key == "store.unreachable"
            mortal.start()
            give(alfa, indicators(2, 2 * number), agreement)
        pool = [alfa.store._engine.engine.connect() for _ in range(4)]
        for each in pool:
            each.close()
        mortal.die(death)
        mortal.start()
        alfa.store.write(lambda tx: tx.settings.set("name", "Alfa"))
        give(alfa, indicators(2, 4), agreement)
        _assert_each_once(community, 6)
    community.close()
