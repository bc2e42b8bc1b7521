"""What the decisions of working groups bring about here: each state of a group becomes a fact.

Only of groups that have, or had, this member on their roster. The release rule reads the roster
there, and any past verdict can be recomputed on the one that was known then.
"""

from __future__ import annotations

from collections.abc import Iterator

from accord.rules.acts import GroupClosed, GroupFact, GroupSeen
from accord.rules.community.circles import is_group
from accord.rules.decisions.bodies import BodyState
from accord.rules.facts import Facts
from accord.store.transaction import Transaction

from .councillog import council_of
from .factlog import learn
from .node import Node


def learn_rosters(node: Node) -> int:
    """Learn what final decisions say of this member's groups. How many facts.

    One commit; a crash before it leaves them for the next round or the next start.
    """
    if not node.read(lambda tx: _due(node, tx)):
        return 0
    return node.write(lambda tx: _learn(node, tx))


def _learn(node: Node, tx: Transaction) -> int:
    due = _due(node, tx)
    for what in due:
        learn(tx, what, node.now(), None)
    return len(due)


def _due(node: Node, tx: Transaction) -> list[GroupFact]:
    council, facts = council_of(node, tx), node.facts(tx)
    groups = [body for body in council.bodies() if is_group(body)]
    mine = [
        (body, council.chain(body))
        for body in groups
        if any(node.member in state.members for state in council.chain(body))
    ]
    found: list[GroupFact] = [what for _, chain in mine for what in _states(facts, chain)]
    known = {body for body, _ in mine} | facts.groups.keys()
    for sha256, effect in sorted(council.in_force.items()):
        group = effect.group
        if effect.does != "close-group" or group not in known or council.contested(sha256):
            continue
        if group not in facts.groups or not facts.groups[group].closed:
            found.append(GroupClosed(group=group))
    return found


def _states(facts: Facts, chain: list[BodyState]) -> Iterator[GroupSeen]:
    """The states that are not facts yet. A chain that begins elsewhere than before begins anew."""
    known = facts.groups.get(chain[0].body)
    before = [roster.id for roster in known.chain] if known is not None else []
    now = [state.id for state in chain]
    if before[: len(now)] == now:
        return
    start = len(before) if now[: len(before)] == before else 0
    for place, state in enumerate(chain[start:], start):
        yield GroupSeen(
            group=state.body,
            agreement=state.agreement or "",
            history=state.history,
            state=state.id,
            terms={member: state.joined.get(member, now[0]) for member in sorted(state.members)},
            first=place == 0,
        )
