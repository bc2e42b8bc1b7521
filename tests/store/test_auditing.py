"""The record of transfers is verified, exported and counted the same on both databases."""

from __future__ import annotations

from typing import cast

import pytest
import sqlalchemy as sa

from accord.base.errors import InputError
from accord.ledger.record import check_lines
from accord.node.auditing import count_record, export_record, verify_record
from accord.node.node import Node
from accord.store.records import TransferRow
from accord.store.store import Store

from .builders import ALFA, BRAVO, OURS

DAY = 24 * 3600 * 1_000_000
LINES = 1_500  # more than a page


def line(number: int) -> TransferRow:
    return TransferRow(
        at=number * DAY // 20,
        direction="out" if number % 3 else "refused",
        peer=ALFA if number % 2 else BRAVO,
        ledger=OURS,
        number=number,
        commitment=bytes([number % 256]) * 32,
        agreement="first" if number % 5 else None,
        tlp="green",
        facts=number,
        verdict=b'{"allowed":true}',
    )


def test_the_record_holds_is_exported_without_content_and_counted(store: Store) -> None:
    store.write(lambda tx: tx.transfers.record([line(number) for number in range(LINES)]))
    node = cast("Node", store)  # to read is all that is asked of it
    head = verify_record(node)
    exported = list(export_record(node))
    assert head.lines == len(exported) == LINES
    assert check_lines(exported) == head

    counts = count_record(node)
    assert sum(each.lines for each in counts) == LINES
    assert {each.month for each in counts} == {"1970-01", "1970-02", "1970-03"}
    assert {each.peer for each in counts} == {"alfa", "bravo"}
    assert {each.agreement for each in counts} == {"first", ""}
    assert counts == sorted(counts)

    changed = sa.text("UPDATE transfers SET facts = facts + 1 WHERE seq = 1203")
    store.write(lambda tx: tx._connection.execute(changed))
    with pytest.raises(InputError) as caught:
        verify_record(node)
    assert caught.value.message.args["line"] == 1203
