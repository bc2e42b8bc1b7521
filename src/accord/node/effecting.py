"""What a decision does here when it is final: it becomes a fact, once, in a commit of its own.

Standings, working groups and operations need nothing more: the fold of decisions says who belongs,
and whoever asks reads it there. A text comes into force by a fact, which the release rule reads.
"""

from __future__ import annotations

from accord.rules.acts import TextDecided
from accord.rules.decisions.council import Council
from accord.rules.decisions.objects import Motion
from accord.rules.standing import TextFacts
from accord.store.transaction import Transaction

from .factlog import learn
from .node import Node

ADOPTS = ("adopt-agreement", "amend-charter")


def strangers(text: TextFacts, motion: Motion) -> list[str]:
    """The parties of a text that have no vote on the motion: it cannot bind them."""
    return sorted(text.parties - set(motion.electorate))


def carry_out(node: Node, tx: Transaction, council: Council, *, only_look: bool = False) -> int:
    """Put in force the texts that adopted motions name, where they are known here. How many.

    A text that comes later is put in force when it is there, as of the motion's close.
    """
    facts, now, done = node.facts(tx), node.now(), 0
    for sha256, effect in sorted(council.in_force.items()):
        motion, record = council.motion(sha256), council.record(sha256)
        if effect.does not in ADOPTS or motion is None or record is None:
            continue
        if council.contested(sha256):
            continue  # two outcomes: people must settle it
        agreement, digest = effect.agreement or "", effect.sha256 or ""
        text = facts.text(agreement, digest)
        if text is None or text.decided is not None or strangers(text, motion):
            continue
        done += 1
        if not only_look:
            closes = record.findings[council.finals[sha256][0].findings].closes
            what = TextDecided(agreement=agreement, sha256=digest, motion=sha256, at=closes)
            learn(tx, what, now, None)
            facts = node.facts(tx)
    return done
