"""`accord peer`: the other members. Nothing flows before a person has compared the fingerprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import structs

from accord.base.messages import say

from .commands import Command, group
from .desk import Desk, at
from .exits import OK, PEER
from .naming import member_named, minute, word_list

if TYPE_CHECKING:
    from accord.ledger.card import MemberCard
    from accord.node.overview import PeerOverview
    from accord.peers.sync import SyncReport
    from accord.store.records import PeerRow

app = group("cli.help-peer")

Member = Annotated[str, typer.Argument(metavar="MEMBER", help="cli.arg-member")]


@app.command("add", cls=Command, help="cli.help-peer-add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="cli.arg-url")],
) -> None:
    """Fetch and show the card at an address, to be confirmed by a person."""
    from accord.node.members import add_peer
    from accord.peers.client import fetch_card

    desk = at(context)
    with desk.node() as node:
        card = add_peer(node, url, fetch_card(url, node.limits))
    desk.answer(_card_json(desk, card))
    desk.tell(say("cli.peer-added", name=card.name))
    _show_card(desk, card)
    desk.tell(say("cli.peer-compare", name=card.name))
    desk.quote(f"  accord peer confirm {card.member} FINGERPRINT")


@app.command("confirm", cls=Command, help="cli.help-peer-confirm")
def confirm(
    context: typer.Context,
    member: Member,
    fingerprint: Annotated[
        list[str], typer.Argument(metavar="FINGERPRINT", help="cli.arg-fingerprint")
    ],
) -> None:
    """Pin the full fingerprint, as 64 hex digits or 24 words."""
    from accord.node.members import confirm_peer

    desk = at(context)
    with desk.node() as node:
        row = confirm_peer(node, member, " ".join(fingerprint))
    _answer(desk, row)
    desk.tell(say("cli.peer-confirmed", name=row.name))


@app.command("list", cls=Command, help="cli.help-peer-list")
def list_(context: typer.Context) -> None:
    """How each peer stands: last contact, lag, witnesses, last fault."""
    from accord.node.overview import peer_overview

    desk = at(context)
    with desk.node() as node:
        rows = peer_overview(node)
    desk.answer([_row_json(desk, row) for row in rows])
    if not rows:
        desk.tell(say("cli.peer-none"))
        return
    desk.table(
        (
            "cli.col-member",
            "cli.col-state",
            "cli.col-contact",
            "cli.col-lag",
            "cli.col-witnesses",
            "cli.col-fault",
        ),
        [
            (
                row.name,
                _state(desk, row),
                minute(row.last_contact) if row.last_contact is not None else "–",
                str(row.lag),
                str(row.witnesses),
                desk.text(row.last_fault) if row.last_fault is not None else "–",
            )
            for row in rows
        ],
    )
    for note in {row.witness_note: None for row in rows if row.witness_note is not None}:
        desk.tell(note)


@app.command("show", cls=Command, help="cli.help-peer-show")
def show(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Argument(metavar="MEMBER", help="cli.arg-member-or-own")
    ] = None,
) -> None:
    """A member's card and fingerprint; without a name, our own."""
    from accord.ledger.card import decode_card
    from accord.node.members import find_peer

    desk = at(context)
    with desk.node() as node:
        if member is None or member_named(node, member) == node.member:
            card, state = node.read_card(), ""
        else:
            row = node.read(lambda tx: find_peer(tx, member))
            card, state = decode_card(row.card, node.limits), row.state
    desk.answer({**_card_json(desk, card), "state": state})
    _show_card(desk, card, state)


@app.command("suspend", cls=Command, help="cli.help-peer-suspend")
def suspend(context: typer.Context, member: Member) -> None:
    """Stop everything to and from a member, at once."""
    from accord.node.members import suspend_peer

    desk = at(context)
    with desk.node() as node:
        row = suspend_peer(node, member)
    _answer(desk, row)
    desk.tell(say("cli.peer-suspended", name=row.name))


@app.command("resume", cls=Command, help="cli.help-peer-resume")
def resume(context: typer.Context, member: Member) -> None:
    """Let it flow again; what was held back is granted anew."""
    from accord.node.members import resume_peer

    desk = at(context)
    with desk.node() as node:
        row = resume_peer(node, member)
    _answer(desk, row)
    desk.tell(say("cli.peer-resumed", name=row.name))


@app.command("remove", cls=Command, help="cli.help-peer-remove")
def remove(context: typer.Context, member: Member) -> None:
    """No peer any more. What is on record about it stays on record."""
    from accord.node.members import remove_peer

    desk = at(context)
    with desk.node() as node:
        row = remove_peer(node, member)
    _answer(desk, row)
    desk.tell(say("cli.peer-removed", name=row.name))


@app.command("place", cls=Command, help="cli.help-peer-place")
def place(
    context: typer.Context,
    member: Member,
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="cli.arg-country")] = "",
) -> None:
    """Note in which country a member, or ourselves, has its seat."""
    from accord.node.places import set_place

    desk = at(context)
    with desk.node() as node:
        code = set_place(node, member, country)
    desk.answer({"member": member, "country": code or None})
    if code:
        desk.tell(say("cli.peer-placed", name=member, country=code))
    else:
        desk.tell(say("cli.peer-place-forgotten", name=member))


@app.command("sync", cls=Command, help="cli.help-peer-sync")
def sync(
    context: typer.Context,
    member: Annotated[
        str | None, typer.Argument(metavar="MEMBER", help="cli.arg-peer-or-all")
    ] = None,
) -> int:
    """Catch up with one peer or all of them, now. 4 if one is at fault."""
    from accord.peers.sync import sync_once

    desk = at(context)
    with desk.node() as node:
        reports = sync_once(node, member)
    desk.answer([_report_json(desk, report) for report in reports])
    for report in reports:
        _tell_report(desk, report)
    if not reports:
        desk.tell(say("cli.peer-none"))
    return PEER if any(report.fault is not None for report in reports) else OK


def _tell_report(desk: Desk, report: SyncReport) -> None:
    if report.fault is not None:
        desk.tell(say("cli.peer-sync-failed", name=report.name))
        desk.tell(report.fault)
        return
    done = report.outcome
    desk.tell(
        say(
            "cli.peer-synced",
            name=report.name,
            kept=done.kept,
            refused=done.refused,
            held=done.held,
        )
    )


def _report_json(desk: Desk, report: SyncReport) -> dict[str, Any]:
    return {
        "member": report.member,
        "name": report.name,
        "converged": report.converged,
        "size": report.size,
        "root": report.root,
        "kept": report.outcome.kept,
        "refused": report.outcome.refused,
        "held": report.outcome.held,
        "fault": None if report.fault is None else desk.text(report.fault),
    }


def _answer(desk: Desk, row: PeerRow) -> None:
    desk.answer({"member": row.member, "name": row.name, "url": row.url, "state": row.state})


def _state(desk: Desk, row: PeerOverview) -> str:
    return desk.word(f"cli.peer-state-{'stopped' if row.stopped else row.state}")


def _row_json(desk: Desk, row: PeerOverview) -> dict[str, Any]:
    said = {
        name: None if message is None else desk.text(message)
        for name, message in (("last_fault", row.last_fault), ("witness_note", row.witness_note))
    }
    return {**structs.asdict(row), **said}


def _show_card(desk: Desk, card: MemberCard, state: str = "") -> None:
    from accord.ledger.keys import fingerprint_hex, fingerprint_words

    rows = [("cli.col-name", card.name), ("cli.col-member", card.member)]
    if card.url:
        rows.append(("cli.col-url", card.url))
    if state:
        rows.append(("cli.col-state", desk.word(f"cli.peer-state-{state}")))
    words = fingerprint_words(card.fingerprint, word_list(desk.language))
    desk.details(
        [
            *rows,
            ("cli.col-fingerprint", fingerprint_hex(card.fingerprint)),
            ("cli.col-in-words", " ".join(words)),
        ]
    )


def _card_json(desk: Desk, card: MemberCard) -> dict[str, Any]:
    from accord.ledger.keys import fingerprint_words

    return {
        "member": card.member,
        "name": card.name,
        "url": card.url,
        "origin": card.origin,
        "fingerprint": card.fingerprint.hex(),
        "fingerprint_words": fingerprint_words(card.fingerprint, word_list(desk.language)),
    }
