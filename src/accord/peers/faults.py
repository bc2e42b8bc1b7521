"""Faults of a peer as seen from here, apart by what may be done about them.

What a peer signed and should not have is a fault of its ledger (`ledger.faults`); two signed
statements that contradict each other are misconduct and stop following until a person acts.
"""

from __future__ import annotations

from accord.base.errors import PeerFault
from accord.base.messages import Arg


class NetworkFault(PeerFault):
    """No whole answer came: the way there is cut, or the peer is down, slow or busy.

    `retry_after` is how many seconds the peer asked for, if it did.
    """

    def __init__(self, key: str, /, *, retry_after: float | None = None, **args: Arg) -> None:
        super().__init__(key, **args)
        self.retry_after = retry_after


class Unwelcome(PeerFault):
    """The peer does not take us for a member it has confirmed, or has suspended us."""


class BadAnswer(PeerFault):
    """An answer that no honest node gives: too large, another form, another status, a redirect."""


class NotThere(PeerFault):
    """The peer does not have what was asked for, or not for us."""


class OverQuota(PeerFault):
    """The peer gives more than this node takes from one peer."""


class BadRequest(PeerFault):
    """A request to us that is not signed as it must be: forged, re-targeted, stale or replayed."""


class TooManyRequests(PeerFault):
    """A peer that asks more often than its quota allows; in `seconds` it may ask again."""

    def __init__(self, key: str, /, *, seconds: int) -> None:
        super().__init__(key, seconds=seconds)
        self.seconds = seconds
