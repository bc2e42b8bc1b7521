"""`accord proof`: evidence that anybody can check, offline and without knowing anybody."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from accord.base.errors import InputError, MachineFault, PeerFault
from accord.base.messages import say

from .commands import Command
from .desk import Desk, at
from .exits import OK, REFUSED
from .inputs import STDIN, read_bytes
from .naming import minute_of

if TYPE_CHECKING:
    from accord.ledger.evidence import Evidence
    from accord.node.evidence import EvidenceFile

_SUFFIX = ".tlog-proof"


def register(app: typer.Typer) -> None:
    """Put the command of this file into `app`."""
    app.command("proof", cls=Command, help="cli.help-proof")(proof)


def proof(
    context: typer.Context,
    object_id: Annotated[
        str | None, typer.Argument(metavar="OBJECT-ID", help="cli.arg-object")
    ] = None,
    check: Annotated[str, typer.Option("--check", metavar="FILE", help="cli.opt-check")] = "",
    take: Annotated[str, typer.Option("--take", metavar="FILE", help="cli.opt-take")] = "",
    version: Annotated[str, typer.Option("--version", metavar="TIME", help="cli.opt-version")] = "",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="cli.opt-out")] = "",
) -> int:
    """Write an evidence file about an object, check one, or take the entry that it proves."""
    desk = at(context)
    if [bool(object_id), bool(check), bool(take)].count(True) != 1:
        raise InputError("cli.proof-which")
    if check:
        return _check(desk, check)
    if take:
        return _take(desk, take)
    from accord.node.evidence import evidence_of

    with desk.node() as node:
        written = evidence_of(node, object_id or "", version or None)
    _write(desk, written, out)
    return OK


def _write(desk: Desk, evidence: EvidenceFile, out: str) -> None:
    if out == STDIN:
        sys.stdout.buffer.write(evidence.data)
        return
    path = Path(out or evidence.object_id + _SUFFIX)
    try:
        path.write_bytes(evidence.data)
    except OSError as error:
        problem = error.strerror or str(error)
        raise MachineFault("cli.file-unwritable", file=str(path), problem=problem) from None
    place = {"origin": evidence.origin, "index": evidence.index, "object": evidence.object_id}
    desk.answer({"file": str(path), **place})
    desk.tell(say("cli.proof-written", file=str(path), object=evidence.object_id))


def _check(desk: Desk, file: str) -> int:
    """What is wrong with an evidence file is what was asked for, and no fault of a peer's node."""
    from accord.base.clock import utc_now
    from accord.base.limits import Limits
    from accord.ledger.evidence import MAX_BYTES, check_evidence

    data = read_bytes(file, MAX_BYTES)
    try:
        evidence = check_evidence(data, Limits(), now=int(utc_now().timestamp()))
    except (PeerFault, InputError) as error:
        desk.answer({"file": file, "holds": False, "why": desk.text(error.message)})
        desk.tell(say("cli.proof-fails", file=file))
        desk.tell(error.message)
        return REFUSED
    desk.answer(_as_json(file, evidence))
    if not desk.as_json:
        _show(desk, file, evidence)
    return OK


def _take(desk: Desk, file: str) -> int:
    """What a cut link kept away, by hand. 1 when the entry may not be held here."""
    from accord.ledger.evidence import MAX_BYTES
    from accord.node.evidence import take_evidence

    data = read_bytes(file, MAX_BYTES)
    with desk.node() as node:
        evidence, done = take_evidence(node, data)
    said = {"object": evidence.envelope.object.id, "name": evidence.author.name}
    desk.answer({"file": file, **said, **msgspec.structs.asdict(done)})
    if done.refused:
        desk.tell(say("cli.proof-refused", **said))
        return REFUSED
    if done.held:
        desk.tell(say("cli.proof-waits", **said))
    else:
        desk.tell(say("cli.proof-taken" if done.kept else "cli.proof-known", **said))
    return OK


def _show(desk: Desk, file: str, evidence: Evidence) -> None:
    from accord.ledger.keys import fingerprint_hex

    envelope, author = evidence.envelope, evidence.author
    desk.tell(say("cli.proof-holds", file=file))
    desk.line_break()
    rows = [
        ("cli.col-object", envelope.object.id),
        ("cli.col-author", f"{author.name}\n{author.member}"),
        ("cli.col-fingerprint", fingerprint_hex(author.fingerprint)),
        ("cli.col-entry", f"{envelope.origin} #{evidence.opening.index}"),
        ("cli.col-issued", envelope.issued),
    ]
    if envelope.agreement is not None:
        rows.append(("cli.col-agreement", envelope.agreement.id))
    for member, name, fingerprint, at_micros in _witnesses(evidence):
        seen = desk.text(say("cli.witnessed", at=minute_of(at_micros)))
        rows.append(
            ("cli.col-witness", f"{name}, {seen}\n{member}\n{fingerprint_hex(fingerprint)}")
        )
    desk.details(rows)
    desk.line_break()
    if not evidence.cosignatures:
        desk.tell(say("cli.proof-no-witness"))
    desk.tell(say("cli.proof-caveat"))


def _witnesses(evidence: Evidence) -> list[tuple[str, str, bytes, int]]:
    """Who co-signed: member, name, fingerprint, and when (microseconds)."""
    cards = {card.witness_verifier: card for card in evidence.witnesses}
    return [
        (card.member, card.name, card.fingerprint, seen.time * 1_000_000)
        for seen in evidence.cosignatures
        if (card := cards.get(seen.witness)) is not None
    ]


def _as_json(file: str, evidence: Evidence) -> dict[str, Any]:
    envelope, author = evidence.envelope, evidence.author
    return {
        "file": file,
        "holds": True,
        "object": envelope.object.id,
        "author": author.member,
        "name": author.name,
        "fingerprint": author.fingerprint.hex(),
        "origin": envelope.origin,
        "index": evidence.opening.index,
        "issued": envelope.issued,
        "agreement": envelope.agreement,
        "witnesses": [
            {
                "member": member,
                "name": name,
                "fingerprint": fingerprint.hex(),
                "at": minute_of(seen),
            }
            for member, name, fingerprint, seen in _witnesses(evidence)
        ],
    }
