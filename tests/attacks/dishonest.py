"""What a dishonest member can do with its own keys: sign, append and open what no rule allows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec

from accord.base.clock import format_time
from accord.ledger.envelope import (
    NO_HANDLING,
    PARTIES,
    VERSION,
    AgreementRef,
    Envelope,
    ObjectRef,
)
from accord.ledger.opening import ROUTINE, GrantedOpening, Opening, write_openings
from accord.node.append import append, seal
from accord.node.node import Node
from accord.node.overview import peer_overview
from accord.node.summary import marking_reader, summarise
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction
from tests.community import Community, answer_with


def envelope_for(node: Node, item: StixObject, under: str, **fields: Any) -> Envelope:
    """The envelope that an honest node would write for this object; `fields` are the lies."""
    (text,) = node.facts_now().agreements[under].texts
    honest = Envelope(
        accord=VERSION,
        origin=node.origin,
        author=node.member,
        kind="object",
        agreement=AgreementRef(id=under, sha256=text),
        audience=(PARTIES,),
        handling=msgspec.structs.replace(NO_HANDLING, tlp="green", area="cyber", purpose="defence"),
        urgency="routine",
        status="actual",
        operation=None,
        object=ObjectRef(id=item.id, type=item.type, modified=item.version or None),
        source=None,
        supersedes=None,
        issued=format_time(node.now()),
        expires=None,
    )
    return msgspec.structs.replace(honest, **fields)


def slip_in(node: Node, raw: bytes, under: str, **fields: Any) -> Opening:
    """Append an entry that breaks the rules, granted to nobody; what would open it."""
    item = node.checker.check(raw).object
    return append_as(node, item, envelope_for(node, item, under, **fields))


def append_as(node: Node, item: StixObject, envelope: Envelope) -> Opening:
    """Append any envelope with any object. Whether the node's own store likes it is no matter."""
    summary = node.read(lambda tx: summarise(item, marking_reader(tx, (), {}), ()))
    sealed = seal(envelope, item, summary)

    def job(tx: Transaction) -> int:
        (appended,) = append(node, tx, [sealed], node.now())
        return appended.row.number

    return Opening(
        index=node.write(job),
        salt_e=sealed.salt_e,
        envelope=sealed.envelope_bytes,
        salt_o=sealed.salt_o,
        object=item.raw,
    )


@contextmanager
def opens(community: Community, node: Node, *openings: Opening) -> Iterator[None]:
    """The node opens these entries to whoever asks, whatever its rules say."""
    granted = [
        GrantedOpening(1_000_000 + place, ROUTINE, opening)
        for place, opening in enumerate(openings)
    ]

    def answer(request: httpx.Request, _honest: httpx.Response) -> httpx.Response:
        after = int(request.url.params["after"].partition(".")[2])
        return answer_with(write_openings(each for each in granted if each.grant > after))

    with community.network.tampered(node.settings.url, "/log/openings", answer):
        yield


def reasons(node: Node) -> list[str]:
    """The keys of all reasons for which this node refused or holds entries."""
    refused = node.read(lambda tx: tx.quarantine.refused())
    held = node.read(lambda tx: tx.quarantine.page())
    found = [row.reasons for row in refused] + [row.reasons for row in held]
    return [reason.key for given in found for reason in given]


def is_stopped_for(node: Node, member: Node) -> str | None:
    """The key of the fault for which a node stopped following a member, if it did."""
    (row,) = [row for row in peer_overview(node) if row.member == member.member]
    return row.last_fault.key if row.stopped and row.last_fault is not None else None
