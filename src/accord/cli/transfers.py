"""`accord transfers`: what crossed the border, out and in, on what basis; never the content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.errors import InputError
from accord.base.messages import Message, say
from accord.node.names import Names, agreement_names

from .commands import Command
from .desk import Desk, at
from .naming import minute

if TYPE_CHECKING:
    from accord.node.transfers import Transfer
    from accord.rules.release import Verdict

Peer = Annotated[str, typer.Option("--peer", metavar="MEMBER", help="cli.opt-peer")]
Way = Annotated[str, typer.Option("--direction", metavar="WAY", help="cli.opt-direction")]
OfAgreement = Annotated[str, typer.Option("--agreement", metavar="ID", help="cli.opt-of-agreement")]
After = Annotated[int, typer.Option("--after", metavar="NUMBER", min=0, help="cli.opt-after")]
Limit = Annotated[int, typer.Option("--limit", metavar="NUMBER", min=1, help="cli.opt-limit")]
Judge = Annotated[int | None, typer.Option("--judge", metavar="NUMBER", help="cli.opt-judge")]

DIRECTIONS = ("out", "in", "refused", "held")


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("transfers", cls=Command, help="cli.help-transfers")(transfers)


def transfers(
    context: typer.Context,
    peer: Peer = "",
    direction: Way = "",
    agreement: OfAgreement = "",
    after: After = 0,
    limit: Limit = 1000,
    judge: Judge = None,
) -> None:
    """Lines of the record, oldest first; or one line's verdict, then and now."""
    desk = at(context)
    if direction and direction not in DIRECTIONS:
        allowed = ", ".join(DIRECTIONS)
        raise InputError("cli.level", option="--direction", found=direction[:60], allowed=allowed)
    if judge is not None:
        _judge(desk, judge)
        return
    from accord.node.transfers import list_transfers

    with desk.node() as node:
        chosen = {"peer": peer or None, "direction": direction or None}
        lines = list(
            list_transfers(node, **chosen, agreement=agreement or None, after=after, limit=limit)
        )
        names, titles = Names(node), agreement_names(node)
    desk.answer(lines)
    _show(desk, [_row(desk, line, names, titles) for line in lines])
    if len(lines) == limit:
        desk.tell(say("cli.transfers-more", after=lines[-1].seq))


def _show(desk: Desk, rows: list[tuple[str, ...]]) -> None:
    if not rows:
        desk.tell(say("cli.transfers-none"))
        return
    desk.table(
        ("cli.col-number", "cli.col-when", "cli.col-way", "cli.col-entry", "cli.col-basis"), rows
    )


def _row(desk: Desk, line: Transfer, names: Names, titles: dict[str, str]) -> tuple[str, ...]:
    tlp = f"TLP:{line.tlp.upper()}" if line.tlp else "–"
    cited = titles.get(line.agreement or "", line.agreement)
    return (
        str(line.seq),
        minute(line.at),
        f"{desk.word(f'cli.direction-{line.direction}')} {names[line.peer]}",
        f"{line.origin[:19]}… #{line.index}",
        "\n".join(filter(None, (cited, tlp))),
    )


def _judge(desk: Desk, seq: int) -> None:
    from accord.node.transfers import find_transfer, recompute, recorded

    with desk.node() as node:
        said, found = recorded(find_transfer(node, seq)), recompute(node, seq)
        titles = agreement_names(node)
    desk.answer(
        {
            "seq": seq,
            "recorded": None if said is None else verdict_json(desk, said),
            "then": None if found is None else verdict_json(desk, found.then),
            "now": None if found is None else verdict_json(desk, found.now),
        }
    )
    words = desk.word("cli.no-verdict") if said is None else verdict_text(desk, said, titles)
    rows = [("cli.col-on-record", words)]
    if found is not None:
        rows.append(("cli.col-known-then", verdict_text(desk, found.then, titles)))
        rows.append(("cli.col-known-now", verdict_text(desk, found.now, titles)))
    desk.details(rows)
    if found is None:
        desk.tell(say("cli.entry-not-held"))


def verdict_text(desk: Desk, verdict: Verdict, titles: Mapping[str, str]) -> str:
    """Yes or no, and why, in the reader's language; `titles` are the names of agreements by id."""
    said = desk.word("cli.yes") if verdict.allowed else desk.word("cli.no")
    named = [
        Message(
            reason.message.key,
            {name: titles.get(str(arg), arg) for name, arg in reason.message.args.items()},
        )
        for reason in verdict.reasons
    ]
    return "\n".join([said, *_why(desk, named)])


def verdict_json(desk: Desk, verdict: Verdict) -> dict[str, Any]:
    """The same for programs, with the number of the facts it rests on."""
    return {
        "allowed": verdict.allowed,
        "facts": verdict.facts_seq,
        "why": _why(desk, [reason.message for reason in verdict.reasons]),
    }


def _why(desk: Desk, messages: list[Message]) -> list[str]:
    return [desk.text(message) for message in messages]
