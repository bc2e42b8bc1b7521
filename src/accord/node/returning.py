"""Openings of our own that peers give back: entries, objects, facts and grants as they were.

An opening opens the commitment of its place in our own ledger, so whoever gives it back cannot have
made it up. Nothing is judged anew: it was released once, and we stand by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import InputError
from accord.ledger.envelope import Envelope, reread_envelope
from accord.ledger.opening import Opening
from accord.rules.answers import answered_by
from accord.rules.facts import StatedAct, why_void
from accord.rules.recall import ERASING, recall_of
from accord.rules.statements import what_of
from accord.stix.objects import StixObject
from accord.store.grants import ROUTINE, URGENT
from accord.store.records import EntryRow, NewGrant, PeerRow, Recalled, RecallRow, TransferRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import new_holding
from .clocks import miss_clocks
from .erasing import erase_entries
from .factlog import learn
from .granting import settle_grants
from .listing import Shown, is_shown, list_kept, named_by
from .node import Node
from .reading import Read, read_openings_of
from .summary import Summary, encode_summary, level_of, marking_reader, parties_of, summarise

_STATEMENTS = "history.statements"  # places of our own statements that are not counted yet
# The text of an agreement, or the decision of a group, may still be on its way.
_LATER = ("rules.void-text-unknown", "rules.group-unknown")


def take_back(node: Node, peer: PeerRow, openings: Sequence[Opening]) -> int:
    """Take in a page of our own openings that `peer` gives back. How many entries were new.

    One commit; done again it changes nothing. Raises `Malformed` or `WrongCommitment` when one is
    not what stands at its place in our ledger: then nothing of the page is taken.
    """
    numbers = [opening.index for opening in openings]
    known = node.read(lambda tx: tx.entries.known(OWN_LEDGER, numbers))
    reads = read_openings_of(node, node.member, [o for o in openings if o.index not in known])

    def job(tx: Transaction) -> int:
        fresh = _keep(node, tx, reads)
        _note_given(node, tx, peer, openings)
        return fresh

    return node.write(job)


def replay_statements(node: Node) -> int:
    """Count our own statements that came back, where what they rest on is known by now.

    Called whenever facts came in. How many counted.
    """
    if not node.read(_waiting_statements):
        return 0
    counted = node.write(lambda tx: _replay(node, tx))
    if counted:
        settle_grants(node)
    return counted


def _keep(node: Node, tx: Transaction, reads: Sequence[Read]) -> int:
    known = tx.entries.known(OWN_LEDGER, [read.opening.index for read in reads])
    fresh = [
        (read.opening, read.envelope, read.item)
        for read in sorted(reads, key=lambda read: read.opening.index)
        if read.opening.index not in known and read.envelope is not None and read.item is not None
    ]
    held = tx.holdings.keep(
        [new_holding(item, OWN_LEDGER, envelope.status) for _, envelope, item in fresh]
    )
    given = {item.id: item for _, _, item in fresh if item.type == "marking-definition"}
    markings = marking_reader(tx, (OWN_LEDGER,), given)
    first = tx.entries.last_seq() + 1
    rows: list[EntryRow] = []
    shown: list[Shown] = []
    answered: list[tuple[int, str]] = []
    facts = node.facts(tx)
    for (opening, envelope, item), kept in zip(fresh, held, strict=True):
        if not kept.same:
            continue  # `private` holds other content of this version: the entry stays lost
        summary = summarise(item, markings, parties_of(item))
        summary = msgspec.structs.replace(summary, source=_source(tx, envelope))
        rows.append(_row(first + len(rows), opening, envelope, summary, kept.seq))
        answered += [(rows[-1].seq, each) for each in answered_by(envelope, item.fields, facts)]
        if envelope.agreement is not None and is_shown(envelope, facts):
            level = level_of(envelope, summary)
            where = envelope.group or envelope.agreement.id
            shown.append(Shown(where, item, kept, level, named_by(envelope, level)))
    tx.entries.put(rows)
    tx.answers.note(answered)
    miss_clocks(tx)
    list_kept(node, tx, shown, OWN_LEDGER, node.now())
    _put_statements(tx, [*_waiting_statements(tx), *(r.number for r in rows if r.kind != "object")])
    _replay(node, tx)
    return len(rows)


def _row(
    seq: int, opening: Opening, envelope: Envelope, summary: Summary, holding: int
) -> EntryRow:
    return EntryRow(
        seq=seq,
        ledger=OWN_LEDGER,
        number=opening.index,
        kind=envelope.kind,
        agreement=envelope.agreement.id if envelope.agreement is not None else None,
        holding=holding,
        issued=to_micros(envelope.issued_at),
        envelope=opening.envelope,
        salt_e=opening.salt_e,
        salt_o=opening.salt_o,
        object_half=opening.object_half,
        summary=encode_summary(summary),
        circle=envelope.group,
    )


def _source(tx: Transaction, envelope: Envelope) -> Envelope | None:
    """The envelope in which an object came that we passed on, if we hold it (again)."""
    ref = envelope.source
    row = tx.ledgers.of_origin(ref.origin) if ref is not None else None
    entry = tx.entries.get(row.id, ref.index) if ref is not None and row is not None else None
    return None if entry is None else reread_envelope(entry.envelope)


def _note_given(node: Node, tx: Transaction, peer: PeerRow, openings: Sequence[Opening]) -> None:
    """What the peer gives back it was granted and has taken: on record, and not served again."""
    numbers = [opening.index for opening in openings]
    commitments = dict(zip(numbers, tx.ledgers.commitments(OWN_LEDGER, numbers), strict=True))
    for opening in openings:
        opening.check(commitments[opening.index])
    found = tx.erasure.entries(OWN_LEDGER, numbers)
    known = tx.grants.granted(peer.id, [entry.seq for entry in found])
    fresh = [entry for entry in found if entry.seq not in known]
    envelopes = [reread_envelope(entry.envelope) for entry in fresh]
    tx.grants.taken_before(
        [
            NewGrant(
                peer=peer.id,
                lane=URGENT if envelope.urgency == "urgent" else ROUTINE,
                entry=entry.seq,
            )
            for entry, envelope in zip(fresh, envelopes, strict=True)
        ]
    )
    now, facts = node.micros(), tx.facts.last()
    tx.transfers.record(
        [
            TransferRow(
                at=now,
                direction="out",
                peer=peer.id,
                ledger=OWN_LEDGER,
                number=entry.number,
                commitment=commitments[entry.number],
                agreement=entry.agreement,
                tlp=envelope.handling.tlp,
                facts=facts,
                verdict=b"null",  # the one that was reached is lost
            )
            for entry, envelope in zip(fresh, envelopes, strict=True)
        ]
    )


def _waiting_statements(tx: Transaction) -> list[int]:
    text = tx.settings.get(_STATEMENTS)
    return [] if text is None else msgspec.json.decode(text, type=list[int])


def _put_statements(tx: Transaction, numbers: Sequence[int]) -> None:
    if numbers:
        tx.settings.set(_STATEMENTS, msgspec.json.encode(sorted(set(numbers))).decode())
    else:
        tx.settings.remove(_STATEMENTS)


def _replay(node: Node, tx: Transaction) -> int:
    """Learn what our statements say, and do what they order, in the order in which we made them."""
    counted, later = 0, []
    for number in _waiting_statements(tx):
        envelope, item = _statement(node, tx, number)
        if envelope.kind == "recall":
            _recall_again(node, tx, number, item)
            continue
        what = _act(envelope, item)
        if what is None:
            continue
        void = why_void(node.facts(tx), what)
        if void is None:
            learn(tx, what, node.now(), envelope.issued_at)  # as it was counted when it was made
            counted += 1
        elif void.key in _LATER:
            later.append(number)
    _put_statements(tx, later)
    return counted


def _statement(node: Node, tx: Transaction, number: int) -> tuple[Envelope, StixObject]:
    entry = tx.entries.get(OWN_LEDGER, number)
    held = tx.holdings.get(entry.holding) if entry is not None else None
    if entry is None or held is None or held.body is None:
        raise ValueError(f"entry {number} of our own is not held")
    return reread_envelope(entry.envelope), node.checker.check(held.body).object


def _act(envelope: Envelope, item: StixObject) -> StatedAct | None:
    try:
        return what_of(envelope, item.fields, sha256(item.raw).hexdigest())
    except InputError:
        return None  # it never counted


def _recall_again(node: Node, tx: Transaction, number: int, item: StixObject) -> None:
    """What we called back goes again: the backup may hold what was erased after it was taken.

    Whether a copy of our own was kept then is not on record in the ledger: none is kept now.
    """
    recall = recall_of(item.fields)
    places = [place.index for place in recall.entries]
    seq = tx.recalls.put(
        RecallRow(
            seq=0,
            ledger=OWN_LEDGER,
            number=number,
            mode=recall.mode,
            due=to_micros(recall.due),
            recorded=node.micros(),
            cause=None,
            answered=True,
        )
    )
    tx.recalls.name(
        Recalled(recall=seq, ledger=OWN_LEDGER, number=place, state="done", reason=None)
        for place in places
    )
    rows = tx.erasure.entries(OWN_LEDGER, places)
    if recall.mode in ERASING:
        erase_entries(tx, rows, recall.mode)
    else:
        tx.erasure.revoke([row.seq for row in rows])
