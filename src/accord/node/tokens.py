"""Access tokens: high-entropy secrets, checked by one keyed hash and one look-up.

A slow hash protects passwords that people choose; these are 256 random bits, so a keyed hash is as
good and does not cost a tool 100 ms a request. A stolen store without the token key opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import cast, get_args

import msgspec

from accord.base.errors import ConflictError, InputError, NotFoundError
from accord.ledger.envelope import Tlp
from accord.rules.access import Role, Scope
from accord.rules.facts import Facts
from accord.store.records import TokenRow
from accord.store.transaction import Transaction

from .node import Node

_PREFIX = "accord_"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Reader(msgspec.Struct, frozen=True):
    """Who asks: the name of a token or an account, and what it may do."""

    name: str
    scope: Scope
    owner: str | None = None  # of a token: the account whose person it stands for

    @property
    def person(self) -> str:
        """Who it is where two people are needed: a token and its owner are one."""
        return self.owner or self.name


class NewToken(msgspec.Struct, frozen=True):
    """A token as it is shown once."""

    name: str
    token: str
    role: Role
    tlp: Tlp
    agreements: tuple[str, ...] | None
    owner: str | None
    circles: tuple[str, ...]


def add_token(
    node: Node,
    name: str,
    *,
    role: str,
    tlp: str = "amber+strict",
    agreements: tuple[str, ...] | None = None,
    owner: str | None = None,
    circles: tuple[str, ...] = (),
) -> NewToken:
    """A new token; its secret is returned here and never again. A person's token names its `owner`.

    `circles`: what it may read of. Raises `InputError` for what is unknown or a name that is taken.
    """
    known_role, known_tlp = _known_role(role), _known_tlp(tlp)
    _check_asked(name, node.facts_now(), agreements or (), circles)
    secret = _PREFIX + secrets.token_urlsafe(32)
    row = TokenRow(
        name=name,
        digest=_digest(node, secret),
        role=role,
        tlp=known_tlp,
        agreements=agreements,
        created=node.micros(),
        revoked=None,
        owner=owner,
        circles=circles or None,
    )

    def job(tx: Transaction) -> None:
        if tx.tokens.get(name) is not None or tx.accounts.get(name) is not None:
            raise ConflictError("node.token-taken", name=name)
        if owner is not None and tx.accounts.get(owner) is None:
            raise NotFoundError("node.account-unknown", name=owner[:80])
        tx.tokens.put(row)

    node.write(job)
    return NewToken(name, secret, known_role, known_tlp, agreements, owner, circles)


def _check_asked(
    name: str, facts: Facts, agreements: tuple[str, ...], circles: tuple[str, ...]
) -> None:
    if not _NAME.fullmatch(name):
        raise InputError("node.token-name", found=name[:80])
    for agreement in agreements:
        if agreement not in facts.agreements:
            raise NotFoundError("node.agreement-unknown", agreement=agreement)
    for circle in circles:
        if circle not in facts.groups:
            raise NotFoundError("node.group-unknown", group=circle[:80])


def _known_role(role: str) -> Role:
    for each in get_args(Role):
        if each == role:
            return cast("Role", each)
    raise InputError("node.token-role", found=role, allowed=", ".join(get_args(Role)))


def _known_tlp(tlp: str) -> Tlp:
    for each in get_args(Tlp):
        if each == tlp.lower():
            return cast("Tlp", each)
    raise InputError("node.token-tlp", found=tlp, allowed=", ".join(get_args(Tlp)))


def list_tokens(node: Node) -> list[TokenRow]:
    """Every token ever made, revoked ones included; secrets are not kept."""
    return node.read(lambda tx: tx.tokens.all())


def revoke_token(node: Node, name: str) -> None:
    """From the next request on, the token opens nothing. Raises `NotFoundError`."""
    at = node.micros()
    if not node.write(lambda tx: tx.tokens.revoke(name, at)):
        raise NotFoundError("node.token-unknown", name=name)


def reader_of(node: Node, token: str, name: str | None = None) -> Reader | None:
    """Who holds this token; null when nobody does. `name` must be its own, where one is given."""
    digest = _digest(node, token)
    row = node.read(lambda tx: tx.tokens.of_digest(digest))
    if row is None or (name is not None and name != row.name):
        return None
    return Reader(row.name, scope_of(row), row.owner)


def scope_of(row: TokenRow) -> Scope:
    """What a token may do."""
    return msgspec.convert(
        {
            "roles": [row.role],
            "tlp": row.tlp,
            "agreements": row.agreements,
            "circles": row.circles or (),
            "named": [row.name],
        },
        Scope,
    )


def _digest(node: Node, token: str) -> bytes:
    return hashlib.blake2b(token.encode(), key=node.keys.token, digest_size=32).digest()
