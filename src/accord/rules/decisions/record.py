"""All that was heard of one motion. A set, not a story: in whatever order entries come, it ends up
the same, and what it says is never taken back by a further entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from .heard import Heard, Said, Void, void, why_forged, why_void
from .objects import Ballot, Change, Motion, Outcome, Seen, Sight, Tally


class Placed(msgspec.Struct, frozen=True, array_like=True):
    """A place in the author's own ledger; `sha256` (hex) is of the object's bytes."""

    index: int
    sha256: str


class Cast(Placed, frozen=True, array_like=True):
    """A ballot, and where it stands."""

    ballot: Ballot


class Altered(Placed, frozen=True, array_like=True):
    """A change of the motion by its proposer, and where it stands."""

    change: Change


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One tally of a voter: where it stands, and how far its author had seen."""

    index: int
    sights: tuple[Sight, ...]


class Record(msgspec.Struct):
    """A motion and what was said about it. Maps go by voter; findings by their digest.

    Of ballots and changes the first two that differ are kept: whatever a third says, two are in
    time and spoil each other, or one is and stands, or none is.
    """

    motion: Motion | None = None
    proposer: str = ""
    index: int = -1
    seen: dict[str, int] = {}
    ballots: dict[str, tuple[Cast, ...]] = {}
    changes: tuple[Altered, ...] = ()
    findings: dict[str, Tally] = {}
    tallied: dict[str, dict[str, Told]] = {}  # voter, then digest
    outcomes: dict[str, dict[str, int]] = {}  # digest, then voter: index
    ledgers: dict[str, str] = {}  # of all who said something that counts
    voids: dict[str, Void] = {}
    early: dict[str, Heard] = {}  # what came before the motion itself

    def hear(self, heard: Heard) -> None:
        """Take one entry in."""
        if (reason := why_forged(heard)) is not None:
            self._void(heard, void(heard, reason))
        elif self.motion is not None:
            self._take(self.motion, heard)
        elif isinstance(heard.said, Motion) and self._whole(heard, heard.said):
            self._open(heard, heard.said)
        else:
            self.early[_place(heard)] = heard

    def support(self, digest: str) -> list[str]:
        """Who tallied these findings."""
        return [voter for voter, told in self.tallied.items() if digest in told]

    @staticmethod
    def _whole(heard: Heard, motion: Motion) -> bool:
        return why_void(heard, motion, heard.author) is None

    def _open(self, heard: Heard, motion: Motion) -> None:
        self.motion, self.proposer, self.index = motion, heard.author, heard.index
        self.ledgers[heard.author] = heard.ledger
        early, self.early = self.early, {}
        for each in early.values():
            self._take(motion, each)

    def _take(self, motion: Motion, heard: Heard) -> None:
        reason = why_void(heard, motion, self.proposer)
        if reason is not None:
            self._void(heard, void(heard, reason))
        else:
            self._keep(heard, heard.said)

    def _keep(self, heard: Heard, said: Said) -> None:
        author, index = heard.author, heard.index
        self.ledgers[author] = heard.ledger
        if isinstance(said, Seen):
            self.seen[author] = min(index, self.seen.get(author, index))
        elif isinstance(said, Ballot):
            cast = Cast(index, heard.sha256, said)
            self.ballots[author] = _first_two(self.ballots.get(author, ()), cast)
        elif isinstance(said, Tally):
            self._keep_tally(author, index, said)
        elif isinstance(said, Outcome):
            by = self.outcomes.setdefault(said.findings, {})
            by[author] = min(index, by.get(author, index))
        elif isinstance(said, Change):
            self.changes = _first_two(self.changes, Altered(index, heard.sha256, said))
        else:
            self.index = min(index, self.index)

    def _keep_tally(self, author: str, index: int, tally: Tally) -> None:
        digest = digest_of(tally)
        self.findings.setdefault(digest, msgspec.structs.replace(tally, sights=()))
        told = self.tallied.setdefault(author, {})
        if digest not in told or index < told[digest].index:
            told[digest] = Told(index, tally.sights)

    def _void(self, heard: Heard, what: Void) -> None:
        self.voids[_place(heard)] = what


def _place(heard: Heard) -> str:
    return f"{heard.ledger} {heard.index:016}"


_P = TypeVar("_P", bound=Placed)


def _first_two(known: Iterable[_P], new: _P) -> tuple[_P, ...]:
    """The two that differ and come first in their ledger; the same again is no second one."""
    first: dict[str, _P] = {}
    for each in sorted([*known, new], key=lambda placed: (placed.index, placed.sha256)):
        first.setdefault(each.sha256, each)
    return tuple(first.values())[:2]


def digest_of(tally: Tally) -> str:
    """What must agree between tallies: all but how far each author had seen, as SHA-256 (hex)."""
    agreed = (
        tally.motion_sha256,
        tally.closes,
        tally.withdrawn,
        tally.rival,
        tally.found,
    )
    return hashlib.sha256(b"accord/findings/v1\0" + msgspec.json.encode(agreed)).hexdigest()
