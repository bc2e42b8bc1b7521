"""What this member's node says about motions by itself: seen, tally, outcome; and what follows.

Every entry is a commit of its own, and what is due is asked again in the transaction that appends:
two processes never say two things. A crash in between leaves something due; the next round or the
next start says it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from accord.base.clock import format_time, to_micros
from accord.rules.decisions.council import Council
from accord.rules.decisions.duties import due
from accord.rules.decisions.findings import effective_close
from accord.rules.decisions.objects import Outcome, Seen, Tally
from accord.stix.extension import MOTION_SEEN, OUTCOME, TALLY
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .control import own_object, state_about
from .councillog import council_of, keep_snapshot
from .effecting import carry_out
from .granting import settle_grants
from .history import waiting_of
from .node import Node
from .rosters import learn_rosters
from .sighting import views_of

_AT_ONCE = 8  # entries about one motion in one round; more than ever follow from each other


def do_duties(node: Node) -> int:
    """Publish what is due about every motion, then carry out what is final. How many entries.

    By the clock as well: a motion closes although nothing comes. A node that waits for its own
    ledger to be recovered says nothing: it may have said it before.
    """
    said = 0
    for sha256 in node.read(lambda tx: _open(node, tx)):
        for _ in range(_AT_ONCE):
            if node.read(lambda tx: _due(node, tx, sha256)) is None:  # noqa: B023
                break
            said += node.write(lambda tx: _say(node, tx, sha256))  # noqa: B023
    if node.read(lambda tx: carry_out(node, tx, council_of(node, tx), only_look=True)):
        node.write(lambda tx: carry_out(node, tx, council_of(node, tx)))
        settle_grants(node)
    if learn_rosters(node):
        settle_grants(node)
    keep_snapshot(node)
    return said


def _open(node: Node, tx: Transaction) -> list[str]:
    if waiting_of(tx) is not None:
        return []
    council = council_of(node, tx)
    return [each for each in council.motions() if not council.finals.get(each)]


def _due(node: Node, tx: Transaction, sha256: str) -> Seen | Tally | Outcome | None:
    return _due_in(node, tx, council_of(node, tx), sha256)


def _due_in(
    node: Node, tx: Transaction, council: Council, sha256: str
) -> Seen | Tally | Outcome | None:
    """What is due; after the close, first of all an entry that witnesses can see there.

    Witnesses sign what has grown. Without an entry past the close, a ledger that rests would never
    be seen past it, and its owner's silence would be taken for absence.
    """
    record, now = council.record(sha256), node.now()
    views = views_of(node, tx, council, sha256)
    motion = record.motion if record is not None else None
    if record is not None and motion is not None and node.member in record.seen:
        closes, withdrawn = effective_close(motion, record, views)
        last = tx.entries.get(OWN_LEDGER, views[node.member].taken - 1)
        if now >= closes and not withdrawn and last is not None and last.issued < to_micros(closes):
            return Seen(sha256)
    return due(council, sha256, node.member, views, now)


def _say(node: Node, tx: Transaction, sha256: str) -> int:
    council = council_of(node, tx)
    said, motion = _due_in(node, tx, council, sha256), council.motion(sha256)
    if said is None or motion is None:
        return 0  # another process was first
    now = node.now()
    item = own_object(node, _TYPES[type(said)], _fields(said), now)
    kind = str(said.__struct_config__.tag)
    state_about(node, tx, kind, item, motion, now)
    return 1


_TYPES: dict[type[msgspec.Struct], str] = {Seen: MOTION_SEEN, Tally: TALLY, Outcome: OUTCOME}


def _fields(said: Seen | Tally | Outcome) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(said)
    fields.pop("said")
    if isinstance(said, Tally):
        fields["closes"] = format_time(said.closes)
    return {name: value for name, value in fields.items() if value is not None and value != []}
