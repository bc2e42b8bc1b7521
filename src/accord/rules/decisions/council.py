"""The fold of decisions: entries in whatever order they came, and what is final because of them.

What it says is a function of the *set* of entries and charter texts it was given, and final is
final: a further entry never takes an outcome back. `docs/reference/decisions.md` says why no two
nodes hold different ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from accord.base.messages import Message

from .bodies import BodyState, changed, group_of, state_id, why_unfit
from .effects import Effect
from .findings import verdict_of
from .heard import Heard
from .kept import Final, Frame, Gist, Kept
from .objects import Ballot, Motion, Outcome, Tally
from .record import Record
from .rule import CouncilRules, Verdict, enough, is_enough

Reader = Callable[[str], bytes]  # what is kept of a motion, by the hash of its bytes


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Record).decode


class Council:
    """All bodies and motions that this node knows of. Not for two threads at once."""

    def __init__(self, *founded: BodyState) -> None:
        self.states = {state.id: state for state in founded}
        self.finals: dict[str, list[Final]] = {}  # by motion; two only if too many lied
        self.in_force: dict[str, Effect] = {}  # by the motion that was adopted
        self._roots = {state.body: state.id for state in founded}
        self._heads = dict(self._roots)
        self._texts: dict[str, CouncilRules] = {}
        self._moved_on: dict[str, list[str]] = {}  # by base: the motions
        self.effects: dict[str, Effect] = {}  # of all motions that have come
        self._swaps: set[str] = set()  # motions that would change their body
        self._named: dict[str, list[str]] = {}  # by id of a motion: every text it is named with
        self._records: dict[str, Record] = {}
        self._changed: set[str] = set()  # motions of which more is known than is kept
        self._kept = Kept()
        self._read: Reader = self._kept.records.__getitem__
        self._misfits: dict[str, Message | None] = {}

    def found(self, state: BodyState) -> None:
        """Begin the chain of a body, or anew: all parties of a charter signed its text."""
        if self._roots.get(state.body) == state.id:
            return
        self._roots[state.body] = state.id
        if state.id in self.states:
            self._follow(state.id)
        else:
            self._found(state)

    def hear(self, heard: Heard) -> None:
        """Take one entry in; the same one again changes nothing."""
        sha256, said = heard.motion, heard.said
        record = self._record(sha256)
        known = record.motion is not None
        record.hear(heard)
        self._changed.add(sha256)
        if isinstance(said, Ballot):
            _insert(self._named, said.motion_ref, sha256)
        if record.motion is not None and not known:
            _insert(self._moved_on, record.motion.base, sha256)
            _insert(self._named, record.motion.id, sha256)
            self._learn_effect(sha256, record.motion.effect)
            self._settle(sha256)
        elif isinstance(said, Tally | Outcome):
            self._settle(sha256)

    def _learn_effect(self, sha256: str, effect: Effect) -> None:
        self.effects[sha256] = effect
        if effect.is_swap:
            self._swaps.add(sha256)

    def hear_all(self, entries: Iterable[Heard]) -> None:
        """Take entries in, one by one."""
        for heard in entries:
            self.hear(heard)

    def learn_text(self, sha256: str, rules: CouncilRules) -> None:
        """What a charter's text says of decisions: an amendment waits until it is known."""
        if sha256 not in self._texts:
            self._texts[sha256] = rules
            for base in list(self.states):
                self._follow(base)

    def record(self, sha256: str) -> Record | None:
        """What was heard of a motion, by the hash of its bytes. Not to be changed."""
        known = sha256 in self._records or sha256 in self._kept.gists
        return self._record(sha256) if known else None

    def motion(self, sha256: str) -> Motion | None:
        """A motion that has come, fit or not."""
        record = self.record(sha256)
        return None if record is None else record.motion

    def motions(self) -> list[str]:
        """All motions that anything was heard of."""
        return sorted(self._records.keys() | self._kept.gists.keys())

    def motions_like(self, beginning: str) -> list[str]:
        """The motions that have come and whose hash, or id behind its type, begins so."""
        found = {each for each in self.motions() if each.startswith(beginning)}
        for id_, texts in self._named.items():
            if id_.partition("--")[2].startswith(beginning):
                found.update(texts)
        return [each for each in sorted(found) if self._is_like(each, beginning)]

    def _is_like(self, sha256: str, beginning: str) -> bool:
        motion = self.motion(sha256)
        named = () if motion is None else (sha256, motion.id.partition("--")[2])
        return any(each.startswith(beginning) for each in named)

    def bodies(self) -> list[str]:
        """The councils and working groups that were founded."""
        return sorted(self._roots)

    def waiting(self) -> list[str]:
        """The motions whose base is not known here."""
        unknown = (moved for base, moved in self._moved_on.items() if base not in self.states)
        return [sha256 for moved in unknown for sha256 in moved]

    def founding(self, body: str) -> BodyState | None:
        """The very first state of a body, where it is known here."""
        states = self.states.values()
        return next((each for each in states if each.body == body and each.depth == 0), None)

    def head(self, body: str) -> BodyState | None:
        """The last state of a body that is known here and undisputed."""
        identifier = self._heads.get(body)
        return None if identifier is None else self.states[identifier]

    def chain(self, body: str) -> list[BodyState]:
        """The states of a body, from its foundation to its head."""
        identifier = self._roots.get(body)
        states: list[BodyState] = []
        while identifier is not None:
            states.append(self.states[identifier])
            identifier = self._next(identifier)
        return states

    def swapped_by(self, state: str) -> str | None:
        """The motion that took a state's place on its chain; None at its head."""
        return self._swapped(state)[0] if self._next(state) is not None else None

    def state_at(self, body: str, moment: datetime) -> BodyState | None:
        """The state of a body at a moment: a swap takes effect when its motion closed."""
        found: BodyState | None = None
        for state in self.chain(body):
            swap = None if found is None else self.swapped_by(found.id)
            if swap is not None and self.closed_at(swap) > moment:
                break
            found = state
        return found

    def misfit(self, sha256: str) -> Message | None:
        """Why a motion is void; None when it is not, or its base is not known yet."""
        if sha256 not in self._misfits:
            record = self._record(sha256)
            if record.motion is None or record.motion.base not in self.states:
                return None
            base = self.states[record.motion.base]
            self._misfits[sha256] = why_unfit(record.motion, record.proposer, base)
        return self._misfits[sha256]

    def is_fit(self, sha256: str) -> bool:
        """Whether the motion has come, its base is known, and allows it."""
        motion = self.motion(sha256)
        return motion is not None and motion.base in self.states and self.misfit(sha256) is None

    def astray(self, sha256: str) -> dict[str, int]:
        """By voter: where its first ballot on another text of this motion stands."""
        motion, first = self.motion(sha256), dict[str, int]()
        for other in self._named.get(motion.id, ()) if motion is not None else ():
            for voter, index in _places(self._record(other)) if other != sha256 else ():
                first[voter] = min(index, first.get(voter, index))
        return first

    def texts_under(self, motion_id: str) -> list[tuple[str, int]]:
        """Who moved what stands under one id of a motion, and where: one place for each text."""
        records = (self._record(each) for each in self._named.get(motion_id, ()))
        return [(each.proposer, each.index) for each in records if each.motion is not None]

    def rivals(self, sha256: str) -> list[str]:
        """The motions that exclude this one: of all on one base at most one is adopted.

        Other swaps, and other texts under its id; the first to close comes first.
        """
        motion = self.motion(sha256)
        if motion is None:
            return []
        alike = set(self._named.get(motion.id, ()))
        if motion.effect.is_swap:
            alike |= self._swaps
        close: dict[str, tuple[datetime, str]] = {}
        for each in alike.intersection(self._moved_on.get(motion.base, ())) - {sha256}:
            other = self.motion(each)
            if other is not None and self.is_fit(each):
                both_swap = motion.effect.is_swap and other.effect.is_swap
                if both_swap or other.id == motion.id:
                    close[each] = (other.closes, each)
        return sorted(close, key=lambda each: close[each])

    def verdict(self, sha256: str) -> Verdict | None:
        """The final verdict on a motion; None while there is none."""
        final = self.finals.get(sha256)
        return final[0].verdict if final and len(final) == 1 else None

    def closed_at(self, sha256: str) -> datetime:
        """When a motion closed by its final findings: the same on every node. `KeyError` before."""
        return self.finals[sha256][0].closes

    def settled(self) -> list[tuple[str, str]]:
        """(hash, body) of each motion whose outcome is final, the last to close first.

        No record is read for it.
        """
        found = [
            (sha256, state.body)
            for state in self.states.values()
            for sha256 in self._moved_on.get(state.id, ())
            if self.finals.get(sha256)
        ]
        return sorted(found, key=lambda each: (self.closed_at(each[0]), each[0]), reverse=True)

    def contested(self, sha256: str) -> bool:
        """Whether two outcomes are final that exclude each other: more than a minority lied."""
        if len(self.finals.get(sha256, ())) > 1:
            return True
        return sha256 in self.in_force and any(
            rival in self.in_force for rival in self.rivals(sha256)
        )

    def kept(self) -> Kept:
        """The form in which a council is kept; `restore` reads it.

        What is told here of a motion without its record is as it was when it was restored.
        """
        if not self._changed and self._frame() == self._kept.frame:
            return self._kept
        gists, records = dict(self._kept.gists), dict(self._kept.records)
        ids: dict[str, list[str]] = {}
        for id_, texts in self._named.items():
            for sha256 in self._changed.intersection(texts):
                ids.setdefault(sha256, []).append(id_)
        for sha256 in self._changed:
            record = self._record(sha256)
            gists[sha256] = Gist(
                base=record.motion.base if record.motion is not None else None,
                effect=self.effects.get(sha256),
                ids=tuple(sorted(ids.get(sha256, ()))),
                finals=tuple(self.finals.get(sha256, ())),
            )
            records[sha256] = _pack(record)
        return Kept(self._frame(), gists, records)

    def _frame(self) -> Frame:
        return Frame(dict(self._roots), dict(self._heads), dict(self.states), dict(self._texts))

    @classmethod
    def restore(cls, kept: Kept, read: Reader | None = None) -> Council:
        """The council that was kept; `read` brings the records that it does not hold.

        It is asked whenever one of them is looked at, for as long as the council is in use.
        """
        council, frame = cls(), kept.frame
        council._roots, council._heads = dict(frame.roots), dict(frame.heads)
        council.states, council._texts = dict(frame.states), dict(frame.texts)
        council._kept, council._read = kept, read or kept.records.__getitem__
        council._take(kept.gists)
        return council

    def _take(self, gists: Mapping[str, Gist]) -> None:
        for sha256, gist in gists.items():
            if gist.base is not None:
                self._moved_on.setdefault(gist.base, []).append(sha256)
            if gist.effect is not None:
                self._learn_effect(sha256, gist.effect)
            for id_ in gist.ids:
                self._named.setdefault(id_, []).append(sha256)
            if gist.finals:
                self.finals[sha256] = list(gist.finals)
                if any(each.verdict == "adopted" for each in gist.finals):
                    self.in_force[sha256] = self.effects[sha256]
        for listed in (*self._moved_on.values(), *self._named.values()):
            listed.sort()

    def _record(self, sha256: str) -> Record:
        record = self._records.get(sha256)
        if record is None:
            record = Record()
            if sha256 in self._kept.gists:
                packed = self._kept.records.get(sha256)
                record = _unpack(self._read(sha256) if packed is None else packed)
            self._records[sha256] = record
        return record

    def _settle(self, sha256: str) -> None:
        """See whether the motion's outcome is final by now, and what follows from it."""
        record = self._record(sha256)
        motion = record.motion
        if motion is None or not record.outcomes or not self.is_fit(sha256):
            return
        for digest, by in record.outcomes.items():
            tally, final = record.findings.get(digest), self.finals.get(sha256, [])
            if tally is None or len(by) < enough(len(motion.electorate)):
                continue
            if any(each.findings == digest for each in final):
                continue
            verdict = verdict_of(motion, tally)
            if is_settled(motion, verdict, by):
                self.finals[sha256] = sorted([*final, Final(digest, verdict, tally.closes)])
                self._changed.add(sha256)
                if verdict == "adopted":
                    self._adopted(sha256, motion)

    def _adopted(self, sha256: str, motion: Motion) -> None:
        self.in_force[sha256] = motion.effect
        if motion.effect.is_swap:
            self._follow(motion.base)
        elif motion.effect.does == "authorise-group":
            group = group_of(self.states[motion.base], motion, sha256)
            self._roots.setdefault(group.body, group.id)
            self._found(group)

    def _swapped(self, base: str) -> list[str]:
        """The adopted swaps on a base: more than one only if more than a minority lied."""
        moved = self._moved_on.get(base, ())
        return [each for each in moved if each in self.in_force and self.in_force[each].is_swap]

    def _follow(self, base: str) -> None:
        """Find the states that adopted swaps lead to from here, disputed ones too."""
        for sha256 in self._swapped(base):
            motion = self.motion(sha256)
            assert motion is not None
            after = changed(self.states[base], motion, sha256, self._texts)
            if after is not None and after.id not in self.states:
                self._found(after)
        self._heads[self.states[base].body] = self.chain(self.states[base].body)[-1].id

    def _next(self, state: str) -> str | None:
        """The state after this one; None at the end, where two are disputed, or unknown yet."""
        swapped = self._swapped(state)
        if len(swapped) != 1:
            return None
        following = state_id(state, swapped[0])
        return following if following in self.states else None

    def _found(self, state: BodyState) -> None:
        """A state is there: what was moved on it, and came before it, can be judged now."""
        self.states[state.id] = state
        for sha256 in list(self._moved_on.get(state.id, ())):
            self._settle(sha256)
        self._follow(state.id)


def _places(record: Record) -> Iterator[tuple[str, int]]:
    """Where voters' ballots stand that are on this text, whatever becomes of it."""
    for voter, casts in record.ballots.items():
        yield voter, casts[0].index
    for early in record.early.values():
        if isinstance(early.said, Ballot):
            yield early.author, early.index


def is_settled(motion: Motion, verdict: Verdict, by: Iterable[str]) -> bool:
    """Whether these voters, having said the same, make this verdict final."""
    everyone = verdict == "adopted" and motion.rule.by in ("unanimity", "silence")
    return is_enough(set(by), motion.electorate, motion.counted, all_=everyone)


def _insert(index: dict[str, list[str]], key: str, sha256: str) -> None:
    """Keep the lists of an index sorted, so that it is the same whatever came first."""
    known = index.setdefault(key, [])
    if sha256 not in known:
        known.append(sha256)
        known.sort()
