"""The other shelves: grants, quarantine, transfers, peers, tokens, drafts, witnesses."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Table

from accord.base.messages import say
from accord.store import tables
from accord.store.records import (
    Cosignature,
    DraftRow,
    EntryRow,
    Listing,
    NewGrant,
    NewHolding,
    PeerRow,
    QuarantineRow,
    RefusalRow,
    TokenRow,
    TransferRow,
)
from accord.store.store import Store
from accord.store.transaction import Transaction
from tests.store.builders import ALFA, BRAVO, OURS, entry, holding


def waiting(number: int, opening: bytes = b"opening", recorded: int = 10) -> QuarantineRow:
    return QuarantineRow(
        seq=0,
        ledger=OURS,
        number=number,
        recorded=recorded,
        facts=1,
        opening=opening,
        reasons=(say("rules.lapsed", agreement="first"), say("rules.audience-empty")),
    )


def refusal(number: int) -> RefusalRow:
    return RefusalRow(
        seq=0,
        ledger=OURS,
        number=number,
        commitment=b"c" * 32,
        recorded=1,
        reasons=(say("rules.lapsed"),),
        notified=False,
    )


def transfer(number: int, peer: int = ALFA, direction: str = "out") -> TransferRow:
    return TransferRow(
        at=number,
        direction=direction,
        peer=peer,
        ledger=OURS,
        number=number,
        commitment=b"c" * 32,
        agreement="first",
        tlp="green",
        facts=3,
        verdict=b"{}",
    )


def publish_entries(tx: Transaction, count: int) -> None:
    tx.holdings.keep([holding(body=b"body")])
    tx.entries.put([entry(number) for number in range(1, count + 1)])


def hold(tx: Transaction, rows: list[QuarantineRow]) -> None:
    for row in rows:
        tx.quarantine.hold(row)


def witness(tx: Transaction, rows: list[Cosignature]) -> None:
    for row in rows:
        tx.ledgers.put_cosignature(row)


def check(tx: Transaction, rows: list[Cosignature]) -> None:
    for row in rows:
        tx.ledgers.mark_checked(row)


@pytest.mark.parametrize(
    ("record", "table", "before", "behind"),
    [
        (NewHolding, tables.holdings, ("seq",), ()),
        (EntryRow, tables.entries, (), ()),
        (NewGrant, tables.grants, ("seq",), ()),
        (TransferRow, tables.transfers, ("seq",), ("link",)),
        (Listing, tables.listings, ("added",), ("newer",)),
    ],
)
def test_records_that_are_inserted_in_bulk_name_their_columns_in_order(
    record: type[msgspec.Struct], table: Table, before: tuple[str, ...], behind: tuple[str, ...]
) -> None:
    assert (*before, *record.__struct_fields__, *behind) == tuple(table.columns.keys())


def test_a_grant_comes_with_entry_and_content(store: Store) -> None:
    store.write(lambda tx: publish_entries(tx, 2))
    rows = [NewGrant(peer=ALFA, lane=1, entry=each) for each in (1, 2)]
    store.write(lambda tx: tx.grants.grant(rows))
    first, second = store.read(lambda tx: tx.grants.page(ALFA, 1, 0, 10))
    assert (first.entry, first.body) == (entry(1), b"body")
    assert store.read(lambda tx: tx.grants.page(ALFA, 1, first.seq, 10)) == [second]
    assert store.read(lambda tx: tx.grants.page(BRAVO, 1, 0, 10)) == []
    cursors = {ALFA: (0, 0), BRAVO: (0, 0)}
    assert store.read(lambda tx: tx.grants.pending(cursors)) == {ALFA: 2, BRAVO: 0}
    assert store.read(lambda tx: tx.grants.pending(cursors, most=1)) == {ALFA: 1, BRAVO: 0}
    assert store.read(lambda tx: tx.grants.pending({ALFA: (0, first.seq)})) == {ALFA: 1}
    assert store.read(lambda tx: tx.grants.granted_to([ALFA, BRAVO], [1, 2])) == {
        1: {ALFA},
        2: {ALFA},
    }


def test_a_withdrawn_grant_given_anew_comes_after_every_cursor(store: Store) -> None:
    store.write(lambda tx: publish_entries(tx, 2))
    rows = [NewGrant(peer=ALFA, lane=1, entry=each) for each in (1, 2)]
    store.write(lambda tx: tx.grants.grant(rows))
    seen = store.read(lambda tx: tx.grants.newest(ALFA))[1]
    store.write(lambda tx: tx.grants.withdraw(ALFA, [seen]))
    store.write(lambda tx: tx.grants.grant(rows[1:]))
    again = store.read(lambda tx: tx.grants.page(ALFA, 1, seen, 10))
    assert [row.entry.number for row in again] == [1]


def test_entries_are_found_by_place_agreement_and_holding(store: Store) -> None:
    store.write(lambda tx: publish_entries(tx, 5))
    store.write(lambda tx: tx.entries.put([entry(6, agreement=None)]))
    assert store.read(lambda tx: tx.entries.get(OURS, 3)) == entry(4)
    assert store.read(lambda tx: tx.entries.known(OURS, range(3, 900))) == {3, 4, 5}
    own = store.read(lambda tx: tx.entries.own(agreement="first", after=1, limit=2))
    assert [row.seq for row in own] == [2, 3]
    assert store.read(lambda tx: tx.entries.own(agreement=None, after=0, limit=9)) == [
        entry(6, agreement=None)
    ]
    assert len(store.read(lambda tx: list(tx.entries.every(OURS, page=2)))) == 6


def test_quarantine_tells_how_much_of_a_ledger_waits(store: Store) -> None:
    store.write(lambda tx: hold(tx, [waiting(n, b"x" * 100) for n in range(3)]))
    assert store.read(lambda tx: tx.quarantine.load(OURS)) == (3, 300)


def test_a_second_opening_for_the_same_place_replaces_the_first(store: Store) -> None:
    store.write(lambda tx: tx.quarantine.hold(waiting(7, b"first")))
    store.write(lambda tx: tx.quarantine.hold(waiting(7, b"second")))
    (row,) = store.read(lambda tx: tx.quarantine.page())
    assert row.opening == b"second"
    assert row.reasons == waiting(7).reasons
    assert row.seq > 1


def test_numbers_in_quarantine_do_not_come_back(store: Store) -> None:
    store.write(lambda tx: tx.quarantine.hold(waiting(1)))
    store.write(lambda tx: tx.quarantine.release(OURS, [1]))
    store.write(lambda tx: tx.quarantine.hold(waiting(2)))
    assert store.read(lambda tx: [row.seq for row in tx.quarantine.page()]) == [2]


def test_what_waited_too_long_is_taken_out(store: Store) -> None:
    store.write(lambda tx: hold(tx, [waiting(n, recorded=n) for n in range(4)]))
    out = store.write(lambda tx: tx.quarantine.purge(2))
    assert [row.number for row in out] == [0, 1]
    assert [row.number for row in store.read(lambda tx: tx.quarantine.page())] == [2, 3]


def test_of_refusals_the_first_reason_stands_until_forgiven(store: Store) -> None:
    store.write(lambda tx: tx.quarantine.refuse(refusal(1)))
    store.write(lambda tx: tx.quarantine.refuse(refusal(1)))
    (row,) = store.read(lambda tx: tx.quarantine.unnotified(10))
    store.write(lambda tx: tx.quarantine.mark_notified([row.seq]))
    assert store.read(lambda tx: tx.quarantine.unnotified(10)) == []
    store.write(lambda tx: tx.quarantine.forgive(OURS, [1]))
    assert store.read(lambda tx: tx.quarantine.refused()) == []


def test_the_record_of_transfers_numbers_on(store: Store) -> None:
    store.write(lambda tx: tx.transfers.record([transfer(1), transfer(2, BRAVO)]))
    store.write(lambda tx: tx.transfers.record([transfer(3, direction="refused")]))
    page = store.read(lambda tx: tx.transfers.page())
    assert [number for number, _ in page] == [1, 2, 3]
    assert page[0][1] == transfer(1)
    assert [row.number for _, row in store.read(lambda tx: tx.transfers.page(peer=BRAVO))] == [2]
    assert len(store.read(lambda tx: tx.transfers.of_entry(OURS, 3))) == 1
    counts = store.read(lambda tx: tx.transfers.counts())
    assert counts == [(ALFA, "out", 1), (ALFA, "refused", 1), (BRAVO, "out", 1)]


def test_a_fault_of_a_peer_is_kept_as_a_message_until_it_answers(store: Store) -> None:
    fault = say("peers.unreachable", member="alfa", tries=3)
    store.write(lambda tx: tx.peers.note_fault(ALFA, 5, fault))
    row = store.read(lambda tx: tx.peers.get("alfa"))
    assert row is not None
    assert (row.last_fault, row.fault_at) == (fault, 5)
    store.write(lambda tx: tx.peers.note_contact(ALFA, 6, 40))
    row = store.read(lambda tx: tx.peers.by_id(ALFA))
    assert row is not None
    assert (row.last_fault, row.last_contact, row.remote_size) == (None, 6, 40)


def test_a_peer_is_replaced_by_its_number(store: Store) -> None:
    row = PeerRow(id=ALFA, member="alfa", name="CERT Alfa", url="u", card=b"c", state="suspended")
    store.write(lambda tx: tx.peers.put(row))
    assert store.read(lambda tx: tx.peers.get("alfa")) == row
    assert store.read(lambda tx: tx.peers.next_id()) == 3


def test_a_revoked_token_is_not_found_by_its_digest(store: Store) -> None:
    row = TokenRow(
        name="desk",
        digest=b"d" * 32,
        role="analyst",
        tlp="amber",
        agreements=("first", "second"),
        created=1,
        revoked=None,
    )
    store.write(lambda tx: tx.tokens.put(row))
    assert store.read(lambda tx: tx.tokens.of_digest(row.digest)) == row
    assert store.write(lambda tx: tx.tokens.revoke("desk", 9))
    assert not store.write(lambda tx: tx.tokens.revoke("desk", 10))
    assert store.read(lambda tx: tx.tokens.of_digest(row.digest)) is None
    kept = store.read(lambda tx: tx.tokens.get("desk"))
    assert kept is not None
    assert kept.revoked == 9


def test_a_draft_is_kept_as_it_was_given(store: Store) -> None:
    row = DraftRow(
        id="draft-1",
        agreement="first",
        author="ann",
        created=1,
        reasons=(say("rules.lapsed"),),
        handling=b"{}",
        body=b"[]",
    )
    store.write(lambda tx: tx.drafts.put(row))
    assert store.read(lambda tx: tx.drafts.all()) == [row]
    store.write(lambda tx: tx.drafts.remove("draft-1"))
    assert store.read(lambda tx: tx.drafts.get("draft-1")) is None


def test_the_earliest_checked_witness_dates_an_entry(store: Store) -> None:
    def seen(size: int, at: int, witness: str) -> Cosignature:
        return Cosignature(
            ledger=OURS, witness=witness, size=size, root=b"r", at=at, note=b"n", checked=False
        )

    rows = [seen(5, 50, "bravo"), seen(9, 90, "bravo"), seen(7, 70, "carol")]
    store.write(lambda tx: witness(tx, rows))
    assert store.read(lambda tx: tx.ledgers.witnessed_span(OURS, 6)) == (7, None)
    assert not store.read(lambda tx: tx.ledgers.seen_without(OURS, 7, 70)), "it was not compared"
    store.write(lambda tx: check(tx, rows))
    assert store.read(lambda tx: tx.ledgers.witnessed_span(OURS, 4)) == (5, 50)
    assert store.read(lambda tx: tx.ledgers.witnessed_span(OURS, 6)) == (7, 70)
    assert store.read(lambda tx: tx.ledgers.witnessed_span(OURS, 9)) == (10, None)
    assert store.read(lambda tx: tx.ledgers.seen_without(OURS, 7, 70)), "carol saw seven then"
    assert not store.read(lambda tx: tx.ledgers.seen_without(OURS, 7, 71))
    assert not store.read(lambda tx: tx.ledgers.seen_without(OURS, 4, 0))
    newest = store.read(lambda tx: tx.ledgers.cosignature(OURS, "bravo"))
    assert newest is not None
    assert newest.size == 9


def test_a_status_is_for_the_token_that_asked(store: Store) -> None:
    store.write(lambda tx: tx.statuses.put("status-1", "desk", 1, b"{}"))
    assert store.read(lambda tx: tx.statuses.get("status-1", "desk")) == b"{}"
    assert store.read(lambda tx: tx.statuses.get("status-1", "other")) is None
    store.write(lambda tx: tx.statuses.purge(2))
    assert store.read(lambda tx: tx.statuses.get("status-1", "desk")) is None


def test_entries_of_some_kinds_come_in_the_order_in_which_they_were_kept(store: Store) -> None:
    kinds = ["object", "ballot", "object", "motion", "ballot"]
    rows = [msgspec.structs.replace(entry(n + 1), kind=kind) for n, kind in enumerate(kinds)]
    store.write(lambda tx: publish_entries(tx, 0))
    store.write(lambda tx: tx.entries.put(rows))

    def of(after: int, limit: int) -> list[int]:
        found = store.read(lambda tx: tx.entries.of_kinds(["motion", "ballot"], after, limit))
        said = store.read(lambda tx: tx.entries.said(["motion", "ballot"], after, limit))
        assert [(row.seq, row.number, row.envelope) for row in said] == [
            (row.seq, row.number, row.envelope) for row in found
        ]
        assert all(row.body for row in said)
        return [row.seq for row in found]

    assert of(0, 9) == [2, 4, 5]
    assert of(2, 1) == [4]
    assert of(5, 9) == []


def test_what_witnesses_saw_around_a_moment_is_the_last_before_and_the_first_after(
    store: Store,
) -> None:
    def seen(size: int, second: int, witness: str) -> Cosignature:
        at = second * 1_000_000
        return Cosignature(
            ledger=OURS, witness=witness, size=size, root=b"r", at=at, note=b"n", checked=False
        )

    times = [(3, 10, "bravo"), (5, 20, "bravo"), (8, 30, "bravo"), (9, 40, "bravo")]
    rows = [seen(*each) for each in [*times, (7, 29, "carol")]]
    store.write(lambda tx: witness(tx, rows))
    early, half = (OURS, 29_500_000), (OURS, 30_000_000)
    assert store.read(lambda tx: tx.ledgers.sights([half])) == {half: []}, "none was compared"
    store.write(lambda tx: check(tx, rows))
    assert sorted(store.read(lambda tx: tx.ledgers.sights([half]))[half]) == [
        ("bravo", 5, 20_000_000),
        ("bravo", 8, 30_000_000),
        ("carol", 7, 29_000_000),  # its second ends at the moment
    ]
    assert ("carol", 7, 29_000_000) not in store.read(lambda tx: tx.ledgers.sights([early, half]))[
        early
    ], "a co-signature speaks of the end of its second"
