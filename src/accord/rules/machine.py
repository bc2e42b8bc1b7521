"""State machines as declared tables, checked when they are loaded.

A table says for each state and event where it leads and who causes it. An event that a state does
not list leaves the state as it is: entries arrive in any order, and what comes too late is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

import msgspec

State = TypeVar("State", bound=str)
Event = TypeVar("Event", bound=str)


class Move(msgspec.Struct, Generic[State, Event], frozen=True):
    """From any of these states an event leads to `target`; `cause` says who brings it about."""

    sources: tuple[State, ...]
    event: Event
    target: State
    cause: str


class Machine(Generic[State, Event]):
    """A checked table. `ValueError` when it is not what it declares."""

    def __init__(
        self,
        *,
        states: Iterable[State],
        events: Iterable[Event],
        causes: Iterable[str],
        start: State,
        ends: Iterable[State],
        moves: tuple[Move[State, Event], ...],
    ) -> None:
        self.start = start
        self.states = tuple(states)
        self.ends = frozenset(ends)
        self.moves = moves
        self._table: dict[tuple[State, Event], State] = {}
        for move in moves:
            for source in move.sources:
                if (source, move.event) in self._table:
                    raise ValueError(f"two moves from {source} by {move.event}")
                self._table[source, move.event] = move.target
        self._check(frozenset(events), frozenset(causes))

    def after(self, events: Iterable[Event], state: State | None = None) -> State:
        """The state that `events` lead to, in this order, from `state` or else from the start."""
        current = self.start if state is None else state
        for event in events:
            current = self._table.get((current, event), current)
        return current

    def _check(self, events: frozenset[str], causes: frozenset[str]) -> None:
        states = frozenset(self.states)
        named = {state for key in self._table for state in (key[0], self._table[key])}
        if named | self.ends | {self.start} != states:
            raise ValueError(f"states that no move names: {sorted(states ^ named)}")
        if {move.event for move in self.moves} != events:
            raise ValueError("events and moves do not name the same events")
        if {move.cause for move in self.moves} != causes:
            raise ValueError("causes and moves do not name the same causes")
        if left := self.ends & {source for source, _ in self._table}:
            raise ValueError(f"ends that are left again: {sorted(left)}")
        if stuck := states - self.ends - {source for source, _ in self._table}:
            raise ValueError(f"states without a way on: {sorted(stuck)}")
        if lost := states - self._reached():
            raise ValueError(f"states that are never reached: {sorted(lost)}")

    def _reached(self) -> set[State]:
        reached, before = {self.start}, 0
        while len(reached) > before:
            before = len(reached)
            reached |= {target for (source, _), target in self._table.items() if source in reached}
        return reached
