"""Members × objects: yes or no, and why, as the preview shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from accord.base.messages import Message
from accord.node.publish import Judged, withheld_of
from accord.rules.preview import Row

FEW_MEMBERS = 8  # side by side; more stand below each other
FEW_OBJECTS = 50  # one by one; of more, only how many
_MOST_REASONS = 6  # of many different ones


class Cell(msgspec.Struct, frozen=True):
    """One member and one object."""

    released: bool
    why: tuple[Message, ...]


class ForMember(msgspec.Struct, frozen=True):
    """One member: how much of the set, and the most frequent reasons for what is withheld."""

    member: str
    released: int
    withheld: int
    why: tuple[tuple[Message, int], ...]


class Object(msgspec.Struct, frozen=True):
    """One object of the set, as it would travel."""

    id: str
    type: str
    name: str
    tlp: str | None
    pap: str | None
    cells: tuple[Cell, ...]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The whole preview. `side_by_side` where it is small enough for a table of both."""

    count: int
    members: tuple[ForMember, ...]
    objects: tuple[Object, ...]  # at most FEW_OBJECTS
    withheld: int  # objects that nobody may be given
    barred: tuple[tuple[Message, int], ...]  # why, the most frequent first
    warnings: tuple[Message, ...]
    side_by_side: bool

    @property
    def may_go(self) -> bool:
        return self.count > 0 and not self.withheld


def matrix_of(judged: Judged) -> Matrix:
    """The preview of a judged set."""
    members = sorted(judged.rows)
    rows = [judged.rows[member] for member in members]
    few = judged.prepared[:FEW_OBJECTS]
    withheld = withheld_of(judged)
    barred = Counter(why for reasons in withheld.values() for why in dict.fromkeys(reasons))
    return Matrix(
        count=len(judged.prepared),
        members=tuple(
            _for_member(member, found) for member, found in zip(members, rows, strict=True)
        ),
        objects=tuple(
            Object(
                id=each.item.id,
                type=each.item.type,
                name=_name(each.item.fields),
                tlp=each.envelope.handling.tlp,
                pap=each.envelope.handling.pap,
                cells=tuple(Cell(row[place].released, _why(row[place])) for row in rows),
            )
            for place, each in enumerate(few)
        ),
        withheld=len(withheld),
        barred=tuple(barred.most_common(_MOST_REASONS)),
        warnings=tuple(dict.fromkeys(fault.message for fault in judged.warnings)),
        side_by_side=len(members) <= FEW_MEMBERS,
    )


def _for_member(member: str, rows: Sequence[Row]) -> ForMember:
    released = sum(row.released for row in rows)
    reasons = Counter(why for row in rows for why in _why(row))
    return ForMember(
        member, released, len(rows) - released, tuple(reasons.most_common(_MOST_REASONS))
    )


def _why(row: Row) -> tuple[Message, ...]:
    reasons = [reason.message for reason in row.verdict.reasons]
    return tuple(reasons + [finding.message for finding in row.findings])


def _name(fields: dict[str, object]) -> str:
    for key in ("name", "value", "pattern", "abstract", "opinion"):
        found = fields.get(key)
        if isinstance(found, str) and found:
            return found[:200]
    return ""
