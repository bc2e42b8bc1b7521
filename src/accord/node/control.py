"""Control entries of our own: cards, proposals, signatures, withdrawals, notices, key changes.

Each is a STIX object of our own types in an entry like any other. What it states becomes a fact
here in the same transaction, so that we never act on it before it stands in our ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from accord.base.clock import format_time
from accord.ledger.envelope import (
    GROUP_VERSION,
    NO_HANDLING,
    VERSION,
    AgreementRef,
    Envelope,
    ObjectRef,
)
from accord.rules.decisions.objects import Motion
from accord.rules.statements import what_of
from accord.stix.extension import build
from accord.stix.objects import StixObject
from accord.store.transaction import Transaction

from .append import Appended, append, seal
from .factlog import learn
from .granting import confirmed_peers, grants_for, judge
from .listing import list_appended
from .node import Node
from .summary import item_of, marking_reader, summarise

CONTROL_TLP = "amber"


def state(
    node: Node,
    tx: Transaction,
    kind: str,
    item: StixObject,
    *,
    audience: Sequence[str],
    agreement: AgreementRef | None,
    now: datetime,
    parties: tuple[str, ...] = (),
    roster: str | None = None,
    swap: bool = False,
) -> Appended:
    """Append one control entry, learn what it states, and grant the entry itself.

    What else the new fact releases is granted by `settle_grants`, after the commit. With `roster`,
    `audience` is a working group, at that state.
    """
    envelope = own_envelope(node, kind, item, tuple(sorted(audience)), agreement, now)
    if roster is not None:
        envelope = msgspec.structs.replace(envelope, accord=GROUP_VERSION, roster=roster)
    summary = summarise(item, marking_reader(tx, (), {}), parties)
    if swap:  # a decision on who belongs, or by which rules: for all that belong, later ones too
        summary = msgspec.structs.replace(summary, swap=True)
    (appended,) = append(node, tx, [seal(envelope, item, summary)], now)
    list_appended(node, tx, [appended], now)
    what = what_of(envelope, item.fields, sha256(item.raw).hexdigest())
    if what is not None:
        learn(tx, what, now, now)
    facts = node.facts(tx)
    for peer in confirmed_peers(tx).values():
        rows = judge(tx, [item_of(envelope, summary)], peer, facts, now)
        tx.grants.grant(grants_for(peer, rows, [(appended.row.seq, envelope)]))
    return appended


def own_envelope(
    node: Node,
    kind: str,
    item: StixObject,
    audience: tuple[str, ...],
    agreement: AgreementRef | None,
    now: datetime,
) -> Envelope:
    """The envelope of a control entry of our own; `audience` in order."""
    return Envelope(
        accord=VERSION,
        origin=node.origin,
        author=node.member,
        kind=kind,
        agreement=agreement,
        audience=audience,
        handling=msgspec.structs.replace(NO_HANDLING, tlp=CONTROL_TLP),
        urgency="urgent",
        status="actual",
        operation=None,
        object=ObjectRef(id=item.id, type=item.type, modified=item.version or None),
        source=None,
        supersedes=None,
        issued=format_time(now),
        expires=None,
    )


def state_about(
    node: Node, tx: Transaction, kind: str, item: StixObject, motion: Motion, now: datetime
) -> Appended:
    """Append an entry about a motion, or the motion, for exactly those whom the motion names."""
    return state(
        node,
        tx,
        kind,
        item,
        audience=motion.named,
        agreement=charter_cited(node, tx, motion.body),
        now=now,
        swap=motion.effect.is_swap,
    )


def charter_cited(node: Node, tx: Transaction, body: str) -> AgreementRef | None:
    """What an entry of a council cites: its charter, so that later members are given it; of a
    working group nothing, whose entries are its own business."""
    known = node.facts(tx).agreements.get(body)
    if known is None:
        return None
    text = known.in_force(node.now()) or next(iter(known.texts.values()))
    return AgreementRef(id=body, sha256=text.sha256)


def own_object(
    node: Node,
    kind: str,
    fields: Mapping[str, Any],
    now: datetime,
    version_of: tuple[str, str] | None = None,
) -> StixObject:
    """A new object of one of our own types, authored by this member now, checked like any other.

    `version_of`: id and `created` of an object of which it is a further version.
    """
    new, created = version_of or (f"{kind}--{uuid.uuid4()}", format_time(now))
    stamped = {
        "id": new,
        "created_by_ref": node.member,
        "created": created,
        "modified": format_time(now),
    }
    return node.checker.check(build(kind, {**fields, **stamped})).object
