"""What a person does about motions: move, vote, extend, withdraw. Each is an entry of our ledger.

What the node says by itself (that it has a motion, what it saw, what is final) is in `duties`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from accord.base.clock import format_time
from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.rules.community.circles import is_group
from accord.rules.community.departure import Act, still_may
from accord.rules.decisions.bodies import BodyState, why_unfit
from accord.rules.decisions.council import Council
from accord.rules.decisions.findings import effective_close
from accord.rules.decisions.motion_file import Moving
from accord.rules.decisions.objects import Choice, Motion, motion_of
from accord.rules.decisions.record import Record
from accord.rules.facts import Facts
from accord.rules.standing import standing as agreed_standing
from accord.stix.extension import BALLOT, MOTION, MOTION_CHANGE
from accord.store.transaction import Transaction

from .control import own_object, state_about
from .councillog import council_of
from .duties import do_duties
from .effecting import strangers
from .node import Node
from .sighting import views_of

Words = Mapping[str, str]  # by language


def move(node: Node, moving: Moving) -> str:
    """Move something; the SHA-256 (hex) of the motion, under which all that follows names it.

    Raises `InputError` for what the charter does not allow, or names the field that is wrong;
    `NotFoundError` when there is no such body.
    """
    now = node.now()

    def job(tx: Transaction) -> str:
        head = head_of(council_of(node, tx), moving.body)
        refuse_who_left(node, tx, "propose", head.body, now)
        item = own_object(node, MOTION, _fields(moving, head, now), now)
        motion = motion_of(item.fields)
        unfit = why_unfit(motion, node.member, head)
        if unfit is not None:
            raise InputError(unfit.key, **unfit.args)
        _check_text(node.facts(tx), motion, now)
        done = state_about(node, tx, "motion", item, motion, now)
        return sha256(done.sealed.item.raw).hexdigest()

    moved = node.write(job)
    do_duties(node)
    return moved


def refuse_who_left(node: Node, tx: Transaction, act: Act, body: str, moment: datetime) -> None:
    """Raise `DeniedError` for what a member that has left a community does no more."""
    known = node.facts(tx).agreements.get(body)
    left = known.withdrawals.get(node.member) if known is not None else None
    if not still_may(act, left.at if left is not None else None, moment):
        raise DeniedError("node.community-left", body=body)


def head_of(council: Council, body: str | None) -> BodyState:
    """The last state of a body; null: of the only council. Raises `NotFoundError`, `InputError`."""
    councils = (each for each in council.bodies() if not is_group(each))
    bodies = [body] if body is not None else sorted(councils)
    if len(bodies) > 1:
        raise InputError("node.council-which", count=len(bodies))
    head = council.head(bodies[0]) if bodies else None
    if head is None:
        raise NotFoundError("node.council-none")
    return head


def _fields(moving: Moving, head: BodyState, now: datetime) -> dict[str, Any]:
    rules, effect = head.rules, moving.effect
    reading = moving.reading_hours or rules.reading_hours
    # The motion has to reach everybody before its reading time begins, and witnesses must see that
    # it did: for that there is as much time as voters wait for each other after the close.
    closes = moving.closes or now + timedelta(hours=reading + rules.wait_hours)
    earliest = now + timedelta(hours=max(reading, rules.reading_hours))
    if closes < earliest:
        raise InputError("node.motion-too-soon", earliest=format_time(earliest))
    fields: dict[str, Any] = {
        "body": head.body,
        "base": head.id,
        "titles": dict(moving.titles),
        "texts": dict(moving.texts),
        "effect": msgspec.to_builtins(effect),
        "electorate": list(head.voters),
        "readers": sorted(head.readers(effect)),
        "opens": format_time(now),
        "closes": format_time(closes),
        "reading_hours": reading,
        "wait_hours": rules.wait_hours,
        "rule": _plain(rules.for_effect(effect.does)),
        "witnesses": list(rules.witnesses),
        "witness_quorum": rules.witness_quorum,
        "papers": list(moving.papers),
        "session": moving.session,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _plain(rule: Any) -> dict[str, Any]:
    """A rule of adoption as it is written: a share is for majorities alone."""
    fields: dict[str, Any] = msgspec.to_builtins(rule)
    return fields if rule.by == "majority" else {"by": rule.by}


def _check_text(facts: Facts, motion: Motion, now: datetime) -> None:
    """A text that a motion puts in force must be here, not be over, and bind only who votes."""
    effect = motion.effect
    if effect.does not in ("adopt-agreement", "amend-charter"):
        return
    agreement, digest = effect.agreement or "", effect.sha256 or ""
    text = facts.text(agreement, digest)
    if text is None:
        raise NotFoundError("node.text-unknown", agreement=agreement, sha256=digest)
    stands = agreed_standing(facts.agreements[agreement], digest, now)
    if stands is not None and stands.state in ("ended", "superseded", "withdrawn"):
        raise InputError("node.text-over", agreement=agreement)
    others = strangers(text, motion)
    if others:
        raise InputError("node.motion-binds-others", agreement=agreement, member=others[0])


def vote(
    node: Node,
    motion: str,
    choice: Choice,
    *,
    reservation: Words | None = None,
    reason: Words | None = None,
) -> None:
    """Cast this member's one ballot on a motion, by id or hash. A no breaks a silence.

    Raises `NotFoundError`, `DeniedError` (no vote on it) or `ConflictError` (voted, or closed).
    """
    fields: dict[str, Any] = {"choice": choice}
    if reservation:
        fields["reservation"] = dict(reservation)
    if reason:
        fields["reason"] = dict(reason)

    def check(record: Record, found: Motion) -> dict[str, Any]:
        if node.member not in found.electorate:
            raise DeniedError("node.motion-no-vote", motion=found.id)
        if node.member in record.ballots:
            raise ConflictError("node.motion-voted", motion=found.id)
        return {"motion_ref": found.id, **fields}

    _answer(node, motion, "ballot", BALLOT, check)


def extend(node: Node, motion: str, closes: datetime) -> None:
    """Let a motion of ours close later; once, and before it closes. Raises as `vote` does."""

    def check(record: Record, found: Motion) -> dict[str, Any]:
        _check_change(node, record, found)
        if closes <= found.closes:
            raise InputError("node.motion-not-later", closes=format_time(found.closes))
        return {"closes": format_time(closes)}

    _answer(node, motion, "motion-change", MOTION_CHANGE, check)


def withdraw(node: Node, motion: str) -> None:
    """Take a motion of ours back before it closes. Raises as `vote` does."""

    def check(record: Record, found: Motion) -> dict[str, Any]:
        _check_change(node, record, found)
        return {"withdrawn": True}

    _answer(node, motion, "motion-change", MOTION_CHANGE, check)


def _check_change(node: Node, record: Record, found: Motion) -> None:
    if record.proposer != node.member:
        raise DeniedError("node.motion-not-ours", motion=found.id)
    if record.changes:
        raise ConflictError("node.motion-changed", motion=found.id)


def _answer(
    node: Node,
    motion: str,
    kind: str,
    type_: str,
    check: Callable[[Record, Motion], dict[str, Any]],
) -> None:
    """Append an entry about a motion that is open, for exactly those whom it names."""
    now = node.now()

    def job(tx: Transaction) -> None:
        council = council_of(node, tx)
        digest = find_motion(council, motion)
        record, found = council.record(digest), council.motion(digest)
        assert record is not None
        assert found is not None
        if kind == "ballot":
            refuse_who_left(node, tx, "vote", found.body, found.opens)
        fields = {"motion_sha256": digest, **check(record, found)}
        closes, withdrawn = effective_close(found, record, views_of(node, tx, council, digest))
        if now >= closes or withdrawn or council.finals.get(digest):
            raise ConflictError("node.motion-closed", motion=found.id, closes=format_time(closes))
        item = own_object(node, type_, fields, now)
        state_about(node, tx, kind, item, found, now)

    node.write(job)
    do_duties(node)


def find_motion(council: Council, motion: str) -> str:
    """The hash of a motion that is named by its id or hash, or by the beginning of either.

    Raises `NotFoundError`, or `InputError` when several could be meant.
    """
    plain = motion.removeprefix("accord-motion--")
    found = council.motions_like(plain) if plain else []
    if not found:
        raise NotFoundError("node.motion-unknown", motion=motion[:80])
    if len(found) > 1:
        raise InputError("node.motion-ambiguous", motion=motion[:80], count=len(found))
    return found[0]
