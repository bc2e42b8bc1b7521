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
from accord.rules.community.beginnings import begin
from accord.rules.decisions.bodies import BodyState, founded
from accord.rules.decisions.council import Council
from accord.rules.decisions.heard import READERS, Heard, heard_of
from accord.rules.facts import Facts
from accord.store.records import EntryRow
from accord.store.transaction import Transaction

from .node import Node

KINDS = tuple(READERS)
_SNAPSHOT = "council.snapshot.v1"  # in base64
_UNTIL = "council.until.v1"  # the last entry, by seq, that is in it
_KEEP = 1000  # entries of any kind until it is written again: so many are looked through at most
_PAGE = 1000
_fields = msgspec.json.Decoder(dict[str, object])


def council_of(node: Node, tx: Transaction) -> Council:
    """The council as `tx` sees it; the caller may change it, for itself."""
    council, seq, raw = _folded(node, tx)
    if tx.reads_only:  # what a writing transaction sees may never be committed
        node.council_kept.put(seq, raw or council.snapshot())
    return council


def keep_snapshot(node: Node) -> None:
    """Keep the fold in the store now and then: the next process begins with it."""
    last, kept = node.read(lambda tx: (tx.entries.last_seq(), _kept_until(tx)))
    if last - kept < _KEEP:
        return

    def job(tx: Transaction) -> None:
        council, seq, raw = _folded(node, tx)
        text = base64.b64encode(raw or council.snapshot()).decode()
        tx.settings.set(_SNAPSHOT, text)
        tx.settings.set(_UNTIL, str(seq))

    node.write(job)


def _folded(node: Node, tx: Transaction) -> tuple[Council, int, bytes | None]:
    """The fold of all entries, the number of the last of them, and the snapshot it is from.

    The snapshot is null when the fold says more than that.
    """
    known = node.council_kept.get() or _kept(tx)
    council, seq, raw = Council(), 0, None
    if known is not None:
        try:
            council, seq, raw = Council.restore(known[1]), known[0], known[1]
        except msgspec.DecodeError:
            council = Council()
    for heard in _heard_since(tx, seq):
        council.hear(heard)
        raw = None
    _take_charters(council, node.facts(tx))
    begin(council, node.member)
    return council, max(seq, tx.entries.last_seq()), raw


def _kept(tx: Transaction) -> tuple[int, bytes] | None:
    text = tx.settings.get(_SNAPSHOT)
    return None if text is None else (_kept_until(tx), base64.b64decode(text))


def _kept_until(tx: Transaction) -> int:
    return int(tx.settings.get(_UNTIL) or 0)


def _heard_since(tx: Transaction, seq: int) -> Iterator[Heard]:
    while rows := tx.entries.of_kinds(KINDS, seq, _PAGE):
        bodies = tx.erasure.holdings(row.holding for row in rows)
        for row in rows:
            heard = _read(row, bodies[row.holding].body)
            if heard is not None:
                yield heard
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
