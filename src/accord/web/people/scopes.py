"""What an operator may choose for an account: roles, level, agreements, working groups."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypedDict, get_args

from accord.ledger.envelope import Tlp
from accord.node.councils import group_titles
from accord.rules.access import Role
from accord.rules.community.circles import circles_of
from accord.web.forms import Form
from accord.web.visit import Visit


class ChosenScope(TypedDict):
    """As the use cases take it."""

    roles: tuple[str, ...]
    tlp: str
    agreements: tuple[str, ...] | None
    circles: tuple[str, ...]


def scope_chosen(form: Form) -> ChosenScope:
    """What the form says. Nothing ticked among the agreements, with “only these”, is none."""
    return ChosenScope(
        roles=tuple(form.all("roles")),
        tlp=form.maybe("tlp"),
        agreements=tuple(form.all("agreements")) if form.maybe("reach") == "some" else None,
        circles=tuple(form.all("circles")),
    )


def _told_apart(titles: dict[str, str]) -> list[tuple[str, str, str]]:
    """Agreements by title: id, title, and the id beside it where two have the same title."""
    often = Counter(titles.values())
    rows = [(each, title, each if often[title] > 1 else "") for each, title in titles.items()]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def choices(visit: Visit) -> dict[str, Any]:
    """What there is to choose from: values, and the words for them."""
    facts = visit.node.facts_now()
    groups, names = circles_of(facts.groups, visit.node.member), group_titles(visit.node)
    return {
        "every_role": get_args(Role),
        "every_level": get_args(Tlp),
        "every_agreement": _told_apart(visit.titles),
        "every_circle": [
            (
                group,
                names[group][1].get(visit.language, group) if group in names else group,
                visit.titles.get(facts.groups[group].agreement, ""),
            )
            for group in groups
        ],
    }
