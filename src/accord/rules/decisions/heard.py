"""An entry of a decision as the fold takes it in, from wherever and whenever it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from accord.base.messages import Message, say
from accord.ledger.envelope import Envelope
from accord.ledger.keys import member_id

from .objects import (
    Ballot,
    Change,
    Motion,
    Outcome,
    Seen,
    Tally,
    ballot_of,
    change_of,
    motion_of,
    outcome_of,
    seen_of,
    tally_of,
)

Said = Motion | Seen | Change | Ballot | Tally | Outcome

READERS: dict[str, Callable[[Mapping[str, Any]], Said]] = {
    "motion": motion_of,
    "motion-seen": seen_of,
    "motion-change": change_of,
    "ballot": ballot_of,
    "tally": tally_of,
    "outcome": outcome_of,
}


class Heard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry verified in `ledger` at `index`; `sha256` (hex) is of its object's bytes."""

    author: str
    ledger: str
    index: int
    audience: tuple[str, ...]
    created_by: str
    sha256: str
    said: Said

    @property
    def motion(self) -> str:
        """The motion it is about, by the hash of its bytes."""
        return self.sha256 if isinstance(self.said, Motion) else self.said.motion_sha256


class Void(msgspec.Struct, frozen=True):
    """An entry that counts for nothing, where it stands, and why."""

    author: str
    ledger: str
    index: int
    kind: str
    reason: Message


def heard_of(
    envelope: Envelope, index: int, fields: Mapping[str, Any], sha256: str
) -> Heard | None:
    """What an entry says of a decision; None when its kind is none of these.

    `index` is its place in the ledger in which it was verified. Raises `InputError` for a malformed
    object.
    """
    reader = READERS.get(envelope.kind)
    if reader is None:
        return None
    return Heard(
        author=envelope.author,
        ledger=envelope.origin,
        index=index,
        audience=envelope.audience,
        created_by=str(fields.get("created_by_ref")),
        sha256=sha256,
        said=reader(fields),
    )


def why_void(heard: Heard, motion: Motion, proposer: str) -> Message | None:
    """Why an entry about a motion counts for nothing; None when it counts."""
    if (forged := why_forged(heard)) is not None:
        return forged
    if heard.audience != motion.named and frozenset(heard.audience) != motion.audience:
        return say("rules.void-not-whole-electorate", author=heard.author, motion=motion.id)
    if isinstance(heard.said, Motion):
        return None
    if isinstance(heard.said, Change):
        if heard.author == proposer:
            return None
        return say("rules.void-not-the-proposer", author=heard.author, motion=motion.id)
    if heard.author not in motion.electorate:
        return say("rules.void-not-a-voter", author=heard.author, motion=motion.id)
    said = heard.said
    if isinstance(said, Tally) and tuple(each.voter for each in said.found) != motion.counted:
        return say("rules.void-other-voters", author=heard.author, motion=motion.id)
    return None


def why_forged(heard: Heard) -> Message | None:
    """Why an entry is not its author's own; an author's id follows from its ledger's origin."""
    if heard.created_by != heard.author:
        return say("rules.void-not-its-author", author=heard.author, creator=heard.created_by)
    if _owner(heard.ledger) != heard.author:
        return say("rules.void-other-ledger", author=heard.author, ledger=heard.ledger)
    return None


_owner = lru_cache(maxsize=1024)(member_id)


def void(heard: Heard, reason: Message) -> Void:
    """What is kept of an entry that counts for nothing."""
    kind = str(heard.said.__struct_config__.tag)
    return Void(heard.author, heard.ledger, heard.index, kind, reason)
