"""`accord init` and `accord serve`: from nothing to a node that answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.base.messages import say

from .commands import Command
from .desk import Desk, at
from .naming import word_list

if TYPE_CHECKING:
    from accord.node.node import Node


def register(app: typer.Typer) -> None:
    """Put the commands of this file into `app`."""
    app.command("init", cls=Command, help="cli.help-init")(init)
    app.command("serve", cls=Command, help="cli.help-serve")(serve)


def init(
    context: typer.Context,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="cli.opt-name")],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="cli.opt-url")] = "",
    db: Annotated[str, typer.Option("--db", metavar="URL", help="cli.opt-db")] = "",
) -> None:
    """Make a node. What must be kept is shown this once."""
    from accord.ledger.keys import fingerprint_hex, fingerprint_words
    from accord.node.founding import found_node
    from accord.node.home import HomeSettings

    desk = at(context)
    settings = HomeSettings(name=name, language=desk.language, url=url, db=db)
    founded = found_node(desk.folder, settings)
    fingerprint = founded.card.fingerprint
    words = fingerprint_words(fingerprint, word_list(desk.language))
    desk.answer(
        {
            "member": founded.member,
            "name": name,
            "home": str(desk.folder),
            "fingerprint": fingerprint.hex(),
            "fingerprint_words": words,
            "recovery_words": founded.recovery_words,
        }
    )
    desk.tell(say("cli.init-done", name=name, folder=str(desk.folder)))
    desk.line_break()
    desk.details(
        [
            ("cli.col-member", founded.member),
            ("cli.col-fingerprint", fingerprint_hex(fingerprint)),
            ("cli.col-in-words", " ".join(words)),
        ]
    )
    _show_recovery_words(desk, founded.recovery_words)
    desk.tell(say("cli.init-next"))


def _show_recovery_words(desk: Desk, words: tuple[str, ...]) -> None:
    desk.line_break()
    desk.tell(say("cli.init-recovery"))
    desk.line_break()
    for start in range(0, len(words), 6):
        row = enumerate(words[start : start + 6], start=start + 1)
        desk.quote("  " + "".join(f"{place:>2} {word:<10}" for place, word in row).rstrip())
    desk.line_break()


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="cli.opt-host")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="cli.opt-port")
    ] = 8100,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="cli.opt-tls-cert")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="cli.opt-tls-key")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", metavar="COUNT", min=1, max=64, help="cli.opt-workers")
    ] = 1,
    db_read: Annotated[str, typer.Option("--db-read", metavar="URL", help="cli.opt-db-read")] = "",
    metrics: Annotated[str, typer.Option("--metrics", metavar="WHO", help="cli.opt-metrics")] = "",
    log_level: Annotated[
        str, typer.Option("--log-level", metavar="LEVEL", help="cli.opt-log-level")
    ] = "info",
) -> None:
    """Serve this member's node until it is told to stop."""
    from accord.monitoring.logs import start_logging

    from .serving import Address, Service, serve_node

    desk = at(context)
    start_logging(log_level)
    address = Address.checked(host, port, tls_cert, tls_key)
    service = Service(address, workers, metrics, db_read)
    serve_node(desk.folder, service, lambda node: _ready(desk, node, address.url))
    desk.tell(say("cli.serve-stopped"))


def _ready(desk: Desk, node: Node, url: str) -> None:
    from accord.node.history import why_waiting

    desk.answer({"url": url, "member": node.member})
    desk.tell(say("cli.serve-ready", name=node.settings.name, url=url))
    if (waiting := node.read(why_waiting)) is not None:
        desk.tell(waiting)
    if not desk.as_json:  # a program makes accounts with `accord account add`
        _offer_set_up(desk, node, node.settings.url or url)
    sys.stdout.flush()  # whoever started us waits for this line


def _offer_set_up(desk: Desk, node: Node, url: str) -> None:
    from accord.node.setting_up import offer_set_up

    code = offer_set_up(node)
    if code is not None:
        desk.tell(say("cli.serve-set-up", url=f"{url}/setup"))
        desk.quote(f"  {code}")
