"""The record of transfers: a chain that shows every change, and verdicts judged again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from accord.base.errors import InputError
from accord.ledger.record import Head, check_lines
from accord.node import members
from accord.node.auditing import count_record, differences, export_record, verify_record
from accord.node.node import Node
from tests.node.support import Community, give, indicators


@pytest.fixture
def exchanged(pair: Community) -> Community:
    agreement = pair.agree().id
    give(pair["Alfa"], indicators(3), agreement)
    pair.settle()
    return pair


def tamper(node: Node, statement: str) -> None:
    node.write(lambda tx: tx._connection.execute(text(statement)))


def test_the_record_verifies_and_its_export_too(exchanged: Community) -> None:
    for node in exchanged:
        head = verify_record(node)
        lines = list(export_record(node))
        assert (head.lines, check_lines(lines)) == (len(lines), head)
        assert Head.parse(str(head)) == head
        assert b"192.0.2" not in b"".join(lines)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfers SET agreement = NULL WHERE seq = 5",
        "UPDATE transfers SET verdict = CAST('null' AS BLOB) WHERE seq = 5",
        "UPDATE transfers SET at = at + 1 WHERE seq = 5",
        "DELETE FROM transfers WHERE seq = 5",
    ],
)
def test_a_line_that_was_changed_is_named(exchanged: Community, statement: str) -> None:
    alfa = exchanged["Alfa"]
    tamper(alfa, statement)
    with pytest.raises(InputError) as caught:
        verify_record(alfa)
    assert caught.value.message.args["line"] in (5, 6)


def test_an_end_that_was_cut_off_is_told_from_the_head_that_was_noted(
    exchanged: Community,
) -> None:
    alfa = exchanged["Alfa"]
    noted = verify_record(alfa)
    tamper(alfa, f"DELETE FROM transfers WHERE seq = {noted.lines}")
    assert verify_record(alfa).lines == noted.lines - 1
    with pytest.raises(InputError) as caught:
        verify_record(alfa, noted)
    assert caught.value.message.key == "ledger.record-short"


def test_a_record_made_anew_is_not_the_one_whose_head_was_noted(exchanged: Community) -> None:
    alfa = exchanged["Alfa"]
    head = verify_record(alfa)
    other = Head(head.lines, bytes(32))
    with pytest.raises(InputError) as caught:
        verify_record(alfa, other)
    assert caught.value.message.key == "ledger.record-other"


def test_lines_are_counted_by_month_way_member_agreement_and_area(exchanged: Community) -> None:
    alfa, bravo = exchanged
    counts = [each for each in count_record(alfa) if each.agreement and each.area]
    assert [(each.direction, each.peer, each.area, each.lines) for each in counts] == [
        ("out", bravo.member, "cyber", 3)
    ]
    assert sum(each.lines for each in count_record(alfa)) == verify_record(alfa).lines


def test_a_verdict_that_would_be_another_today_is_shown_with_the_reason(
    exchanged: Community,
) -> None:
    alfa, bravo = exchanged
    assert list(differences(alfa)) == []
    members.suspend_peer(alfa, bravo.member)
    found = list(differences(alfa))
    assert found
    assert {(each.recorded, each.then, each.now) for each in found} == {(True, True, False)}
    assert all(each.why for each in found)


def test_an_export_in_which_a_byte_is_another_is_refused(exchanged: Community) -> None:
    whole = b"".join(export_record(exchanged["Alfa"]))

    @given(st.integers(0, len(whole) - 1), st.integers(1, 255))
    def change(place: int, other: int) -> None:
        changed = bytearray(whole)
        changed[place] ^= other
        with pytest.raises(InputError):
            check_lines(bytes(changed).splitlines(keepends=True))

    change()


def test_lines_without_their_order_are_refused(exchanged: Community) -> None:
    lines = list(export_record(exchanged["Alfa"]))
    for wrong in (lines[1:], lines[::-1], [*lines, lines[-1]], [b"{}"], [b"\xff"]):
        with pytest.raises(InputError):
            check_lines(wrong)
    assert json.loads(lines[0])["basis"]["seq"] == 1
