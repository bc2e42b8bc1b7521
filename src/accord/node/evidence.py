"""Evidence: a file that proves, offline and to anybody, what a member said, and since when."""

from __future__ import annotations

import msgspec

from accord.base.clock import to_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.ledger.card import MemberCard, decode_card
from accord.ledger.checkpoint import parse_body
from accord.ledger.envelope import reread_envelope
from accord.ledger.evidence import Evidence, check_evidence, write_evidence
from accord.ledger.faults import ForkedHistory
from accord.ledger.notes import parse_note
from accord.ledger.tiles import node_reader
from accord.ledger.tree import inclusion_proof
from accord.rules.release import release
from accord.store.records import EntryRow, Holding, LedgerRow, PeerRow, TransferRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .ahead import note_ahead
from .cosignatures import take_cosignature
from .following import convict, ledger_of, pinned, tile_reader
from .granting import settle_grants
from .held import opening_of
from .node import CARD, Node
from .reading import read_one
from .receiving import Outcome, keep_reads
from .serving import encode_verdict
from .summary import decode_summary, entry_of
from .witnessing import best_checkpoint


class EvidenceFile(msgspec.Struct, frozen=True):
    """The bytes of an evidence file, and the entry it is about."""

    origin: str
    index: int
    object_id: str
    data: bytes


def evidence_of(node: Node, object_id: str, version: str | None = None) -> EvidenceFile:
    """Evidence for an object held here: of its newest version's first entry, unless one is named.

    Raises `NotFoundError` for an object that is not here or stands in no ledger (`private`).
    """

    def job(tx: Transaction) -> EvidenceFile:
        for held in tx.holdings.versions(object_id):
            if version not in (None, held.version):
                continue
            for entry in tx.entries.of_holding(held.seq):
                return _write(node, tx, entry, held)
        raise NotFoundError("node.object-not-in-ledger", id=object_id)

    return node.read(job)


def evidence_for_peer(node: Node, peer: PeerRow, origin: str, index: int) -> EvidenceFile:
    """Evidence for an entry we hold, ours or another's, for a peer in its audience.

    The release rule decides, and the transfer is put on record in the same transaction, as for any.
    Raises `NotFoundError` or `DeniedError`; a peer outside the audience is told the former.
    """
    now = node.now()

    def job(tx: Transaction) -> EvidenceFile:
        row = tx.ledgers.of_origin(origin)
        entry = tx.entries.get(row.id, index) if row is not None else None
        held = tx.holdings.get(entry.holding) if entry is not None else None
        if entry is None or held is None:
            raise NotFoundError("node.entry-unknown", origin=origin[:100], index=index)
        envelope = reread_envelope(entry.envelope)
        case = entry_of(envelope, decode_summary(entry.summary))
        verdict = release(case, peer.member, node.facts(tx), now)
        if not verdict.allowed:
            raise NotFoundError("node.entry-unknown", origin=origin[:100], index=index)
        found = _write(node, tx, entry, held)
        tx.transfers.record(
            [
                TransferRow(
                    at=to_micros(now),
                    direction="out",
                    peer=peer.id,
                    ledger=entry.ledger,
                    number=index,
                    commitment=opening_of(entry, held.body).commitment(),
                    agreement=entry.agreement,
                    tlp=envelope.handling.tlp,
                    facts=verdict.facts_seq,
                    verdict=encode_verdict(verdict),
                )
            ]
        )
        return found

    return node.write(job)


def check_file(node: Node | None, data: bytes, *, now: int) -> Evidence:
    """Check an evidence file; needs no node. Raises `LedgerFault` or `InputError`."""
    from accord.base.limits import Limits

    limits = node.limits if node is not None else Limits()
    return check_evidence(data, limits, now=now)


def take_evidence(node: Node, data: bytes) -> tuple[Evidence, Outcome]:
    """Take in an entry that was handed over as an evidence file, as if it had been fetched.

    The file proves itself; its author must be a confirmed peer, under the keys that were confirmed.
    What witnesses of the file are peers too counts as their word. Then the same rule decides as for
    any entry. Raises a `LedgerFault` (misconduct is kept as evidence first), `InputError`, or
    `DeniedError` for an author who is no confirmed peer.
    """
    now = node.now()
    found = check_file(node, data, now=int(now.timestamp()))
    author, opening, note = found.author, found.opening, found.signed.note.encode()
    peer = _confirmed(node, author)
    for witness in found.witnesses:
        known = node.read(lambda tx: tx.peers.get(witness.member))  # noqa: B023
        if known is not None and known.state == "confirmed":
            take_cosignature(node, known, author.origin, note)
    commitment = opening.commitment()
    read = read_one(node, opening, commitment, author.origin, author.member)

    def job(tx: Transaction) -> Outcome | None:
        row = ledger_of(tx, author)
        ahead = opening.index >= row.size
        if not ahead and tx.ledgers.commitments(row.id, [opening.index]) != [commitment]:
            return None
        done = keep_reads(node, tx, peer, [read], None, now)
        if ahead and done.kept:
            note_ahead(tx, row, opening.index, note)
        return done

    done = node.write(job)
    if done is None:  # the ledger that we follow has another entry there
        row = pinned(node, peer)
        fault = ForkedHistory("ledger.forked", origin=author.origin, size=row.size)
        convict(node, author.member, fault, row.checkpoint, note)
        raise fault
    settle_grants(node)
    return found, done


def _confirmed(node: Node, author: MemberCard) -> PeerRow:
    """The confirmed peer whose card this is, under the key that was confirmed."""
    peer = node.read(lambda tx: tx.peers.get(author.member))
    if peer is None or peer.state != "confirmed":
        raise DeniedError("node.evidence-stranger", member=author.member)
    if decode_card(peer.card, node.limits).ledger_verifier != author.ledger_verifier:
        raise DeniedError("node.evidence-keys", member=author.member)
    return peer


def _write(node: Node, tx: Transaction, entry: EntryRow, held: Holding) -> EvidenceFile:
    row = tx.ledgers.get(entry.ledger)
    if row is None:
        raise NotFoundError("node.entry-unknown", origin="", index=entry.number)
    author, witnesses = _cards(tx, row)
    verifier = decode_card(author, node.limits).ledger_verifier
    checkpoint = best_checkpoint(tx, row, verifier, entry.number)
    size = parse_body(parse_note(checkpoint).text).size
    hashes = inclusion_proof(node_reader(tile_reader(tx, row.id)), entry.number, size)
    data = write_evidence(opening_of(entry, held.body), hashes, checkpoint, author, witnesses)
    return EvidenceFile(row.origin, entry.number, held.object_id, data)


def _cards(tx: Transaction, row: LedgerRow) -> tuple[bytes, list[bytes]]:
    """The author's card, and those of all who may have co-signed."""
    cards: dict[str, bytes] = {}
    own = tx.settings.get(CARD)
    mine = tx.ledgers.get(OWN_LEDGER)
    if own is not None and mine is not None:
        cards[mine.member] = own.encode()
    for peer in tx.peers.all():
        if peer.state in ("confirmed", "suspended"):
            cards[peer.member] = peer.card
    author = cards.pop(row.member, None)
    if author is None:
        raise DeniedError("node.author-unknown", member=row.member)
    seen = {each.witness for each in tx.ledgers.cosignatures(row.id)}
    return author, [card for member, card in cards.items() if member in seen]
