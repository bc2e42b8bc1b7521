"""The council as the entries held here make it: a fold over them, kept with how far it came.

The entries are the truth: what is received, written by us or brought back by a recovery is heard
because it stands among them, in the transaction that reads it. The snapshot in the store only saves
folding all of them again; lost, unreadable or of another version, it is made anew.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import sha256

import msgspec

from accord.base.errors import InputError
from accord.ledger.envelope import reread_envelope
from accord.rules.decisions.bodies import BodyState, founded
from accord.rules.decisions.council import Council
from accord.rules.decisions.heard import READERS, Heard, heard_of
from accord.rules.facts import Facts
from accord.store.records import EntryRow
from accord.store.transaction import Transaction

from .node import Node

KINDS = tuple(READERS)
_SNAPSHOT = "council.snapshot.v1"  # "SEQ BASE64": entries up to SEQ are in it
_PAGE = 1000
_fields = msgspec.json.Decoder(dict[str, object])


def council_of(node: Node, tx: Transaction) -> Council:
    """The council as `tx` sees it; the caller may change it, for itself."""
    council, seq, heard = _folded(node, tx)
    if heard and tx.reads_only:  # what a writing transaction sees may never be committed
        node.council_kept.put(seq, council.snapshot())
    return council


def keep_snapshot(node: Node) -> None:
    """Keep the fold in the store, if it grew since: the next process begins with it."""
    seq, kept = node.read(lambda tx: (_folded(node, tx)[1], _kept(tx)))
    if kept is not None and kept[0] >= seq:
        return

    def job(tx: Transaction) -> None:
        council, last, _ = _folded(node, tx)
        raw = base64.b64encode(council.snapshot()).decode()
        tx.settings.set(_SNAPSHOT, f"{last} {raw}")

    node.write(job)


def _folded(node: Node, tx: Transaction) -> tuple[Council, int, bool]:
    """The fold of all entries, the number of the last one heard, whether any was new."""
    seq, council = 0, Council()
    known = node.council_kept.get() or _kept(tx)
    if known is not None:
        try:
            council, seq = Council.restore(known[1]), known[0]
        except msgspec.DecodeError:
            council = Council()
    before = seq
    for last, heard in _heard_since(tx, seq):
        seq = last
        if heard is not None:
            council.hear(heard)
    _take_charters(council, node.facts(tx))
    return council, seq, seq > before


def _kept(tx: Transaction) -> tuple[int, bytes] | None:
    text = tx.settings.get(_SNAPSHOT)
    if text is None:
        return None
    seq, _, raw = text.partition(" ")
    return int(seq), base64.b64decode(raw)


def _heard_since(tx: Transaction, seq: int) -> Iterator[tuple[int, Heard | None]]:
    while rows := tx.entries.of_kinds(KINDS, seq, _PAGE):
        bodies = tx.erasure.holdings(row.holding for row in rows)
        for row in rows:
            yield row.seq, _read(row, bodies[row.holding].body)
        seq = rows[-1].seq


def _read(row: EntryRow, body: bytes | None) -> Heard | None:
    """What an entry says; None of what is malformed, on every node alike."""
    if body is None:
        return None
    envelope = reread_envelope(row.envelope)
    try:
        return heard_of(envelope, row.number, _fields.decode(body), sha256(body).hexdigest())
    except InputError:
        return None


def _take_charters(council: Council, facts: Facts) -> None:
    """Found what charters found: the last text that all its parties signed begins the chain.

    A text that a council itself decided continues the chain, and begins none.
    """
    for known in facts.agreements.values():
        first: BodyState | None = None
        for text in known.texts.values():
            rules = text.proposal.terms.council
            if rules is None:
                continue
            council.learn_text(text.sha256, rules)
            if text.life is not None and text.decided is None:
                first = founded(known.id, text.sha256, text.proposal.terms.parties, rules)
        if first is not None:
            council.found(first)
