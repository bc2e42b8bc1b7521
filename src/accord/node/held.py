"""An entry as it is held, made into the opening that it is passed on or checked as."""

from __future__ import annotations

from accord.ledger.opening import Opening
from accord.store.records import EntryRow


def opening_of(entry: EntryRow, body: bytes | None) -> Opening:
    """The opening of a held entry: with its object, or the basis alone once that is erased."""
    if entry.salt_o is None or body is None:
        return Opening(
            index=entry.number,
            salt_e=entry.salt_e,
            envelope=entry.envelope,
            object_half=entry.object_half,
        )
    return Opening(
        index=entry.number,
        salt_e=entry.salt_e,
        envelope=entry.envelope,
        salt_o=entry.salt_o,
        object=body,
    )
