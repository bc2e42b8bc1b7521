"""The record of transfers: every entry that crossed the border, out and in, with its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream

from accord.base.errors import InputError, NotFoundError
from accord.node.auditing import export_record
from accord.node.transfers import (
    NEWEST,
    Transfer,
    find_transfer,
    newest_transfers,
    put_aside,
    recompute,
    recorded,
)
from accord.web.room import page
from accord.web.visit import Visit

DIRECTIONS = ("out", "in", "refused", "held")
MARKS = {"out": "good", "in": "good", "refused": "bad", "held": "wait"}
_PAGE = 50


@page("/inspection", "transfers")
def record_page(
    visit: Visit, member: str = "", direction: str = "", agreement: str = "", before: int = 0
) -> Response[bytes]:
    """Newest first, with filters that stand in the address. No content anywhere."""
    if direction and direction not in DIRECTIONS:
        allowed = ", ".join(DIRECTIONS)
        raise InputError(
            "web.form-choice",
            field=visit.t("inspection.direction"),
            found=direction[:60],
            allowed=allowed,
        )
    place = min(before, NEWEST) if before > 0 else NEWEST
    lines = _lines(visit, place, member or None, direction or None, agreement or None)
    names = visit.names.by_member
    return visit.show(
        "inspection/record.html",
        tab="record",
        lines=lines[:_PAGE],
        next=lines[_PAGE - 1].seq if len(lines) > _PAGE else 0,
        asked={"member": member, "direction": direction, "agreement": agreement},
        first=before <= 0,
        marks=MARKS,
        members=sorted(
            ((id_, name) for id_, name in names.items() if id_ != visit.node.member),
            key=lambda each: each[1].casefold(),
        ),
        directions=[(each, visit.t(f"inspection.direction-{each}")) for each in DIRECTIONS],
        agreements=sorted(
            (each for each in visit.titles.items() if visit.knows(each[0])),
            key=lambda each: each[1],
        ),
    )


@page("/inspection/transfers/{seq:int}", "transfers", example="transfer")
def transfer_page(visit: Visit, seq: FromPath[int]) -> Response[bytes]:
    """One line: what it records, and what the rule says of it as known then and as known now.

    What is not held here, refused or erased, cannot be judged again; what the record says stays.
    """
    if not 0 < seq <= NEWEST:
        raise NotFoundError("node.transfer-unknown", seq=str(seq)[:20])
    line = find_transfer(visit.node, seq)
    if not visit.knows(line.agreement):
        raise NotFoundError("node.transfer-unknown", seq=seq)
    return visit.show(
        "inspection/transfer.html",
        line=line,
        recorded=recorded(line),
        judged=recompute(visit.node, seq),
        aside=put_aside(visit.node, line),
        ledger_of=members_by_origin(visit).get(line.origin),
        mark=MARKS.get(line.direction, "off"),
    )


@page("/inspection/record.jsonl", "transfers")
def export_page(visit: Visit) -> Stream:
    """The whole record with its chain, to be verified elsewhere. Without content.

    A chain cannot be had in part: who is limited to some agreements has none.
    """
    if visit.reader.scope.agreements is not None:
        raise NotFoundError("web.no-such-page")

    def lines() -> Iterator[bytes]:
        yield from export_record(visit.node)

    header = {"Content-Disposition": 'attachment; filename="transfers.jsonl"'}
    return Stream(lines(), media_type="application/jsonl", headers=header)


def _lines(
    visit: Visit, before: int, member: str | None, direction: str | None, agreement: str | None
) -> list[Transfer]:
    """One line more than a page shows, newest first, of the agreements the visitor may know."""
    limited = visit.reader.scope.agreements
    wanted = [agreement] if limited is None or agreement is not None else sorted(limited)
    found = [
        line
        for each in wanted
        if each is None or visit.knows(each)
        for line in newest_transfers(
            visit.node,
            before=before,
            limit=_PAGE + 1,
            peer=member,
            direction=direction,
            agreement=each,
        )
    ]
    return sorted(found, key=lambda line: -line.seq)[: _PAGE + 1]


def members_by_origin(visit: Visit) -> dict[str, str]:
    """Whose ledger each is, by the name of the ledger."""
    return {row.origin: row.member for row in visit.node.read(lambda tx: tx.ledgers.all())}
