"""New keys for an old identity, announced by the recovery key when the old ones are lost."""

from __future__ import annotations

import msgspec

from accord.base.clock import format_time, to_micros
from accord.base.errors import DeniedError
from accord.ledger.card import (
    Head,
    KeyChange,
    MemberCard,
    canonical_struct,
    change_hash,
    encode_card,
    sign_key_change,
)
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.keys import RecoveryKey
from accord.stix.extension import KEY_CHANGE
from accord.store.tables import OWN_LEDGER
from accord.store.transaction import Transaction

from .append import own_ledger
from .control import own_object, state
from .granting import confirmed_peers
from .history import stand_by, waiting_of
from .home import NodeKeys, new_keys
from .node import CARD, Node


def change_keys(node: Node, recovery_words: str) -> MemberCard:
    """Replace ledger, witness and transport key; the recovery key signs the change.

    The order of the durable steps: the new keys beside the old, the card and a checkpoint under
    the new key in one commit, then the key files. A crash before the commit leaves the old keys in
    use; after it, the files beside are taken up at the next start. Raises `InputError` for wrong
    words, `DeniedError` when they are another member's.
    """
    recovery = RecoveryKey.from_words(recovery_words)
    card = node.read_card()
    if recovery.public.hex() != card.recovery:
        raise DeniedError("node.recovery-other", member=card.member)
    fresh = msgspec.structs.replace(new_keys(), token=node.keys.token)
    now = node.now()

    def job(tx: Transaction) -> MemberCard:
        changed = _changed_card(tx, card, fresh, recovery, format_time(now))
        signed = encode_card(changed, fresh.ledger, fresh.witness, fresh.transport)
        tx.settings.set(CARD, signed.decode())
        row = own_ledger(tx)
        head = Checkpoint(row.origin, row.size, row.root)
        note = sign_checkpoint(head, fresh.ledger.signer(row.origin))
        tx.ledgers.renew_checkpoint(OWN_LEDGER, note, to_micros(now))
        stand_by(tx)
        return changed

    node.home.stage_keys(fresh)
    changed = node.write(job)
    node.home.take_staged_keys()
    node.keys = fresh
    _announce(node, changed)
    return changed


def _changed_card(
    tx: Transaction, card: MemberCard, fresh: NodeKeys, recovery: RecoveryKey, issued: str
) -> MemberCard:
    row = own_ledger(tx)
    last = card.key_changes[-1].statement if card.key_changes else None
    statement = KeyChange(
        accord=card.accord,
        origin=card.origin,
        sequence=len(card.key_changes) + 1,
        previous=None if last is None else change_hash(last),
        ledger=fresh.ledger.public.hex(),
        witness=fresh.witness.public.hex(),
        transport=fresh.transport.public.hex(),
        head=Head(size=row.size, root=row.root.hex()),
        issued=issued,
    )
    return msgspec.structs.replace(
        card,
        ledger=statement.ledger,
        witness=statement.witness,
        transport=statement.transport,
        key_changes=(*card.key_changes, sign_key_change(recovery, statement)),
        issued=issued,
    )


def _announce(node: Node, card: MemberCard) -> None:
    """The change as an entry too, for the record; peers take it from the card."""
    now = node.now()
    change = card.key_changes[-1]
    fields = {
        "statement": canonical_struct(change.statement).decode(),
        "signature": change.signature,
    }

    def job(tx: Transaction) -> None:
        audience = sorted(confirmed_peers(tx))
        if audience and waiting_of(tx) is None:  # an older store appends nothing; the card says it
            item = own_object(node, KEY_CHANGE, fields, now)
            state(node, tx, "key-change", item, audience=audience, agreement=None, now=now)

    node.write(job)
