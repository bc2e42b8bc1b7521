"""The second step of signing in: time-based codes (RFC 6238), and recovery codes on paper.

The secret is sealed under the token key, so that a stolen store gives no codes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import msgspec
import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from accord.base.clock import to_micros
from accord.base.errors import ConflictError, DeniedError, InputError
from accord.store.records import AccountRow
from accord.store.transaction import Transaction

from .accounts import account_in
from .node import Node

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY = 10  # characters of a recovery code: 49 bits
_NONCE = 12  # bytes
_STEP = 30  # seconds for which a code is shown
_WINDOW = 1  # steps that a clock may be wrong, either way


class Enrolment(msgspec.Struct, frozen=True):
    """What an authenticator app is given: the secret in Base32, and the same as an address."""

    secret: str
    uri: str  # otpauth://…


def begin_second_step(node: Node, name: str) -> Enrolment:
    """A new secret, which counts once a code made with it is confirmed."""
    secret = pyotp.random_base32()
    sealed = _seal(node, name, secret)

    def job(tx: Transaction) -> None:
        account_in(tx, name)
        tx.accounts.change(name, totp_next=sealed)

    node.write(job)
    return _enrolment(node, name, secret)


def begun_second_step(node: Node, name: str) -> Enrolment | None:
    """The secret that waits to be confirmed; null when there is none."""
    row = node.read(lambda tx: account_in(tx, name))
    return (
        None if row.totp_next is None else _enrolment(node, name, _open(node, row.totp_next, name))
    )


def confirm_second_step(node: Node, name: str, code: str) -> tuple[str, ...]:
    """Take the new secret into use; the recovery codes are returned here and never again.

    Raises `ConflictError` when none was begun, `InputError` for a code that is not of it.
    """
    now = node.now()
    codes = _recovery_codes()

    def job(tx: Transaction) -> None:
        row = account_in(tx, name)
        if row.totp_next is None:
            raise ConflictError("node.second-step-not-begun")
        step = _step_of(_open(node, row.totp_next, name), code, now)
        if step is None:
            raise InputError("node.second-step-wrong")
        tx.accounts.change(
            name,
            totp=row.totp_next,
            totp_next=None,
            totp_step=step,
            recovery=_digests(node, name, codes),
        )

    node.write(job)
    return codes


def renew_recovery_codes(node: Node, name: str) -> tuple[str, ...]:
    """New recovery codes; the old ones are void. Raises `ConflictError` without a second step."""
    codes = _recovery_codes()

    def job(tx: Transaction) -> None:
        if account_in(tx, name).totp is None:
            raise ConflictError("node.second-step-none", name=name)
        tx.accounts.change(name, recovery=_digests(node, name, codes))

    node.write(job)
    return codes


def drop_second_step(node: Node, name: str) -> None:
    """The password alone opens again. Raises `ConflictError` where there was no second step."""

    def job(tx: Transaction) -> None:
        row = account_in(tx, name)
        if row.totp is None and row.totp_next is None:
            raise ConflictError("node.second-step-none", name=name)
        tx.accounts.change(name, totp=None, totp_next=None, totp_step=0, recovery=())

    node.write(job)


def take_code(node: Node, tx: Transaction, row: AccountRow, code: str, now: datetime) -> bool:
    """Whether `code` is right: of the app, later than any taken before, or a recovery code unused.

    What was taken is put on record in this transaction, so none is taken twice.
    """
    if row.totp is None:
        return False
    step = _step_of(_open(node, row.totp, row.name), code, now)
    if step is not None:
        if step <= row.totp_step:
            return False
        tx.accounts.change(row.name, totp_step=step)
        return True
    (digest,) = _digests(node, row.name, (code,))
    if digest not in row.recovery:
        return False
    tx.accounts.change(row.name, recovery=tuple(each for each in row.recovery if each != digest))
    return True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step of which `code` is, near enough to now; null for none."""
    plain = "".join(code.split())
    if len(plain) != 6 or not (plain.isascii() and plain.isdigit()):
        return None
    totp = pyotp.TOTP(secret, interval=_STEP)
    present = to_micros(now) // (_STEP * 1_000_000)
    found = None
    for step in range(present - _WINDOW, present + _WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), plain):
            found = step
    return found


def _enrolment(node: Node, name: str, secret: str) -> Enrolment:
    issuer = f"Accord {node.settings.name}".replace(":", " ")
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def _recovery_codes() -> tuple[str, ...]:
    made = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY)) for _ in range(RECOVERY_CODES)
    )
    return tuple(f"{text[:5]}-{text[5:]}" for text in made)


def _digests(node: Node, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Recovery codes as they are kept, however they were typed."""
    plain = (f"{name}\n{''.join(filter(str.isalnum, code.lower()))}" for code in codes)
    key = node.keys.token
    return tuple(
        hashlib.blake2b(
            each.encode(), key=key, digest_size=16, person=b"accord/recovery"
        ).hexdigest()
        for each in plain
    )


def _seal(node: Node, name: str, secret: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(node).encrypt(nonce, secret.encode(), name.encode())


def _open(node: Node, sealed: bytes, name: str) -> str:
    """The secret. `DeniedError` when it was sealed under a key that this node no longer has."""
    try:
        return _cipher(node).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode()).decode()
    except InvalidTag:
        raise DeniedError("node.second-step-sealed") from None


def _cipher(node: Node) -> ChaCha20Poly1305:
    key = hashlib.blake2b(key=node.keys.token, digest_size=32, person=b"accord/totp").digest()
    return ChaCha20Poly1305(key)
