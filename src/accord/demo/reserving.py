"""A chapter: a text is amended, one party signs with a reservation, and a verdict changes."""

from __future__ import annotations

from collections.abc import Sequence

from accord.base.messages import LANGUAGES, say
from accord.node.agreements import AgreementView, amend
from accord.node.prepare import Order
from accord.node.publish import preview_release
from accord.rules.narrowing import Narrowing
from accord.rules.reserving import Reservation

from .signing import draft, in_language, put_signature, wait_until_in_force
from .stage import Stage, title_of, why
from .watching import expect, wait_for

_DAYS = 730  # for which the amended text lets receivers keep what they are given


def reserve(stage: Stage, raws: Sequence[bytes]) -> AgreementView:
    """The preview of one and the same object before and after Charlie's reservation."""
    teller, alfa, charlie = stage.teller, stage.alfa, stage.charlie
    parties = (alfa, stage.bravo, charlie)
    teller.chapter("demo.reserve-title", "demo.reserve-about", name=alfa.name)
    teller.quote(title_of(alfa, raws[0]))
    teller.command("release", "preview", "report.json", "--agreement …", f"--home {alfa.slug}")
    before = _preview(stage, raws)
    text = draft(
        *(stage, "agreement", parties),
        texts={each: in_language("demo.amended-text", each) for each in LANGUAGES},
        retention_days=_DAYS,
        accession=[stage.delta.id],
    )
    view = amend(alfa.node, stage.agreement, text)
    teller.command("agreement", "amend", "agreement.toml", f"--home {alfa.slug}")
    reservation = Reservation(
        text=teller.word("demo.reserve-text"),
        direction="received",
        narrows=Narrowing(tlp_ceiling="green"),
    )
    for member in parties:
        put_signature(stage, member, view, reservation if member is charlie else None)
    teller.say("demo.reserve-signed", name=charlie.name)
    teller.quote(reservation.text)
    teller.command(
        *("agreement", "sign", "accord-agreement--…", "--reservation reservation.toml"),
        f"--home {charlie.slug}",
    )
    wait_until_in_force(parties, view)
    teller.say("demo.reserve-again")
    after = _preview(stage, raws)
    expect(before == {each.id for each in parties[1:]}, "demo.fault-verdict")
    expect(after == {stage.bravo.id}, "demo.fault-verdict")
    _publish(stage, raws)
    teller.done(say("demo.reserve-done", name=stage.bravo.name, other=charlie.name))
    return view


def _publish(stage: Stage, raws: Sequence[bytes]) -> None:
    """What the preview said comes about."""
    places = stage.publish(raws, Order(agreement=stage.agreement)).numbers
    at_bravo, at_charlie = stage.inboxes
    wait_for([at_bravo], places, "in")
    at_charlie.look()
    expect(at_charlie.count(places, "in") == 0, "demo.fault-left")


def _preview(stage: Stage, raws: Sequence[bytes]) -> set[str]:
    """Who would receive it now, and why not; whom it would reach."""
    judged = preview_release(stage.alfa.node, raws, Order(agreement=stage.agreement))
    rows, reached = [], set()
    for member in (stage.bravo, stage.charlie):
        found = judged.rows[member.id]
        released = all(row.released for row in found)
        if released:
            reached.add(member.id)
        reasons = " ".join(stage.teller.text(each) for each in why(found)) or "–"
        answer = stage.teller.word("demo.would" if released else "demo.would-not")
        rows.append((member.name, answer, reasons))
    stage.teller.table(("demo.col-member", "demo.col-would", "demo.col-why"), rows)
    return reached
