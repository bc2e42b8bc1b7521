"""What a decision does here when it is final: it becomes a fact, once, in a commit of its own.

The fold of decisions says who belongs; whoever asks reads it there. What the release rule needs of
it stands among the facts as well: which texts are in force, who was admitted, who was suspended.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from accord.rules.acts import CouncilDecided, CouncilFounded, Decided, TextDecided
from accord.rules.decisions.council import Council
from accord.rules.decisions.effects import SWAPS
from accord.rules.decisions.objects import Motion
from accord.rules.facts import Facts
from accord.rules.standing import TextFacts
from accord.store.transaction import Transaction

from .factlog import learn
from .node import Node

ADOPTS = ("adopt-agreement", "amend-charter")
_STANDINGS = SWAPS - {"amend-charter"}


def strangers(text: TextFacts, motion: Motion) -> list[str]:
    """The parties of a text that have no vote on the motion: it cannot bind them."""
    return sorted(text.parties - set(motion.electorate))


def carry_out(node: Node, tx: Transaction, council: Council, *, only_look: bool = False) -> int:
    """Learn what adopted motions bring about, as far as it is known here. How many facts.

    A text that comes later is put in force when it is there, as of the motion's close. What was
    learnt is not learnt again; a crash before the commit leaves it for the next round.
    """
    done = 0
    while (what := next(_due(node.facts(tx), council), None)) is not None:
        done += 1
        if only_look:
            break
        learn(tx, what, node.now(), None)
    return done


def _due(facts: Facts, council: Council) -> Iterator[Decided]:
    for body in council.bodies():
        yield from _belonging(facts, council, body)
    for sha256, effect in sorted(council.in_force.items()):
        if effect.does in ADOPTS:
            text = facts.text(effect.agreement or "", effect.sha256 or "")
            if text is None or text.decided is not None:
                continue
        elif effect.operation is None or effect.operation in facts.operations:
            continue
        motion = council.motion(sha256)
        if motion is None or council.contested(sha256):
            continue  # two outcomes: people must settle it
        if effect.operation is None:
            yield from _adopting(facts, council, sha256, motion)
        else:
            yield _decided(council, sha256, motion)


def _belonging(facts: Facts, council: Council, body: str) -> Iterator[Decided]:
    """Who belongs to a council, decision by decision along its chain. A working group keeps to
    itself: what the release rule needs of it is not here."""
    known = facts.agreements.get(body)
    if known is None:
        return
    chain = council.chain(body)
    first, community = chain[0], known.community
    if community is None or community.root != first.id:
        yield CouncilFounded(body=body, state=first.id, members=tuple(first.members))
        return  # the rest rests on it
    for before, _ in pairwise(chain):
        sha256 = council.swapped_by(before.id)
        if sha256 is None or sha256 in community.motions:
            continue
        motion = council.motion(sha256)
        if motion is not None and motion.effect.does in _STANDINGS:
            yield _decided(council, sha256, motion)


def _decided(council: Council, sha256: str, motion: Motion) -> CouncilDecided:
    at = council.closed_at(sha256)
    return CouncilDecided(body=motion.body, motion=sha256, effect=motion.effect, at=at)


def _adopting(facts: Facts, council: Council, sha256: str, motion: Motion) -> Iterator[Decided]:
    agreement, digest = motion.effect.agreement or "", motion.effect.sha256 or ""
    text = facts.text(agreement, digest)
    if text is None or text.decided is not None or strangers(text, motion):
        return
    at = council.closed_at(sha256)
    yield TextDecided(agreement=agreement, sha256=digest, motion=sha256, at=at)
