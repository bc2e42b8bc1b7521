"""Requests between nodes, signed: HTTP Message Signatures (RFC 9421) with Ed25519.

`docs/reference/wire.md`, section 11. The target is signed as the asked node is configured, so that
nobody can pass a request on to another node; the `Host` field decides nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    VerifyResult,
)
from http_message_signatures.algorithms import ED25519

from accord.base.limits import Limits
from accord.ledger.faults import LedgerFault
from accord.ledger.keys import TransportKey, transport_key_id
from accord.ledger.notes import decode_base64, encode_base64

from .faults import BadRequest

LABEL = "accord"
TAG = "accord/v1"
_COMPONENTS = ("@method", "@target-uri")
_DIGEST = "content-digest"
_PARAMETERS = frozenset({"created", "expires", "nonce", "alg", "keyid", "tag"})
_NONCE_BYTES = 16
_FIELD_BYTES = 4096  # of `Signature-Input` and `Signature` each; ours take about 300


class Request(msgspec.Struct):
    """What is signed of a request: its method, its whole target URI and its header fields."""

    method: str
    url: str
    headers: dict[str, str]


class Signed(msgspec.Struct, frozen=True):
    """What a verified signature says: whose key, and the nonce with the last moment it is good."""

    key_id: str
    nonce: bytes
    until: datetime


class _Keys(HTTPSignatureKeyResolver):
    """The one key that a signature can be of: the library asks by key id, we know it already."""

    def __init__(self, key: Ed25519PrivateKey | Ed25519PublicKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key

    def resolve_public_key(self, key_id: str) -> Any:
        return self._key


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with our clock: times are judged by the `now` of the operation."""

    def __init__(self, key: Ed25519PublicKey, now: datetime, limits: Limits) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=_Keys(key))
        self._now = now
        self._limits = limits

    def validate_created_and_expires(
        self, sig_input: Any, max_age: timedelta | None = None
    ) -> None:
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        if type(created) is not int or type(expires) is not int:
            raise BadRequest("peers.signature-form")
        seconds, skew = self._limits.signature_seconds, self._limits.clock_skew_seconds
        if not 0 <= expires - created <= seconds:
            raise BadRequest("peers.signature-long", limit=seconds)
        now = int(self._now.timestamp())
        if now + skew < created:
            raise BadRequest("peers.signature-early", seconds=created - now)
        if now - skew > expires:
            raise BadRequest("peers.signature-stale", seconds=now - expires)


def sign_request(
    method: str,
    url: str,
    key: TransportKey,
    now: datetime,
    limits: Limits,
    *,
    body: bytes | None = None,
) -> dict[str, str]:
    """The header fields that sign a request to `url`, which is whole and as the peer knows it."""
    request = Request(method, url, {})
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Keys(key.private))
    signer.sign(
        request,
        key_id=transport_key_id(key.public),
        created=now,
        expires=now + timedelta(seconds=limits.signature_seconds),
        nonce=encode_base64(secrets.token_bytes(_NONCE_BYTES)),
        label=LABEL,
        tag=TAG,
        covered_component_ids=_COMPONENTS,
        body=body,
    )
    return request.headers


def key_id_of(headers: Mapping[str, str]) -> str:
    """The key id that a request names, before anything is verified. Raises `BadRequest`."""
    found = headers.get("signature-input", "")
    start = found.find(';keyid="')
    if not headers.get("signature") or start < 0:
        raise BadRequest("peers.signature-missing")
    if len(found) > _FIELD_BYTES or len(headers["signature"]) > _FIELD_BYTES:
        raise BadRequest("peers.signature-form")
    return found[start + 8 : start + 8 + 64]


def verify_request(
    request: Request, key: bytes, now: datetime, limits: Limits, *, body: bytes = b""
) -> Signed:
    """Verify that the owner of `key` (32 bytes) signed this request, this body and this target.

    Raises `BadRequest`: missing, malformed, forged, for another target, or not of this time.
    Whether the nonce was seen before is for the caller (`quotas.Allowance`).
    """
    verifier = _Verifier(Ed25519PublicKey.from_public_bytes(key), now, limits)
    required = (*_COMPONENTS, _DIGEST) if body else _COMPONENTS
    try:
        found = verifier.verify(
            request, max_age=None, expect_tag=TAG, require_components=required, body=body
        )
    except HTTPMessageSignaturesException as error:
        raise BadRequest("peers.signature-invalid", problem=str(error)[:200]) from None
    if len(found) != 1 or found[0].label != LABEL:
        raise BadRequest("peers.signature-form")
    return _signed(found[0], key, limits)


def _signed(result: VerifyResult, key: bytes, limits: Limits) -> Signed:
    said = result.parameters
    if set(said) != _PARAMETERS or said["keyid"] != transport_key_id(key):
        raise BadRequest("peers.signature-form")
    try:
        nonce = decode_base64(str(said["nonce"]))
    except LedgerFault:
        raise BadRequest("peers.signature-form") from None
    if len(nonce) != _NONCE_BYTES:
        raise BadRequest("peers.signature-form")
    last = datetime.fromtimestamp(int(said["expires"]), tz=UTC)
    return Signed(said["keyid"], nonce, last + timedelta(seconds=limits.clock_skew_seconds + 1))
