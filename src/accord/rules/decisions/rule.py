"""Rules of adoption, and how many must say the same before an outcome is final.

What is not known of a voter (cut off, late, spoiled, void) never decides: a motion is adopted only
if it would be were all of that a no, rejected only if it would be were all of it a yes, and lapses
otherwise. So no cut cable adopts anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any, Literal

import msgspec

from accord.rules.fields import (
    Field,
    Refused,
    Spec,
    flag,
    listed,
    matching,
    member_id,
    one_of,
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


class EffectRule(Rule, frozen=True, kw_only=True):
    """The rule for motions with one effect."""

    does: str


class CouncilRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a charter says of decisions; each motion repeats what it needs of it, and freezes it.

    `rules` are for the effects that do not go by `rule`. `reading_hours`: how long a silent voter
    must have had the motion. `wait_hours`: how long voters wait after the close for ledgers they
    cannot see before they tally without them.
    """

    witnesses: tuple[str, ...]
    witness_quorum: int
    reading_hours: int
    wait_hours: int
    rule: Rule
    rules: tuple[EffectRule, ...] = ()

    def for_effect(self, does: str) -> Rule:
        """The rule by which a motion with this effect is adopted."""
        for own in self.rules:
            if own.does == does:
                return Rule(by=own.by, share=own.share, of=own.of, exceed=own.exceed)
        return self.rule


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
_SHARES = "1/2 | 2/3 | 3/4 | …"
RULE: Spec = (
    Field("by", one_of("unanimity", "silence", "majority")),
    Field("share", matching("[1-9][0-9]?/[1-9][0-9]?", _SHARES), required=False),
    Field("of", one_of("members", "votes"), required=False),
    Field("exceed", flag, required=False),
)


def rule_table(value: Any, path: str) -> dict[str, Any]:
    """The check of a rule of adoption: its fields, and that they fit each other."""
    fields: dict[str, Any] = table(RULE)(value, path)
    check_rule(fields, path)
    return fields


rule_table.__dict__["allowed"] = "{by, share, of, exceed}"


def check_rule(fields: Mapping[str, Any], path: str) -> None:
    """Raise `Refused` for a majority without a share, or one that two opposites could reach."""
    if fields["by"] != "majority":
        for name in ("share", "of", "exceed"):
            if name in fields:
                raise Refused("invalid", f"{path}.{name}", "by = majority", fields["by"])
        return
    if "share" not in fields:
        raise Refused("missing", f"{path}.share", _SHARES)
    share, exceed = Fraction(fields["share"]), fields.get("exceed", False)
    reached = share > Fraction(1, 2) or (share == Fraction(1, 2) and exceed)
    if not reached or share > 1 or (share == 1 and exceed):
        raise Refused("invalid", f"{path}.share", "> 1/2, ≤ 1", fields["share"])


_hours = whole(1, 8_760)
COUNCIL: Spec = (
    Field("witnesses", listed(member_id, 1, 200)),
    Field("witness_quorum", whole(1, 200)),
    Field("reading_hours", _hours),
    Field("wait_hours", _hours),
    Field("rule", table(RULE)),
    Field(
        "rules",
        listed(table((Field("does", one_of(*EFFECTS)), *RULE)), 0, len(EFFECTS)),
        required=False,
    ),
)


def check_council(fields: Mapping[str, Any], path: str) -> None:
    """What no single field of a charter's `council` can say; raises `Refused`."""
    check_witnesses(fields["witnesses"], fields["witness_quorum"], f"{path}.witness_quorum")
    check_rule(fields["rule"], f"{path}.rule")
    known: set[str] = set()
    for place, rule in enumerate(fields.get("rules", ())):
        if rule["does"] in known:
            raise Refused("invalid", f"{path}.rules[{place}].does", "≠", rule["does"])
        check_rule(rule, f"{path}.rules[{place}]")
        known.add(rule["does"])


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
