"""A council that decides one motion after another: random, distinct, reproducible.

Everything is drawn: who moves, who votes what or not at all, who says two things, who votes without
having a vote. Entries come mixed, as from many ledgers: some before the motion they are about.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.keys import member_id
from accord.rules.decisions.bodies import founded
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.heard import Heard, Said
from accord.rules.decisions.objects import (
    Ballot,
    Change,
    Choice,
    Finding,
    Motion,
    Outcome,
    Seen,
    Sight,
    Tally,
)
from accord.rules.decisions.record import digest_of
from accord.rules.decisions.rule import CouncilRules, Rule
from accord.stix.extension import EXTENSION_ID

VOTERS = 20
START = datetime(2026, 3, 1, tzinfo=UTC)
CHARTER, TEXT = "accord-agreement--11111111-1111-4111-8111-111111111111", "aa" * 32
_MADE = format_time(START)
_COMMON = {
    "spec_version": "2.1",
    "modified": _MADE,
    "extensions": {EXTENSION_ID: {"extension_type": "new-sdo"}},
}
_WORDS = {"zh": "决议草案", "ru": "Проект решения", "en": "A draft decision"}
_AT_ONCE = 400  # entries that come mixed with each other


def body_of(author: str, index: int, said: Said) -> bytes:
    """The object that the author's entry at `index` carries, byte for byte as a node makes it."""
    fields: dict[str, Any] = msgspec.to_builtins(said)
    type_ = f"accord-{fields.pop('said')}"
    given = {name: value for name, value in fields.items() if value not in (None, (), False)}
    if isinstance(said, Tally):
        given["withdrawn"] = said.withdrawn
    id_ = f"{type_}--{UUID(bytes=sha256(f'{author} {index}'.encode()).digest()[:16], version=4)}"
    mine = {"id": fields.get("id", id_), "created_by_ref": author, "created": _MADE}
    return msgspec.json.encode({**_COMMON, **given, **mine, "type": type_}, order="sorted")


class History:
    """What a council of `VOTERS` members says until there are so many entries."""

    def __init__(self, seed: int, entries: int) -> None:
        self._draw = random.Random(seed)
        ledgers = [f"accord/{number:040x}" for number in range(VOTERS + 1)]
        self.ledger_of = {member_id(ledger): ledger for ledger in ledgers}
        *members, self._outsider = self.ledger_of
        rules = CouncilRules(
            witnesses=tuple(sorted(members)),
            witness_quorum=VOTERS // 2 + 1,
            reading_hours=24,
            wait_hours=12,
            rule=Rule(by="majority", share="2/3"),
        )
        self.state = founded(CHARTER, TEXT, members, rules)
        self._sizes = dict.fromkeys(self.ledger_of, 0)
        self.entries: list[Heard] = []
        number = 0
        while len(self.entries) < entries:
            number += 1
            self.entries += self._decided(number)
        del self.entries[entries:]
        self._mix()

    def _mix(self) -> None:
        for start in range(0, len(self.entries), _AT_ONCE):
            part = self.entries[start : start + _AT_ONCE]
            self._draw.shuffle(part)
            self.entries[start : start + _AT_ONCE] = part

    def _say(self, author: str, said: Said, audience: tuple[str, ...]) -> Heard:
        index, self._sizes[author] = self._sizes[author], self._sizes[author] + 1
        digest = sha256(body_of(author, index, said)).hexdigest()
        return Heard(
            author=author,
            ledger=self.ledger_of[author],
            index=index,
            audience=audience,
            created_by=author,
            sha256=digest,
            said=said,
        )

    def _decided(self, number: int) -> Iterator[Heard]:
        """All that is said of one motion."""
        draw, voters = self._draw, self.state.voters
        motion = self._motion(number)
        moved = self._say(draw.choice(voters), motion, motion.named)
        yield moved
        for voter in voters:
            yield self._say(voter, Seen(moved.sha256), motion.named)
        if draw.random() < 0.1:
            change = Change(motion_sha256=moved.sha256, closes=motion.closes + timedelta(days=1))
            yield self._say(moved.author, change, motion.named)
        tally = Tally(
            motion_sha256=moved.sha256,
            closes=motion.closes,
            withdrawn=False,
            rival=None,
            found=(yield from self._votes(motion, moved.sha256)),
        )
        sights = tuple(Sight(self.ledger_of[each], self._sizes[each], True) for each in voters)
        for voter in voters:
            yield self._say(voter, replace(tally, sights=sights), motion.named)
        for voter in voters:
            yield self._say(voter, Outcome(moved.sha256, digest_of(tally)), motion.named)

    def _votes(self, motion: Motion, digest: str) -> Generator[Heard, None, tuple[Finding, ...]]:
        """Everybody's ballot, if any; returns what is found of each."""
        draw, found = self._draw, list[Finding]()
        for voter in motion.electorate:
            if draw.random() < 0.1:
                found.append(Finding(voter, "silent"))
                continue
            cast = self._say(voter, self._ballot(motion, digest), motion.named)
            yield cast
            if draw.random() < 0.01:
                yield self._say(voter, self._ballot(motion, digest), motion.named)
            assert isinstance(cast.said, Ballot)
            found.append(Finding(voter, cast.said.choice, cast.sha256))
        if draw.random() < 0.1:
            yield self._say(self._outsider, self._ballot(motion, digest), motion.named)
        return tuple(found)

    def _ballot(self, motion: Motion, digest: str) -> Ballot:
        choice: Choice = self._draw.choice(("yes", "yes", "yes", "no", "abstain"))
        reason = _WORDS if choice == "no" else None
        return Ballot(motion_ref=motion.id, motion_sha256=digest, choice=choice, reason=reason)

    def _motion(self, number: int) -> Motion:
        rules, opens = self.state.rules, START + timedelta(hours=number)
        return Motion(
            id=f"accord-motion--{UUID(int=number, version=4)}",
            body=self.state.body,
            base=self.state.id,
            titles=_WORDS,
            texts=_WORDS,
            effect=Effect(does="declare"),
            electorate=self.state.voters,
            opens=opens,
            closes=opens + timedelta(hours=72),
            reading_hours=rules.reading_hours,
            wait_hours=rules.wait_hours,
            rule=rules.rule,
            witnesses=rules.witnesses,
            witness_quorum=rules.witness_quorum,
        )
