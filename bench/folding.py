"""Decisions: how fast a council's entries are folded, from cold and from what a node keeps."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from hashlib import sha256
from statistics import median
from time import perf_counter
from typing import Any

import msgspec

from accord.ledger.envelope import encode_envelope, reread_envelope
from accord.node import councillog
from accord.node.node import Node, open_node
from accord.rules.decisions.council import Council
from accord.rules.decisions.heard import Heard, heard_of

from .chamber import chamber, stored
from .council import VOTERS, History
from .figures import Bar, Figure, of_runs, seconds
from .processes import scratch
from .scale import Scale

COLD = Bar(text="≤ 2 s", at_most=2)
NO_BAR = Bar(text="—")
WARM = Bar(text="≤ 50 ms", at_most=50)
_READ = 5_000  # entries of which it is measured what reading them costs
_fields = msgspec.json.Decoder(dict[str, Any])


def measure(scale: Scale) -> list[Figure]:
    """Each run folds a history of its own; what comes out must decide every motion it closed."""
    cold: list[float] = []
    at_node: list[float] = []
    keeping: list[float] = []
    warm: list[float] = []
    note = ""
    for run in range(scale.indicator_runs):
        history = History(run, scale.decisions)
        gc.collect()
        gc.freeze()  # the entries are not part of the work
        council = Council(history.state)
        cold.append(seconds(lambda: council.hear_all(history.entries)))  # noqa: B023
        _at_a_node(history, council, at_node, keeping, warm)
        gc.unfreeze()
        note = f"{len(council.finals):,} of {len(council.motions()):,} motions final"
    cost = reading(history.entries[:_READ]) * 1e6
    count = f"{scale.decisions:,} decision entries of {VOTERS} voters"
    said = f"{note}; to read and check an entry beforehand takes {cost:.0f} µs"
    kept = f"median to keep it the first time: {median(keeping):.1f} s"
    return [
        of_runs("fold", f"{count} folded, from cold", "s", COLD, cold, note=said),
        of_runs("fold-node", f"{count} read from a store and folded", "s", NO_BAR, at_node),
        of_runs("fold-kept", f"{count}, as kept in the store", "ms", WARM, warm, note=kept),
    ]


def _at_a_node(
    history: History,
    council: Council,
    at_node: list[float],
    keeping: list[float],
    warm: list[float],
) -> None:
    """From the rows of a store on disk; then kept there, and taken up by a node opened anew."""
    with scratch() as folder:
        node = chamber(folder / "home", history)
        at_node.append(seconds(lambda: _fold(node)))
        keeping.append(seconds(lambda: councillog.keep_snapshot(node)))
        node.close()
        again = open_node(folder / "home")
        again.facts_now()
        warm.append(seconds(lambda: _fold(again)) * 1000)
        again.read(lambda tx: _check(council, councillog.council_of(again, tx)))
        again.close()


def _fold(node: Node) -> None:
    node.read(lambda tx: councillog.council_of(node, tx))


def _check(council: Council, again: Council) -> None:
    final, all_ = len(council.finals), len(council.motions())
    if final < all_ - 10:
        raise ValueError(f"{final} of {all_} motions are final")
    if again.finals != council.finals or again.motions() != council.motions():
        raise ValueError("what was kept tells something else")
    if any(again.record(each) != council.record(each) for each in council.motions()):
        raise ValueError("a record that was kept tells something else")


def reading(entries: Sequence[Heard]) -> float:
    """Seconds that one entry takes from its stored bytes to what is folded."""
    kept = [(each.index, *stored(each)) for each in entries]
    raws = [(index, encode_envelope(envelope), body) for index, envelope, body in kept]
    start = perf_counter()
    for index, envelope, body in raws:
        digest = sha256(body).hexdigest()
        if heard_of(reread_envelope(envelope), index, _fields.decode(body), digest) is None:
            raise ValueError("an entry says nothing of a decision")
    return (perf_counter() - start) / len(raws)
