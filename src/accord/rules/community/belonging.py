"""Who belongs to a community as its council decided: what the release rule reads of decisions.

A fold over facts, like the agreements beside it. The fold of decisions knows more, and is asked for
more; here stands only what changes who may be given what.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from accord.rules.decisions.effects import Effect

from .standings import Right, Standing, may


class Community(msgspec.Struct, frozen=True, kw_only=True):
    """The members of one charter's council at the last decision known here.

    `root` names the state that the charter's text founded; `admitted` are those that came by a
    decision, and since when; `motions` are the decisions that this follows from.
    """

    root: str
    members: dict[str, Standing]
    admitted: dict[str, datetime] = {}
    suspended: dict[str, datetime] = {}
    departed: dict[str, datetime] = {}
    motions: frozenset[str] = frozenset()

    def may(self, member: str, right: Right) -> bool:
        """Whether a member has a right of the matrix now."""
        return may(self.members.get(member), right, suspended=member in self.suspended)

    def may_accede(self, member: str) -> bool:
        """Whether it was admitted as a member: then it may sign the charter that does not name it.

        What an observer or dialogue partner may do follows from its standing alone.
        """
        return member in self.admitted and self.members.get(member) == "member"

    @property
    def acceding(self) -> dict[str, datetime]:
        """Those that may sign the charter although it does not name them, and since when."""
        return {member: at for member, at in self.admitted.items() if self.may_accede(member)}


def founded_community(root: str, members: Iterable[str]) -> Community:
    """The community that a charter founded, before any decision."""
    return Community(root=root, members=dict.fromkeys(members, "member"))


def after_decision(before: Community, motion: str, effect: Effect, at: datetime) -> Community:
    """The community after a motion on its members became final; other effects change nothing."""
    members, member = dict(before.members), effect.member
    admitted, suspended = dict(before.admitted), dict(before.suspended)
    departed = dict(before.departed)
    if member is None or motion in before.motions:
        return before
    if effect.does in ("admit", "change-standing") and effect.standing is not None:
        if member not in members:
            admitted[member] = at
        members[member] = effect.standing
        departed.pop(member, None)
    elif effect.does == "suspend":
        suspended[member] = at
    elif effect.does == "restore":
        suspended.pop(member, None)
    elif effect.does == "note-departure":
        for known in (members, admitted, suspended):
            known.pop(member, None)
        departed[member] = at
    return msgspec.structs.replace(
        before,
        members=members,
        admitted=admitted,
        suspended=suspended,
        departed=departed,
        motions=before.motions | {motion},
    )
