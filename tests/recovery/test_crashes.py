"""A recovery that is cut off at any step is begun anew, and ends the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_recovery_cut_off_at_a_step_is_taken_up(
    community: Community,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    step: str,
    done: bool,
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    backup = take_backup(alfa, tmp_path / "backup").folder
    raws = [indicator() for _ in range(3)]
    community.publish(alfa, community.agreement, *raws)
    community.sync()
    was = ledger_of(bravo, alfa)
    alfa.close()
    restore(backup, tmp_path / "restored")
    alfa = community.open(tmp_path / "restored")
    with monkeypatch.context() as cutting:
        cutting.setattr(where, step, _cut(getattr(where, step), done=done))
        with pytest.raises(Cut):
            recover_once(alfa, (), community.connect)
    alfa.close()
    alfa = community.open(tmp_path / "restored")
    if step == "finish_recovery" and done:
        assert waits(alfa) is None
    else:
        assert waits(alfa) is not None
        found = recover_once(alfa, (), community.connect)
        assert found.done is not None
        assert found.done.lost == ()
    community.publish(alfa, community.agreement, late := indicator())
    community.sync()
    assert [held(alfa, id_of(raw)) for raw in raws] == [[raw] for raw in raws]
    assert held(bravo, id_of(late)) == [late]
    assert ledger_of(bravo, alfa).size == was.size + 1
    for node in community:
        all_holds(node)
