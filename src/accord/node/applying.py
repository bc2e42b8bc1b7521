"""Joining a community: apply, sponsor, take it back. What follows is decided, and is in `joining`.

An applicant has compared keys with its sponsor and needs nobody else's yet. The sponsor moves the
admission; from there on it is a motion like any other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accord.base.clock import format_time
from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import LANGUAGES, Message, translate
from accord.rules.acts import ApplicationSeen
from accord.rules.community.standings import Standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from accord.rules.facts import Facts
from accord.stix.extension import APPLICATION
from accord.store.transaction import Transaction

from .control import own_object, state
from .councillog import council_of
from .deciding import head_of, move
from .names import Names
from .node import Node


def apply(node: Node, body: str, sponsor: str, standing: Standing, reason: str) -> None:
    """Ask a member of a community to move our admission; it alone is told.

    Raises `InputError` (the sponsor is no confirmed peer), or `ConflictError` (we belong to it in
    this standing, or have asked before).
    """
    now = node.now()

    def job(tx: Transaction) -> None:
        facts = node.facts(tx)
        known = facts.members.get(sponsor)
        if known is None or known.standing != "confirmed" or sponsor == node.member:
            raise InputError("node.sponsor-unknown", member=sponsor)
        agreement = facts.agreements.get(body)
        community = agreement.community if agreement is not None else None
        if community is not None and community.members.get(node.member) == standing:
            raise ConflictError("node.community-belongs", body=body)
        if facts.applied_to(body) and not _is_over(node, tx, body):
            raise ConflictError("node.applied-before", body=body)
        _say(node, tx, body, sponsor, standing, reason, now)

    node.write(job)


def _is_over(node: Node, tx: Transaction, body: str) -> bool:
    """Whether a motion about us has closed: then we may ask anew. We see no more of it, while
    those who decided are strangers to us."""
    council = council_of(node, tx)
    asked = node.facts(tx).applications[body, node.member]
    for sha256 in council.motions():
        motion = council.motion(sha256)
        if motion is None or (motion.body, motion.effect.member) != (body, node.member):
            continue
        if asked.issued <= motion.closes <= node.now():
            return True
    return False


def take_back(node: Node, body: str) -> None:
    """Take our application back, before or after it was decided. Raises `NotFoundError`."""
    now = node.now()

    def job(tx: Transaction) -> None:
        asked = node.facts(tx).applications.get((body, node.member))
        if asked is None or asked.withdrawn:
            raise NotFoundError("node.application-none", member=node.member)
        _say(node, tx, body, asked.sponsor, asked.standing, asked.reason, now, asked)

    node.write(job)


def _say(
    node: Node,
    tx: Transaction,
    body: str,
    sponsor: str,
    standing: Standing,
    reason: str,
    now: datetime,
    withdraws: ApplicationSeen | None = None,
) -> None:
    fields: dict[str, Any] = {
        "body": body,
        "standing": standing,
        "sponsor": sponsor,
        "reason": reason,
    }
    version = None
    if withdraws is not None:
        fields |= {"withdrawn": True}
        version = (withdraws.id, format_time(withdraws.version))
    item = own_object(node, APPLICATION, fields, now, version)
    state(node, tx, "application", item, audience=[sponsor], agreement=None, now=now)


def sponsor(
    node: Node,
    applicant: str,
    *,
    body: str | None = None,
    closes: datetime | None = None,
    session: str | None = None,
) -> str:
    """Move the admission of one that asked us to; the hash of the motion.

    `body` null: the only community there is. Raises `NotFoundError` when it did not ask us,
    `DeniedError` when we are no member with the right, and what `deciding.move` raises.
    """

    def job(tx: Transaction) -> tuple[ApplicationSeen, bool]:
        head = head_of(council_of(node, tx), body)
        if node.member not in head.with_right("sponsor"):
            raise DeniedError("node.council-may-not", body=head.body, right="sponsor")
        asked = asked_of(node.facts(tx), node.member, head.body, applicant)
        return asked, applicant in head.members

    asked, belongs = node.read(job)
    words = {language: _words(node, asked, language) for language in LANGUAGES}
    does = "change-standing" if belongs else "admit"
    return move(
        node,
        Moving(
            titles={language: title for language, (title, _) in words.items()},
            texts={language: text for language, (_, text) in words.items()},
            effect=Effect(does=does, member=applicant, standing=asked.standing),
            body=asked.body,
            closes=closes,
            session=session,
        ),
    )


def asked_of(facts: Facts, sponsor: str, body: str, applicant: str) -> ApplicationSeen:
    """The application that one made to a sponsor, and has not taken back. `NotFoundError`."""
    asked = facts.applications.get((body, applicant))
    if asked is None or asked.withdrawn or asked.sponsor != sponsor:
        raise NotFoundError("node.application-none", member=applicant)
    return asked


def _words(node: Node, asked: ApplicationSeen, language: str) -> tuple[str, str]:
    """Title and text of the motion, in one language; the reason stays as it was given."""
    told: dict[str, str | int] = {
        "member": Names(node)[asked.author],
        "standing": translate(Message(f"rules.standing-{asked.standing}"), language),
        "reason": asked.reason,
    }
    title = translate(Message("node.motion-admit-title", told), language)
    return title[:500], translate(Message("node.motion-admit-text", told), language)
