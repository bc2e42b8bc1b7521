"""Evidence as delivery: an entry that comes by hand is judged as if it had been fetched."""

from __future__ import annotations

import pytest

from accord.base.errors import DeniedError, PeerFault
from accord.ledger.faults import ForkedHistory
from accord.node import agreements, members
from accord.node.evidence import evidence_of, take_evidence
from accord.node.node import Node
from accord.node.verifying import verify_ledgers
from accord.node.waiting import list_refused, list_waiting, retry_waiting
from tests.community import Community, agreement_toml, held, id_of, indicator, ledger_of
from tests.recovery.support import all_holds


def _alert(community: Community, author: Node, taker: Node) -> tuple[bytes, bytes]:
    """An object of `author`, and its evidence as `taker` can give it to a third."""
    community.publish(author, community.agreement, raw := indicator())
    community.sync_one(taker, author)
    return raw, evidence_of(taker, id_of(raw)).data


def test_an_entry_comes_by_hand_round_a_cut_link_and_is_found_again_later(
    community: Community,
) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    raw, data = _alert(community, alfa, bravo)
    size = ledger_of(charlie, alfa).size
    community.network.down.add(alfa.settings.url)
    evidence, done = take_evidence(charlie, data)
    assert (done.kept, done.held, done.refused) == (1, 0, 0)
    assert evidence.author.member == alfa.member
    assert held(charlie, id_of(raw)) == [raw]
    assert ledger_of(charlie, alfa).size == size  # no spine was made of one entry
    assert [found.faults for found in verify_ledgers(charlie) if found.faults] == []
    assert take_evidence(charlie, data)[1].known == 1

    community.network.down.clear()
    community.sync()
    assert held(charlie, id_of(raw)) == [raw]
    assert ledger_of(charlie, alfa).size > size
    for node in community:
        all_holds(node)


def test_the_word_of_a_witness_in_the_file_counts(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    _raw, data = _alert(community, alfa, bravo)
    take_evidence(charlie, data)
    row = ledger_of(charlie, alfa)
    seen = charlie.read(lambda tx: tx.ledgers.cosignature(row.id, bravo.member))
    assert seen is not None
    assert seen.size == ledger_of(bravo, alfa).size


def test_what_is_not_for_us_is_refused_by_hand_as_well(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    community.publish(alfa, community.agreement, raw := indicator(), audience=(bravo.member,))
    community.sync_one(bravo, alfa)
    _, done = take_evidence(charlie, evidence_of(bravo, id_of(raw)).data)
    assert done.refused == 1
    assert held(charlie, id_of(raw)) == []
    (refused,) = list_refused(charlie)
    assert [reason.key for reason in refused.reasons] == ["rules.not-in-audience"]


def test_what_waits_for_a_fact_waits_for_the_spine_as_well(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    other = _agree_without(community, charlie)
    community.publish(alfa, other, raw := indicator())
    community.sync_one(bravo, alfa)
    _, done = take_evidence(charlie, evidence_of(bravo, id_of(raw)).data)
    assert done.held == 1
    assert retry_waiting(charlie).kept == 0
    assert len(list_waiting(charlie)) == 1
    community.sync()
    assert held(charlie, id_of(raw)) == [raw]
    assert list_waiting(charlie) == []


def _agree_without(community: Community, absent: Node) -> str:
    """An agreement of all, signed by all, of which `absent` has not heard since."""
    present = [node for node in community if node is not absent]
    view = agreements.propose(present[0], agreement_toml([node.member for node in community]))
    community.sync_one(absent, present[0])
    community.sync(*present)
    agreements.sign(absent, view.id, sha256=None, person="A. Person", office="Head")
    for node in present:
        community.sync_one(node, absent)
        agreements.sign(node, view.id, sha256=None, person="A. Person", office="Head")
    community.sync(*present)
    return view.id


def test_evidence_of_another_history_convicts_its_author(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    folder = community.copy(alfa, charlie.home.folder.parent / "copied")
    alfa = community["Alfa"]
    raw, data = _alert(community, alfa, bravo)
    alfa.close()
    other = community.open(folder)
    community.publish(other, community.agreement, indicator())
    community.sync_one(charlie, other)
    with pytest.raises(ForkedHistory):
        take_evidence(charlie, data)
    assert held(charlie, id_of(raw)) == []
    (proved,) = charlie.read(lambda tx: tx.ledgers.convictions())
    assert proved.member == other.member


def test_a_history_without_what_was_handed_over_convicts_its_author(
    community: Community,
) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    folder = community.copy(alfa, charlie.home.folder.parent / "copied")
    alfa = community["Alfa"]
    _raw, data = _alert(community, alfa, bravo)
    bare = data  # without the witness: Bravo is unknown to Charlie from here on
    members.remove_peer(charlie, bravo.member)
    take_evidence(charlie, bare)
    alfa.close()
    other = community.open(folder)
    community.publish(other, community.agreement, indicator())
    (report,) = community.sync_one(charlie, other)
    assert report.fault is not None
    assert report.fault.key == "ledger.forked"
    (proved,) = charlie.read(lambda tx: tx.ledgers.convictions())
    assert proved.member == other.member
    assert proved.first != proved.second


def test_a_stranger_s_evidence_and_altered_evidence_are_not_taken(community: Community) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    raw, data = _alert(community, alfa, bravo)
    with pytest.raises(PeerFault):
        take_evidence(charlie, data.replace(b"index ", b"index 1"))
    members.remove_peer(charlie, alfa.member)
    with pytest.raises(DeniedError) as error:
        take_evidence(charlie, data)
    assert error.value.message.key == "node.evidence-stranger"
    assert held(charlie, id_of(raw)) == []
