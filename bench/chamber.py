"""A node on disk that holds what a council said, as if it had followed all of its members."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from accord.base.clock import format_time, to_micros
from accord.ledger.envelope import (
    NO_HANDLING,
    VERSION,
    Envelope,
    ObjectRef,
    encode_envelope,
)
from accord.ledger.keys import member_id
from accord.node.factlog import learn
from accord.node.founding import found_node
from accord.node.home import HomeSettings
from accord.node.node import Node, open_node
from accord.rules.acts import PeerConfirmed, ProposalSeen, SignatureSeen, What
from accord.rules.decisions.heard import Heard
from accord.rules.terms import Terms
from accord.store.records import EntryRow, LedgerRow, NewHolding
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .council import CHARTER, START, TEXT, History, body_of

_AT_ONCE = 5_000
_WORDS = dict.fromkeys(("zh", "ru", "en"), "-")


def chamber(folder: Path, history: History) -> Node:
    """A node that knows the charter and holds every entry of the history, and has folded none."""
    found_node(folder, HomeSettings(name="Bench"))
    node = open_node(folder)
    node.write(lambda tx: _charter(node, tx, history))
    ledgers = {origin: OWN_LEDGER + 1 + at for at, origin in enumerate(history.ledger_of.values())}
    node.write(lambda tx: _ledgers(tx, ledgers))
    for start in range(0, len(history.entries), _AT_ONCE):
        rows = list(enumerate(history.entries[start : start + _AT_ONCE], start=start + 1))
        node.write(lambda tx: _keep(tx, ledgers, rows))  # noqa: B023
    return node


def _charter(node: Node, tx: Transaction, history: History) -> None:
    for what in _signed(history):
        learn(tx, what, START, START)


def _signed(history: History) -> Iterator[What]:
    parties = tuple(history.state.members)

    def said(author: str) -> dict[str, object]:
        return {
            "author": author,
            "ledger": history.ledger_of[author],
            "audience": parties,
            "issued": START,
            "agreement": CHARTER,
            "sha256": TEXT,
            "created_by": author,
        }

    terms = Terms(
        name="Charter",
        kind="charter",
        parties=parties,
        areas=("cyber",),
        purposes=("prevention",),
        tlp_ceiling="amber",
        onward="none",
        valid_from=START,
        titles=_WORDS,
        texts=_WORDS,
        council=history.state.rules,
    )
    for member, ledger in history.ledger_of.items():
        yield PeerConfirmed(member=member, origin=ledger)
    yield ProposalSeen(**said(parties[0]), terms=terms)  # type: ignore[arg-type]
    for party in parties:
        yield SignatureSeen(**said(party), person="-", office="-")  # type: ignore[arg-type]


def _ledgers(tx: Transaction, numbers: dict[str, int]) -> None:
    for origin, number in numbers.items():
        row = LedgerRow(
            id=number,
            origin=origin,
            member=member_id(origin),
            size=0,
            root=b"",
            frontier=b"",
            checkpoint=b"",
            seen=0,
        )
        tx.ledgers.create(row)


def _keep(tx: Transaction, ledgers: dict[str, int], said: Sequence[tuple[int, Heard]]) -> None:
    made = [stored(heard) for _, heard in said]
    kept = tx.holdings.keep(
        [
            NewHolding(
                ledger=ledgers[heard.ledger],
                object_id=envelope.object.id,
                version="",
                type=envelope.object.type,
                status=envelope.status,
                sha256=sha256(body).digest(),
                body=body,
            )
            for (_, heard), (envelope, body) in zip(said, made, strict=True)
        ]
    )
    tx.entries.put(
        [
            EntryRow(
                seq=seq,
                ledger=ledgers[heard.ledger],
                number=heard.index,
                kind=envelope.kind,
                agreement=None,
                holding=held.seq,
                issued=to_micros(START),
                envelope=encode_envelope(envelope),
                salt_e=os.urandom(32),
                salt_o=os.urandom(32),
                object_half=None,
                summary=b"{}",
            )
            for (seq, heard), (envelope, _), held in zip(said, made, kept, strict=True)
        ]
    )


def stored(heard: Heard) -> tuple[Envelope, bytes]:
    """The envelope and the object of an entry, as they travelled."""
    body = body_of(heard.author, heard.index, heard.said)
    kind, made = str(heard.said.__struct_config__.tag), format_time(START)
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
        object=ObjectRef(id=_id_of(body), type=f"accord-{kind}", modified=None),
        source=None,
        supersedes=None,
        issued=made,
        expires=None,
    )
    return envelope, body


def _id_of(body: bytes) -> str:
    return msgspec.json.decode(body, type=_Named).id


class _Named(msgspec.Struct):
    id: str
