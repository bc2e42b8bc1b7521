"""Entering: who somebody is, and for how long that is taken as known.

One way to prove it is here, the password; others are `Authenticator`s beside it (ADR 24). What
follows is the same for all: tries are counted, a second step is asked for where there is one, and a
session begins, known by a secret of 256 random bits of which only the keyed hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Protocol, cast

import msgspec

from accord.base.clock import from_micros
from accord.base.errors import DeniedError, NotFoundError
from accord.ledger.envelope import Tlp
from accord.rules.access import Role, Scope
from accord.store.records import AccountRow, SessionRow
from accord.store.transaction import Transaction

from .accounts import NAME
from .attempts import Tries
from .node import Node
from .passwords import hashed, is_outdated, is_right
from .second_steps import take_code
from .tokens import Reader

_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_NOBODY = "?"  # stands for what cannot be a name
_AGENT = 200  # characters kept of what a browser calls itself


class Place(msgspec.Struct, frozen=True):
    """From where somebody asks: the network address, and what the browser calls itself."""

    address: str = ""
    agent: str = ""


NOWHERE = Place()  # not over a network


class Session(msgspec.Struct, frozen=True):
    """A session that began. `cookie` is its secret, returned here and never again.

    One that is not `complete` opens nothing: a code is to be given to `second_step`.
    """

    cookie: str
    account: str
    complete: bool
    ends: datetime


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as the pages need it. Until the password is changed it has no role."""

    reader: Reader
    display: str
    language: str
    zone: str
    theme: str
    session: int
    ends: datetime
    must_change: bool
    second_step: bool
    looked: int | None


class Authenticator(Protocol):
    """One way to prove who somebody is."""

    @property
    def claimed(self) -> str:
        """The name of the account that tries are counted for."""

    @property
    def suffices(self) -> bool:
        """Whether it stands for the second step too, as a passkey would."""

    def who(self, node: Node) -> AccountRow | None:
        """The account, when it is proved. The same work for one that does not exist."""


class Password(msgspec.Struct, frozen=True):
    """Proof by a password."""

    name: str
    password: str
    suffices: bool = False

    @property
    def claimed(self) -> str:
        name = self.name.strip().lower()
        return name if NAME.fullmatch(name) else _NOBODY

    def who(self, node: Node) -> AccountRow | None:
        row = node.read(lambda tx: tx.accounts.get(self.claimed))
        usable = row is not None and row.disabled is None
        kept = row.password if row is not None and usable else None
        return row if is_right(node.limits, kept, self.password) else None


def sign_in(
    node: Node, name: str, password: str, code: str | None = None, place: Place = NOWHERE
) -> Session:
    """Sign in with a password, and with a code where the account has a second step.

    Without the code the session is not complete. Raises `DeniedError`: wrong, or too many tries.
    """
    session = enter(node, Password(name, password), place)
    if code is None or session.complete:
        return session
    return second_step(node, session.cookie, code, place)


def enter(node: Node, proof: Authenticator, place: Place = NOWHERE) -> Session:
    """Begin a session for whom `proof` proves to be there. Raises `DeniedError`.

    A crash after the try was counted leaves it counted; nothing else was done.
    """
    tries = Tries(node, "sign-in", proof.claimed, place.address)
    tries.begin()
    row = proof.who(node)
    if row is None:
        raise DeniedError("node.sign-in-failed")
    fresh = _renewed(node, row, proof)
    complete = row.totp is None or proof.suffices

    def job(tx: Transaction) -> Session:
        now = tx.accounts.get(row.name)
        if now is None or now.password != row.password or now.disabled is not None:
            raise DeniedError("node.sign-in-failed")  # changed while we compared
        if fresh is not None:
            tx.accounts.change(row.name, password=fresh)
        if complete:
            tries.succeeded(tx)
        else:
            tries.passed(tx)
        return _begin(node, tx, row.name, place, complete=complete)

    return node.write(job)


def second_step(node: Node, cookie: str, code: str, place: Place = NOWHERE) -> Session:
    """Complete a session with a code; its secret is another from then on. Raises `DeniedError`."""
    digest, now = _digest(node, cookie), node.now()
    half = node.read(lambda tx: tx.sessions.of_digest(digest))
    if half is None or half.complete or not _lasts(node, half, node.micros()):
        raise DeniedError("node.sign-in-again")
    tries = Tries(node, "code", half.account, place.address)
    tries.begin()

    def job(tx: Transaction) -> Session:
        row = tx.accounts.get(half.account)
        if row is None or row.disabled is not None or tx.sessions.of_digest(digest) is None:
            raise DeniedError("node.sign-in-again")
        if not take_code(node, tx, row, code, now):
            raise DeniedError("node.second-step-wrong")
        tries.succeeded(tx)
        Tries(node, "sign-in", half.account, place.address).forget(tx)
        tx.sessions.end(half.account, half.id)
        return _begin(node, tx, half.account, place, complete=True)

    return node.write(job)


def begin_session(node: Node, tx: Transaction, account: str, place: Place) -> Session:
    """A complete session for whom was just given an account."""
    return _begin(node, tx, account, place, complete=True)


def prove_again(node: Node, name: str, password: str, place: Place = NOWHERE) -> Reader:
    """Somebody shows that it is they, beside whoever is signed in. Raises `DeniedError`."""
    tries = Tries(node, "sign-in", name, place.address)
    tries.begin()
    row = Password(name, password).who(node)
    if row is None:
        raise DeniedError("node.password-wrong")
    node.write(tries.succeeded)
    return Reader(row.name, scope_of_account(row))


def visitor_of(node: Node, cookie: str) -> Visitor | None:
    """Who is signed in with this cookie; null for nobody. That it was used is noted each minute."""
    digest, now = _digest(node, cookie), node.micros()

    def look(tx: Transaction) -> tuple[SessionRow, AccountRow] | None:
        session = tx.sessions.of_digest(digest)
        row = None if session is None else tx.accounts.get(session.account)
        return None if session is None or row is None else (session, row)

    found = node.read(look)
    if found is None:
        return None
    session, row = found
    if row.disabled is not None or not session.complete or not _lasts(node, session, now):
        return None
    if now - session.seen >= _MINUTE:
        node.write(lambda tx: tx.sessions.saw(session.id, now))
    return Visitor(
        reader=Reader(row.name, scope_of_account(row)),
        display=row.display,
        language=row.language,
        zone=row.zone,
        theme=row.theme,
        session=session.id,
        ends=from_micros(session.ends),
        must_change=row.must_change,
        second_step=row.totp is not None,
        looked=row.looked,
    )


def is_half_in(node: Node, cookie: str) -> bool:
    """Whether this session waits for its second step."""
    digest, now = _digest(node, cookie), node.micros()
    row = node.read(lambda tx: tx.sessions.of_digest(digest))
    return row is not None and not row.complete and _lasts(node, row, now)


def scope_of_account(row: AccountRow) -> Scope:
    """What somebody may do: nothing before they chose their own password."""
    return Scope(
        roles=frozenset() if row.must_change else frozenset(cast("tuple[Role, ...]", row.roles)),
        tlp=cast("Tlp", row.tlp),
        agreements=None if row.agreements is None else frozenset(row.agreements),
        circles=frozenset(row.circles),
        named=frozenset((row.name,)),
    )


def sign_out(node: Node, cookie: str) -> None:
    """End the session of this cookie; without one nothing happens."""
    digest = _digest(node, cookie)

    def job(tx: Transaction) -> None:
        row = tx.sessions.of_digest(digest)
        if row is not None:
            tx.sessions.end(row.account, row.id)

    node.write(job)


def list_sessions(node: Node, account: str | None = None) -> list[SessionRow]:
    """Where somebody, or everybody, is signed in at the moment."""
    now = node.micros()
    rows = node.read(
        lambda tx: tx.sessions.all() if account is None else tx.sessions.of_account(account)
    )
    return [row for row in rows if row.complete and _lasts(node, row, now)]


def end_session(node: Node, account: str, session: int) -> None:
    """End one session of this account. Raises `NotFoundError`."""
    if not node.write(lambda tx: tx.sessions.end(account, session)):
        raise NotFoundError("node.session-gone")


def end_sessions(node: Node, account: str, *, but: int | None = None) -> int:
    """End all sessions of this account, perhaps but the one in use; how many there were."""
    return node.write(lambda tx: tx.sessions.end_all(account, but=but))


def _renewed(node: Node, row: AccountRow, proof: Authenticator) -> str | None:
    """The password kept anew, where it was kept with other parameters than today's."""
    if isinstance(proof, Password) and is_outdated(node.limits, row.password):
        return hashed(node.limits, proof.password)
    return None


def _begin(node: Node, tx: Transaction, account: str, place: Place, *, complete: bool) -> Session:
    now, limits = node.micros(), node.limits
    tx.sessions.clear(now, now - limits.session_idle_minutes * _MINUTE)
    minutes = limits.session_hours * 60 if complete else limits.second_step_minutes
    cookie = secrets.token_urlsafe(32)
    ends = now + minutes * _MINUTE
    tx.sessions.begin(
        SessionRow(
            id=0,
            digest=_digest(node, cookie),
            account=account,
            complete=complete,
            created=now,
            seen=now,
            ends=ends,
            address=_printable(place.address),
            agent=_printable(place.agent),
        )
    )
    return Session(cookie, account, complete, from_micros(ends))


def _lasts(node: Node, session: SessionRow, now: int) -> bool:
    idle = node.limits.session_idle_minutes * _MINUTE
    return now < session.ends and now - session.seen < idle


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))[:_AGENT]


def _digest(node: Node, cookie: str) -> bytes:
    text = cookie.encode("utf-8", "replace")
    key = node.keys.token
    return hashlib.blake2b(text, key=key, digest_size=32, person=b"accord/session").digest()
