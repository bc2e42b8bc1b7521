"""`accord account`: the people of this member who sign in to the pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.messages import say

from .commands import Command, group
from .desk import Desk, at
from .inputs import STDIN, read_text
from .naming import minute_of

if TYPE_CHECKING:
    from accord.node.accounts import Account

app = group("cli.help-account")

_PASSWORD_BYTES = 1024
_ALL = "all"

Name = Annotated[str, typer.Argument(metavar="NAME", help="cli.arg-account")]
Display = Annotated[str, typer.Option("--display", metavar="TEXT", help="cli.opt-display")]
Roles = Annotated[list[str] | None, typer.Option("--role", metavar="ROLE", help="cli.opt-roles")]
Agreements = Annotated[
    list[str] | None,
    typer.Option("--agreement", metavar="ID", help="cli.opt-account-agreement"),
]
Circles = Annotated[
    list[str] | None, typer.Option("--circle", metavar="ID", help="cli.opt-account-circle")
]
Language = Annotated[str, typer.Option("--speaks", metavar="zh|ru|en", help="cli.opt-speaks")]
Zone = Annotated[str, typer.Option("--zone", metavar="ZONE", help="cli.opt-zone")]
PasswordFile = Annotated[
    str, typer.Option("--password-file", metavar="FILE", help="cli.opt-password-file")
]
Lasting = Annotated[bool, typer.Option("--lasting", help="cli.opt-lasting")]


@app.command("add", cls=Command, help="cli.help-account-add")
def add(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    display: Display = "",
    tlp: Annotated[
        str, typer.Option("--tlp", metavar="LEVEL", help="cli.opt-token-tlp")
    ] = "amber+strict",
    agreement: Agreements = None,
    circle: Circles = None,
    speaks: Language = "",
    zone: Zone = "",
    password_file: PasswordFile = "",
    lasting: Lasting = False,
) -> None:
    """Make an account. Without a password given, one is shown this once."""
    from accord.node.accounts import NewAccount, add_account

    desk = at(context)
    given = _password(desk, password_file)
    wanted = NewAccount(
        name=name,
        roles=tuple(role or ()),
        display=display,
        tlp=_level(tlp),
        agreements=_agreements(agreement),
        circles=tuple(circle or ()),
        language=speaks,
        zone=zone,
        password=given,
        must_change=not lasting,
    )
    with desk.node() as node:
        account, password = add_account(node, wanted)
    _show_password(desk, account, None if given else password)
    desk.tell(say("cli.account-made", name=account.name, roles=", ".join(account.roles)))


@app.command("list", cls=Command, help="cli.help-account-list")
def list_(context: typer.Context) -> None:
    """Every account, disabled ones included."""
    from accord.node.accounts import list_accounts

    desk = at(context)
    with desk.node() as node:
        accounts = list_accounts(node)
    desk.answer([_as_json(each) for each in accounts])
    if not accounts:
        desk.tell(say("cli.account-none"))
        return
    desk.table(
        ("cli.col-name", "cli.col-display", "cli.col-roles", "cli.col-tlp", "cli.col-second-step",
         "cli.col-created", "cli.col-disabled"),
        [
            (
                each.name,
                each.display,
                ", ".join(each.roles),
                each.tlp,
                desk.word("cli.yes" if each.second_step else "cli.no"),
                minute_of(each.created),
                minute_of(each.disabled),
            )
            for each in accounts
        ],
    )  # fmt: skip


@app.command("change", cls=Command, help="cli.help-account-change")
def change(
    context: typer.Context,
    name: Name,
    role: Roles = None,
    display: Display = "",
    tlp: Annotated[str, typer.Option("--tlp", metavar="LEVEL", help="cli.opt-token-tlp")] = "",
    agreement: Agreements = None,
    circle: Circles = None,
    speaks: Language = "",
    zone: Zone = "",
) -> None:
    """Change what is given, and leave the rest as it is."""
    from accord.node.accounts import change_manner, change_scope, find_account

    desk = at(context)
    manner = {"display": display, "language": speaks, "zone": zone}
    with desk.node() as node:
        found = find_account(node, name)
        if role or tlp or agreement or circle:
            change_scope(
                node,
                name,
                roles=tuple(role or found.roles),
                tlp=_level(tlp) or found.tlp,
                agreements=_agreements(agreement) if agreement else found.agreements,
                circles=tuple(circle or found.circles),
            )
        account = change_manner(
            node, name, **{field: value for field, value in manner.items() if value}
        )
    desk.answer(_as_json(account))
    desk.tell(say("cli.account-changed", name=name, roles=", ".join(account.roles)))


@app.command("password", cls=Command, help="cli.help-account-password")
def password(
    context: typer.Context,
    name: Name,
    password_file: PasswordFile = "",
    lasting: Lasting = False,
) -> None:
    """Give somebody a new password. All their sessions end."""
    from accord.node.accounts import find_account, reset_password

    desk = at(context)
    given = _password(desk, password_file)
    with desk.node() as node:
        made = reset_password(node, name, given, must_change=given is None or not lasting)
        account = find_account(node, name)
    _show_password(desk, account, None if given else made)
    desk.tell(say("cli.account-password", name=name))


@app.command("disable", cls=Command, help="cli.help-account-disable")
def disable(context: typer.Context, name: Name) -> None:
    """From the next request on, neither the account nor its tokens open anything."""
    from accord.node.accounts import disable_account

    desk = at(context)
    with desk.node() as node:
        account = disable_account(node, name)
    desk.answer(_as_json(account))
    desk.tell(say("cli.account-disabled", name=name))


@app.command("enable", cls=Command, help="cli.help-account-enable")
def enable(context: typer.Context, name: Name) -> None:
    """The account opens again what it did."""
    from accord.node.accounts import enable_account

    desk = at(context)
    with desk.node() as node:
        account = enable_account(node, name)
    desk.answer(_as_json(account))
    desk.tell(say("cli.account-enabled", name=name))


@app.command("sessions", cls=Command, help="cli.help-account-sessions")
def sessions(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="cli.arg-account")] = "",
    end: Annotated[bool, typer.Option("--end", help="cli.opt-end-sessions")] = False,
) -> None:
    """Where somebody, or everybody, is signed in; with `--end` they are signed out."""
    from accord.node.accounts import find_account
    from accord.node.entering import end_sessions, list_sessions

    desk = at(context)
    with desk.node() as node:
        if name:
            find_account(node, name)
        rows = list_sessions(node, name or None)
        if end:
            for account in {row.account for row in rows}:
                end_sessions(node, account)
    times = [[minute_of(at) for at in (row.created, row.seen, row.ends)] for row in rows]
    fields = ("account", "address", "agent", "created", "seen", "ends")
    shown = [
        (row.account, row.address, row.agent, *at) for row, at in zip(rows, times, strict=True)
    ]
    desk.answer([dict(zip(fields, each, strict=True)) for each in shown])
    if rows:
        desk.table([f"cli.col-session-{field}" for field in fields], shown)
    desk.tell(say("cli.sessions-ended" if end else "cli.sessions", count=len(rows)))


@app.command("totp", cls=Command, help="cli.help-account-totp")
def totp(
    context: typer.Context,
    name: Name,
    drop: Annotated[bool, typer.Option("--drop", help="cli.opt-drop-totp")] = False,
) -> None:
    """Whether somebody has a second step; with `--drop` they have none, and set it up anew."""
    from accord.node.accounts import find_account
    from accord.node.second_steps import drop_second_step

    desk = at(context)
    with desk.node() as node:
        if drop:
            drop_second_step(node, name)
        account = find_account(node, name)
    desk.answer(_as_json(account))
    if account.second_step:
        desk.tell(say("cli.account-totp", name=name, count=account.recovery_left))
    else:
        desk.tell(say("cli.account-totp-none", name=name))


def _password(desk: Desk, file: str) -> str | None:
    """From a file, or a person who types it twice; never from the command line."""
    if file == STDIN and sys.stdin.isatty():
        asked = typer.prompt(
            desk.word("cli.ask-password"),
            hide_input=True,
            confirmation_prompt=desk.word("cli.ask-password-again"),
        )
        return str(asked)
    return read_text(file, _PASSWORD_BYTES).removesuffix("\n").removesuffix("\r") if file else None


def _show_password(desk: Desk, account: Account, chosen: str | None) -> None:
    """A password that was chosen here, this once."""
    desk.answer({**_as_json(account), "password": chosen})
    if chosen is not None:
        desk.tell(say("cli.account-chosen", name=account.name))
        desk.quote(f"  {chosen}")


def _level(text: str) -> str:
    return text.lower().removeprefix("tlp:")


def _agreements(given: list[str] | None) -> tuple[str, ...] | None:
    return None if not given or given == [_ALL] else tuple(given)


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "display": account.display,
        "roles": account.roles,
        "tlp": account.tlp,
        "agreements": account.agreements,
        "circles": account.circles,
        "language": account.language,
        "zone": account.zone,
        "must_change": account.must_change,
        "second_step": account.second_step,
        "recovery_left": account.recovery_left,
        "created": minute_of(account.created),
        "disabled": None if account.disabled is None else minute_of(account.disabled),
    }
