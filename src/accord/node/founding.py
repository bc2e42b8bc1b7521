"""Making a node: keys, recovery key, store, card. What must be kept is returned, once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from accord.base.clock import Clock, format_time, to_micros, utc_now
from accord.base.errors import ConflictError, InputError
from accord.base.messages import LANGUAGES
from accord.ledger.card import MemberCard, encode_card
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.keys import RecoveryKey, member_id, origin_of
from accord.ledger.tree import EMPTY_ROOT
from accord.rules.facts import SelfKnown
from accord.store.opening import open_store
from accord.store.records import LedgerRow
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .factlog import learn
from .home import Home, HomeSettings, NodeKeys, new_keys
from .listing import open_collection
from .members import check_url
from .node import CARD, Node

WIRE_VERSION = 1


class Founded(msgspec.Struct, frozen=True):
    """A new member: its card, and the recovery words that are shown this once and kept offline."""

    member: str
    card: MemberCard
    recovery_words: tuple[str, ...]


def found_node(folder: Path, settings: HomeSettings, clock: Clock = utc_now) -> Founded:
    """Make the home of a new member.

    Order of the durable steps: keys, store, `accord.toml`. Without the last there is no home, and
    running it again starts over with new keys; a store left by an earlier try is refused.
    """
    if settings.language not in LANGUAGES:
        raise InputError("node.language", found=settings.language, allowed=", ".join(LANGUAGES))
    if not settings.name.strip():
        raise InputError("node.name-empty")
    if settings.url:
        settings = msgspec.structs.replace(settings, url=check_url(settings.url))
    home = Home(folder)
    keys, recovery = new_keys(), RecoveryKey.generate()
    home.create(settings, keys)
    now = clock()
    card = first_card(settings, keys, recovery, now)
    store = open_store(settings.db or f"sqlite:///{folder / 'accord.db'}", create=True)
    node = Node(home, settings, keys, store, clock)
    try:
        node.write(lambda tx: _write_first(node, tx, card, now))
        node.write(lambda tx: open_collection(node, tx, None, now))
        home.write_settings(settings)
    finally:
        node.close()
    return Founded(card.member, card, tuple(recovery.words()))


def renew_own_card(node: Node) -> bool:
    """Sign the card anew when `accord.toml` gives another name or address. Whether it did."""
    card, settings = node.read_card(), node.settings
    said = (settings.name, check_url(settings.url) if settings.url else None)
    if (card.name, card.url) == said:
        return False
    renewed = msgspec.structs.replace(
        card, name=said[0], url=said[1], issued=format_time(node.now())
    )
    signed = encode_card(renewed, node.keys.ledger, node.keys.witness, node.keys.transport)
    node.write(lambda tx: tx.settings.set(CARD, signed.decode()))
    return True


def first_card(
    settings: HomeSettings, keys: NodeKeys, recovery: RecoveryKey, now: datetime
) -> MemberCard:
    """The card of a new member; its identity follows from two of its keys."""
    origin = origin_of(keys.ledger.public, recovery.public)
    return MemberCard(
        accord=1,
        origin=origin,
        member=member_id(origin),
        name=settings.name,
        names={},
        url=settings.url or None,
        wire_min=WIRE_VERSION,
        wire_max=WIRE_VERSION,
        genesis=keys.ledger.public.hex(),
        ledger=keys.ledger.public.hex(),
        witness=keys.witness.public.hex(),
        transport=keys.transport.public.hex(),
        recovery=recovery.public.hex(),
        key_changes=(),
        issued=format_time(now),
    )


def _write_first(node: Node, tx: Transaction, card: MemberCard, now: datetime) -> None:
    if tx.settings.get(CARD) is not None:
        raise ConflictError("node.store-taken", db=node.settings.db)
    signed = encode_card(card, node.keys.ledger, node.keys.witness, node.keys.transport)
    tx.settings.set(CARD, signed.decode())
    start = Checkpoint(card.origin, 0, EMPTY_ROOT)
    tx.ledgers.create(
        LedgerRow(
            id=OWN_LEDGER,
            origin=card.origin,
            member=card.member,
            size=0,
            root=EMPTY_ROOT,
            frontier=b"",
            checkpoint=sign_checkpoint(start, node.keys.ledger.signer(card.origin)),
            seen=to_micros(now),
        )
    )
    learn(tx, SelfKnown(member=card.member, origin=card.origin), now, now)
