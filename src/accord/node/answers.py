"""What is known of an object beside its versions: sightings, opinions, notes and corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, cast

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import NotFoundError
from accord.ledger.envelope import Envelope, reread_envelope
from accord.rules.answers import CORRECTION, given_back
from accord.rules.facts import Facts
from accord.store.answers import Found
from accord.store.transaction import Transaction

from .acknowledging import SHELL, withheld_from
from .node import Node

AnswerKind = Literal["sighting", "opinion", "note", "correction"]

MOST = 1000  # answers to all our objects that are shown at once


class Said(msgspec.Struct, frozen=True):
    """What is read of a sighting, an opinion or a note, whichever it is."""

    count: int = 1
    opinion: str = ""
    explanation: str = ""
    content: str = ""
    revoked: bool = False


_said = msgspec.json.Decoder(Said)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one object, in its newest version. `number`: its place in its ledger."""

    object_id: str
    kind: AnswerKind
    id: str
    author: str
    own: bool
    number: int
    issued: datetime
    status: str
    version: str
    said: Said
    body: bytes


def answers_to(node: Node, object_id: str) -> list[Answer]:
    """All that is known here of answers to an object, in the order in which they came.

    Raises `NotFoundError` for an object of which nothing is known.
    """
    facts = node.facts_now()

    def job(tx: Transaction) -> list[Answer]:
        found = answers_in(node, tx, _read(tx, tx.answers.to(object_id)), facts)
        if not found and not tx.holdings.versions(object_id):
            raise NotFoundError("node.object-unknown", id=object_id)
        return found

    return node.read(job)


def answers_to_ours(node: Node) -> list[Answer]:
    """The newest answers of others to objects of our own, newest first; at most a thousand."""
    facts = node.facts_now()

    def job(tx: Transaction) -> list[Answer]:
        found = _read(tx, tx.answers.to_ours(MOST))
        others = tx.entries.received_first(sorted({object_id for object_id, _, _ in found}))
        return answers_in(node, tx, [row for row in found if row[0] not in others], facts)

    return node.read(job)


def _read(tx: Transaction, found: Sequence[Found]) -> list[Found]:
    """Without what whoever works at the shell has to acknowledge first (code H3)."""
    withheld = withheld_from(tx, [held for _, _, held in found], SHELL)
    return [row for row in found if row[2].seq not in withheld]


def counted(answers: Iterable[Answer]) -> dict[str, int]:
    """How many of each kind are in earnest: sightings by what they count, opinions by each value.

    What belongs to an exercise or a test counts for nothing.
    """
    counts: dict[str, int] = {}
    for each in answers:
        if each.status == "actual":
            named = each.said.opinion if each.kind == "opinion" else each.kind
            more = each.said.count if each.kind == "sighting" else 1
            counts[named] = counts.get(named, 0) + more
    return counts


def answers_in(node: Node, tx: Transaction, found: Sequence[Found], facts: Facts) -> list[Answer]:
    """What was found, one for each author, answer and object: the newest, unless it revokes."""
    authors = {row.id: row.member for row in tx.ledgers.all()}
    newest: dict[tuple[str, str, str, str], Answer] = {}
    for object_id, entry, held in found:
        envelope = reread_envelope(entry.envelope)
        author = authors[entry.ledger]
        kind = _kind(envelope, facts)
        answer = Answer(
            object_id=object_id,
            kind=kind,
            id=held.object_id,
            author=author,
            own=author == node.member,
            number=entry.number,
            issued=from_micros(entry.issued),
            status=held.status,
            version=held.version,
            said=Said() if kind == CORRECTION else _said.decode(held.body or b"{}"),
            body=held.body or b"",
        )
        key = (author, held.object_id, object_id, held.status)
        if key not in newest or newest[key].version < answer.version:
            newest[key] = answer
    return [each for each in newest.values() if not each.said.revoked]


def _kind(envelope: Envelope, facts: Facts) -> AnswerKind:
    kind = CORRECTION if given_back(envelope, facts) else envelope.object.type
    return cast("AnswerKind", kind)
