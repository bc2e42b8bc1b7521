"""What a member that an amendment names is given of the time before, as its own node sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accord.ledger.envelope import Envelope
from accord.rules.acts import SignatureSeen
from accord.rules.facts import Facts, What
from accord.store.transaction import Transaction

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


def note_signing(tx: Transaction, number: int, what: What) -> None:
    """Keep where in its ledger a signature stands, with the fact that it makes."""
    if isinstance(what, SignatureSeen):
        tx.settings.set(_name(what.ledger, what.sha256), str(number))


def seen_by(
    tx: Transaction, facts: Facts, number: int, envelope: Envelope, witnessed: datetime
) -> datetime:
    """By when an entry existed: by `witnessed`, or by what its own ledger proves.

    Who begins to follow a ledger late saw nothing of it in its time. But what stands in it before
    its author's signature of the amendment was issued before that amendment came into force.
    """
    cited = envelope.agreement
    text = facts.text(cited.id, cited.sha256) if cited is not None else None
    after = text.life.successor if text is not None and text.life is not None else None
    if cited is None or after is None:
        return witnessed
    amendment = facts.text(cited.id, after)
    signed = amendment.signatures.get(envelope.author) if amendment is not None else None
    place = tx.settings.get(_name(envelope.origin, after)) if signed is not None else None
    if signed is None or place is None or int(place) <= number:
        return witnessed
    return min(witnessed, signed.at - _JUST_BEFORE)


def _name(origin: str, sha256: str) -> str:
    return f"signed {origin} {sha256}"
