"""What a serving node does first: say who it is now, and finish what was cut off."""

from __future__ import annotations

from .answering import answer_recalls
from .duties import do_duties
from .founding import renew_own_card
from .granting import settle_grants
from .node import Node
from .retention import run_clocks
from .waiting import purge_waiting, retry_after_new_facts


def take_up(node: Node) -> None:
    """A card as `accord.toml` says, grants for facts whose settling a crash cut off, quarantine,
    receipts that are due, what is due about motions, retention clocks.

    Each may be done again at any time; what there is nothing to do for costs one look.
    """
    renew_own_card(node)
    settle_grants(node)
    purge_waiting(node, node.now())
    retry_after_new_facts(node)
    answer_recalls(node)
    do_duties(node)
    run_clocks(node)
    node.store.scrub()
