"""Evidence, verification, the record of transfers, and new keys for an old identity."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from accord.base.errors import AccordError, DeniedError, InputError, MachineFault, NotFoundError
from accord.ledger.card import continues, decode_card
from accord.ledger.faults import LedgerFault
from accord.node import agreements, members
from accord.node.evidence import check_file, evidence_for_peer, evidence_of
from accord.node.home import Home, NodeKeys
from accord.node.keychange import change_keys
from accord.node.node import Node, open_node
from accord.node.private import keep_private
from accord.node.transfers import list_transfers, recompute
from accord.node.verifying import verify_ledgers
from accord.store.tables import OWN_LEDGER, holdings, ledgers, tiles
from tests.node.support import (
    Community,
    assert_sound,
    follow,
    give,
    holds,
    indicator,
    indicators,
    object_id,
    reasons,
    row_of,
    sync,
    witness,
)


def _given(community: Community) -> str:
    agreement = community.agree()
    give(community["Alfa"], indicators(3), agreement.id)
    community.settle()
    return agreement.id


def _seconds(node: Node) -> int:
    return int(node.now().timestamp())


def test_evidence_proves_to_anybody_what_was_said_and_who_saw_it(trio: Community) -> None:
    _given(trio)
    alfa, bravo, charlie = trio
    witness(alfa, by=charlie, taker=bravo)
    file = evidence_of(bravo, object_id(indicator(1)))
    found = check_file(None, file.data, now=_seconds(bravo))
    assert found.opening.object == indicator(1)
    assert found.author.member == alfa.member
    assert {card.member for card in found.witnesses} >= {bravo.member}
    assert found.cosignatures


def test_evidence_with_one_byte_changed_is_refused(pair: Community) -> None:
    _given(pair)
    data = evidence_of(pair["Bravo"], object_id(indicator(1))).data
    now = _seconds(pair["Bravo"])
    check_file(None, data, now=now)
    step = max(1, len(data) // 60)
    for place in range(0, len(data), step):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            found = check_file(None, changed, now=now)
        except AccordError:
            continue
        assert found.opening.object == indicator(1), "only a co-signature of a stranger may go"


def test_there_is_no_evidence_for_what_stands_in_no_ledger(pair: Community) -> None:
    alfa = pair["Alfa"]
    keep_private(alfa, [alfa.checker.check(indicator(9)).object], "nina")
    for number in (9, 10):
        with pytest.raises(NotFoundError):
            evidence_of(alfa, object_id(indicator(number)))


def test_evidence_is_handed_on_within_the_audience_alone(trio: Community) -> None:
    """Bravo hands Alfa's entry to Charlie around a cut link, if Charlie is in its audience."""
    alfa, bravo, charlie = trio
    both = trio.agree()
    two = trio.agree("Alfa", "Bravo")
    (first,) = give(alfa, [indicator(1)], both.id).numbers
    (second,) = give(alfa, [indicator(2)], two.id).numbers
    sync(bravo, alfa)
    file = evidence_for_peer(bravo, row_of(bravo, charlie), alfa.origin, first)
    assert check_file(None, file.data, now=_seconds(bravo)).opening.object == indicator(1)
    for index in (second, 999):
        with pytest.raises(NotFoundError):
            evidence_for_peer(bravo, row_of(bravo, charlie), alfa.origin, index)


def _spoil(node: Node, statement: object) -> None:
    node.write(lambda tx: tx._connection.execute(statement))  # type: ignore[call-overload]


def _faults(node: Node, member: str | None = None) -> set[str]:
    return {fault.key for found in verify_ledgers(node, member) for fault in found.faults}


def test_a_ledger_in_order_verifies_with_its_witnesses(trio: Community) -> None:
    _given(trio)
    alfa, bravo, _ = trio
    witness(alfa, by=bravo, taker=alfa)
    (own,) = verify_ledgers(alfa, alfa.member)
    assert own.witnesses == (bravo.member,)
    assert own.openings == own.size
    assert_sound(*trio)


@pytest.mark.parametrize("level", [-1, 0])
def test_a_changed_tile_is_found(pair: Community, level: int) -> None:
    _given(pair)
    bravo = pair["Bravo"]
    row = bravo.read(lambda tx: tx.ledgers.of_member(pair["Alfa"].member))
    assert row is not None
    data = bravo.read(lambda tx: tx.ledgers.tile(row.id, level, 0))
    assert data is not None
    changed = bytes([data[0] ^ 1]) + data[1:]
    where = (tiles.c.ledger == row.id) & (tiles.c.level == level)
    _spoil(bravo, update(tiles).where(where).values(data=changed))
    assert _faults(bravo) & {"node.verify-tile", "node.verify-root"}
    assert not _faults(bravo, bravo.member), "the other ledger is in order"


def test_a_tile_that_is_too_short_is_found(pair: Community) -> None:
    _given(pair)
    where = (tiles.c.ledger == OWN_LEDGER) & (tiles.c.level == -1)
    _spoil(pair["Alfa"], update(tiles).where(where).values(data=bytes(32)))
    assert "node.verify-tile" in _faults(pair["Alfa"])


@pytest.mark.parametrize("name", ["Alfa", "Bravo"])
def test_a_changed_object_is_found(pair: Community, name: str) -> None:
    _given(pair)
    node = pair[name]
    where = holdings.c.object_id == object_id(indicator(1))
    _spoil(node, update(holdings).where(where).values(body=indicator(1, name="Changed")))
    assert "node.verify-opening" in _faults(node)


@pytest.mark.parametrize("name", ["Alfa", "Bravo"])
def test_a_checkpoint_that_is_not_the_signed_one_is_found(pair: Community, name: str) -> None:
    _given(pair)
    node = pair[name]
    member = pair["Alfa"].member
    row = node.read(lambda tx: tx.ledgers.of_member(member))
    assert row is not None
    note = bytearray(row.checkpoint)
    note[len(row.origin) + 4] ^= 1
    _spoil(node, update(ledgers).where(ledgers.c.id == row.id).values(checkpoint=bytes(note)))
    assert _faults(node)


def test_an_unknown_member_has_no_ledger_to_verify(pair: Community) -> None:
    with pytest.raises(NotFoundError):
        verify_ledgers(pair["Alfa"], "Nobody")


def test_a_past_verdict_is_recomputed_as_known_then_and_as_known_now(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    _given(pair)
    (line, *_) = [each for each in list_transfers(alfa, direction="out") if each.index >= 2]
    (came, *_) = [each for each in list_transfers(bravo, direction="in") if each.index >= 2]
    members.suspend_peer(alfa, bravo.member)
    again = recompute(alfa, line.seq)
    assert again is not None
    assert again.then.allowed
    assert again.then.facts_seq == line.facts
    assert not again.now.allowed
    assert "rules.peer-suspended" in {each.message.key for each in again.now.reasons}
    theirs = recompute(bravo, came.seq)
    assert theirs is not None
    assert theirs.then.allowed
    with pytest.raises(NotFoundError):
        recompute(alfa, 9999)


def test_the_record_of_transfers_is_read_by_peer_direction_and_agreement(trio: Community) -> None:
    alfa, bravo, charlie = trio
    one = trio.agree("Alfa", "Bravo")
    two = trio.agree("Alfa", "Charlie")
    give(alfa, [indicator(1)], one.id)
    give(alfa, [indicator(2)], two.id)
    trio.settle()
    for peer, agreement in ((bravo, one), (charlie, two)):
        lines = list(list_transfers(alfa, peer=peer.member, direction="out"))
        assert {line.peer for line in lines} == {peer.member}
        assert {line.agreement for line in lines} == {agreement.id}
    every = [line.seq for line in list_transfers(alfa)]
    assert every == sorted(set(every))
    assert [line.seq for line in list_transfers(alfa, limit=2)] == every[:2]


def _take_card(one: Node, other: Node) -> None:
    """What following does first: look at the card that is served, and take a newer one over."""
    row = row_of(one, other)
    shown = other.card_bytes()
    continues(decode_card(row.card, one.limits), decode_card(shown, one.limits))
    members.renew_card(one, row, shown)


def test_new_keys_carry_the_old_identity_on(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = _given(pair)
    before = alfa.read_card()
    after = change_keys(alfa, pair.recovery["Alfa"])
    assert (after.member, after.origin) == (before.member, before.origin)
    assert {after.ledger, after.witness, after.transport}.isdisjoint(
        {before.ledger, before.witness, before.transport}
    )
    give(alfa, [indicator(8)], agreement)
    with pytest.raises(LedgerFault):
        follow(bravo, alfa)
    assert bravo.read(lambda tx: tx.ledgers.convictions()) == []
    _take_card(bravo, alfa)
    sync(bravo, alfa)
    assert holds(bravo, indicator(8))
    assert_sound(alfa, bravo)
    reopened = pair.reopen("Alfa")
    give(reopened, [indicator(9)], agreement)
    assert_sound(reopened)


@pytest.mark.parametrize("lost", [("ledger",), ("ledger", "witness", "transport", "token")])
def test_lost_keys_are_replaced_by_the_recovery_words(
    pair: Community, lost: tuple[str, ...]
) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    agreement = _given(pair)
    folder = alfa.home.folder
    alfa.close()
    for name in lost:
        alfa.home.key_path(name).unlink()
    with pytest.raises(MachineFault):
        open_node(folder, pair.clock)
    pair.nodes["Alfa"] = open_node(folder, pair.clock, lost_keys=True)
    change_keys(pair["Alfa"], pair.recovery["Alfa"])
    alfa = pair.reopen("Alfa")
    give(alfa, [indicator(8)], agreement)
    _take_card(bravo, alfa)
    sync(bravo, alfa)
    assert holds(bravo, indicator(8))
    assert_sound(alfa, bravo)


def test_evidence_from_before_a_key_change_still_checks_after_it(pair: Community) -> None:
    alfa, bravo = pair["Alfa"], pair["Bravo"]
    _given(pair)
    witness(alfa, by=bravo, taker=alfa)
    change_keys(alfa, pair.recovery["Alfa"])
    _take_card(bravo, alfa)
    sync(bravo, alfa)
    for node in (alfa, bravo):
        file = evidence_of(node, object_id(indicator(1)))
        assert check_file(None, file.data, now=_seconds(node)).opening.object == indicator(1)


def test_keys_are_changed_with_the_members_own_recovery_words_alone(pair: Community) -> None:
    alfa = pair["Alfa"]
    before = alfa.read_card()
    with pytest.raises(DeniedError):
        change_keys(alfa, pair.recovery["Bravo"])
    with pytest.raises(InputError):
        change_keys(alfa, "not even words")
    assert alfa.read_card() == before
    assert not Home(pair.folder / "Alfa").has_staged_keys


class _Cut(Exception):
    """The machine stops here."""


def _stop(*_given: object, **_named: object) -> None:
    raise _Cut


@pytest.mark.parametrize("step", ["stage", "commit", "done", "take"])
def test_a_key_change_that_is_cut_off_leaves_one_set_of_keys(
    pair: Community, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """stage: some of the new files; commit: not committed; done: committed, and nothing after it;

    take: some files taken up. At the next start the card and the keys in use belong together.
    """
    alfa = pair["Alfa"]
    agreement = _given(pair)
    before = alfa.read_card()
    with monkeypatch.context() as cut:
        if step == "stage":
            cut.setattr(Home, "write_keys", _write_some)
        elif step == "commit":
            cut.setattr(alfa.store, "write", _stop)
        elif step == "done":
            cut.setattr(Home, "take_staged_keys", _stop)
        else:
            cut.setattr(Home, "take_staged_keys", _take_some)
        with pytest.raises(_Cut):
            change_keys(alfa, pair.recovery["Alfa"])
    reopened = pair.reopen("Alfa")
    card = reopened.read_card()
    assert (card.ledger == before.ledger) is (step in ("stage", "commit"))
    assert reopened.keys.ledger.public.hex() == card.ledger
    assert reopened.keys.witness.public.hex() == card.witness
    assert reopened.keys.transport.public.hex() == card.transport
    assert not Home(pair.folder / "Alfa").has_staged_keys
    give(reopened, [indicator(8)], agreement)
    assert_sound(reopened)
    change_keys(reopened, pair.recovery["Alfa"])
    assert_sound(pair.reopen("Alfa"))


def _write_some(home: Home, keys: NodeKeys, suffix: str = "") -> None:
    """The first of the files, and then the power goes."""
    path = home.key_path(f"ledger{suffix}")
    path.write_text(keys.ledger.to_pem(), encoding="ascii")
    path.chmod(0o600)
    raise _Cut


def _take_some(home: Home) -> None:
    staged = home.key_path("ledger-staged")
    staged.replace(home.key_path("ledger"))
    raise _Cut


def test_a_server_that_runs_on_with_the_old_keys_signs_nothing_more(pair: Community) -> None:
    """Another process changed the keys: what this one would sign, nobody would believe."""
    agreement = _given(pair)
    running = pair["Alfa"]
    command = open_node(pair.folder / "Alfa", pair.clock)
    change_keys(command, pair.recovery["Alfa"])
    command.close()
    with pytest.raises(MachineFault):
        give(running, [indicator(8)], agreement)
    with pytest.raises(MachineFault):
        agreements.withdraw(running, agreement, reason="x")
    give(pair["Bravo"], [indicator(9)], agreement)
    with pytest.raises(MachineFault):
        follow(running, pair["Bravo"])
    assert_sound(pair.reopen("Alfa"))


def test_a_refusal_names_its_reason_as_a_key(pair: Community) -> None:
    with pytest.raises(NotFoundError) as refused:
        recompute(pair["Alfa"], 1234)
    assert reasons([refused.value.message]) == {"node.transfer-unknown"}
