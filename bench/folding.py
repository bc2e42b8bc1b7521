"""Decisions: how fast a council's entries are folded, from cold and from a snapshot."""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from hashlib import sha256
from time import perf_counter
from typing import Any
from uuid import uuid4

import msgspec

from accord.base.clock import format_time
from accord.ledger.envelope import (
    NO_HANDLING,
    VERSION,
    Envelope,
    ObjectRef,
    encode_envelope,
    reread_envelope,
)
from accord.rules.decisions.council import Council
from accord.rules.decisions.heard import Heard, heard_of
from accord.stix.extension import build

from .council import START, VOTERS, History
from .figures import Bar, Figure, of_runs, seconds
from .scale import Scale

COLD = Bar(text="≤ 2 s", at_most=2)
WARM = Bar(text="≤ 50 ms", at_most=50)
_READ = 5_000  # entries of which it is measured what reading them costs
_fields = msgspec.json.Decoder(dict[str, Any])


def measure(scale: Scale) -> list[Figure]:
    """Each run folds a history of its own; what comes out must decide every motion it closed."""
    cold: list[float] = []
    warm: list[float] = []
    note = ""
    for run in range(scale.runs):
        history = History(run, scale.decisions)
        gc.collect()
        gc.freeze()  # the entries are not part of the work
        council = Council(history.state)
        cold.append(seconds(lambda: council.hear_all(history.entries)))  # noqa: B023
        kept = council.snapshot()
        warm.append(seconds(lambda: Council.restore(kept)) * 1000)  # noqa: B023
        gc.unfreeze()
        _check(council, Council.restore(kept))
        note = f"{len(council.finals):,} of {len(council.motions()):,} motions final"
    cost = reading(history.entries[:_READ]) * 1e6
    count = f"{scale.decisions:,} decision entries of {VOTERS} voters"
    said = f"{note}; to read and check an entry beforehand takes {cost:.0f} µs"
    return [
        of_runs("fold", f"{count} folded, from cold", "s", COLD, cold, note=said),
        of_runs("fold-kept", f"{count}, from a snapshot", "ms", WARM, warm),
    ]


def _check(council: Council, again: Council) -> None:
    final, all_ = len(council.finals), len(council.motions())
    if final < all_ - 10:
        raise ValueError(f"{final} of {all_} motions are final")
    if again.finals != council.finals or again.motions() != council.motions():
        raise ValueError("the snapshot tells something else")


def reading(entries: Sequence[Heard]) -> float:
    """Seconds that one entry takes from its stored bytes to what is folded."""
    kept = [stored(each) for each in entries]
    start = perf_counter()
    for index, envelope, body in kept:
        digest = sha256(body).hexdigest()
        if heard_of(reread_envelope(envelope), index, _fields.decode(body), digest) is None:
            raise ValueError("an entry says nothing of a decision")
    return (perf_counter() - start) / len(kept)


def stored(heard: Heard) -> tuple[int, bytes, bytes]:
    """Its place, its envelope and its object, as a node keeps them."""
    fields = json.loads(msgspec.json.encode(heard.said))
    kind = fields.pop("said")
    type_ = f"accord-{kind}"
    given = {name: value for name, value in fields.items() if value not in (None, [], False)}
    if kind == "tally":
        given["withdrawn"] = fields["withdrawn"]
    id_, made = fields.get("id", f"{type_}--{uuid4()}"), format_time(START)
    body = build(type_, {**given, "id": id_, "created_by_ref": heard.author, "created": made})
    envelope = Envelope(
        accord=VERSION,
        origin=heard.ledger,
        author=heard.author,
        kind=kind,
        agreement=None,
        audience=heard.audience,
        handling=NO_HANDLING,
        urgency="urgent",
        status="actual",
        operation=None,
        object=ObjectRef(id=id_, type=type_, modified=made),
        source=None,
        supersedes=None,
        issued=made,
        expires=None,
    )
    return heard.index, encode_envelope(envelope), body
