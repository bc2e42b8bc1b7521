"""Retention: how long an entry may be kept, from what its envelope and its agreement say.

Whatever is personal or limited in time has a clock. It asks a person to look before it ends, then
hides the content, and takes it out when nobody placed a hold on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from accord.base.clock import parse_time
from accord.ledger.envelope import Envelope

from .terms import Terms

GRACE = timedelta(days=30)  # hidden, and not yet erased: a mistaken date can still be mended
_LEAD = timedelta(days=30)  # how long before the end a person is asked, at most
_SHARE = 10  # and at most a tenth of the whole time


class Clock(msgspec.Struct, frozen=True):
    """When a person is to look, when the content is hidden, and when it is erased."""

    review: datetime
    ends: datetime
    purge: datetime


def clock_of(envelope: Envelope, terms: Terms | None) -> Clock | None:
    """The clock of an entry under `terms`; null where nothing limits it.

    The earliest limit counts: `expires` of the envelope, the agreement's `retention_days` from the
    day of issue, and the date up to which a description of a person may be kept. What describes a
    person has no days of grace.
    """
    issued = envelope.issued_at
    personal = envelope.handling.personal
    limits = [
        envelope.expires_at,
        None if personal is None else parse_time(personal.retain_until),
        None
        if terms is None or terms.retention_days is None
        else issued + timedelta(days=terms.retention_days),
    ]
    ends = min((limit for limit in limits if limit is not None), default=None)
    if ends is None:
        return None
    return Clock(
        review=_review(issued, ends, terms),
        ends=ends,
        purge=ends if personal is not None else ends + GRACE,
    )


def _review(issued: datetime, ends: datetime, terms: Terms | None) -> datetime:
    """When the agreement says, else a while before the end; never after it."""
    if terms is not None and terms.review_days is not None:
        return min(issued + timedelta(days=terms.review_days), ends)
    return ends - min(_LEAD, max(ends - issued, timedelta()) / _SHARE)
