"""A council for the tests: members with ledgers, a clock, witnesses, links that can be cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from accord.base.clock import to_micros
from accord.ledger.keys import member_id
from accord.rules.decisions.bodies import BodyState, founded
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import due, standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.heard import Heard, Said
from accord.rules.decisions.objects import Ballot, Change, Choice, Motion
from accord.rules.decisions.rule import CouncilRules, EffectRule, Rule, Verdict
from accord.rules.decisions.states import MotionState
from accord.rules.decisions.witnessing import Cosigned, LedgerView

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHARTER = "accord-agreement--11111111-1111-4111-8111-111111111111"
TEXT = "aa" * 32
TITLES = {"zh": "决议", "ru": "Решение", "en": "Decision"}
SILENCE = Rule(by="silence")
UNANIMITY = Rule(by="unanimity")
TWO_THIRDS = Rule(by="majority", share="2/3")
MOST_VOTES = Rule(by="majority", share="1/2", of="votes", exceed=True)
DECLARE = Effect(does="declare")


def origin(number: int) -> str:
    return f"accord/{number:040x}"


def members(count: int) -> tuple[str, ...]:
    """Member ids in their order, as electorates list them."""
    return tuple(sorted(member_id(origin(number)) for number in range(count)))


LEDGER_OF = {member_id(origin(number)): origin(number) for number in range(64)}


def rules(count: int, rule: Rule = SILENCE, **others: Rule) -> CouncilRules:
    return CouncilRules(
        witnesses=members(count),
        witness_quorum=(count - 1) // 2 + 1,
        reading_hours=24,
        wait_hours=12,
        rule=rule,
        rules=tuple(
            EffectRule(does=name.replace("_", "-"), **msgspec.structs.asdict(each))
            for name, each in others.items()
        ),
    )


def council_of(count: int, rule: Rule = SILENCE, **others: Rule) -> BodyState:
    return founded(CHARTER, TEXT, members(count), rules(count, rule, **others))


def motion(state: BodyState, effect: Effect = DECLARE, number: int = 1, **changes: Any) -> Motion:
    """A motion that fits `state`; `changes` replace fields."""
    frozen = state.rules
    plain = Motion(
        id=f"accord-motion--{UUID(int=number, version=4)}",
        body=state.body,
        base=state.id,
        titles=TITLES,
        texts=TITLES,
        effect=effect,
        electorate=state.voters,
        readers=tuple(sorted(state.readers(effect))),
        opens=START,
        closes=START + 72 * HOUR,
        reading_hours=frozen.reading_hours,
        wait_hours=frozen.wait_hours,
        rule=frozen.for_effect(effect.does),
        witnesses=frozen.witnesses,
        witness_quorum=frozen.witness_quorum,
    )
    return msgspec.structs.replace(plain, **changes)


def hash_of(said: Said, author: str) -> str:
    """Stands for the hash of the object's bytes: what is said, and by whom."""
    return hashlib.sha256(author.encode() + msgspec.json.encode(said)).hexdigest()


def heard(author: str, index: int, said: Said, audience: Iterable[str], **changes: Any) -> Heard:
    plain = Heard(
        author=author,
        ledger=LEDGER_OF[author],
        index=index,
        audience=tuple(sorted(audience)),
        created_by=author,
        sha256=hash_of(said, author),
        said=said,
    )
    return msgspec.structs.replace(plain, **changes)


class Node:
    """What one member holds: a council, and how far it follows each ledger."""

    def __init__(self, me: str, state: BodyState) -> None:
        self.me = me
        self.council = Council(state)
        self.taken: dict[str, int] = {}
        self.cosigned: dict[str, set[Cosigned]] = {}

    def views(self) -> dict[str, LedgerView]:
        return {
            member: LedgerView(
                ledger=LEDGER_OF[member],
                taken=taken,
                cosigned=tuple(c for c in sorted(self.cosigned[member], key=_order)),
            )
            for member, taken in self.taken.items()
        }


def _order(each: Cosigned) -> tuple[int, int, str]:
    return each.time, each.size, each.witness


class Chamber:
    """Members that each run a node; `cut` holds pairs (reader, owner) whose link is down."""

    def __init__(self, state: BodyState, count: int | None = None) -> None:
        self.now = START
        self.members = tuple(sorted(state.members)) if count is None else members(count)
        self.ledgers: dict[str, list[tuple[Heard, frozenset[str]]]] = {m: [] for m in self.members}
        self.cosigned: dict[str, set[Cosigned]] = {m: set() for m in self.members}
        self.nodes = {member: Node(member, state) for member in self.members}
        self.cut: set[tuple[str, str]] = set()

    def say(
        self, author: str, said: Said, audience: Iterable[str], hide: Iterable[str] = ()
    ) -> Heard:
        """Append an entry; `hide` are those from whom its author withholds it."""
        entry = heard(author, len(self.ledgers[author]), said, audience)
        self.ledgers[author].append((entry, frozenset(hide)))
        self.follow(author, author)
        return entry

    def move(self, author: str, what: Motion, hide: Iterable[str] = ()) -> str:
        return self.say(author, what, what.audience, hide).sha256

    def vote(self, author: str, sha256: str, choice: Choice, hide: Iterable[str] = ()) -> Heard:
        what = self.motion(sha256)
        ballot = Ballot(motion_ref=what.id, motion_sha256=sha256, choice=choice)
        return self.say(author, ballot, what.audience, hide)

    def extend(self, author: str, sha256: str, closes: datetime) -> Heard:
        change = Change(motion_sha256=sha256, closes=closes)
        return self.say(author, change, self.motion(sha256).audience)

    def motion(self, sha256: str) -> Motion:
        for ledger in self.ledgers.values():
            for entry, _ in ledger:
                if entry.sha256 == sha256 and isinstance(entry.said, Motion):
                    return entry.said
        raise LookupError(sha256)

    def follow(self, reader: str, owner: str) -> None:
        """The reader takes all that its owner shows of a ledger, and co-signs what it saw."""
        if (reader, owner) in self.cut:
            return
        node, ledger = self.nodes[reader], self.ledgers[owner]
        for entry, hidden in ledger[node.taken.get(owner, 0) :]:
            if reader in entry.audience and reader not in hidden:
                node.council.hear(entry)
        node.taken[owner] = len(ledger)
        if reader != owner:
            self.cosigned[owner].add(Cosigned(reader, len(ledger), self.seconds()))
        node.cosigned.setdefault(owner, set()).update(self.cosigned[owner])

    def hand_on(self, giver: str, taker: str) -> None:
        """The giver hands on, with proofs, all entries that the taker is addressed by."""
        for owner, ledger in self.ledgers.items():
            for entry, hidden in ledger[: self.nodes[giver].taken.get(owner, 0)]:
                if taker in entry.audience and giver in entry.audience and giver not in hidden:
                    self.nodes[taker].council.hear(entry)

    def seconds(self) -> int:
        return to_micros(self.now) // 1_000_000

    def act(self, member: str) -> None:
        """The member's node says what it has to say by itself."""
        node = self.nodes[member]
        for sha256 in node.council.motions():
            for _ in range(4):
                said = due(node.council, sha256, member, node.views(), self.now)
                if said is None:
                    break
                self.say(member, said, self.motion(sha256).audience)

    def round(self) -> None:
        """Everybody follows everybody, twice, and acts in between."""
        for _ in range(2):
            for reader in self.members:
                for owner in self.members:
                    self.follow(reader, owner)
            for member in self.members:
                self.act(member)

    def wait(self, hours: float) -> None:
        self.now += hours * HOUR

    def run(self, hours: float, step: float = 12) -> None:
        """Let time pass with everybody following and acting."""
        end = self.now + hours * HOUR
        while self.now < end:
            self.round()
            self.wait(step)
        self.round()

    def state(self, member: str, sha256: str) -> MotionState:
        node = self.nodes[member]
        return standing(node.council, sha256, node.views(), self.now, member).state

    def states(self, sha256: str) -> set[MotionState]:
        return {self.state(member, sha256) for member in self.members}

    def verdicts(self, sha256: str) -> set[Verdict | None]:
        return {self.nodes[member].council.verdict(sha256) for member in self.members}


def opened(count: int, rule: Rule) -> tuple[Chamber, str]:
    """A motion that everybody has had for a day."""
    state = council_of(count, rule)
    chamber = Chamber(state)
    sha256 = chamber.move(chamber.members[0], motion(state))
    chamber.run(24)
    return chamber, sha256
