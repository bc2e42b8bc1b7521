"""A peer that lies to a node which lost its memory costs nothing but its own word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from accord.base.errors import MachineFault
from accord.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from accord.ledger.faults import RolledBack
from accord.ledger.keys import LedgerKey
from accord.node.backup import take_backup
from accord.node.doctor import examine
from accord.node.evidence import evidence_of, take_evidence
from accord.node.following import begin_step, pinned
from accord.node.node import Node, open_node
from accord.node.recovering import waits
from accord.node.restoring import restore
from accord.peers.recovery import Recovery, recover_once
from accord.store.tables import OWN_LEDGER
from tests.community import (
    Community,
    answer_with,
    body_of,
    held,
    id_of,
    indicator,
    ledger_of,
)

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def lost(community: Community, tmp_path: Any) -> tuple[Community, list[bytes]]:
    """Alfa was restored from a backup that lacks these objects, which both peers hold."""
    backup = take_backup(community["Alfa"], tmp_path / "backup").folder
    raws = [indicator() for _ in range(3)]
    community.publish(community["Alfa"], community.agreement, *raws)
    community.sync()
    community["Alfa"].close()
    restore(backup, tmp_path / "restored")
    community.open(tmp_path / "restored")
    return community, raws


def _recover(community: Community, *quorum: str) -> Recovery:
    return recover_once(community["Alfa"], quorum, community.connect)


def _stated(change: Change) -> Callable[[httpx.Request, httpx.Response], httpx.Response]:
    """What the peer remembers, changed."""

    def tamper(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
        state = msgspec.json.decode(body_of(answer))
        change(state)
        return answer_with(msgspec.json.encode(state))

    return tamper


def _fault_of(found: Recovery, name: str) -> str:
    (fault,) = (each.fault for each in found.peers if each.name == name)
    assert fault is not None
    return fault.key


def test_a_shorter_history_than_another_peers_is_no_harm(
    lost: tuple[Community, list[bytes]],
) -> None:
    community, raws = lost
    alfa, bravo = community["Alfa"], community["Bravo"]
    own = ledger_of(alfa, alfa)

    def shorter(state: dict[str, Any]) -> None:
        state["checkpoint"] = own.checkpoint.decode()

    with community.network.tampered(bravo.settings.url, "/memory/state", _stated(shorter)):
        found = _recover(community)
    assert found.done is not None
    assert found.done.lost == ()
    assert [held(alfa, id_of(raw)) for raw in raws] == [[raw] for raw in raws]


def test_a_history_that_our_key_did_not_sign_counts_for_nothing(
    lost: tuple[Community, list[bytes]],
) -> None:
    community, raws = lost
    alfa, bravo = community["Alfa"], community["Bravo"]

    def forged(state: dict[str, Any]) -> None:
        signer = LedgerKey.generate().signer(alfa.origin)
        note = sign_checkpoint(Checkpoint(alfa.origin, 1_000_000, bytes(32)), signer)
        state["checkpoint"] = note.decode()

    with community.network.tampered(bravo.settings.url, "/memory/state", _stated(forged)):
        found = _recover(community)
        assert found.done is None
        assert found.missing == ("Bravo",)
        assert _fault_of(found, "Bravo") == "ledger.signature-missing"
        found = _recover(community, "Charlie")
    assert found.done is not None
    assert [held(alfa, id_of(raw)) for raw in raws] == [[raw] for raw in raws]


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/memory/state", b"not json", "peers.memory-form"),
        (
            "/memory/state",
            b'{"checkpoint":null,"ahead":null,"cursor":"x","cosigned":[]}',
            "peers.memory-form",
        ),
        ("/memory/openings", b"\x00\x00\x00\x04junk", "ledger.opening-cut"),
        ("/memory/tile", b"short", "ledger.bundle-form"),
    ],
)
def test_an_answer_of_another_form_is_that_peers_fault(
    lost: tuple[Community, list[bytes]], path: str, body: bytes, key: str
) -> None:
    community, _ = lost
    bravo = community["Bravo"]
    with community.network.tampered(bravo.settings.url, path, lambda *_: answer_with(body)):
        found = _recover(community)
    if path == "/memory/tile":  # what Charlie gives is asked for when Bravo's is not good
        assert found.done is None or found.done.lost == ()
    else:
        assert found.done is None
    assert _fault_of(found, "Bravo").split(".")[0] == key.split(".")[0]


def test_openings_that_do_not_fit_are_not_taken(lost: tuple[Community, list[bytes]]) -> None:
    community, raws = lost
    alfa, bravo = community["Alfa"], community["Bravo"]

    def other(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
        body = body_of(answer).replace(b"indicator", b"indicat0r")
        return answer_with(body, headers=dict(answer.headers))

    with community.network.tampered(bravo.settings.url, "/memory/openings", _plain(other)):
        found = _recover(community, "Charlie")
    assert found.done is not None
    assert _fault_of(found, "Bravo") in ("ledger.opening-commitment", "peers.answer-encoding")
    assert [held(alfa, id_of(raw)) for raw in raws] == [[raw] for raw in raws]
    assert found.done.lost == ()


def _plain(tamper: Callable[..., httpx.Response]) -> Callable[..., httpx.Response]:
    """`tamper` on what comes out of compression."""

    def plain(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        import zstandard

        body = body_of(answer)
        if answer.headers.get("content-encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        return tamper(request, answer_with(body, headers={"accord-more": "0"}))

    return plain


def test_an_answer_that_never_ends_is_ended(lost: tuple[Community, list[bytes]]) -> None:
    community, _ = lost
    bravo = community["Bravo"]

    def again(_: httpx.Request, answer: httpx.Response) -> httpx.Response:
        return answer_with(body_of(answer), headers={**answer.headers, "accord-more": "1"})

    def nothing(*_: Any) -> httpx.Response:
        return answer_with(b"", headers={"accord-more": "1"})

    for endless in (nothing, again):
        with community.network.tampered(bravo.settings.url, "/memory/openings", endless):
            before = len(community.network.seen)
            _recover(community, "Bravo") if waits(community["Alfa"]) else None
            assert len(community.network.seen) - before < 60


def test_a_cursor_of_fancy_does_not_use_up_the_numbers_of_grants(
    lost: tuple[Community, list[bytes]],
) -> None:
    community, _ = lost
    alfa, bravo = community["Alfa"], community["Bravo"]

    def far(state: dict[str, Any]) -> None:
        state["cursor"] = f"{(1 << 63) - 1}.{(1 << 63) - 1}"

    with community.network.tampered(bravo.settings.url, "/memory/state", _stated(far)):
        assert _recover(community).done is not None
    assert alfa.read(lambda tx: tx.grants.last()) < 1 << 56
    community.publish(alfa, community.agreement, raw := indicator())
    community.sync()
    assert held(community["Charlie"], id_of(raw)) == [raw]


def test_a_signed_history_that_nobody_gives_back_keeps_the_node_waiting(
    lost: tuple[Community, list[bytes]],
) -> None:
    community, _ = lost
    bravo, charlie = community["Bravo"], community["Charlie"]

    def gone(*_: Any) -> httpx.Response:
        return answer_with(b"", status=404)

    with (
        community.network.tampered(bravo.settings.url, "/memory/tile", gone),
        community.network.tampered(charlie.settings.url, "/memory/tile", gone),
    ):
        found = _recover(community)
        assert found.done is None
        community["Alfa"].read(lambda tx: None)
    with pytest.raises(MachineFault):
        community.publish(community["Alfa"], community.agreement)
    assert _recover(community).done is not None


def test_two_histories_under_our_signature_stop_everything(
    community: Community, tmp_path: Any
) -> None:
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    backup = take_backup(alfa, tmp_path / "backup").folder
    copied = community.copy(alfa, tmp_path / "copied")
    community.publish(community["Alfa"], community.agreement)
    community.sync_one(bravo)
    community["Alfa"].close()
    community.open(copied)  # a copy goes on where the backup stood: the other history
    community.publish(community["Alfa"], community.agreement)
    community.sync_one(charlie)
    community["Alfa"].close()
    restore(backup, tmp_path / "restored")
    alfa = community.open(tmp_path / "restored")
    with pytest.raises(MachineFault) as fault:
        _recover(community)
    assert fault.value.message.key == "node.history-forked"
    (proof,) = alfa.read(lambda tx: tx.ledgers.convictions(alfa.member))
    notes = [
        open_checkpoint(note, alfa.ledger_verifier, alfa.limits).checkpoint
        for note in (proof.first, proof.second)
    ]
    assert notes[0].size == notes[1].size
    assert notes[0].root != notes[1].root
    with pytest.raises(MachineFault):
        community.publish(alfa, community.agreement)
    with pytest.raises(MachineFault):
        _recover(community, "Bravo")
    told = {finding.message.key for finding in examine(alfa.home.folder)}
    assert "node.history-forked" in told


def test_our_word_as_a_witness_does_not_go_back(community: Community, tmp_path: Any) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    backup = take_backup(alfa, tmp_path / "backup").folder
    older = _checkpoint(bravo)
    community.publish(bravo, community.agreement)
    between = _checkpoint(bravo)
    community.publish(bravo, community.agreement)
    community.sync()
    said = _own_word(alfa, bravo)
    assert said is not None
    alfa.close()
    restore(backup, tmp_path / "restored")
    alfa = community.open(tmp_path / "restored")
    assert _recover(community).done is not None
    word = _own_word(alfa, bravo)
    assert word is not None
    assert (word.size, word.root, word.at) == (said.size, said.root, said.at)

    # Bravo's node shows an older history of its own, all signed: we do not co-sign it again.
    assert older != between
    with community.network.tampered(
        bravo.settings.url, "/log/checkpoint", lambda *_: answer_with(between)
    ):
        (report,) = community.sync_one(alfa, bravo)
    assert report.fault is not None
    assert report.fault.key == "ledger.rolled-back"
    word = _own_word(alfa, bravo)
    assert word is not None
    assert word.size == said.size

    community.sync()
    for node in (bravo, community["Charlie"]):
        assert node.read(lambda tx: tx.ledgers.convictions()) == []


def _checkpoint(node: Node) -> bytes:
    row = node.read(lambda tx: tx.ledgers.get(OWN_LEDGER))
    assert row is not None
    return row.checkpoint


def _own_word(node: Node, of: Node) -> Any:
    row = ledger_of(node, of)
    return node.read(lambda tx: tx.ledgers.cosignature(row.id, node.member))


def test_following_begins_where_the_backup_stood(community: Community, tmp_path: Any) -> None:
    alfa, bravo = community["Alfa"], community["Bravo"]
    backup = take_backup(alfa, tmp_path / "backup").folder
    size = ledger_of(alfa, bravo).size
    community.publish(bravo, community.agreement)
    community.sync()
    alfa.close()
    restore(backup, tmp_path / "restored")
    alfa = open_node(tmp_path / "restored")
    peer = alfa.read(lambda tx: tx.peers.get(bravo.member))
    assert peer is not None
    assert pinned(alfa, peer).size == size
    with pytest.raises(RolledBack):
        begin_step(alfa, peer, _older(bravo, alfa))
    alfa.close()


def _older(bravo: Node, alfa: Node) -> bytes:
    start = Checkpoint(bravo.origin, 0, bytes(32))
    return sign_checkpoint(start, bravo.ledger_signer)


def test_what_was_only_shown_as_evidence_still_bears_our_signature(
    community: Community, tmp_path: Any
) -> None:
    """Charlie took one entry by hand; Bravo, who alone has the ledger so far, is away."""
    alfa, bravo, charlie = (community[name] for name in ("Alfa", "Bravo", "Charlie"))
    backup = take_backup(alfa, tmp_path / "backup").folder
    community.publish(alfa, community.agreement, raw := indicator())
    community.sync_one(bravo, alfa)
    take_evidence(charlie, evidence_of(bravo, id_of(raw)).data)
    alfa.close()
    restore(backup, tmp_path / "restored")
    alfa = community.open(tmp_path / "restored")
    community.network.down.add(bravo.settings.url)
    with pytest.raises(MachineFault) as fault:
        _recover(community, "Charlie")
    assert fault.value.message.key == "node.recovery-short"
    community.network.down.clear()
    found = _recover(community, "Charlie")
    assert found.done is not None
    assert held(alfa, id_of(raw)) == [raw]
