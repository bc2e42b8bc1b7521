"""Recovery: an older store is led to the longest history that its peers saw of its ledger.

What each peer says is its own word, and every bit of it is checked: a checkpoint bears our own
signature, commitments lead from what we hold to its root, an opening opens the commitment of its
place and names us as author. Steps, each its own commit, each harmless when it is done again:

    extend     commitments and checkpoint of a longer history
    openings   entries, objects, listings, facts, who was given what
    finish     what nobody had is put on record as lost; this store signs again

Until the last of them the store goes on waiting: a crash leaves a node that begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import MachineFault
from accord.ledger.checkpoint import Checkpoint, open_checkpoint, parse_body
from accord.ledger.faults import BadSignature, ForkedHistory, LedgerFault
from accord.ledger.keys import ledger_verifier
from accord.ledger.notes import parse_note
from accord.ledger.spine import Spine, SpineStep, new_spine
from accord.ledger.tiles import Tile
from accord.ledger.witness import read_cosignatures
from accord.store.records import Conviction, Cosignature, LedgerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import own_ledger
from .cosignatures import root_at, verifier_of
from .following import bare_note, spine_of
from .history import Waiting, note_fork, note_seen, stop_waiting, waiting_of
from .node import Node
from .remembering import Memory
from .serving import Cursor

_SECOND = 1_000_000
_RECOVERED = "history.recovered"
_CURSOR_SLACK = 86_400 * _SECOND  # no honest cursor is a day ahead of the microseconds' count


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """The last recovery: when (microseconds), the size it led to, and what nobody had.

    `lost` are ranges of entries (first, last) of which there is the commitment alone.
    """

    at: int
    size: int
    lost: tuple[tuple[int, int], ...]

    @property
    def lost_entries(self) -> int:
        """How many entries are lost."""
        return sum(last - first + 1 for first, last in self.lost)


def recovered_of(tx: Transaction) -> Recovered | None:
    """The last recovery of this store; null when there was none."""
    text = tx.settings.get(_RECOVERED)
    return None if text is None else msgspec.json.decode(text, type=Recovered)


def first_missing(node: Node) -> int:
    """From which place of our ledger on peers are asked for openings."""

    def job(tx: Transaction) -> int:
        waiting, gaps = waiting_of(tx), tx.entries.gaps(OWN_LEDGER, own_ledger(tx).size)
        sizes = [own_ledger(tx).size, *([waiting.size] if waiting is not None else [])]
        return min([*sizes, *(first for first, _ in gaps[:1])])

    return node.read(job)


def read_memory(node: Node, memory: Memory) -> Checkpoint | None:
    """The checkpoint of our ledger that a peer remembers, if it bears our signature.

    Its size is put on record: whoever showed it, our key signed it. Raises `LedgerFault` for one
    that is not ours. One that contradicts what we hold proves that our key signed two histories:
    `MachineFault`, and nothing is signed any more.
    """
    if memory.ahead is not None:
        _weigh(node, memory.ahead.encode())
    return None if memory.checkpoint is None else _weigh(node, memory.checkpoint.encode())


def _weigh(node: Node, note: bytes) -> Checkpoint | None:
    found = _signed_by_us(node, note)
    if found is None:
        return None

    def job(tx: Transaction) -> bool:
        row = own_ledger(tx)
        if found.size > row.size:
            note_seen(tx, found.size, node.micros())
            return False
        return found.size > 0 and root_at(tx, row, found.size) != found.root

    if node.write(job):
        prove_fork(node, note)
    return found


def _signed_by_us(node: Node, note: bytes) -> Checkpoint | None:
    """The checkpoint, if a key of ours signed it; null for what an old key signed too late.

    A key change says up to where the old key spoke for us. Raises `LedgerFault`.
    """
    try:
        return open_checkpoint(note, node.ledger_verifier, node.limits).checkpoint
    except BadSignature:
        card = node.read_card()
        keys = [card.genesis, *(each.statement.ledger for each in card.key_changes)]
        for key, change in zip(keys, card.key_changes, strict=False):
            verifier = ledger_verifier(card.origin, bytes.fromhex(key))
            if parse_note(note).signatures_of(verifier):
                found = open_checkpoint(note, verifier, node.limits).checkpoint
                return found if found.size <= change.statement.head.size else None
        raise


def prove_fork(node: Node, note: bytes) -> None:
    """Keep the two notes that our key signed and that cannot both be true. Always raises."""

    def job(tx: Transaction) -> int:
        row, now = own_ledger(tx), node.micros()
        tx.ledgers.convict(
            Conviction(
                member=row.member,
                reason="ledger.forked",
                first=row.checkpoint,
                second=note,
                at=now,
            )
        )
        note_fork(tx, now)
        return row.size

    size = node.write(job)
    raise MachineFault("node.history-forked", size=size)


class Extension:
    """The way from our own ledger to a longer checkpoint that we once signed.

    Fetch `wanted()`, hand each bundle to `add`, then `keep`. What raises `LedgerFault` here is not
    what we signed: the peer's fault, unless the whole history from its beginning (`anew`) leads to
    that checkpoint; then two histories bear our signature.
    """

    def __init__(self, node: Node, note: bytes, *, anew: bool = False) -> None:
        self._node, self._note = node, note

        def job(tx: Transaction) -> tuple[LedgerRow, dict[int, bytes]]:
            row = own_ledger(tx)
            return row, tx.ledgers.edge(row.id, row.size)

        self._row, edge = node.read(job)
        start: Spine = new_spine(self._row.origin) if anew else spine_of(self._row)
        self._step = SpineStep(start, {} if anew else edge, note, node.ledger_verifier, node.limits)
        self._rows: dict[tuple[int, int], Tile] = {}
        self.wanted = self._step.wanted

    def add(self, bundle: bytes) -> None:
        """Add the next bundle. Raises `LedgerFault`."""
        self._rows.update({(row.level, row.number): row for row in self._step.add(bundle)})

    def finish(self) -> Spine:
        """The state that the bundles led to. Raises `ForkedHistory` when it is not the signed."""
        return self._step.finish()

    def keep(self) -> None:
        """Our ledger stands where its longest checkpoint says, in one commit.

        A crash before it leaves the ledger as it was; after it, entries without openings.
        """
        spine = self.finish()
        moved = msgspec.structs.replace(
            self._row,
            size=spine.size,
            root=spine.root,
            frontier=b"".join(spine.frontier.hashes),
            checkpoint=bare_note(self._step.signed.note, self._step.verifier),
            seen=self._node.micros(),
        )
        self._node.write(lambda tx: tx.ledgers.advance(self._row, moved, list(self._rows.values())))


def take_own_words(node: Node, notes: Sequence[str]) -> int:
    """Take back what we said as a witness, so that our word never goes back. How many were taken.

    Only what bears our witness key's signature, over a checkpoint of a ledger that we follow.
    """
    taken = 0
    for text in notes:
        try:
            found = _own_word(node, text.encode())
        except LedgerFault:  # not ours, or under a key that we do not know: it says nothing
            continue
        if found is not None:
            node.write(lambda tx: tx.ledgers.put_cosignature(found))  # noqa: B023
            taken += 1
    return taken


def _own_word(node: Node, note: bytes) -> Cosignature | None:
    origin = parse_body(parse_note(note).text).origin
    row = node.read(lambda tx: tx.ledgers.of_origin(origin))
    if row is None or row.id == OWN_LEDGER:
        return None
    verifier = verifier_of(node, row)
    opened = open_checkpoint(note, verifier, node.limits)
    mine = node.witness_signer.verifier
    now, skew = node.micros() // _SECOND, node.limits.clock_skew_seconds
    said = opened.checkpoint
    for each in read_cosignatures(opened, [mine], now=now, skew=skew):
        return Cosignature(
            ledger=row.id,
            witness=node.member,
            size=said.size,
            root=said.root,
            at=each.time * _SECOND,
            note=bare_note(opened.note, verifier, mine),
            checked=(said.size, said.root) == (row.size, row.root),
        )
    return None


def finish_recovery(node: Node, cursors: Sequence[Cursor]) -> Recovered:
    """All who had to be asked were asked: say what is lost, and sign again.

    Grants go on above what peers say they took, too: a clock may have gone back.
    """
    now = node.now()
    limit = to_micros(now) + _CURSOR_SLACK
    taken = [max(each.urgent, each.routine) for each in cursors]
    highest = max([to_micros(now), *(number for number in taken if number <= limit)])

    def job(tx: Transaction) -> Recovered | Cosignature:
        row = own_ledger(tx)
        for seen in tx.ledgers.unchecked(OWN_LEDGER, row.size):
            if root_at(tx, row, seen.size) != seen.root:
                return seen
            tx.ledgers.mark_checked(seen)
        waiting = waiting_of(tx)
        if waiting is not None and waiting.forked:
            raise MachineFault("node.history-forked", size=row.size)
        if waiting is not None and waiting.shown > row.size:
            raise MachineFault("node.recovery-short", size=row.size, seen=waiting.shown)
        gaps = tuple(tx.entries.gaps(OWN_LEDGER, row.size))
        done = Recovered(at=to_micros(now), size=row.size, lost=gaps)
        tx.settings.set(_RECOVERED, msgspec.json.encode(done).decode())
        tx.grants.skip_to(highest)
        # Our recalls among the entries that came back were carried out with them.
        stop_waiting(tx)
        return done

    done = node.write(job)
    if isinstance(done, Cosignature):
        prove_fork(node, done.note)
        raise ForkedHistory("ledger.forked", origin=node.origin, size=done.size)
    node.counter.write(done.size)
    return done


def waits(node: Node) -> Waiting | None:
    """What this store waits for; null when it may sign."""
    return node.read(waiting_of)
