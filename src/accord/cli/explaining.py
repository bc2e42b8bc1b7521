"""`accord why`: why an object did or did not reach a member, at any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.clock import format_time
from accord.base.messages import say
from accord.node.names import Names, agreement_names

from .commands import Command
from .desk import Desk, at
from .naming import member_named, minute, read_moment
from .transfers import verdict_json, verdict_text

if TYPE_CHECKING:
    from accord.node.explaining import EntryWhy, Explanation


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("why", cls=Command, help="cli.help-why")(why)


def why(
    context: typer.Context,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT-ID", help="cli.arg-object")],
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="cli.arg-why-member")],
    moment: Annotated[str, typer.Option("--at", metavar="TIME", help="cli.opt-why-at")] = "",
) -> None:
    """Each entry that carries the object, judged for the member as known then and as known now."""
    from accord.node.explaining import explain

    desk = at(context)
    with desk.node() as node:
        when = read_moment("--at", moment) if moment else None
        found = explain(node, object_id, member_named(node, member), when)
        names, titles = Names(node), agreement_names(node)
    desk.answer(_as_json(desk, found))
    if not desk.as_json:
        _show(desk, found, names, titles)


def _show(desk: Desk, found: Explanation, names: Names, titles: Mapping[str, str]) -> None:
    desk.tell(say("cli.why-asked", member=names[found.member], at=minute(found.at)))
    for reason in found.waiting:
        desk.tell(say("cli.why-waits", why=desk.text(reason)))
    if not found.entries and not found.waiting:
        desk.tell(say("cli.why-never"))
    for entry in found.entries:
        desk.line_break()
        ours = any(each.direction == "out" for each in entry.crossings)
        other = names[found.member] if ours else names[entry.author]
        desk.details(_rows(desk, entry, other, names, titles))


def _rows(
    desk: Desk, entry: EntryWhy, other: str, names: Names, titles: Mapping[str, str]
) -> list[tuple[str, str]]:
    then = desk.word("cli.why-not-yet")
    if entry.then is not None:
        then = verdict_text(desk, entry.then, titles)
    rows = [
        ("cli.col-entry", f"{names[entry.author]} #{entry.index}"),
        ("cli.col-version", entry.version or "–"),
        ("cli.col-issued", minute(entry.issued)),
        ("cli.col-known-then", then),
        ("cli.col-known-now", verdict_text(desk, entry.now, titles)),
    ]
    if entry.agreement is not None:
        title = titles.get(entry.agreement)
        named = f"{title} ({entry.agreement})" if title is not None else entry.agreement
        rows.append(("cli.col-agreement", named))
    if entry.references:
        said = "\n".join(desk.text(each) for each in entry.references)
        rows.append(("cli.col-why-references", said))
    if entry.recalled is not None:
        mode = desk.word(f"cli.recall-mode-{entry.recalled}")
        rows.append(("cli.col-recalled", desk.text(say("cli.why-recalled", mode=mode))))
    if entry.ended:
        rows.append(("cli.col-state", desk.word("cli.why-ended")))
    crossed = [
        f"{desk.word(f'cli.direction-{each.direction}')} {other}, {minute(each.at)} (#{each.seq})"
        for each in entry.crossings
    ]
    rows.append(("cli.col-transfer", "\n".join(crossed) or desk.word("cli.why-no-transfer")))
    return rows


def _as_json(desk: Desk, found: Explanation) -> dict[str, Any]:
    return {
        "object": found.object_id,
        "member": found.member,
        "at": format_time(found.at),
        "waiting": [desk.text(each) for each in found.waiting],
        "entries": [_entry_json(desk, each) for each in found.entries],
    }


def _entry_json(desk: Desk, entry: EntryWhy) -> dict[str, Any]:
    return {
        "version": entry.version,
        "author": entry.author,
        "origin": entry.origin,
        "index": entry.index,
        "agreement": entry.agreement,
        "issued": format_time(entry.issued),
        "then": None if entry.then is None else verdict_json(desk, entry.then),
        "now": verdict_json(desk, entry.now),
        "references": [desk.text(each) for each in entry.references],
        "recalled": entry.recalled,
        "ended": entry.ended,
        "transfers": [
            {"seq": each.seq, "at": format_time(each.at), "direction": each.direction}
            for each in entry.crossings
        ],
    }
