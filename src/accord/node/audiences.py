"""Several audiences for one object: each is an entry of its own, with a marking of its own.

One more audience is refused where its marking would bind nobody: inside another one that has the
object under a marking less strict.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.base.errors import ConflictError
from accord.ledger.envelope import PARTIES, Envelope, reread_envelope
from accord.rules.community.shares import Share, check_shares
from accord.rules.facts import Facts
from accord.store.transaction import Transaction

from .append import version_of
from .prepare import Prepared
from .summary import Summary, decode_summary, stricter


def refuse_idle(tx: Transaction, prepared: Sequence[Prepared], facts: Facts) -> None:
    """Raise `ConflictError` where an audience beside those that an object has would be idle."""
    if not facts.groups:
        return
    keys = [(each.item.id, version_of(each.item)) for each in prepared]
    stood = tx.entries.own_of(keys)
    for key, each in zip(keys, prepared, strict=True):
        before = [
            share
            for row in stood.get(key, ())
            if row.salt_o is not None and row.agreement == _cited(each.envelope)
            if (share := _share(reread_envelope(row.envelope), decode_summary(row.summary), facts))
        ]
        wanted = _share(each.envelope, each.summary, facts)
        if before and wanted is not None:
            own = stricter(each.summary.markings.tlp, None)
            for found in check_shares([*before, wanted], own):
                raise ConflictError(found.key, **found.args)


def _share(envelope: Envelope, summary: Summary, facts: Facts) -> Share | None:
    """Whom an entry reaches now, and at which level; null where it states none."""
    tlp = stricter(envelope.handling.tlp, summary.markings.tlp)
    return None if tlp is None else Share(_reached(envelope, facts), tlp)


def _reached(envelope: Envelope, facts: Facts) -> frozenset[str]:
    if envelope.group is not None:
        circle = facts.groups.get(envelope.group)
        return frozenset(circle.roster() if circle is not None else ())
    if PARTIES not in envelope.audience:
        return frozenset({*envelope.audience, envelope.author})
    cited = envelope.agreement
    text = facts.text(cited.id, cited.sha256) if cited is not None else None
    return text.parties if text is not None else frozenset()


def _cited(envelope: Envelope) -> str | None:
    return envelope.agreement.id if envelope.agreement is not None else None
