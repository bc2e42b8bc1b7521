"""What a motion does when it is final, as data: `{does, …}`, with the arguments of each effect.

An effect that changes who decides, or by which rules, is a *swap*: it is a compare-and-swap on the
state of the body that the motion names as its base, and of two on one base at most one becomes
final. The others only add to what is in force and need no order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from accord.rules.community.standings import STANDINGS, Standing
from accord.rules.fields import (
    Field,
    Refused,
    Spec,
    agreement_id,
    checked,
    listed,
    matching,
    member_id,
    one_of,
    sha256_hex,
    shown,
)

from .rule import EFFECTS, rule_table

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
group_id = matching(f"accord-group--{_UUID}", "accord-group--UUID")
body_id = matching(f"accord-(?:agreement|group)--{_UUID}", "accord-(agreement|group)--UUID")
stix_id = matching(f"[a-z0-9][a-z0-9-]{{1,248}}[a-z0-9]--{_UUID}", "type--UUID")

History = Literal["all", "from-joining"]


class Effect(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One effect; which fields are set follows from `does` (`ARGUMENTS`)."""

    does: str
    agreement: str | None = None
    sha256: str | None = None
    member: str | None = None
    standing: Standing | None = None
    group: str | None = None
    members: tuple[str, ...] = ()
    rule: Mapping[str, Any] | None = None
    history: History | None = None
    operation: str | None = None

    @property
    def is_swap(self) -> bool:
        """Whether it changes the state of its body, and so needs its base untouched."""
        return self.does in SWAPS

    @property
    def subject(self) -> str | None:
        """The member that a motion is about and whose own voice therefore does not count."""
        return self.member if self.does in ABOUT_A_MEMBER else None


SWAPS = frozenset(
    {"amend-charter", "admit", "change-standing", "suspend", "restore", "note-departure"}
)
ABOUT_A_MEMBER = frozenset({"change-standing", "suspend", "note-departure"})

_MEMBER = Field("member", member_id)
_STANDING = Field("standing", one_of(*STANDINGS))
_TEXT: Spec = (Field("agreement", agreement_id), Field("sha256", sha256_hex))

ARGUMENTS: dict[str, Spec] = {
    "declare": (),
    "adopt-agreement": _TEXT,
    "amend-charter": _TEXT,
    "admit": (_MEMBER, _STANDING),
    "change-standing": (_MEMBER, _STANDING),
    "suspend": (_MEMBER,),
    "restore": (_MEMBER,),
    "note-departure": (_MEMBER,),
    "authorise-group": (  # its id follows from the motion: `bodies.group_id_of`
        Field("agreement", agreement_id),
        Field("members", listed(member_id, 1, 200)),
        Field("rule", rule_table),
        Field("history", one_of("all", "from-joining")),
    ),
    "close-group": (Field("group", group_id),),
    "activate-operation": (Field("operation", stix_id),),
}

# What a working group may decide about itself; all else is for the council.
OF_A_GROUP = frozenset({"declare", "admit", "note-departure", "activate-operation"})


def effect_table(value: Any, path: str) -> dict[str, Any]:
    """The check of a motion's `effect`: `does`, and exactly the arguments of that effect."""
    if not isinstance(value, dict):
        raise Refused("invalid", path, "{does, …}", shown(value))
    if value.get("does") not in ARGUMENTS:
        raise Refused("invalid", f"{path}.does", " | ".join(ARGUMENTS), shown(value.get("does")))
    return checked(value, (_DOES, *ARGUMENTS[value["does"]]), path)


_DOES = Field("does", one_of(*ARGUMENTS))
effect_table.__dict__["allowed"] = "{does, …}"


def _check_table() -> None:
    if tuple(ARGUMENTS) != EFFECTS:
        raise ValueError("the effects with arguments are not those that rules are given for")
    if not set(EFFECTS) >= SWAPS | OF_A_GROUP | ABOUT_A_MEMBER or not ABOUT_A_MEMBER <= SWAPS:
        raise ValueError("an effect that does not exist, or about a member and no swap")


_check_table()
