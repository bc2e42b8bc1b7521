"""What was said on a motion after the backup is heard again after the recovery."""

from __future__ import annotations

import pytest

from accord.base.errors import ConflictError
from accord.node import agreements, deciding
from accord.node.duties import do_duties
from tests.node.council import charter_text, council, move, state_of
from tests.recovery.support import Site, all_holds


def test_a_ballot_cast_after_the_backup_counts_after_the_recovery_and_is_not_cast_again(
    site: Site,
) -> None:
    community = site.community
    text = charter_text([node.member for node in community])
    charter = agreements.propose(community["Bravo"], text)
    community.sync()
    for node in community:
        agreements.sign(node, charter.id, sha256=None, person="P. Erson", office="Desk")
    community.sync()
    community.sync()
    motion = move(community["Bravo"])
    community.sync()
    backup = site.backup()
    deciding.vote(site.alfa, motion, "no")
    community.sync()

    site.lose_and_restore(backup)
    assert site.recover().done is not None
    record = council(site.alfa).record(motion)
    assert record is not None
    assert [cast.ballot.choice for cast in record.ballots[site.alfa.member]] == ["no"]
    with pytest.raises(ConflictError):
        deciding.vote(site.alfa, motion, "yes")

    community.sync()
    assert [state_of(node, motion) for node in community] == ["open"] * 3
    assert do_duties(site.alfa) == 0, "what it said before the disk was lost is not said again"
    for node in community:
        all_holds(node)
