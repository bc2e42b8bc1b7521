"""Several audiences for one object, with a marking for each: an entry of its own for every one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from accord.base.messages import Message, say
from accord.ledger.envelope import Tlp
from accord.rules.case import TLP_RANK


class Share(msgspec.Struct, frozen=True):
    """One audience of an object and the marking it has for it: an entry of its own."""

    audience: frozenset[str]
    tlp: Tlp


def check_shares(shares: Sequence[Share], own: Tlp | None) -> list[Message]:
    """What speaks against releasing one object to these audiences, each with its marking.

    A marking may only tighten the object's own; an audience inside another one must not have
    the stricter marking, for its members could use the other's entry.
    """
    found: list[Message] = []
    for place, share in enumerate(shares):
        if not share.audience:
            found.append(say("rules.share-nobody", place=place + 1))
        if own is not None and TLP_RANK[share.tlp] < TLP_RANK[own]:
            found.append(say("rules.share-looser", place=place + 1, tlp=share.tlp, own=own))
        if any(_covers(other, share) for other in shares if other is not share):
            found.append(say("rules.share-covered", place=place + 1))
    return found


def _covers(other: Share, share: Share) -> bool:
    if share.audience == other.audience:
        return True
    return share.audience < other.audience and TLP_RANK[share.tlp] > TLP_RANK[other.tlp]


def marking_for(shares: Iterable[Share], reader: str) -> Tlp | None:
    """The marking under which `reader` may use the object: the loosest it was given; None: none."""
    given = [share.tlp for share in shares if reader in share.audience]
    return min(given, key=lambda tlp: TLP_RANK[tlp], default=None)
