"""The council as the entries held here make it: a fold over them, kept with how far it came.

The entries are the truth: what is received, written by us or brought back by a recovery is heard
because it stands among them, in the transaction that reads it. What the store keeps of the fold
only saves folding all of them again; lost or of another version, it is made anew. Of a motion that
is settled nothing is read but its gist, until somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from accord.base.errors import InputError
from accord.rules.community.beginnings import begin
from accord.rules.decisions.bodies import BodyState, founded
from accord.rules.decisions.council import Council
from accord.rules.decisions.heard import READERS, Heard
from accord.rules.decisions.kept import (
    Kept,
    decode_frame,
    decode_gist,
    encode_frame,
    encode_gist,
)
from accord.rules.decisions.rereading import heard_again
from accord.rules.facts import Facts
from accord.store.records import Said
from accord.store.transaction import Transaction

from .newest import Folded
from .node import Node

KINDS = tuple(READERS)
# The numbers grow with the form of anything that is kept.
_FRAME = "council.kept-frame.v2"
_UNTIL = "council.kept-until.v2"  # the last entry, by seq, that is in it
_KEEP = 200  # entries of any kind until what changed is kept: so many are looked through at most
_PAGE = 1000


def council_of(node: Node, tx: Transaction) -> Council:
    """The council as `tx` sees it; the caller may change it, for itself.

    Not to be used when `tx` has ended: it reads what is settled as it is asked for.
    """
    council, folded = _folded(node, tx)
    if tx.reads_only:  # what a writing transaction sees may never be committed
        node.council_kept.put(folded)
    return council


def keep_snapshot(node: Node) -> None:
    """Keep in the store, now and then, what changed of the fold: the next process begins with it.

    One commit. A crash before it leaves the fold as it was kept before, and the entries behind it
    are folded again; a crash after it, what is kept and how far it came.
    """
    last, kept = node.read(lambda tx: (tx.entries.last_seq(), _stored(tx)))
    if last - kept >= _KEEP:
        node.write(lambda tx: _keep(node, tx))


def _keep(node: Node, tx: Transaction) -> None:
    _, folded = _folded(node, tx)
    kept = folded.kept
    if folded.stored == 0:
        tx.councils.clear()  # of another version
    gists = kept.gists
    tx.councils.put((each, encode_gist(gists[each]), raw) for each, raw in kept.records.items())
    tx.settings.set(_FRAME, encode_frame(kept.frame).decode())
    tx.settings.set(_UNTIL, str(folded.seq))


def _folded(node: Node, tx: Transaction) -> tuple[Council, Folded]:
    """The fold of all entries, and the same at rest."""
    known, stored = node.council_kept.get(), _stored(tx)
    if known.stored != stored:  # ours rests on records that are not those which `tx` reads
        known = _kept(tx, stored)
    council, seq = Council.restore(known.kept, tx.councils.record), known.seq
    for heard in _heard_since(tx, seq):
        council.hear(heard)
    _take_charters(council, node.facts(tx))
    begin(council, node.member)
    return council, Folded(known.stored, max(seq, tx.entries.last_seq()), council.kept())


def _stored(tx: Transaction) -> int:
    """How far the fold came that the store keeps; 0 for none."""
    return int(tx.settings.get(_UNTIL) or 0)


def _kept(tx: Transaction, stored: int) -> Folded:
    """The fold that the store keeps; an empty one where it keeps none."""
    frame = tx.settings.get(_FRAME)
    if stored == 0 or frame is None:
        return Folded()
    gists = {motion: decode_gist(raw) for motion, raw in tx.councils.gists().items()}
    return Folded(stored, stored, Kept(decode_frame(frame), gists))


def _heard_since(tx: Transaction, seq: int) -> Iterator[Heard]:
    while rows := tx.entries.said(KINDS, seq, _PAGE):
        for row in rows:
            heard = _read(row)
            if heard is not None:
                yield heard
        seq = rows[-1].seq


def _read(row: Said) -> Heard | None:
    """What an entry says; None of what is malformed, on every node alike."""
    if row.body is None:
        return None
    try:
        return heard_again(row.envelope, row.number, row.body)
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
