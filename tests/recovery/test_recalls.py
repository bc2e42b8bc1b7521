"""What was called back after the backup is called back again, before anything is signed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from accord.node.backup import take_backup
from accord.node.recalling import Order, find_entries, recall_entries, recall_tables
from accord.node.restoring import restore
from accord.peers.recovery import recover_once
from tests.community import Community, held, id_of, indicator
from tests.recovery.support import all_holds


def test_a_recalled_object_that_comes_back_from_a_restored_backup(
    community: Community, tmp_path: Path
) -> None:
    """It is a recipient's backup; the recall is its author's, and came after it."""
    alfa, bravo = community["Alfa"], community["Bravo"]
    community.publish(alfa, community.agreement, gone := indicator())
    community.sync()
    assert held(bravo, id_of(gone)) == [gone]
    backup = take_backup(bravo, tmp_path / "backup").folder
    order = Order(mode="erase", reason="wrong", due=alfa.now() + timedelta(days=1))
    recall_entries(alfa, find_entries(alfa, [id_of(gone)]), order)
    community.sync()
    assert held(bravo, id_of(gone)) == []

    bravo.close()
    restore(backup, tmp_path / "restored")
    bravo = community.open(tmp_path / "restored")
    assert held(bravo, id_of(gone)) == [gone]
    assert recover_once(bravo, (), community.connect).done is not None
    community.sync()
    assert held(bravo, id_of(gone)) == []
    for node in community:
        all_holds(node)


def test_a_recall_made_after_the_backup_holds_after_the_recovery(
    community: Community, tmp_path: Path
) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    community.publish(alfa, community.agreement, gone := indicator(), kept := indicator())
    community.sync()
    backup = take_backup(alfa, tmp_path / "backup").folder
    order = Order(mode="erase", reason="wrong", due=alfa.now() + timedelta(days=1))
    recall_entries(alfa, find_entries(alfa, [id_of(gone)]), order)
    community.sync()
    assert held(bravo, id_of(gone)) == []

    alfa.close()
    restore(backup, tmp_path / "restored")
    alfa = community.open(tmp_path / "restored")
    assert held(alfa, id_of(gone)) == [gone]  # it was in the backup
    found = recover_once(alfa, (), community.connect)
    assert found.done is not None
    assert held(alfa, id_of(gone)) == []
    assert held(alfa, id_of(kept)) == [kept]
    (table,) = recall_tables(alfa)
    assert {row.member for row in table.rows} == {bravo.member, community["Charlie"].member}
    community.sync()
    (table,) = recall_tables(alfa)
    assert table.count("done") == 2
    for node in community:
        assert held(node, id_of(gone)) == []
        all_holds(node)
