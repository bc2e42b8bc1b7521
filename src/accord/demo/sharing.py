"""The middle chapters: a warning that waits, what may leave and what may not, and what arrives."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from accord.base.messages import Message, say
from accord.node.prepare import check_all
from accord.node.private import keep_private
from accord.node.publish import Judged, NotReleasable, preview_release, publish
from accord.node.waiting import list_refused, list_waiting
from accord.stix.faults import InvalidObject

from .community import Member
from .meeting import befriend
from .stage import Choice, Stage, why
from .watching import Inbox, expect, wait_for

_RECEIVED = ("demo.col-member", "demo.col-received", "demo.col-waiting", "demo.col-refused")
_FEW = 3


def first_warning(stage: Stage, raws: Sequence[bytes], choice: Choice) -> None:
    """Chapter: what lacks a fact waits unread, and a late signature releases it."""
    teller = stage.teller
    teller.chapter("demo.first-title", "demo.first-about", name=stage.alfa.name)
    _command(stage, "warning.json", choice)
    places = stage.publish(raws, choice.order).numbers
    wait_for(stage.inboxes, places, "held")
    teller.table(
        ("demo.col-member", "demo.col-received", "demo.col-waiting", "demo.col-why"),
        [(*_counts(inbox, places)[:3], _waits_for(stage, inbox.reader)) for inbox in stage.inboxes],
    )
    teller.say("demo.first-meeting", first=stage.bravo.name, second=stage.charlie.name)
    befriend(stage, stage.bravo, stage.charlie)
    begun = time.monotonic()
    done = wait_for(stage.inboxes, places, "in")
    teller.table(_RECEIVED, [_counts(inbox, places) for inbox in stage.inboxes])
    took = teller.seconds(max(done.values()) - begun)
    teller.done(say("demo.first-done", number=len(places), seconds=took))


def _waits_for(stage: Stage, member: Member) -> str:
    reasons = {reason for row in list_waiting(member.node) for reason in row.reasons}
    return _sentences(stage, sorted(reasons, key=lambda reason: reason.key))


def sort_out(stage: Stage, raws: Sequence[bytes], choice: Choice) -> list[bytes]:
    """Chapter: who would get what, and why not. Returns what may leave; the rest stays private."""
    teller, alfa = stage.teller, stage.alfa
    teller.chapter("demo.sort-title", "demo.sort-about", name=alfa.name, count=len(raws))
    options = ("--agreement …", *choice.options, f"--home {alfa.slug}")
    teller.command("release", "preview", "campaign.json", *options)
    with teller.busy("demo.busy-judging"):
        raws, faults = _valid(stage, raws)
        judged = preview_release(alfa.node, raws, choice.order)
        withheld = _withheld(judged)
    if faults:
        teller.say("demo.sort-invalid", count=len(faults))
        for fault in faults[:_FEW]:
            teller.quote(teller.text(fault))
    before = _size(alfa)
    if withheld:
        _show_withheld(stage, withheld)
        _try_all(stage, raws, choice)
        _keep_private(stage, judged, withheld)
    expect(_size(alfa) == before, "demo.fault-left")
    if withheld:
        teller.done(say("demo.sort-done", count=len(withheld), name=alfa.name))
    else:
        teller.done(say("demo.sort-nothing"))
    return [each.item.raw for each in judged.prepared if each.item.id not in withheld]


def _valid(stage: Stage, raws: Sequence[bytes]) -> tuple[list[bytes], list[Message]]:
    """The objects that are STIX 2.1; of each of the others, its first fault."""
    checker = stage.alfa.node.checker
    good: list[bytes] = []
    faults: list[Message] = []
    for raw in raws:
        try:
            checker.check(raw)
        except InvalidObject as error:
            faults.append(error.faults[0].message)
        else:
            good.append(raw)
    return good, faults


def _withheld(judged: Judged) -> dict[str, tuple[Message, ...]]:
    """What would reach nobody, by object id, with the reasons."""
    found: dict[str, tuple[Message, ...]] = {}
    for place, prepared in enumerate(judged.prepared):
        rows = [rows[place] for rows in judged.rows.values()]
        if not any(row.released for row in rows):
            found[prepared.item.id] = why(rows)
    return found


def _show_withheld(stage: Stage, withheld: dict[str, tuple[Message, ...]]) -> None:
    """One row for each set of reasons, with the sentences of its first object."""
    groups: dict[tuple[str, ...], list[tuple[Message, ...]]] = {}
    for reasons in withheld.values():
        groups.setdefault(tuple(reason.key for reason in reasons), []).append(reasons)
    ordered = sorted(groups.values(), key=len, reverse=True)
    rows = [(str(len(group)), _sentences(stage, group[0])) for group in ordered]
    stage.teller.table(("demo.col-withheld", "demo.col-why-not"), rows)


def _try_all(stage: Stage, raws: Sequence[bytes], choice: Choice) -> None:
    """Publishing the whole set is refused, and nothing of it leaves."""
    try:
        publish(stage.alfa.node, raws, choice.order)
    except NotReleasable as refusal:
        stage.teller.say("demo.sort-refused", count=len(refusal.withheld))
    else:
        expect(False, "demo.fault-left")


def _keep_private(stage: Stage, judged: Judged, withheld: Iterable[str]) -> None:
    kept = set(withheld)
    items, _ = check_all(
        stage.alfa.node, [each.item.raw for each in judged.prepared if each.item.id in kept]
    )
    keep_private(stage.alfa.node, items, "desk")


def share(stage: Stage, raws: Sequence[bytes], choice: Choice) -> None:
    """Chapter: what may leave leaves, and arrives verified at both."""
    teller = stage.teller
    teller.chapter("demo.share-title", "demo.share-about", name=stage.alfa.name)
    if not raws:
        teller.say("demo.share-nothing")
        return
    _command(stage, "campaign.json", choice)
    first = _size(stage.alfa)
    coming = range(first, first + len(raws))  # as long as Alfa's ledger has no other writer
    published = 0

    def rows() -> list[tuple[str, ...]]:
        return [_counts(inbox, coming) for inbox in stage.inboxes]

    def share_done() -> float:
        received = min(inbox.count(coming, "in") for inbox in stage.inboxes)
        return (published + received) / (2 * len(raws))

    begun = time.monotonic()
    with teller.watching(_RECEIVED, rows, share_done) as draw:

        def progress(done: int) -> None:
            nonlocal published
            published += done
            for inbox in stage.inboxes:
                inbox.look()
            draw()

        result = stage.publish(raws, choice.order, progress)
        done = wait_for(stage.inboxes, result.numbers, "in", draw)
    _show_refused(stage)
    took = teller.seconds(max(done.values()) - begun)
    teller.done(say("demo.share-done", count=result.published, seconds=took))


def _show_refused(stage: Stage) -> None:
    """Whatever a receiver refused by its own rules, with the reasons it recorded."""
    for member in (stage.bravo, stage.charlie):
        for row in list_refused(member.node, _FEW):
            stage.teller.quote(f"{member.name}: {_sentences(stage, row.reasons)}")


def _command(stage: Stage, file: str, choice: Choice) -> None:
    options = ("--agreement …", *choice.options, f"--home {stage.alfa.slug}")
    stage.teller.command("publish", file, *options)


def _counts(inbox: Inbox, places: Sequence[int]) -> tuple[str, str, str, str]:
    """A member, and how many of the entries it has, keeps waiting and has refused."""
    received, waiting, refused = (
        str(inbox.count(places, direction)) for direction in ("in", "held", "refused")
    )
    return inbox.reader.name, received, waiting, refused


def _sentences(stage: Stage, reasons: Iterable[Message]) -> str:
    space = "" if stage.teller.language == "zh" else " "
    return space.join(stage.teller.text(reason) for reason in reasons)


def _size(member: Member) -> int:
    """How many entries its own ledger has."""
    row = member.node.read(lambda tx: tx.ledgers.of_member(member.id))
    return 0 if row is None else row.size
