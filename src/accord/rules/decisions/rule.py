"""Rules of adoption, and how many must say the same before an outcome is final.

What is not known of a voter (cut off, late, spoiled, void) never decides: a motion is adopted only
if it would be were all of that a no, rejected only if it would be were all of it a yes, and lapses
otherwise. So no cut cable adopts anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import Any, Literal

import msgspec

from accord.rules.fields import (
    Check,
    Field,
    Refused,
    Spec,
    flag,
    listed,
    matching,
    member_id,
    one_of,
    shown,
    table,
    whole,
)

By = Literal["unanimity", "silence", "majority"]
Position = Literal["yes", "no", "abstain", "silent", "unknown"]
Verdict = Literal["adopted", "rejected", "lapsed", "withdrawn"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How a motion is adopted. The last three fields speak of majorities alone.

    `share` is "2/3" of all `members` of the electorate or of the `votes` that said yes or no;
    with `exceed` it must be more than that.
    """

    by: By
    share: str = "1/1"
    of: Literal["members", "votes"] = "members"
    exceed: bool = False


class CouncilRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a charter says of decisions; each motion repeats what it needs of it, and freezes it.

    `rules` names a rule for each effect that does not go by `rule`. `reading_hours`: how long
    a silent voter must have had the motion. `wait_hours`: how long voters wait after the close for
    ledgers they cannot see before they tally without them.
    """

    witnesses: tuple[str, ...]
    witness_quorum: int
    reading_hours: int
    wait_hours: int
    rule: Rule
    rules: dict[str, Rule] = {}

    def for_effect(self, does: str) -> Rule:
        """The rule by which a motion with this effect is adopted."""
        return self.rules.get(does, self.rule)


def _rules_by_effect(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not set(value) <= set(EFFECTS):
        raise Refused("invalid", path, _RULES, shown(value))
    return {does: rule_table(rule, f"{path}.{does}") for does, rule in value.items()}


# What a motion can do when it is final; `effects.py` says with which arguments.
EFFECTS = (
    "declare",
    "adopt-agreement",
    "amend-charter",
    "admit",
    "change-standing",
    "suspend",
    "restore",
    "note-departure",
    "authorise-group",
    "close-group",
    "activate-operation",
)
_RULES = "{" + " | ".join(EFFECTS) + ": rule}"
_rules_by_effect.__dict__["allowed"] = _RULES

RULE: Spec = (
    Field("by", one_of("unanimity", "silence", "majority")),
    Field("share", matching("[1-9][0-9]?/[1-9][0-9]?", "1/2 | 2/3 | 3/4 | …"), required=False),
    Field("of", one_of("members", "votes"), required=False),
    Field("exceed", flag, required=False),
)


def _rule(value: Any, path: str) -> dict[str, Any]:
    fields: dict[str, Any] = table(RULE)(value, path)
    share = Fraction(fields.get("share", "1/1"))
    if fields["by"] == "majority" and "share" not in fields:
        raise Refused("missing", f"{path}.share", "1/2 | 2/3 | 3/4 | …")
    if fields["by"] != "majority" and len(fields) > 1:
        raise Refused("invalid", path, "{by}", shown(fields))
    # below one half, two opposite motions could both be adopted
    enough = share > Fraction(1, 2) or (share == Fraction(1, 2) and fields.get("exceed", False))
    if not enough or share > 1 or (share == 1 and fields.get("exceed", False)):
        raise Refused("invalid", f"{path}.share", "> 1/2, ≤ 1", str(fields.get("share")))
    return fields


rule_table: Check = _rule
_rule.__dict__["allowed"] = "{by, share, of, exceed}"

COUNCIL: Spec = (
    Field("witnesses", listed(member_id, 1, 200)),
    Field("witness_quorum", whole(1, 200)),
    Field("reading_hours", whole(1, 8_760)),
    Field("wait_hours", whole(1, 8_760)),
    Field("rule", rule_table),
    Field("rules", _rules_by_effect, required=False),
)


def check_witnesses(witnesses: Collection[str], quorum: int, path: str) -> None:
    """Raise `Refused` unless `quorum` is more than a minority of the witnesses, and can be had.

    So one of those who speak for a time is honest as long as liars are a minority of them. The
    voter itself never witnesses for itself: of three witnesses two are left, and both are needed.
    """
    least = (len(witnesses) - 1) // 2 + 1
    if not least <= quorum <= max(len(witnesses) - 1, 1):
        raise Refused("invalid", path, f"{least} … {max(len(witnesses) - 1, 1)}", str(quorum))


def decide(rule: Rule, positions: Iterable[Position]) -> Verdict:
    """The verdict on a motion from what each voter whose voice counts is found to have said."""
    found = Counter(positions)
    unknown = found.pop("unknown", 0)
    best, worst = found.copy(), found
    best["yes"] += unknown
    worst["no"] += unknown
    if _holds(rule, worst):
        return "adopted"
    return "lapsed" if _holds(rule, best) else "rejected"


def _holds(rule: Rule, found: Counter[Position]) -> bool:
    yes, no = found["yes"], found["no"]
    if rule.by == "unanimity":  # an abstention does not prevent it, a missing vote does
        return no == 0 and found["silent"] == 0 and yes > 0
    if rule.by == "silence":
        return no == 0 and yes + found["silent"] > 0
    whole_of = found.total() if rule.of == "members" else yes + no
    if yes == 0:
        return False
    share = Fraction(yes, whole_of)
    return share > Fraction(rule.share) or (share == Fraction(rule.share) and not rule.exceed)


def liars(voters: int) -> int:
    """How many voters may lie without two nodes ever holding different outcomes: a minority."""
    return max(voters - 1, 0) // 2


def enough(voters: int) -> int:
    """How many of the electorate must say the same: any two such groups share an honest voter.

    Two groups of q out of n share at least 2q - n. That must be more than the liars.
    """
    return (voters + liars(voters)) // 2 + 1


def is_enough(
    said_by: Collection[str], electorate: Collection[str], counted: Collection[str], *, all_: bool
) -> bool:
    """Whether these voters settle it; `all_`: adoption by unanimity or silence asks everyone.

    `counted` are the voters whose voice counts: the electorate without whom the motion is about.
    """
    if len(said_by) < enough(len(electorate)):
        return False
    return not all_ or set(counted) <= set(said_by)
