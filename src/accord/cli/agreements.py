"""`accord agreement`: the texts under which anything flows, and how each of them stands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.base.clock import format_time
from accord.base.errors import InputError
from accord.base.limits import KIB
from accord.base.messages import say
from accord.node.names import Names

from .commands import Command, group
from .desk import Desk, at
from .inputs import read_text
from .naming import minute

if TYPE_CHECKING:
    from accord.node.agreements import AgreementView
    from accord.node.node import Node
    from accord.rules.reserving import Reservation
    from accord.rules.standing import AgreementFacts
    from accord.rules.terms import Terms

app = group("cli.help-agreement")

Id = Annotated[str, typer.Argument(metavar="ID", help="cli.arg-agreement")]


@app.command("propose", cls=Command, help="cli.help-agreement-propose")
def propose(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="cli.arg-agreement-file")],
) -> None:
    """Propose the text in a TOML file to the parties it names."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        view = agreements.propose(node, read_text(file, node.limits.control_bytes))
        _answer(desk, node, view)
    desk.tell(say("cli.agreement-proposed", agreement=view.id))


@app.command("sign", cls=Command, help="cli.help-agreement-sign")
def sign(
    context: typer.Context,
    agreement: Id,
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="cli.opt-person")] = "",
    office: Annotated[str, typer.Option("--office", metavar="NAME", help="cli.opt-office")] = "",
    sha256: Annotated[str, typer.Option("--sha256", metavar="HEX", help="cli.opt-sha256")] = "",
    reservation: Annotated[
        str, typer.Option("--reservation", metavar="FILE", help="cli.opt-reservation")
    ] = "",
) -> None:
    """Sign a text by its hash, in the name of this member."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        for view in agreements.show(node, agreement):
            if not desk.as_json and (not person or not office):
                _show_text(desk, view)
        person = person or ask(desk, "cli.ask-person", "--person")
        office = office or ask(desk, "cli.ask-office", "--office")
        signed = agreements.sign(
            node,
            agreement,
            sha256=sha256 or None,
            person=person,
            office=office,
            reservation=_reservation(reservation) if reservation else None,
        )
        _answer(desk, node, signed)
        desk.tell(say("cli.agreement-signed", agreement=agreement, sha256=signed.sha256))
        tell_standing(desk, node, signed)


@app.command("withdraw", cls=Command, help="cli.help-agreement-withdraw")
def withdraw(
    context: typer.Context,
    agreement: Id,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.opt-reason")] = "",
) -> None:
    """Leave an agreement. What was received under it stays bound by it."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        reason = reason or ask(desk, "cli.ask-reason", "--reason")
        view = agreements.withdraw(node, agreement, reason=reason)
        _answer(desk, node, view)
    desk.tell(say("cli.agreement-withdrawn", agreement=agreement))


@app.command("list", cls=Command, help="cli.help-agreement-list")
def list_(context: typer.Context) -> None:
    """Every text of every agreement known here."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        views = agreements.list_agreements(node)
    desk.answer([as_row(view) for view in views])
    if not views:
        desk.tell(say("cli.agreement-none"))
        return
    desk.table(
        ("cli.col-agreement", "cli.col-state", "cli.col-signed"),
        [
            (
                f"{title(desk, view)}\n{view.id}",
                desk.word(f"cli.state-{view.standing.state}"),
                f"{len(view.standing.signed)}/{len(view.terms.parties)}",
            )
            for view in views
        ],
    )


@app.command("show", cls=Command, help="cli.help-agreement-show")
def show(context: typer.Context, agreement: Id) -> None:
    """The text in the reader's language, its terms, and how each party stands."""
    from accord.node import agreements

    desk = at(context)
    with desk.node() as node:
        views = agreements.show(node, agreement)
        known = node.facts_now().agreements[agreement]
        names = Names(node)
        desk.answer([_full(view, known) for view in views])
        for view in views:
            _show_text(desk, view)
            _show_terms(desk, view)
            _show_parties(desk, view, known, names)


def _reservation(file: str) -> Reservation:
    """A reservation as a TOML file: `text`, perhaps `direction`, and `[narrows]`."""
    from accord.rules.reserving import reservation_from_toml

    return reservation_from_toml(read_text(file, 64 * KIB))


def as_row(view: AgreementView) -> dict[str, Any]:
    """What a program is told of an agreement in a list."""
    return {
        "id": view.id,
        "collection": view.collection,
        "sha256": view.sha256,
        "name": view.terms.name,
        "titles": view.terms.titles,
        "proposer": view.proposer,
        "state": view.standing.state,
        "since": _moment(view.standing.since),
        "until": _moment(view.standing.until),
        "signed": view.standing.signed,
        "missing": view.standing.missing,
        "decided_by": view.standing.decided_by,
        "parties": view.standing.parties,
    }


def title(desk: Desk, view: AgreementView) -> str:
    """The title in the reader's language."""
    return view.terms.titles.get(desk.language, view.terms.name)


def _full(view: AgreementView, known: AgreementFacts) -> dict[str, Any]:
    text = known.texts[view.sha256]
    return {
        **as_row(view),
        "terms": view.terms,
        "signatures": text.signatures,
        "withdrawals": known.withdrawals,
    }


def _show_text(desk: Desk, view: AgreementView) -> None:
    desk.quote(title(desk, view))
    desk.line_break()
    desk.quote(view.terms.texts.get(desk.language, "").strip())
    desk.line_break()


def _show_terms(desk: Desk, view: AgreementView) -> None:
    terms, standing = view.terms, view.standing
    rows = [
        ("cli.col-id", view.id),
        ("cli.col-sha256", view.sha256),
        ("cli.col-collection", view.collection),
        ("cli.col-state", desk.word(f"cli.state-{standing.state}")),
        ("cli.col-since", minute(standing.since) if standing.since else "–"),
        ("cli.col-until", minute(standing.until) if standing.until else "–"),
        ("cli.col-areas", ", ".join(terms.areas)),
        ("cli.col-purposes", ", ".join(terms.purposes)),
        ("cli.col-types", ", ".join(terms.object_types) or desk.word("cli.every-type")),
        ("cli.col-ceiling", _ceiling(terms.tlp_ceiling, terms.pap_ceiling)),
        ("cli.col-onward", desk.word(f"cli.onward-{terms.onward}")),
        *_more_terms(desk, terms),
    ]
    desk.details(rows)
    desk.line_break()


def _more_terms(desk: Desk, terms: Terms) -> list[tuple[str, str]]:
    """Terms that not every agreement has, as far as it has them."""
    found: list[tuple[str, str | None]] = [
        ("cli.col-kind", terms.kind),
        ("cli.col-charter", terms.charter),
        ("cli.col-amends", terms.amends),
        ("cli.col-retention", str(terms.retention_days) if terms.retention_days else None),
        ("cli.col-codes", ", ".join(terms.evidence.codes) if terms.evidence else None),
        ("cli.col-schemes", ", ".join(terms.evaluation.schemes) if terms.evaluation else None),
        ("cli.col-neutrality", ", ".join(terms.neutrality.areas) if terms.neutrality else None),
        *(
            ("cli.col-rule", f"{rule.id}: {rule.texts.get(desk.language, '').strip()}")
            for rule in terms.implementing_rules
        ),
        ("cli.col-upgrade", ", ".join(terms.unknown) or None),
    ]
    return [(heading, text) for heading, text in found if text is not None]


def _ceiling(tlp: str, pap: str | None) -> str:
    return f"TLP:{tlp.upper()}" + (f", PAP:{pap.upper()}" if pap else "")


def _show_parties(desk: Desk, view: AgreementView, known: AgreementFacts, names: Names) -> None:
    text = known.texts[view.sha256]
    rows = []
    for party in view.terms.circle:
        left, signed = known.withdrawals.get(party), text.signatures.get(party)
        if left is not None:
            how = desk.text(say("cli.party-left", at=minute(left.at), reason=left.reason))
        elif signed is not None:
            how = desk.text(
                say(
                    "cli.party-signed",
                    at=minute(signed.at),
                    person=signed.person,
                    office=signed.office,
                )
            )
        elif party in view.terms.parties:
            how = desk.word("cli.party-missing")
        else:
            how = desk.word("cli.party-state-may-accede")
        rows.append((f"{names[party]}\n{party}", how))
    desk.table(("cli.col-party", "cli.col-signature"), rows)


def tell_standing(desk: Desk, node: Node, view: AgreementView) -> None:
    missing: Sequence[str] = view.standing.missing
    if missing:
        desk.tell(say("cli.agreement-waits", members=Names(node).all(tuple(missing))))
    else:
        desk.tell(say("cli.agreement-all", state=desk.word(f"cli.state-{view.standing.state}")))


def _answer(desk: Desk, node: Node, view: AgreementView) -> None:
    desk.answer(as_row(view))


def _moment(moment: Any) -> str | None:
    return None if moment is None else format_time(moment)


def ask(desk: Desk, question: str, option: str) -> str:
    """Ask a person who sits there; a program must have given the option."""
    if desk.as_json or not sys.stdin.isatty():
        raise InputError("cli.usage-missing", name=option)
    answer = str(typer.prompt(desk.word(question))).strip()
    if not answer:
        raise InputError("cli.usage-missing", name=option)
    return answer
