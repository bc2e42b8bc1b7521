"""Auditing: the record of transfers verified, exported, counted and judged again; never content."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from accord.base.clock import format_time, from_micros
from accord.base.errors import InputError
from accord.base.messages import Message
from accord.ledger.envelope import reread_envelope
from accord.ledger.record import Head, write_line
from accord.store.transaction import Transaction

from .node import Node
from .transfers import recompute

_PAGE = 1000


class Count(msgspec.Struct, frozen=True, order=True):
    """How many lines there are of one month, direction, member, agreement and area."""

    month: str  # 2026-03
    direction: str
    peer: str
    agreement: str
    area: str
    lines: int


class Difference(msgspec.Struct, frozen=True):
    """A line whose verdict would be another today, or was another than it should have been.

    `recorded`, `then` and `now`: whether it was allowed, by the record, by the facts of then, and
    by those of today. `why` are today's reasons against it.
    """

    seq: int
    recorded: bool
    then: bool
    now: bool
    why: tuple[Message, ...]


def verify_record(node: Node, noted: Head | None = None) -> Head:
    """Recompute the chain over all lines, and compare it with a head noted before.

    Raises `InputError` that names the first bad line.
    """
    head = Head()
    while page := node.read(lambda tx: tx.transfers.lines(head.lines, _PAGE)):  # noqa: B023
        for basis, verdict, link in page:
            head = head.next(basis, verdict, noted)
            if head.link != link:
                raise InputError("ledger.record-broken", line=head.lines)
    head.reaches(noted)
    return head


def export_record(node: Node) -> Iterator[bytes]:
    """The whole record, a line at a time, as `ledger.record.check_lines` checks it offline."""
    after = 0
    while page := node.read(lambda tx: tx.transfers.lines(after, _PAGE)):  # noqa: B023
        for basis, verdict, link in page:
            yield write_line(basis, verdict, link)
        after = page[-1][0].seq


def count_record(node: Node) -> list[Count]:
    """Lines by month, direction, member, agreement and area, in this order."""
    counts: dict[tuple[str, str, str, str, str], int] = {}
    after = 0
    while page := node.read(lambda tx: _keys(tx, after)):  # noqa: B023
        for key in page:
            counts[key[1]] = counts.get(key[1], 0) + 1
        after = page[-1][0]
    return sorted(Count(*key, lines) for key, lines in counts.items())


def _keys(tx: Transaction, after: int) -> list[tuple[int, tuple[str, str, str, str, str]]]:
    found = []
    ledgers = {row.origin: row.id for row in tx.ledgers.all()}
    page = tx.transfers.lines(after, _PAGE)
    areas: dict[tuple[str, int], str] = {}
    for origin in {basis.origin for basis, _, _ in page}:
        numbers = [basis.index for basis, _, _ in page if basis.origin == origin]
        for row in tx.erasure.entries(ledgers[origin], numbers):
            areas[origin, row.number] = reread_envelope(row.envelope).handling.area or ""
    for basis, _, _ in page:
        month = format_time(from_micros(basis.at))[:7]
        area = areas.get((basis.origin, basis.index), "")
        key = (month, basis.direction, basis.peer, basis.agreement or "", area)
        found.append((basis.seq, key))
    return found


def differences(node: Node, *, after: int = 0, limit: int | None = None) -> Iterator[Difference]:
    """The lines whose recorded verdict is not what the rule says, of then or of today.

    Lines without a verdict, and those whose entry is not held, are passed over.
    """
    left = limit
    while page := node.read(lambda tx: tx.transfers.verdicts(after, _PAGE)):  # noqa: B023
        for seq, _, raw in page:
            verdict = msgspec.json.decode(raw)
            found = _difference(node, seq, verdict) if isinstance(verdict, dict) else None
            if found is not None:
                yield found
                left = None if left is None else left - 1
                if left == 0:
                    return
        after = page[-1][0]


def _difference(node: Node, seq: int, recorded: dict[str, object]) -> Difference | None:
    judged = recompute(node, seq)
    if judged is None:
        return None
    allowed = (bool(recorded["allowed"]), judged.then.allowed, judged.now.allowed)
    if len(set(allowed)) == 1:
        return None
    return Difference(seq, *allowed, tuple(reason.message for reason in judged.now.reasons))
