"""A council over nodes on disk: a charter signed by all, rounds of following, witnesses, duties."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from accord.base.errors import NotFoundError
from accord.node import agreements, deciding, sighting
from accord.node.agreements import AgreementView
from accord.node.councillog import council_of
from accord.node.duties import do_duties
from accord.node.node import Node
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import standing
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.motion_file import Moving
from accord.store.transaction import Transaction
from tests.node.support import Community, sync, terms_text, witness

READING, WAIT = 24, 12  # hours
WORDS = {"zh": "决议", "ru": "Решение", "en": "Decision"}
DECLARE = Effect(does="declare")


def charter_text(members: Sequence[str], by: str = "silence", **others: str) -> str:
    """A charter of these members, who all witness each other; `others`: the rule by effect."""
    lines = [
        terms_text(members, name="Charter", kind="charter", areas=["cyber"], tlp_ceiling="amber"),
        "[council]",
        f"witnesses = {json.dumps(list(members))}",
        f"witness_quorum = {(len(members) - 1) // 2 + 1}",
        f"reading_hours = {READING}",
        f"wait_hours = {WAIT}",
        f'rule = {{ by = "{by}" }}',
    ]
    for does, rule in others.items():
        lines += ["[[council.rules]]", f'does = "{does.replace("_", "-")}"', f'by = "{rule}"']
    return "\n".join(lines) + "\n"


def chartered(community: Community, by: str = "silence", **others: str) -> AgreementView:
    """The members of the community under a charter that all of them signed."""
    what = ("chartered", by, *sorted(others.items()))
    return community.staged(what, lambda: _chartered(community, by, **others))


def _chartered(community: Community, by: str, **others: str) -> AgreementView:
    first, *_ = community
    view = agreements.propose(first, charter_text([n.member for n in community], by, **others))
    community.settle()
    for node in community:
        agreements.sign(node, view.id, sha256=None, person="P. Erson", office="Desk")
    community.settle()
    return view


def move(node: Node, effect: Effect = DECLARE, hours: float = 48, **fields: Any) -> str:
    """A motion that closes in so many hours."""
    closes = node.now() + timedelta(hours=hours)
    order = Moving(titles=WORDS, texts=WORDS, effect=effect, closes=closes, **fields)
    return deciding.move(node, order)


Cut = Collection[tuple[str, str]]


def round_of(community: Community, cut: Cut = (), gone: Collection[str] = ()) -> None:
    """Everybody who is there follows everybody it reaches, compares witnesses, and does its duty.

    `cut` are pairs (reader, owner) by name; `gone` are members whose nodes are down.
    """
    there = {name: node for name, node in community.nodes.items() if name not in gone}
    for one, other in _pairs(there, cut):
        community.unless_at_rest(sync, one, other)
    for taker, by in _pairs(there, cut):
        for author in there.values():
            if author is not by:
                try:
                    community.unless_at_rest(witness, author, by, taker)
                except NotFoundError:
                    continue  # it has not followed that ledger yet
    for node in there.values():
        do_duties(node)


def _pairs(there: dict[str, Node], cut: Cut) -> Iterator[tuple[Node, Node]]:
    for one, reader in there.items():
        for other, owner in there.items():
            if one != other and (one, other) not in cut:
                yield reader, owner


def run(community: Community, hours: float, *, step: float = 8, **lines: Any) -> None:
    """Let so much time go by, with a round every `step` hours or so, and one at the end."""
    rounds = max(round(hours / step), 1)
    for _ in range(rounds):
        community.clock.advance(hours=hours / rounds)
        round_of(community, **lines)


def council(node: Node) -> Council:
    """The council with all its records: what is settled is read while its transaction lasts."""

    def job(tx: Transaction) -> Council:
        known = council_of(node, tx)
        for each in known.motions():
            known.record(each)
        return known

    return node.read(job)


def state_of(node: Node, motion: str) -> str:
    """How a motion stands on a node now."""

    def job(tx: Any) -> str:
        known = council_of(node, tx)
        views = sighting.views_of(node, tx, known, motion)
        return standing(known, motion, views, node.now(), node.member).state

    return node.read(job)


def states(community: Community, motion: str) -> list[str]:
    return [state_of(node, motion) for node in community]


def found(node: Node, motion: str) -> dict[str, str]:
    """What the final findings say of each voter."""
    known = council(node)
    record = known.record(motion)
    assert record is not None
    final = known.finals[motion][0]
    return {each.voter: each.found for each in record.findings[final.findings].found}
