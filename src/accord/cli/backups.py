"""`accord backup`, `accord restore`, `accord recover`: from a lost disk to a whole node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.messages import say

from .commands import Command
from .desk import Desk, at
from .exits import OK, REFUSED

if TYPE_CHECKING:
    from accord.node.backup import Manifest
    from accord.peers.recovery import Recovery


def register(app: typer.Typer) -> None:
    """Put the commands of this file into `app`."""
    app.command("backup", cls=Command, help="cli.help-backup")(backup)
    app.command("restore", cls=Command, help="cli.help-restore")(restore)
    app.command("recover", cls=Command, help="cli.help-recover")(recover)


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="cli.arg-backup")],
    check: Annotated[bool, typer.Option("--check", help="cli.opt-backup-check")] = False,
    keep: Annotated[
        int, typer.Option("--keep", metavar="DAYS", min=1, max=36500, help="cli.opt-keep")
    ] = 90,
) -> None:
    """Make a backup while the node is served, or verify one."""
    from accord.node.backup import check_backup, take_backup

    desk = at(context)
    if check:
        manifest = check_backup(folder)
        desk.answer(_as_json(folder, manifest))
        desk.tell(say("cli.backup-holds", folder=str(folder)))
        _show(desk, manifest)
        return
    with desk.node() as node, desk.progress("cli.progress-backup", None) as progress:
        made = take_backup(node, folder, keep, progress)
    desk.answer(_as_json(made.folder, made.manifest))
    desk.tell(say("cli.backup-made", folder=str(made.folder)))
    _show(desk, made.manifest)
    desk.tell(say("cli.backup-secrets"))


def _show(desk: Desk, manifest: Manifest) -> None:
    desk.details(
        [
            ("cli.col-member", f"{manifest.name}\n{manifest.member}"),
            ("cli.col-taken", manifest.taken),
            ("cli.col-expires", manifest.expires),
            ("cli.col-entries", str(manifest.size)),
            ("cli.col-root", manifest.root),
        ]
    )


def _as_json(folder: Path, manifest: Manifest) -> dict[str, Any]:
    fields = ("member", "name", "origin", "taken", "expires", "program", "schema", "size", "root")
    return {"folder": str(folder), **{name: getattr(manifest, name) for name in fields}}


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="cli.arg-restore")],
    db: Annotated[str, typer.Option("--db", metavar="URL", help="cli.opt-db")] = "",
) -> None:
    """Make a home of a backup; it signs nothing until its peers were asked."""
    from accord.node.restoring import restore as restore_home

    desk = at(context)
    manifest = restore_home(folder, desk.folder, db=db)
    desk.answer({"home": str(desk.folder), **_as_json(folder, manifest)})
    desk.tell(say("cli.restored", folder=str(desk.folder)))
    _show(desk, manifest)
    desk.tell(say("cli.restored-next"))


def recover(
    context: typer.Context,
    quorum: Annotated[
        list[str] | None, typer.Option("--quorum", metavar="MEMBER", help="cli.opt-quorum")
    ] = None,
) -> int:
    """Ask the peers what they saw of our ledger, take it back, and sign again."""
    from accord.peers.recovery import recover_once
    from accord.peers.sync import sync_once

    desk = at(context)
    with desk.node() as node:
        found = recover_once(node, quorum or ())
        if found.done is not None:
            sync_once(node)  # what others gave us since then comes again
    desk.answer(_recovery_json(desk, found))
    _show_peers(desk, found)
    if found.done is None:
        names = ", ".join(found.missing)
        desk.tell(say("cli.recovery-waits", count=len(found.missing), names=names))
        return REFUSED
    desk.tell(say("cli.recovered", size=found.done.size))
    if found.done.lost:
        ranges = ", ".join(f"{first}–{last}" for first, last in found.done.lost[:20])
        desk.tell(say("cli.recovery-lost", count=found.done.lost_entries, ranges=ranges))
    if not found.peers:
        desk.tell(say("cli.recovery-alone"))
    return OK


def _show_peers(desk: Desk, found: Recovery) -> None:
    if found.peers:
        desk.table(
            ("cli.col-name", "cli.col-seen", "cli.col-given-back", "cli.col-fault"),
            [
                (
                    each.name,
                    "–" if each.seen is None else str(each.seen),
                    str(each.given),
                    "" if each.fault is None else desk.text(each.fault),
                )
                for each in found.peers
            ],
        )


def _recovery_json(desk: Desk, found: Recovery) -> dict[str, Any]:
    return {
        "done": found.done is not None,
        "size": None if found.done is None else found.done.size,
        "lost": [] if found.done is None else found.done.lost,
        "waits_for": found.missing,
        "peers": [
            {
                "member": each.member,
                "name": each.name,
                "seen": each.seen,
                "given": each.given,
                "fault": None if each.fault is None else desk.text(each.fault),
            }
            for each in found.peers
        ],
    }
