"""Who contradicts whom, with the places that show it. Nobody is convicted here of ignorance."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from accord.base.messages import Message, say

from .council import Council
from .objects import Finding
from .record import Record


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Where a statement stands: in whose ledger, at which index."""

    member: str
    index: int


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """What does not fit together. `proven`: the author contradicts itself, whoever may look."""

    author: str
    reason: Message
    places: tuple[Place, ...]
    proven: bool


def contradictions(council: Council, sha256: str) -> list[Contradiction]:
    """All that speaks against voters in the entries of one motion, in a fixed order."""
    record = council.record(sha256)
    if record is None or record.motion is None:
        return []
    found = [*_two_ballots(record), *_two_outcomes(record), *_tallies(record)]
    texts = council.texts_under(record.motion.id)
    if len(texts) > 1:
        said = say("rules.two-texts", motion=record.motion.id, count=len(texts))
        places = tuple(sorted(Place(author, index) for author, index in texts))
        proven = len({author for author, _ in texts}) == 1
        author = record.proposer
        found.append(Contradiction(author=author, reason=said, places=places, proven=proven))
    return sorted(found, key=lambda each: (each.author, each.places, each.reason.key))


def _two_ballots(record: Record) -> Iterator[Contradiction]:
    for voter, casts in record.ballots.items():
        if len(casts) > 1:
            places = tuple(Place(voter, cast.index) for cast in casts)
            reason = say("rules.two-ballots", author=voter)
            yield Contradiction(author=voter, reason=reason, places=places, proven=True)


def _two_outcomes(record: Record) -> Iterator[Contradiction]:
    said: dict[str, list[Place]] = {}
    for by in record.outcomes.values():
        for voter, index in by.items():
            said.setdefault(voter, []).append(Place(voter, index))
    for voter, places in said.items():
        if len(places) > 1:
            reason = say("rules.two-outcomes", author=voter)
            yield Contradiction(
                author=voter, reason=reason, places=tuple(sorted(places)), proven=True
            )


def _tallies(record: Record) -> Iterator[Contradiction]:
    for teller, told in record.tallied.items():
        for digest, tale in told.items():
            sizes = {sight.ledger: sight.size for sight in tale.sights}
            for finding in record.findings[digest].found:
                shown = _against(record, finding, sizes)
                if shown is not None:
                    yield Contradiction(
                        author=teller,
                        reason=say(
                            "rules.tally-contradicted",
                            author=teller,
                            voter=finding.voter,
                            found=finding.found,
                        ),
                        places=(Place(teller, tale.index), shown),
                        proven=teller == finding.voter,
                    )


def _against(record: Record, finding: Finding, sizes: dict[str, int]) -> Place | None:
    """The voter's ballot that does not fit what a tally says of it, if its author saw so far."""
    casts = record.ballots.get(finding.voter, ())
    if len(casts) != 1:
        return None
    if (finding.ballot, finding.found) == (casts[0].sha256, casts[0].ballot.choice):
        return None
    if finding.ballot is None and finding.found not in ("silent", "spoiled", "void"):
        return None  # absent and late are what the author could not see, or could not date
    ledger = record.ledgers.get(finding.voter, "")
    if finding.ballot is None and sizes.get(ledger, 0) <= casts[0].index:
        return None
    return Place(finding.voter, casts[0].index)
