"""Working groups as their members use them: who belongs, whom to admit, joining and leaving.

A group to which this member does not belong is not there: one error for a group that does not exist
and for one that is not its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.base.messages import LANGUAGES, Message, say, translate
from accord.rules.community.circles import Circle
from accord.rules.community.membership import MEMBERSHIP_KIND, MEMBERSHIP_TYPE
from accord.rules.decisions.effects import Effect, History
from accord.rules.decisions.motion_file import Moving
from accord.rules.facts import Facts
from accord.store.transaction import Transaction

from .control import own_object, state
from .deciding import move
from .granting import settle_grants
from .names import Names
from .node import Node

Place = Literal["belongs", "invited", "left", "no-party"]


class MemberView(msgspec.Struct, frozen=True):
    """One on the roster. `no-party`: it belongs, and the agreement does not bind it now."""

    member: str
    place: Place


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A working group as one on its roster sees it; `mine` is this member's own place in it."""

    id: str
    agreement: str
    history: str
    state: str
    closed: bool
    mine: Place
    members: tuple[MemberView, ...]


def groups(node: Node) -> list[GroupView]:
    """The working groups that have this member on their roster, by id."""
    facts, now = node.facts_now(), node.now()
    mine = [each for each in facts.groups.items() if each[1].is_named(node.member)]

    def view(group: str, circle: Circle) -> GroupView:
        members = tuple(
            MemberView(member, _place(facts, circle, member, now))
            for member in sorted(circle.chain[-1].terms)
        )
        return GroupView(
            id=group,
            agreement=circle.agreement,
            history=circle.history,
            state=circle.state,
            closed=circle.closed,
            mine=_place(facts, circle, node.member, now),
            members=members,
        )

    return [view(group, circle) for group, circle in sorted(mine)]


def group(node: Node, name: str) -> GroupView:
    """A group by its id or the beginning of it, with or without `accord-group--`.

    Raises `NotFoundError`, the same for none and for one that is not this member's.
    """
    found = [
        view
        for view in groups(node)
        if name and (view.id.startswith(name) or view.id.startswith(f"accord-group--{name}"))
    ]
    if len(found) != 1:
        raise NotFoundError("node.group-unknown", group=name[:80])
    return found[0]


def _place(facts: Facts, circle: Circle, member: str, now: datetime) -> Place:
    if circle.has_left(member):
        return "left"
    if not circle.belongs(member):
        return "invited"
    known = facts.agreements.get(circle.agreement)
    text = known.in_force(now) if known is not None else None
    return "belongs" if text is not None and text.is_party(member, now) else "no-party"


def authorise(
    node: Node,
    agreement: str,
    members: tuple[str, ...],
    by: str,
    history: History,
    closes: datetime | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Move in the council that it authorise a group with these first members; the hash.

    They decide `by` silence or unanimity whom they admit; `names`: what the group is called, by
    language. Raises what `move` raises.
    """
    if agreement not in node.facts_now().agreements:
        raise NotFoundError("node.agreement-unknown", agreement=agreement)
    effect = Effect(
        does="authorise-group",
        agreement=agreement,
        members=members,
        rule={"by": by},
        history=history,
    )
    moving = _moving(node, None, agreement, effect, "authorise", closes)
    if names is not None:
        titles = {
            language: translate(say("node.group-named-title", name=name), language)
            for language, name in names.items()
        }
        moving = msgspec.structs.replace(moving, titles=titles)
    return move(node, moving)


def invite(node: Node, name: str, member: str, closes: datetime | None = None) -> str:
    """Move within the group that it admit a party of its agreement; the hash of the motion.

    The one concerned is told by the motion itself. Without `closes` it closes as soon as the
    charter allows. Raises `InputError`, `NotFoundError`, and what
    `move` raises.
    """
    view, facts = group(node, name), node.facts_now()
    known = facts.agreements.get(view.agreement)
    text = known.in_force(node.now()) if known is not None else None
    if text is None or not text.is_party(member, node.now()):
        raise InputError("node.group-not-party", member=member, agreement=view.agreement)
    for each in view.members:  # one that comes later could not know that it has left
        if each.place == "left":
            raise InputError("node.group-note-first", member=each.member)
    effect = Effect(does="admit", member=member, standing="member")
    return move(node, _moving(node, view.id, view.id, effect, "admit", closes))


def exclude(node: Node, name: str, member: str, closes: datetime | None = None) -> str:
    """Move within the group that a member of it no longer belongs, or that it has left."""
    view = group(node, name)
    effect = Effect(does="note-departure", member=member)
    return move(node, _moving(node, view.id, view.id, effect, "exclude", closes))


def close(node: Node, name: str, closes: datetime | None = None) -> str:
    """Move in the council that the group be closed. The hash of the motion."""
    view = group(node, name)
    effect = Effect(does="close-group", group=view.id)
    return move(node, _moving(node, None, view.id, effect, "close", closes))


def _moving(
    node: Node,
    body: str | None,
    group_id: str,
    effect: Effect,
    words: str,
    closes: datetime | None,
) -> Moving:
    concerned = effect.members if effect.member is None else (effect.member,)
    name = Names(node).all(concerned)

    def written(message: Message) -> dict[str, str]:
        return {language: translate(message, language) for language in LANGUAGES}

    return Moving(
        titles=written(say(f"node.group-{words}-title", member=name)),
        texts=written(say(f"node.group-{words}-text", member=name, group=group_id)),
        effect=effect,
        body=body,
        closes=closes,
    )


def join(node: Node, name: str) -> None:
    """Say that this member joins a group that has admitted it. Raises `ConflictError`."""
    view = group(node, name)
    if view.mine == "left":
        raise ConflictError("node.group-left")
    if view.mine != "invited":
        raise ConflictError("node.group-joined")
    _say(node, view.id, "joins", "")


def leave(node: Node, name: str, reason: str = "") -> None:
    """Say that this member leaves a group: at once, and for good unless it is admitted anew."""
    view = group(node, name)
    if view.mine == "left":
        raise ConflictError("node.group-left")
    _say(node, view.id, "leaves", reason)


def _say(node: Node, group_id: str, says: str, reason: str) -> None:
    now = node.now()
    fields = {"group": group_id, "says": says, **({"reason": reason} if reason else {})}

    def job(tx: Transaction) -> None:
        item = own_object(node, MEMBERSHIP_TYPE, fields, now)
        roster = node.facts(tx).groups[group_id].state
        state(
            node,
            tx,
            MEMBERSHIP_KIND,
            item,
            audience=(group_id,),
            agreement=None,
            now=now,
            roster=roster,
        )

    node.write(job)
    settle_grants(node)
