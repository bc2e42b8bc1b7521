"""A member that shows different histories, takes one back, or has its witnesses lie for it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.keys import LedgerKey
from accord.ledger.notes import Note, Signature, parse_note
from accord.node import members
from accord.node.node import Node
from tests.attacks.dishonest import is_stopped_for
from tests.community import Community, answer_with, body_of, held, id_of, indicator


def own_size(node: Node) -> int:
    row = node.read(lambda tx: tx.ledgers.get(1))
    assert row is not None
    return row.size


def pinned_size(node: Node, member: Node) -> int:
    row = node.read(lambda tx: tx.ledgers.of_member(member.member))
    assert row is not None
    return row.size


def test_a_forked_history_stops_following_and_is_kept_as_evidence(
    community: Community, tmp_path: Path
) -> None:
    other_self = community.copy(community["Alfa"], tmp_path / "fork")
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    community.sync_one(bravo)
    before = pinned_size(bravo, alfa)

    alfa.close()
    alfa = community.open(other_self)
    community.publish(alfa, community.agreement)
    community.publish(alfa, community.agreement)
    (report,) = community.sync_one(bravo, alfa)

    assert report.fault is not None
    assert report.fault.key == "ledger.forked"
    assert pinned_size(bravo, alfa) == before
    assert is_stopped_for(bravo, alfa) == "ledger.forked"
    (proof,) = bravo.read(lambda tx: tx.ledgers.convictions(alfa.member))
    assert parse_note(proof.first).text != parse_note(proof.second).text


def test_two_members_who_were_shown_two_histories_find_out_by_comparing(
    community: Community, tmp_path: Path
) -> None:
    other_self = community.copy(community["Alfa"], tmp_path / "fork")
    alfa, bravo, charlie = community
    community.publish(alfa, community.agreement)
    community.sync_one(bravo, alfa)
    alfa.close()
    alfa = community.open(other_self)
    community.publish(alfa, community.agreement)
    community.sync_one(charlie, alfa)
    assert is_stopped_for(bravo, alfa) is None

    community.sync_one(bravo, charlie)

    assert is_stopped_for(bravo, alfa) == "ledger.forked"
    assert bravo.read(lambda tx: tx.ledgers.convictions(alfa.member))
    assert is_stopped_for(bravo, charlie) is None


def test_a_fork_ahead_of_what_was_seen_is_found_when_the_ledger_gets_there(
    community: Community, tmp_path: Path
) -> None:
    other_self = community.copy(community["Alfa"], tmp_path / "fork")
    alfa, bravo, charlie = community
    community.publish(alfa, community.agreement)
    community.publish(alfa, community.agreement)
    home = alfa.home.folder
    community.sync_one(charlie, alfa)
    alfa.close()
    alfa = community.open(other_self)
    community.publish(alfa, community.agreement)
    community.sync_one(bravo, alfa)
    community.sync_one(bravo, charlie)  # it has seen more than we have: wait until we have too
    assert is_stopped_for(bravo, alfa) is None
    assert home.is_dir()

    community.publish(alfa, community.agreement)
    community.sync_one(bravo, alfa)

    assert is_stopped_for(bravo, alfa) == "ledger.forked"


def test_a_rollback_is_refused_and_stops_following(community: Community, tmp_path: Path) -> None:
    older_self = community.copy(community["Alfa"], tmp_path / "older")
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    community.sync_one(bravo, alfa)
    before = pinned_size(bravo, alfa)

    alfa.close()
    alfa = community.open(older_self)
    (report,) = community.sync_one(bravo, alfa)

    assert report.fault is not None
    assert report.fault.key == "ledger.rolled-back"
    assert pinned_size(bravo, alfa) == before
    assert is_stopped_for(bravo, alfa) == "ledger.rolled-back"


def test_only_a_person_makes_following_go_on_after_misconduct(
    community: Community, tmp_path: Path
) -> None:
    older_self = community.copy(community["Alfa"], tmp_path / "older")
    alfa, bravo, _ = community
    newer_self = alfa.home.folder
    raw = indicator()
    community.publish(alfa, community.agreement, raw)
    community.sync_one(bravo, alfa)
    alfa.close()
    community.sync_one(bravo, community.open(older_self))
    community["Alfa"].close()
    alfa = community.open(newer_self)
    (report,) = community.sync_one(bravo, alfa)
    assert report.fault is not None
    assert report.fault.key == "peers.following-stopped"

    members.suspend_peer(bravo, alfa.member)
    members.resume_peer(bravo, alfa.member)
    (report,) = community.sync_one(bravo, alfa)

    assert report.converged
    assert held(bravo, id_of(raw)) == [raw]


def test_a_checkpoint_of_a_lookalike_key_with_the_same_short_id_is_refused(
    community: Community,
) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    thief = LedgerKey.generate()

    def forged(_request: httpx.Request, honest: httpx.Response) -> httpx.Response:
        note = parse_note(body_of(honest))
        real = alfa.ledger_verifier
        blob = thief.signer(alfa.origin).sign(note.text).blob
        lookalike = Signature(real.name, real.key_id, blob)  # the four bytes of the real key
        return answer_with(Note(note.text, (lookalike,)).encode())

    before = pinned_size(bravo, alfa)
    with community.network.tampered(alfa.settings.url, "/log/checkpoint", forged):
        (report,) = community.sync_one(bravo, alfa)

    assert report.fault is not None
    assert report.fault.key.startswith("ledger.signature")
    assert pinned_size(bravo, alfa) == before


def test_another_ledgers_checkpoint_is_refused(community: Community) -> None:
    alfa, bravo, charlie = community
    community.publish(charlie, community.agreement)
    note = charlie.read(lambda tx: tx.ledgers.get(1))
    assert note is not None

    with community.network.tampered(
        alfa.settings.url, "/log/checkpoint", lambda *_: answer_with(note.checkpoint)
    ):
        (report,) = community.sync_one(bravo, alfa)

    assert report.fault is not None
    assert report.fault.key == "ledger.checkpoint-origin"


def test_a_size_that_costs_its_author_nothing_is_over_the_quota(community: Community) -> None:
    alfa, bravo, _ = community
    huge = sign_checkpoint(Checkpoint(alfa.origin, 1 << 61, b"\0" * 32), alfa.ledger_signer)

    with community.network.tampered(
        alfa.settings.url, "/log/checkpoint", lambda *_: answer_with(huge)
    ):
        (report,) = community.sync_one(bravo, alfa)

    assert report.fault is not None
    assert report.fault.key == "peers.quota-entries"


def cosign(witness: Node, note: bytes, seconds: int) -> bytes:
    """A checkpoint with a co-signature of any time by this witness."""
    parsed = parse_note(note)
    line = witness.witness_signer.cosign(parsed.text, seconds)
    return parsed.with_signatures([line]).encode()


def witnessed(community: Community, witness: Node, note: bytes) -> list[str]:
    """The convictions of the witness at Alfa after it showed this as what it saw of Alfa."""
    alfa = community["Alfa"]
    with community.network.tampered(
        witness.settings.url, "/witness/", lambda *_: answer_with(note)
    ):
        community.sync_one(alfa, witness)
    return [each.reason for each in alfa.read(lambda tx: tx.ledgers.convictions(witness.member))]


def own_checkpoint(node: Node) -> bytes:
    row = node.read(lambda tx: tx.ledgers.get(1))
    assert row is not None
    return row.checkpoint


def witnesses_of(node: Node) -> set[tuple[str, int]]:
    size = own_size(node)
    seen = node.read(lambda tx: tx.ledgers.cosignatures(1))
    return {(each.witness, each.size) for each in seen if each.size == size}


def test_a_forged_co_signature_counts_for_nothing(community: Community) -> None:
    alfa, bravo, charlie = community
    community.publish(alfa, community.agreement)
    note = parse_note(own_checkpoint(alfa))
    line = charlie.witness_signer.cosign(note.text, int(alfa.now().timestamp()))
    real = bravo.witness_signer.verifier
    forged = note.with_signatures([Signature(real.name, real.key_id, line.blob)]).encode()

    assert witnessed(community, bravo, forged) == []
    assert witnesses_of(alfa) == set()


def test_a_co_signature_from_the_future_counts_for_nothing(community: Community) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    later = int(alfa.now().timestamp()) + 3600

    witnessed(community, bravo, cosign(bravo, own_checkpoint(alfa), later))

    assert witnesses_of(alfa) == set()


def test_a_backdated_co_signature_convicts_its_witness(community: Community) -> None:
    alfa, bravo, _ = community
    community.publish(alfa, community.agreement)
    now = int(alfa.now().timestamp())
    assert witnessed(community, bravo, cosign(bravo, own_checkpoint(alfa), now)) == []
    community.publish(alfa, community.agreement)

    earlier = cosign(bravo, own_checkpoint(alfa), now - 3600)

    assert witnessed(community, bravo, earlier) == ["ledger.cosignature-backdated"]
    assert is_stopped_for(alfa, bravo) == "ledger.cosignature-backdated"


@pytest.mark.parametrize("lines", [1, 99])
def test_signature_lines_of_strangers_are_not_passed_on(community: Community, lines: int) -> None:
    alfa, bravo, charlie = community
    community.publish(alfa, community.agreement)

    def crowded(_request: httpx.Request, honest: httpx.Response) -> httpx.Response:
        note = parse_note(body_of(honest))
        junk = [Signature(f"stranger{each}", each, b"x" * 64) for each in range(lines)]
        return answer_with(Note(note.text, (*note.signatures[:1], *junk)).encode())

    with community.network.tampered(alfa.settings.url, "/log/checkpoint", crowded):
        (report,) = community.sync_one(bravo, alfa)
    assert report.fault is None
    community.sync_one(charlie)

    shown = community.ask(
        charlie, bravo, f"/witness/{alfa.origin.removeprefix('accord/')}/checkpoint"
    )
    assert "stranger" not in shown.text
    assert (
        bravo.member
        in [each.witness for each in charlie.read(lambda tx: tx.ledgers.cosignatures(2))]
        or pinned_size(charlie, alfa) > 0
    )
