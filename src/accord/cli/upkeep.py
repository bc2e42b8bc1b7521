"""`accord doctor`, `accord upgrade`, `accord version`: for whoever runs the node."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import typer

import accord
from accord.base.messages import say

from .commands import Command
from .desk import Desk, at
from .exits import OK, REFUSED

if TYPE_CHECKING:
    from accord.node.doctor import Finding


def register(app: typer.Typer) -> None:
    """Put the commands of this file into `app`."""
    app.command("doctor", cls=Command, help="cli.help-doctor")(doctor)
    app.command("upgrade", cls=Command, help="cli.help-upgrade")(upgrade)
    app.command("version", cls=Command, help="cli.help-version")(version)


def doctor(context: typer.Context) -> int:
    """What is wrong with this node, and what to do. 1 if something is."""
    from accord.node.doctor import examine

    desk = at(context)
    findings = examine(desk.folder)
    wrong = sum(finding.state == "wrong" for finding in findings)
    desk.answer(
        {
            "healthy": not wrong,
            "findings": [
                {
                    "subject": finding.subject,
                    "state": finding.state,
                    "key": finding.message.key,
                    "message": _said(desk, finding),
                }
                for finding in findings
            ],
        }
    )
    desk.table(
        ("cli.col-subject", "cli.col-state", "cli.col-finding"),
        [
            (
                desk.word(f"cli.subject-{finding.subject}"),
                desk.word(f"cli.health-{finding.state}"),
                _said(desk, finding),
            )
            for finding in findings
        ],
    )
    desk.tell(say("cli.doctor-wrong", count=wrong) if wrong else say("cli.doctor-well"))
    return REFUSED if wrong else OK


def _said(desk: Desk, finding: Finding) -> str:
    said = desk.text(finding.message)
    return said if finding.cause is None else f"{said} {desk.text(finding.cause)}"


def upgrade(context: typer.Context) -> None:
    """Lead the store to this program's version."""
    from accord.store.opening import upgrade_store

    desk = at(context)
    before, after = upgrade_store(desk.home.database)
    desk.answer({"before": before, "after": after})
    if before == after:
        desk.tell(say("cli.upgrade-nothing", version=after))
    else:
        desk.tell(say("cli.upgraded", before=before, after=after))


def version(context: typer.Context) -> None:
    """The versions of the program, of its wire format and of its store."""
    from accord.ledger.envelope import VERSION as WIRE
    from accord.store.schema import VERSION as STORE

    desk = at(context)
    python = platform.python_version()
    desk.answer({"accord": accord.__version__, "wire": WIRE, "store": STORE, "python": python})
    desk.tell(
        say(
            "cli.version",
            accord=accord.__version__,
            wire=WIRE,
            store=STORE,
            python=python,
        )
    )
