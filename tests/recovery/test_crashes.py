"""A recovery that is cut off at any step is begun anew, and ends the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from accord.node.backup import take_backup
from accord.node.recovering import Extension, waits
from accord.node.restoring import restore
from accord.peers import recovery
from accord.peers.recovery import recover_once
from tests.community import Community, held, id_of, indicator, ledger_of
from tests.recovery.support import all_holds


class Cut(Exception):
    """The process ends here."""


def _cut(job: Callable[..., Any], *, done: bool) -> Callable[..., Any]:
    """`job` cut off: before it does anything, or after all it does."""

    def cut(*args: Any, **named: Any) -> Any:
        if done:
            job(*args, **named)
        raise Cut

    return cut


STEPS = [
    (recovery, "read_memory"),
    (recovery, "take_own_words"),
    (Extension, "keep"),
    (recovery, "take_back"),
    (recovery, "finish_recovery"),
]


class Lost(NamedTuple):
    """The homes of three, one of which is older than what the others hold of it."""

    homes: Path
    raws: list[bytes]  # published since
    size: int  # of its ledger, as the others know it


@pytest.fixture(scope="module")
def lost(made_community: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Lost:
    """Alfa came back from a backup; Bravo and Charlie hold three objects that are not in it."""
    folder = tmp_path_factory.mktemp("lost")
    shutil.copytree(made_community[0], folder / "before")
    raws = [indicator() for _ in range(3)]
    with closing(Community(folder / "before")) as community:
        backup = take_backup(community["Alfa"], folder / "backup").folder
        community.publish(community["Alfa"], made_community[1], *raws)
        community.sync()
        size = ledger_of(community["Bravo"], community["Alfa"]).size
    homes = folder / "homes"
    for name in ("Bravo", "Charlie"):
        shutil.copytree(folder / "before" / name, homes / name)
    restore(backup, homes / "Alfa")
    return Lost(homes, raws, size)


@pytest.fixture
def community(lost: Lost, made_community: tuple[Path, str], tmp_path: Path) -> Iterator[Community]:
    """The three as they are in `lost`."""
    shutil.copytree(lost.homes, tmp_path / "homes")
    with closing(Community(tmp_path / "homes")) as copy:
        copy.agreement = made_community[1]
        yield copy


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_recovery_cut_off_at_a_step_is_taken_up(
    community: Community,
    lost: Lost,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
    done: bool,
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    with monkeypatch.context() as cutting:
        cutting.setattr(where, step, _cut(getattr(where, step), done=done))
        with pytest.raises(Cut):
            recover_once(alfa, (), community.connect)
    alfa.close()
    alfa = community.open(alfa.home.folder)
    if step == "finish_recovery" and done:
        assert waits(alfa) is None
    else:
        assert waits(alfa) is not None
        found = recover_once(alfa, (), community.connect)
        assert found.done is not None
        assert found.done.lost == ()
    community.publish(alfa, community.agreement, late := indicator())
    community.sync()
    assert [held(alfa, id_of(raw)) for raw in lost.raws] == [[raw] for raw in lost.raws]
    assert held(bravo, id_of(late)) == [late]
    assert ledger_of(bravo, alfa).size == lost.size + 1
    for node in community:
        all_holds(node)
