"""`accord recall` and `accord hold`: calling back what was given, and what is kept all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args

import typer

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.base.messages import say
from accord.node.names import Names, agreement_names

from .commands import Command, group
from .desk import Desk, at
from .inputs import read_text
from .naming import minute, read_moment
from .showing import audience_in_words

if TYPE_CHECKING:
    from accord.node.answering import Followed
    from accord.node.recalling import RecallTable
    from accord.rules.recall import Answer, Mode

app = group("cli.help-recall")
holds = group("cli.help-hold")

DUE = timedelta(days=3)  # what a member has to answer in, where nothing else is said
_MOST_IDS = 16 << 20  # bytes of a file of ids
_MODES = ("retract", "correct", "erase")

_State = Literal["done", "absent", "refused", "pending", "overdue"]
STATES: tuple[_State, ...] = get_args(_State)

Objects = Annotated[
    list[str] | None, typer.Argument(metavar="OBJECT", help="cli.arg-recall-objects")
]
ModeOption = Annotated[str, typer.Option("--mode", metavar="MODE", help="cli.opt-recall-mode")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-recall-reason")]


@app.command("order", cls=Command, help="cli.help-recall-order")
def order(
    context: typer.Context,
    objects: Objects = None,
    mode: ModeOption = "erase",
    reason: Reason = "",
    due: Annotated[str, typer.Option("--due", metavar="WHEN", help="cli.opt-recall-due")] = "",
    ids: Annotated[str, typer.Option("--ids", metavar="FILE", help="cli.opt-recall-ids")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="cli.opt-recall-keep")] = False,
) -> None:
    """Call back every version of these objects that we published."""
    from accord.node.recalling import Order, find_entries, recall_entries

    desk = at(context)
    wanted = [*(objects or ()), *(read_text(ids, _MOST_IDS).split() if ids else ())]
    if not wanted:
        raise InputError("cli.recall-nothing")
    if not reason.strip():
        raise InputError("cli.recall-reason")
    if mode not in _MODES:
        raise InputError("cli.level", option="--mode", found=mode[:60], allowed=", ".join(_MODES))
    with desk.node() as node:
        until = read_moment("--due", due) if due else node.now() + DUE
        found = find_entries(node, wanted)
        done = recall_entries(
            node, found, Order(mode=cast("Mode", mode), reason=reason, due=until, keep=keep)
        )
    desk.answer(done)
    if not done.entries:
        desk.tell(say("cli.recall-before"))
        return
    desk.tell(say("cli.recall-ordered", count=done.entries, due=minute(until)))
    if done.given:
        desk.tell(say("cli.recall-asked", count=done.given))
        for number in done.numbers:
            desk.tell(say("cli.recall-look", number=number))
    else:
        desk.tell(say("cli.recall-nobody"))


@app.command("list", cls=Command, help="cli.help-recall-list")
def list_(
    context: typer.Context,
    by_others: Annotated[
        bool, typer.Option("--by-others", help="cli.opt-recall-by-others")
    ] = False,
) -> None:
    """Our recalls and how far they came, newest first; or others', and what we did."""
    from accord.node.answering import list_followed
    from accord.node.recalling import recall_tables

    desk = at(context)
    if by_others:
        with desk.node() as node:
            followed, names = list_followed(node), Names(node)
        _show_followed(desk, followed, names)
        return
    with desk.node() as node:
        tables, names = recall_tables(node), Names(node)
    desk.answer([_summary(table) for table in tables])
    if not tables:
        desk.tell(say("cli.recall-none"))
        return
    desk.table(
        ("cli.col-number", "cli.col-when", "cli.col-mode", "cli.col-due", "cli.col-answers"),
        [
            (
                f"#{table.number}",
                minute(table.at),
                desk.word(f"cli.recall-mode-{table.recall.mode}"),
                minute(table.recall.due),
                "\n".join(
                    f"{names[member]}: {_counted(desk, rows)}"
                    for member, rows in _by_member(table).items()
                )
                or "–",
            )
            for table in tables
        ],
    )


@app.command("show", cls=Command, help="cli.help-recall-show")
def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="cli.arg-recall")],
) -> None:
    """One of our recalls with its table of receipts: a row for each entry and member."""
    from accord.node.recalling import recall_table

    desk = at(context)
    with desk.node() as node:
        table, names, agreements = recall_table(node, number), Names(node), agreement_names(node)
    desk.answer({**_summary(table), "called": table.called, "rows": table.rows})
    desk.details(
        [
            ("cli.col-number", f"#{table.number}"),
            ("cli.col-when", minute(table.at)),
            ("cli.col-mode", desk.word(f"cli.recall-mode-{table.recall.mode}")),
            ("cli.col-why", table.recall.reason),
            ("cli.col-due", minute(table.recall.due)),
            ("cli.col-answers", _counted(desk, table.rows)),
        ]
    )
    _show_called(desk, table, names, agreements)
    if not table.rows:
        desk.tell(say("cli.recall-nobody"))
        return
    desk.line_break()
    desk.table(
        ("cli.col-member", "cli.col-entry", "cli.col-state", "cli.col-when", "cli.col-why"),
        [
            (
                names[row.member],
                f"#{row.index}",
                desk.word(f"cli.recall-state-{row.state}"),
                minute(row.at) if row.at is not None else "–",
                _remark(desk, row.reason, row.backups_until),
            )
            for row in table.rows
        ],
    )


def _show_called(
    desk: Desk, table: RecallTable, names: Names, agreements: Mapping[str, str]
) -> None:
    """Each entry with those it was given for, and what became of it with those who had it."""
    answers: dict[int, list[Answer]] = {}
    for row in table.rows:
        answers.setdefault(row.index, []).append(row)
    desk.line_break()
    desk.table(
        ("cli.col-entry", "cli.col-object", "cli.col-agreement", "cli.col-audience",
         "cli.col-answers"),
        [
            (
                f"#{each.index}",
                each.object_id,
                agreements.get(each.agreement or "", each.agreement or "–"),
                audience_in_words(desk, each.audience, names),
                _counted(desk, answers.get(each.index, ())),
            )
            for each in table.called
        ],
    )  # fmt: skip


def _remark(desk: Desk, reason: str, backups_until: Any) -> str:
    if backups_until is not None:
        return desk.text(say("cli.recall-backups", until=minute(backups_until)))
    return reason


def _counted(desk: Desk, rows: Sequence[Answer]) -> str:
    """`done 2 · overdue 1`."""
    parts = [f"{desk.word(f'cli.recall-state-{state}')} {n}" for state, n in _counts(rows) if n]
    return " · ".join(parts) or "–"


def _counts(rows: Sequence[Answer]) -> list[tuple[_State, int]]:
    return [(state, sum(row.state == state for row in rows)) for state in STATES]


def _by_member(table: RecallTable) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for row in table.rows:
        found.setdefault(row.member, []).append(row)
    return found


def _summary(table: RecallTable) -> dict[str, object]:
    return {
        "number": table.number,
        "at": format_time(table.at),
        "mode": table.recall.mode,
        "reason": table.recall.reason,
        "due": format_time(table.recall.due),
        "entries": [place.index for place in table.recall.entries],
        "answers": dict(_counts(table.rows)),
        "members": {member: dict(_counts(rows)) for member, rows in _by_member(table).items()},
    }


def _show_followed(desk: Desk, followed: Sequence[Followed], names: Names) -> None:
    desk.answer(followed)
    if not followed:
        desk.tell(say("cli.recall-none-by-others"))
        return
    desk.table(
        ("cli.col-from", "cli.col-entry", "cli.col-when", "cli.col-mode", "cli.col-answers"),
        [
            (
                names[row.member],
                f"#{row.number}",
                minute(row.at),
                desk.word(f"cli.recall-mode-{row.mode}"),
                " · ".join(
                    f"{desk.word(f'cli.recall-state-{state}')} {count}"
                    for state, count in row.states.items()
                ),
            )
            for row in followed
        ],
    )


@holds.command("place", cls=Command, help="cli.help-hold-place")
def place(
    context: typer.Context,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT", help="cli.arg-object")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-hold-reason")],
) -> None:
    """Keep what we hold of an object, whoever recalls it. The author is told the reason."""
    from accord.node.legal_holds import place_hold

    desk = at(context)
    with desk.node() as node:
        number = place_hold(node, object_id, reason)
    desk.answer({"hold": number, "object": object_id})
    desk.tell(say("cli.hold-placed", number=number, id=object_id))


@holds.command("list", cls=Command, help="cli.help-hold-list")
def list_holds_(context: typer.Context) -> None:
    """Every hold, lifted ones included."""
    from accord.node.legal_holds import list_holds

    desk = at(context)
    with desk.node() as node:
        found = list_holds(node)
    desk.answer(found)
    if not found:
        desk.tell(say("cli.hold-none"))
        return
    desk.table(
        ("cli.col-number", "cli.col-object", "cli.col-why", "cli.col-when", "cli.col-lifted"),
        [
            (
                str(hold.number),
                hold.object_id,
                hold.reason,
                minute(hold.placed),
                minute(hold.lifted) if hold.lifted is not None else "–",
            )
            for hold in found
        ],
    )


@holds.command("lift", cls=Command, help="cli.help-hold-lift")
def lift(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="cli.arg-hold")],
) -> None:
    """Lift a hold. The recalls it stood against are carried out now, and answered."""
    from accord.node.answering import answer_recalls
    from accord.node.legal_holds import lift_hold

    desk = at(context)
    with desk.node() as node:
        done = lift_hold(node, number)
        answer_recalls(node)
    desk.answer({"hold": number, "entries": done})
    desk.tell(say("cli.hold-lifted", number=number, count=done))
