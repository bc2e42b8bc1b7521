"""What a member that an amendment names is given of the time before, as its own node sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accord.base.clock import to_micros
from accord.ledger.envelope import Envelope
from accord.rules.facts import Facts
from accord.store.records import PeerRow
from accord.store.transaction import Transaction

from .node import Node
from .reading import Read

_JUST_BEFORE = timedelta(microseconds=1)
_PAGE = 500

Text = tuple[str, str]  # an agreement, and the hash of one of its texts


def awaited_texts(tx: Transaction, member: str, reads: Iterable[Read]) -> set[Text]:
    """The texts for which amendments wait that name `member`, in quarantine or among `reads`."""
    found: set[Text] = set()
    proposals = [each for each in reads if each.envelope and each.envelope.kind == "proposal"]
    if not proposals:
        return found
    for read in proposals:
        cited = read.envelope.agreement if read.envelope is not None else None
        amends = read.item.fields.get("amends") if read.item is not None else None
        if cited and amends and read.envelope and member in read.envelope.audience:
            found.add((cited.id, str(amends)))
    after = 0
    while page := tx.quarantine.page(after=after, limit=_PAGE):
        after = page[-1].seq
        for row in page:
            reasons = {each.key: each.args for each in row.reasons}
            args = reasons.get("rules.amended-text-unknown")
            if args is not None and "rules.amendment-not-here" not in reasons:
                found.add((str(args["agreement"]), str(args["sha256"])))
    return found


def seen_by(
    node: Node,
    tx: Transaction,
    facts: Facts,
    peer: PeerRow,
    number: int,
    envelope: Envelope,
    witnessed: datetime,
) -> datetime:
    """By when an entry existed: by `witnessed`, or in time for a text that was replaced since.

    Who begins to follow a ledger late saw nothing of it in its time. So that all who hold it say
    the same, whenever they came, its author's word counts that it gave the entry before the
    amendment was in force; unless a witness saw the ledger without it after that, or we did.
    """
    cited = envelope.agreement
    text = facts.text(cited.id, cited.sha256) if cited is not None else None
    replaced = text.life.superseded if text is not None and text.life is not None else None
    if replaced is None or not envelope.issued_at < replaced <= witnessed:
        return witnessed
    late = to_micros(replaced + timedelta(seconds=node.limits.clock_skew_seconds))
    row = tx.ledgers.of_member(peer.member)
    if row is not None and tx.ledgers.seen_without(row.id, number, late):
        return witnessed
    if peer.last_contact is not None and late <= peer.last_contact < to_micros(witnessed):
        return witnessed  # when we last asked, it was not there
    return replaced - _JUST_BEFORE
