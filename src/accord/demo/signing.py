"""Texts in three languages, and their signatures, as members hand them round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from accord.base.clock import format_time
from accord.base.errors import DeniedError, NotFoundError
from accord.base.messages import LANGUAGES, say, translate
from accord.node.agreements import AgreementView, show, sign
from accord.rules.agreement_file import agreement_to_toml
from accord.rules.reserving import Reservation

from .community import Member
from .stage import Stage
from .watching import until

_DAYS = 365


def draft(stage: Stage, slug: str, parties: Sequence[Member], **terms: Any) -> str:
    """A text as the file that a lawyer reads; `slug` names its title and words."""
    now = stage.clock()
    fields = {
        "name": stage.teller.word(f"demo.title-{slug}"),
        "parties": [each.id for each in parties],
        "areas": ["cyber"],
        "purposes": ["defence"],
        "tlp_ceiling": "amber",
        "onward": "none",
        "retention_days": _DAYS,
        "valid_from": format_time(now - timedelta(hours=1)),
        "valid_until": format_time(now + timedelta(days=_DAYS)),
        "titles": {each: in_language(f"demo.title-{slug}", each) for each in LANGUAGES},
        "texts": {each: in_language(f"demo.text-{slug}", each) for each in LANGUAGES},
    }
    return agreement_to_toml({**fields, **terms})


def in_language(key: str, language: str) -> str:
    """A text of the story in one of the three languages."""
    return translate(say(key), language)


def put_signature(
    stage: Stage, member: Member, view: AgreementView, reservation: Reservation | None = None
) -> None:
    """Sign this very text once it has come, and what lets the member sign it."""

    def signed() -> bool:
        try:
            sign(
                member.node,
                view.id,
                sha256=view.sha256,
                person=stage.teller.word(f"demo.person-{member.slug}"),
                office=stage.teller.word(f"demo.office-{member.slug}"),
                reservation=reservation,
            )
        except (NotFoundError, DeniedError):
            return False
        return True

    until(signed, "demo.fault-no-proposal")


def wait_until_in_force(members: Sequence[Member], view: AgreementView) -> None:
    """Wait until each of them knows that this text is in force."""
    until(
        lambda: all(_state(each, view) == "in-force" for each in members),
        "demo.fault-not-in-force",
    )


def _state(member: Member, view: AgreementView) -> str:
    known = {each.sha256: each.standing.state for each in show(member.node, view.id)}
    return known.get(view.sha256, "unknown")
