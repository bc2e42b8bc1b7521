"""An operator can lose a disk on Friday and be whole on Friday."""

from __future__ import annotations

import pytest

from accord.base.errors import ConflictError, MachineFault
from accord.node import agreements
from accord.node.backup import take_backup
from accord.node.readiness import Readiness
from accord.node.recovering import waits
from accord.node.restoring import restore
from accord.node.retention import list_retained, run_clocks
from accord.node.transfers import list_transfers
from accord.peers.recovery import recover_once
from tests.community import agreement_toml, held, id_of, indicator, ledger_of
from tests.recovery.support import Site, same_history


def test_a_lost_disk_is_whole_again(site: Site) -> None:
    community, bravo, charlie = site.community, site.community["Bravo"], site.community["Charlie"]
    before, after = [indicator() for _ in range(3)], [indicator() for _ in range(300)]
    community.publish(site.alfa, community.agreement, *before)
    community.sync()
    backup = site.backup()
    community.publish(site.alfa, community.agreement, *after)
    community.publish(bravo, community.agreement, theirs := indicator())
    community.sync()
    was = ledger_of(bravo, site.alfa)

    alfa = site.lose_and_restore(backup)
    assert held(alfa, id_of(after[0])) == []
    found = site.recover()
    assert found.done is not None
    assert found.done.lost == ()
    assert [(each.name, each.seen, each.fault) for each in found.peers] == [
        ("Bravo", was.size, None),
        ("Charlie", was.size, None),
    ]
    community.sync()
    assert ledger_of(alfa, alfa).root == was.root
    assert [held(alfa, id_of(raw)) for raw in (*before, *after, theirs)] == [
        [raw] for raw in (*before, *after, theirs)
    ]
    same_history(site)

    community.publish(alfa, community.agreement, again := indicator())
    community.publish(charlie, community.agreement, late := indicator())
    community.sync()
    assert held(bravo, id_of(again)) == held(charlie, id_of(again)) == [again]
    assert held(alfa, id_of(late)) == [late]
    same_history(site)


def test_nothing_is_signed_before_the_peers_were_asked(site: Site) -> None:
    community, bravo = site.community, site.community["Bravo"]
    alfa = site.lose_and_restore(site.backup())
    size, theirs = ledger_of(alfa, alfa).size, ledger_of(alfa, bravo).size
    community.publish(bravo, community.agreement)
    with pytest.raises(MachineFault) as fault:
        community.publish(alfa, community.agreement)
    assert fault.value.message.key == "node.restored"
    with pytest.raises(MachineFault):
        agreements.withdraw(alfa, community.agreement, reason="none")
    with pytest.raises(MachineFault):
        community.sync_one(alfa, bravo)  # its word as a witness is held back as well
    assert community.ask(bravo, alfa, "/log/checkpoint").status_code == 503
    assert community.ask(bravo, alfa, "/.well-known/accord").status_code == 200
    assert [lack.message.key for lack in Readiness(alfa).lacks()] == ["node.restored"]
    assert (ledger_of(alfa, alfa).size, ledger_of(alfa, bravo).size) == (size, theirs)
    assert bravo.read(lambda tx: tx.ledgers.convictions()) == []


def test_an_agreement_made_after_the_backup_stands_as_before(site: Site) -> None:
    community, bravo = site.community, site.community["Bravo"]
    backup = site.backup()
    mine = community.agree()
    terms = agreement_toml([node.member for node in community], retention_days="30")
    view = agreements.propose(bravo, terms)
    community.sync()
    for node in community:  # Alfa signs what Bravo proposed: the backup knows neither
        agreements.sign(node, view.id, sha256=None, person="A. Person", office="Head")
    community.sync()
    community.publish(site.alfa, view.id, raw := indicator())
    community.sync()

    alfa = site.lose_and_restore(backup)
    assert site.recover().done is not None
    community.sync()
    for agreement in (mine, view.id):
        (shown,) = agreements.show(alfa, agreement)
        assert shown.standing.state == "in-force"
        assert shown.standing == agreements.show(bravo, agreement)[0].standing
    run_clocks(alfa)  # what came back has its time as before
    assert id_of(raw) in {each.object_id for each in list_retained(alfa, days=30)}
    community.publish(alfa, view.id, later := indicator())
    community.sync()
    assert held(bravo, id_of(raw)) == [raw]
    assert held(bravo, id_of(later)) == [later]
    same_history(site)


def test_what_nobody_was_given_is_told_as_lost_and_its_commitment_stays(site: Site) -> None:
    community, bravo = site.community, site.community["Bravo"]
    backup = site.backup()
    community.publish(site.alfa, community.agreement, kept := indicator())
    community.sync()
    first = ledger_of(bravo, site.alfa).size
    _publish_to_nobody_yet(site)
    community.sync()

    alfa = site.lose_and_restore(backup)
    found = site.recover()
    assert found.done is not None
    assert found.done.lost == ((first, first),)
    assert held(alfa, id_of(kept)) == [kept]
    same_history(site)


def _publish_to_nobody_yet(site: Site) -> None:
    """An entry whose commitment all follow, and whose opening nobody has taken."""
    alfa, community = site.alfa, site.community
    community.publish(alfa, community.agreement)
    newest = alfa.read(lambda tx: tx.entries.last_seq())
    for peer in alfa.read(lambda tx: tx.peers.all()):
        granted = alfa.read(lambda tx: tx.grants.page(peer.id, 1, 0, 10_000))  # noqa: B023
        last = [each.seq for each in granted if each.entry.seq == newest]
        alfa.write(lambda tx: tx.grants.withdraw(peer.id, last))  # noqa: B023


def test_what_was_given_is_on_record_again_and_not_given_twice(site: Site) -> None:
    community, bravo = site.community, site.community["Bravo"]
    backup = site.backup()
    community.publish(site.alfa, community.agreement, raw := indicator())
    community.sync()
    alfa = site.lose_and_restore(backup)
    site.recover()
    given = [(line.peer, line.index) for line in list_transfers(alfa, direction="out")]
    number = ledger_of(alfa, alfa).size - 1
    assert {(bravo.member, number), (community["Charlie"].member, number)} <= set(given)
    before = len(list(list_transfers(bravo, direction="in")))
    (report,) = community.sync_one(bravo, alfa)
    assert (report.fault, report.outcome.known, report.outcome.kept) == (None, 0, 0)
    assert len(list(list_transfers(bravo, direction="in"))) == before
    assert held(bravo, id_of(raw)) == [raw]


def test_a_node_restored_twice_from_one_backup_skips_no_grant(site: Site) -> None:
    community = site.community
    backup = site.backup()
    for _ in range(2):
        community.publish(site.alfa, community.agreement, *[indicator() for _ in range(5)])
        community.sync()
        alfa = site.lose_and_restore(backup)
        assert site.recover().done is not None
        community.publish(alfa, community.agreement, raw := indicator())
        community.sync()
        for other in ("Bravo", "Charlie"):
            assert held(community[other], id_of(raw)) == [raw]
    same_history(site)


def test_two_who_lost_their_disks_on_one_day_help_each_other(site: Site) -> None:
    community = site.community
    backup = site.backup()
    community.publish(site.alfa, community.agreement, raw := indicator())
    community.sync()
    bravo, home = community["Bravo"], site.place("Bravo")
    other = take_backup(bravo, site.place("backup")).folder
    bravo.close()
    restore(other, home)
    bravo = community.open(home)
    alfa = site.lose_and_restore(backup)

    assert site.recover().done is not None
    assert recover_once(bravo, connect=community.connect).done is not None
    community.sync()
    assert held(alfa, id_of(raw)) == [raw]
    same_history(site)


def test_a_node_that_waits_for_nothing_has_nothing_to_recover(site: Site) -> None:
    assert waits(site.alfa) is None
    with pytest.raises(ConflictError) as conflict:
        site.recover()
    assert conflict.value.message.key == "node.recovery-needless"
