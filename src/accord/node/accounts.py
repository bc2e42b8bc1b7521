"""Accounts: the people of this member, what they may do, and how they read.

An account is never deleted, only disabled: its name stands in drafts, envelopes and objects, and is
given to nobody else. Accounts and tokens share one set of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from accord.base.errors import ConflictError, DeniedError, InputError, NotFoundError
from accord.base.messages import LANGUAGES
from accord.ledger.envelope import Tlp
from accord.rules.access import Role
from accord.store.records import AccountRow
from accord.store.transaction import Transaction

from .node import Node
from .passwords import check_acceptable, chosen, hashed

THEMES = ("auto", "light", "dark")

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_DISPLAY = 100  # characters


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is shown: no secrets. Times are microseconds since 1970."""

    name: str
    display: str
    roles: tuple[Role, ...]
    tlp: Tlp
    agreements: tuple[str, ...] | None
    circles: tuple[str, ...]
    language: str
    zone: str
    theme: str
    created: int
    disabled: int | None
    must_change: bool
    second_step: bool
    recovery_left: int
    looked: int | None


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to have; `password` None: one is chosen, and to be changed at once."""

    name: str
    roles: Sequence[str]
    display: str = ""
    tlp: str = "amber+strict"
    agreements: tuple[str, ...] | None = None
    circles: tuple[str, ...] = ()
    language: str = ""
    zone: str = ""  # as the browser says
    password: str | None = None
    must_change: bool = True


def add_account(node: Node, wanted: NewAccount) -> tuple[Account, str]:
    """A new account, and its password. Raises `InputError`, `NotFoundError` or `ConflictError`."""
    row, password = account_row(node, wanted)
    node.write(lambda tx: put_account(tx, row))
    return shown(row), password


def account_row(node: Node, wanted: NewAccount) -> tuple[AccountRow, str]:
    """The row of a new account, checked, with its password; nothing is written."""
    name = wanted.name.strip()
    if not NAME.fullmatch(name):
        raise InputError("node.account-name", found=name[:80])
    password = wanted.password or chosen()
    scope = _checked_scope(node, wanted.roles, wanted.tlp, wanted.agreements)
    manner = _checked_manner(
        display=wanted.display or name,
        language=wanted.language or node.settings.language,
        zone=wanted.zone,
        theme="auto",
    )
    check_acceptable(node.limits, name, password)
    row = AccountRow(
        name=name,
        password=hashed(node.limits, password),
        must_change=wanted.password is None or wanted.must_change,
        circles=wanted.circles,
        created=node.micros(),
        **scope,
        **manner,
    )
    return row, password


def put_account(tx: Transaction, row: AccountRow) -> None:
    """Keep a new account. Raises `ConflictError` when somebody or a token has that name."""
    if tx.accounts.get(row.name) is not None or tx.tokens.get(row.name) is not None:
        raise ConflictError("node.account-taken", name=row.name)
    tx.accounts.put(row)


def list_accounts(node: Node) -> list[Account]:
    """Every account, disabled ones included, in the order in which they were made."""
    return [shown(row) for row in node.read(lambda tx: tx.accounts.all())]


def find_account(node: Node, name: str) -> Account:
    """One account. Raises `NotFoundError`."""
    return shown(node.read(lambda tx: account_in(tx, name)))


def change_scope(
    node: Node,
    name: str,
    *,
    roles: Sequence[str],
    tlp: str,
    agreements: tuple[str, ...] | None = None,
    circles: tuple[str, ...] = (),
) -> Account:
    """What somebody may do from their next request on.

    Raises `InputError`, `NotFoundError`, or `DeniedError` when no operator would be left.
    """
    scope = _checked_scope(node, roles, tlp, agreements)

    def job(tx: Transaction) -> AccountRow:
        account_in(tx, name)
        tx.accounts.change(name, circles=circles, **scope)
        _must_have_operator(tx)
        return account_in(tx, name)

    return shown(node.write(job))


def change_manner(node: Node, name: str, **manner: str) -> Account:
    """How somebody reads: any of `display`, `language`, `zone`, `theme`. Raises `InputError`."""
    checked = _checked_manner(**manner)

    def job(tx: Transaction) -> AccountRow:
        account_in(tx, name)
        if checked:
            tx.accounts.change(name, **checked)
        return account_in(tx, name)

    return shown(node.write(job))


def set_password(node: Node, name: str, password: str, *, but: int | None = None) -> None:
    """A password that its holder chose. All sessions of the account end, but the one in use.

    Raises `InputError`, `NotFoundError`.
    """
    check_acceptable(node.limits, name, password)
    _keep_password(node, name, password, must_change=False, but=but)


def reset_password(
    node: Node, name: str, password: str | None = None, *, must_change: bool = True
) -> str:
    """A password that somebody else chose, or the program: to be changed. All sessions end.

    Raises `InputError`, `NotFoundError`.
    """
    given = password or chosen()
    check_acceptable(node.limits, name, given)
    _keep_password(node, name, given, must_change=must_change)
    return given


def _keep_password(
    node: Node, name: str, password: str, *, must_change: bool, but: int | None = None
) -> None:
    node.read(lambda tx: account_in(tx, name))
    kept = hashed(node.limits, password)

    def job(tx: Transaction) -> None:
        account_in(tx, name)
        tx.accounts.change(name, password=kept, must_change=must_change)
        tx.sessions.end_all(name, but=but)

    node.write(job)


def disable_account(node: Node, name: str) -> Account:
    """From the next request on, neither the account nor its tokens open anything.

    Raises `NotFoundError`, or `DeniedError` when no operator would be left.
    """
    now = node.micros()

    def job(tx: Transaction) -> AccountRow:
        if account_in(tx, name).disabled is None:
            tx.accounts.change(name, disabled=now)
            _must_have_operator(tx)
        tx.sessions.end_all(name)
        return account_in(tx, name)

    return shown(node.write(job))


def enable_account(node: Node, name: str) -> Account:
    """The account opens again what it did. Raises `NotFoundError`."""

    def job(tx: Transaction) -> AccountRow:
        account_in(tx, name)
        tx.accounts.change(name, disabled=None)
        return account_in(tx, name)

    return shown(node.write(job))


def note_looked(node: Node, name: str, at: int) -> None:
    """That somebody has seen what is new, up to `at` (microseconds)."""
    node.write(lambda tx: tx.accounts.change(name, looked=at))


def account_in(tx: Transaction, name: str) -> AccountRow:
    """The account of that name. Raises `NotFoundError`."""
    row = tx.accounts.get(name)
    if row is None:
        raise NotFoundError("node.account-unknown", name=name[:80])
    return row


def person_of(tx: Transaction, name: str) -> str:
    """The person behind the name of an account or a token: a token's owner, where it has one."""
    token = tx.tokens.get(name)
    return name if token is None or token.owner is None else token.owner


def shown(row: AccountRow) -> Account:
    """The row without its secrets."""
    fields = {name: getattr(row, name, None) for name in Account.__struct_fields__}
    fields |= {"second_step": row.totp is not None, "recovery_left": len(row.recovery)}
    return msgspec.convert(fields, Account)


def _must_have_operator(tx: Transaction) -> None:
    if not any("operator" in row.roles and row.disabled is None for row in tx.accounts.all()):
        raise DeniedError("node.account-last-operator")


def _checked_scope(
    node: Node, roles: Sequence[str], tlp: str, agreements: tuple[str, ...] | None
) -> dict[str, Any]:
    every = get_args(Role)
    if not roles:
        raise InputError("node.account-no-role", allowed=", ".join(every))
    for role in roles:
        if role not in every:
            raise InputError("node.token-role", found=role[:60], allowed=", ".join(every))
    if tlp.lower() not in get_args(Tlp):
        raise InputError("node.token-tlp", found=tlp[:60], allowed=", ".join(get_args(Tlp)))
    known = node.facts_now().agreements if agreements else {}
    for agreement in agreements or ():
        if agreement not in known:
            raise NotFoundError("node.agreement-unknown", agreement=agreement[:80])
    ordered = tuple(role for role in every if role in roles)
    return {"roles": ordered, "tlp": tlp.lower(), "agreements": agreements}


def _checked_manner(**manner: str) -> dict[str, Any]:
    for name, allowed in (("language", LANGUAGES), ("theme", THEMES)):
        if name in manner and manner[name] not in allowed:
            raise InputError(
                "node.account-choice", found=manner[name][:60], allowed=", ".join(allowed)
            )
    if "zone" in manner:
        _check_zone(manner["zone"])
    if "display" in manner:
        manner["display"] = " ".join(manner["display"].split())
        if not 1 <= len(manner["display"]) <= _DISPLAY or not manner["display"].isprintable():
            raise InputError("node.account-display", most=_DISPLAY)
    return manner


def _check_zone(zone: str) -> None:
    try:
        if zone:  # else as the browser says
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder
        raise InputError("node.account-zone", found=zone[:60]) from None
