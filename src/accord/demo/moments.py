"""Three short chapters: an object for one member alone, an alert, and a suspension."""

from __future__ import annotations

import time
from collections.abc import Sequence

from accord.base.messages import say
from accord.node.members import resume_peer, suspend_peer
from accord.node.prepare import Order
from accord.node.publish import Judged, preview_release

from .community import Member
from .stage import Stage, title_of, why
from .watching import expect, until, wait_for

_STILL = 1.5  # seconds for which nothing may come to a suspended member


def for_bravo_alone(stage: Stage, raws: Sequence[bytes]) -> None:
    """Chapter: Charlie sees that there is an entry, and cannot open it."""
    teller, alfa, bravo, charlie = stage.teller, stage.alfa, stage.bravo, stage.charlie
    teller.chapter("demo.one-title", "demo.one-about", name=alfa.name, other=bravo.name)
    order = Order(agreement=stage.agreement, audience=(bravo.id,))
    judged = preview_release(alfa.node, raws, order)
    begun = time.monotonic()
    places = stage.publish(raws, order).numbers
    stage.close(places, teller.word("demo.closed-one", name=bravo.name))
    teller.command(
        "publish",
        "request.json",
        "--agreement …",
        f'--to "{bravo.name}"',
        f"--home {alfa.slug}",
    )
    at_bravo, at_charlie = stage.inboxes
    done = wait_for([at_bravo], places, "in")
    _wait_for_spine(charlie, alfa, places[-1] + 1)
    at_charlie.look()
    expect(at_charlie.count(places, "in") == 0, "demo.fault-not-for-charlie")
    rows = [
        (bravo.name, str(at_bravo.count(places, "in")), title_of(alfa, raws[0])),
        (charlie.name, str(at_charlie.count(places, "in")), _why_not(stage, judged, charlie)),
    ]
    teller.table(("demo.col-member", "demo.col-received", "demo.col-what"), rows)
    took = _milliseconds(done[bravo.slug] - begun)
    teller.done(
        say(
            "demo.one-done",
            name=bravo.name,
            milliseconds=took,
            other=charlie.name,
            place=places[-1],
            author=alfa.name,
        )
    )


def _wait_for_spine(reader: Member, author: Member, size: int) -> None:
    """Wait until `reader` has verified `author`'s ledger up to `size` entries."""

    def seen() -> bool:
        row = reader.node.read(lambda tx: tx.ledgers.of_member(author.id))
        return row is not None and row.size >= size

    until(seen, "demo.fault-spine")


def alert(stage: Stage, raws: Sequence[bytes]) -> None:
    """Chapter: an urgent object is there in a fraction of a second."""
    teller, alfa = stage.teller, stage.alfa
    teller.chapter("demo.alert-title", "demo.alert-about", name=alfa.name)
    stage.proved = alfa.node.checker.check(raws[0]).object.id
    teller.quote(title_of(alfa, raws[0]))
    teller.command("publish", "alert.json", "--agreement …", "--urgent", f"--home {alfa.slug}")
    begun = time.monotonic()
    places = stage.publish(raws, Order(agreement=stage.agreement, urgent=True)).numbers
    done = wait_for(stage.inboxes, places, "in")
    teller.table(
        ("demo.col-member", "demo.col-milliseconds"),
        [
            (inbox.reader.name, str(_milliseconds(done[inbox.reader.slug] - begun)))
            for inbox in stage.inboxes
        ],
    )
    slowest = max(_milliseconds(moment - begun) for moment in done.values())
    teller.done(say("demo.alert-done", milliseconds=slowest))


def suspend(stage: Stage, raws: Sequence[bytes]) -> None:
    """Chapter: a suspended member gets nothing, at once; resumed, it gets what it missed."""
    teller, alfa, bravo = stage.teller, stage.alfa, stage.bravo
    teller.chapter("demo.suspend-title", "demo.suspend-about", name=alfa.name, other=bravo.name)
    order = Order(agreement=stage.agreement)
    teller.command("peer", "suspend", f'"{bravo.name}"', f"--home {alfa.slug}")
    suspend_peer(alfa.node, bravo.id)
    judged = preview_release(alfa.node, raws, order)
    places = stage.publish(raws, order).numbers
    at_bravo, at_charlie = stage.inboxes
    wait_for([at_charlie], places, "in")
    time.sleep(_STILL)
    at_bravo.look()
    rows = [
        (
            bravo.name,
            str(at_bravo.count(places, "in")),
            _why_not(stage, judged, bravo),
        ),
        (stage.charlie.name, str(at_charlie.count(places, "in")), title_of(alfa, raws[0])),
    ]
    expect(at_bravo.count(places, "in") == 0, "demo.fault-while-suspended")
    teller.table(("demo.col-member", "demo.col-received", "demo.col-what"), rows)
    teller.command("peer", "resume", f'"{bravo.name}"', f"--home {alfa.slug}")
    resume_peer(alfa.node, bravo.id)
    begun = time.monotonic()
    done = wait_for([at_bravo], places, "in")
    took = teller.seconds(done[bravo.slug] - begun)
    teller.done(say("demo.suspend-done", name=bravo.name, seconds=took))


def _why_not(stage: Stage, judged: Judged, member: Member) -> str:
    """The sender's own reasons, from the preview made just before."""
    reasons = why(judged.rows[member.id])
    return " ".join(stage.teller.text(reason) for reason in reasons)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
