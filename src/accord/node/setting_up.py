"""The first account: made in the browser, by whoever can read what `accord serve` printed.

The code is 80 random bits; only its keyed hash is kept. A new start makes a new code, and the first
account that there is ends it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from msgspec.structs import replace

from accord.base.errors import ConflictError, DeniedError
from accord.store.transaction import Transaction

from .accounts import NewAccount, account_row, put_account
from .attempts import Tries
from .entering import NOWHERE, Place, Session, begin_session
from .node import Node

_CODE = "setup.code"  # among the settings: keyed hash, and until when
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CHARACTERS = 16
_MINUTE = 60_000_000


def is_new(node: Node) -> bool:
    """Whether nobody has an account yet."""
    return not node.read(lambda tx: tx.accounts.any())


def offer_set_up(node: Node) -> str | None:
    """A code with which the first account can be made; null when there is an account.

    It takes the place of every earlier code.
    """
    text = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))
    until = node.micros() + node.limits.setup_code_minutes * _MINUTE
    kept = f"{_digest(node, text)} {until}"

    def job(tx: Transaction) -> bool:
        if tx.accounts.any():
            return False
        tx.settings.set(_CODE, kept)
        return True

    if not node.write(job):
        return None
    return "-".join(text[at : at + 4] for at in range(0, _CHARACTERS, 4))


def set_up(node: Node, code: str, wanted: NewAccount, place: Place = NOWHERE) -> Session:
    """Make the first account, an operator's besides whatever roles it is given, and sign it in.

    Raises `DeniedError` for a code that is wrong or too old, `ConflictError` when somebody was
    first, `InputError` for an account that cannot be; the code stays good then.
    """
    tries = Tries(node, "set-up", "", place.address)
    tries.begin()
    node.read(lambda tx: _check(node, tx, code))
    roles = tuple(dict.fromkeys((*wanted.roles, "operator")))
    row, _ = account_row(node, replace(wanted, roles=roles, must_change=False))

    def job(tx: Transaction) -> Session:
        _check(node, tx, code)
        put_account(tx, row)
        tx.settings.remove(_CODE)
        tries.succeeded(tx)
        return begin_session(node, tx, row.name, place)

    return node.write(job)


def _check(node: Node, tx: Transaction, code: str) -> None:
    if tx.accounts.any():
        raise ConflictError("node.set-up-done")
    digest, _, until = (tx.settings.get(_CODE) or "").partition(" ")
    plain = "".join(filter(str.isalnum, code.lower()))
    if not hmac.compare_digest(digest, _digest(node, plain)) or node.micros() >= int(until or 0):
        raise DeniedError("node.set-up-code")


def _digest(node: Node, text: str) -> str:
    key = node.keys.token
    plain = text.encode("utf-8", "replace")
    return hashlib.blake2b(plain, key=key, digest_size=32, person=b"accord/set-up").hexdigest()
