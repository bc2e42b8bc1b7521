"""The record of transfers becomes a chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from accord.ledger.record import START, Basis, link_of

COMPATIBLE = 6  # an older program would write lines without a link

_PAGE = 10_000
_LINES = """
SELECT transfers.seq, at, direction, peers.member, ledgers.origin, number, commitment, agreement,
    tlp, facts, verdict
FROM transfers JOIN peers ON peers.id = transfers.peer JOIN ledgers ON ledgers.id = transfers.ledger
WHERE transfers.seq > :after ORDER BY transfers.seq LIMIT :page
"""


def upgrade(op: Operations) -> None:
    """From version 5 to version 6."""
    with op.batch_alter_table("transfers") as table:
        table.add_column(sa.Column("link", sa.LargeBinary(), nullable=False, server_default=""))
    _chain(op.get_bind())
    with op.batch_alter_table("transfers") as table:
        table.alter_column("link", server_default=None)


def _chain(connection: sa.Connection) -> None:
    link, after = START, 0
    while rows := connection.execute(sa.text(_LINES), {"after": after, "page": _PAGE}).all():
        links: list[dict[str, object]] = []
        for row in rows:
            link = link_of(link, _basis(row), row.verdict)
            links.append({"seq": row.seq, "link": link})
        connection.execute(sa.text("UPDATE transfers SET link = :link WHERE seq = :seq"), links)
        after = rows[-1].seq


def _basis(row: sa.Row[tuple[object, ...]]) -> Basis:
    return Basis(
        seq=row.seq,
        at=row.at,
        direction=row.direction,
        peer=row.member,
        origin=row.origin,
        index=row.number,
        commitment=row.commitment.hex(),
        agreement=row.agreement,
        tlp=row.tlp,
        facts=row.facts,
    )
