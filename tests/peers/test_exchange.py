"""Three nodes exchange over the federation door: who gets what, and that all of it is proved."""

from __future__ import annotations

from accord.node import members
from accord.node.overview import peer_overview
from accord.node.verifying import verify_ledgers
from tests.community import Community, held, id_of, indicator


def test_parties_receive_what_is_published_and_nobody_else_does(community: Community) -> None:
    alfa, bravo, charlie = community
    agreement = community.agree(alfa, bravo)
    raw = indicator()

    community.publish(alfa, agreement, raw)
    community.sync()

    assert held(bravo, id_of(raw)) == [raw]
    assert held(charlie, id_of(raw)) == []


def test_a_catch_up_reports_that_it_converged(community: Community) -> None:
    alfa, bravo, _ = community
    agreement = community.agreement
    community.publish(alfa, agreement, *[indicator() for _ in range(600)])

    (report,) = community.sync_one(bravo, alfa)

    own = alfa.read(lambda tx: tx.ledgers.get(1))
    assert own is not None
    assert report.converged
    assert report.fault is None
    assert (report.size, report.root) == (own.size, own.root.hex())
    assert report.outcome.kept == 600
    assert report.outcome.refused == 0


def test_ledgers_verify_with_witnesses_at_every_node(community: Community) -> None:
    alfa, _bravo, _ = community
    community.publish(alfa, community.agreement)
    community.sync()

    for node in community:
        for found in verify_ledgers(node):
            assert found.faults == ()
            assert len(found.witnesses) == 2


def test_an_agreement_signed_late_releases_older_entries_without_a_rescan(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    agreement = community.agreement
    members.suspend_peer(alfa, bravo.member)
    raw = indicator()
    community.publish(alfa, agreement, raw)
    community.sync()
    assert held(bravo, id_of(raw)) == []

    members.resume_peer(alfa, bravo.member)
    community.sync()

    assert held(bravo, id_of(raw)) == [raw]


def test_the_overview_shows_contact_lag_witnesses_and_pending_grants(community: Community) -> None:
    alfa, bravo, _ = community
    agreement = community.agreement
    community.sync()
    (seen, _) = peer_overview(alfa)
    assert (seen.member, seen.state, seen.lag, seen.witnesses) == (bravo.member, "confirmed", 0, 1)
    assert seen.witness_note is None
    assert seen.last_contact is not None

    before = seen.pending
    community.publish(alfa, agreement)
    (seen, _) = peer_overview(alfa)
    assert seen.pending == before + 1
