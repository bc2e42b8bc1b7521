"""`accord search`: what this node holds, found by words in Chinese, Russian or English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.errors import DeniedError, InputError
from accord.base.messages import say
from accord.node.names import Names, agreement_names

from .commands import Command
from .desk import Desk, at
from .naming import member_named, read_moment

if TYPE_CHECKING:
    from accord.node.node import Node
    from accord.node.searching import Answer, Hit, Question
    from accord.node.tokens import Reader

_PATIENCE = 2.0  # seconds in which the index is brought up to date before it is asked


Words = Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="cli.arg-words")]
Types = Annotated[
    list[str] | None, typer.Option("--type", metavar="TYPE", help="cli.opt-search-type")
]
Agreements = Annotated[
    list[str] | None, typer.Option("--agreement", metavar="ID", help="cli.opt-search-agreement")
]
Members = Annotated[
    list[str] | None, typer.Option("--member", metavar="MEMBER", help="cli.opt-search-member")
]
Levels = Annotated[
    list[str] | None, typer.Option("--tlp", metavar="LEVEL", help="cli.opt-search-tlp")
]
Areas = Annotated[
    list[str] | None, typer.Option("--area", metavar="AREA", help="cli.opt-search-area")
]
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="cli.opt-search-since")]
Until = Annotated[str, typer.Option("--until", metavar="TIME", help="cli.opt-search-until")]
Limit = Annotated[
    int, typer.Option("--limit", metavar="N", min=1, max=100, help="cli.opt-search-limit")
]
After = Annotated[str, typer.Option("--after", metavar="PLACE", help="cli.opt-search-after")]
Token = Annotated[str, typer.Option("--token", metavar="TOKEN", help="cli.opt-search-token")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="cli.opt-search-rebuild")]


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("search", cls=Command, help="cli.help-search")(search)


def search(
    context: typer.Context,
    words: Words = None,
    type_: Types = None,
    agreement: Agreements = None,
    member: Members = None,
    tlp: Levels = None,
    area: Areas = None,
    since: Since = "",
    until: Until = "",
    limit: Limit = 20,
    after: After = "",
    token: Token = "",
    rebuild: Rebuild = False,
) -> None:
    """Objects by words, the best first; `--rebuild` alone makes the index anew."""
    from accord.node.indexing import catch_up
    from accord.node.searching import search as find

    desk = at(context)
    if not words:
        if not rebuild:
            raise InputError("cli.usage-missing", name="WORDS...")
        _rebuild(desk)
        return
    with desk.node() as node:
        reader = _reader(node, token)
        left = catch_up(node, _PATIENCE)
        answer = find(node, reader, _question(node, context.params))
        names, agreements = Names(node), agreement_names(node)
    desk.answer(_as_json(answer, left))
    _show(desk, answer, names, agreements)
    if left:
        desk.tell(say("cli.search-behind", count=left))


def _question(node: Node, options: dict[str, Any]) -> Question:
    """The words and filters as they were given."""
    from accord.node.searching import Question

    since, until = options["since"], options["until"]
    return Question(
        text=" ".join(options["words"]),
        types=tuple(options["type_"] or ()),
        agreements=tuple(options["agreement"] or ()),
        members=tuple(member_named(node, name) for name in options["member"] or ()),
        tlp=tuple(options["tlp"] or ()),
        areas=tuple(options["area"] or ()),
        since=read_moment("--since", since) if since else None,
        until=read_moment("--until", until) if until else None,
        after=options["after"],
        limit=options["limit"],
    )


def _rebuild(desk: Desk) -> None:
    from accord.node.indexing import rebuild

    with desk.node() as node:
        done = rebuild(node)
    desk.answer({"rebuilt": done})
    desk.tell(say("cli.search-rebuilt", count=done))


def _reader(node: Node, token: str) -> Reader | None:
    """In whose name is searched. At the shell, without a token, it is the owner of the store."""
    from accord.node.tokens import reader_of

    if not token:
        return None
    reader = reader_of(node, token)
    if reader is None:
        raise DeniedError("cli.search-token")
    return reader


def _show(desk: Desk, answer: Answer, names: Names, agreements: dict[str, str]) -> None:
    if not answer.total:
        desk.tell(say("cli.search-nothing"))
        return
    key = "cli.search-many" if answer.capped else "cli.search-found"
    desk.tell(say(key, count=answer.total))
    if answer.partly:
        desk.tell(say("cli.search-partly"))
    desk.line_break()
    for hit in answer.hits:
        desk.quote(f"{hit.title}")
        desk.quote(f"  {_line(desk, hit, names, agreements)}")
        desk.quote(f"  {hit.object_id}")
    if answer.next is not None:
        desk.line_break()
        desk.tell(say("cli.search-next", place=answer.next))


def _line(desk: Desk, hit: Hit, names: Names, agreements: dict[str, str]) -> str:
    """Type, marking, agreement, member and day of a hit."""
    where = desk.word("cli.search-private")
    if hit.agreement is not None:
        where = agreements.get(hit.agreement, hit.agreement)
    parts = [hit.type, f"TLP:{hit.tlp.upper()}", where, names[hit.member], f"{hit.at:%Y-%m-%d}"]
    return ", ".join(parts)


def _as_json(answer: Answer, left: int) -> dict[str, Any]:
    return {
        "total": answer.total,
        "capped": answer.capped,
        "partly": answer.partly,
        "not_indexed": left,
        "next": answer.next,
        "facets": answer.facets,
        "hits": [
            {
                "id": hit.object_id,
                "version": hit.version,
                "type": hit.type,
                "title": hit.title,
                "member": hit.member,
                "agreement": hit.agreement,
                "tlp": hit.tlp,
                "area": hit.area,
                "at": format_time(hit.at),
                "score": hit.score,
                "object": msgspec.Raw(hit.body),
            }
            for hit in answer.hits
        ],
    }
