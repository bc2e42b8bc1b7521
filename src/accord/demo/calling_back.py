"""A chapter: what was given is called back; one member refuses with a reason; the rows add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from accord.base.messages import say
from accord.node.answering import answer_recalls
from accord.node.legal_holds import lift_hold, place_hold
from accord.node.recalling import Order, RecallTable, find_entries, recall_entries, recall_table

from .stage import Stage, short, title_of
from .watching import expect, until

_DUE = timedelta(days=3)


def call_back(stage: Stage, raws: Sequence[bytes]) -> None:
    """Alfa recalls its last report; Charlie needs it as evidence, and lets go of it later."""
    teller, alfa, charlie = stage.teller, stage.alfa, stage.charlie
    teller.chapter("demo.recall-title", "demo.recall-about", name=alfa.name, other=charlie.name)
    teller.quote(title_of(alfa, raws[0]))
    object_id = alfa.node.checker.check(raws[0]).object.id
    hold = place_hold(charlie.node, object_id, teller.word("demo.recall-hold"))
    teller.command("hold", "place", short(object_id), '--reason "…"', f"--home {charlie.slug}")
    order = Order(
        mode="erase",
        reason=teller.word("demo.recall-reason"),
        due=alfa.node.now() + _DUE,
    )
    entries = find_entries(alfa.node, [object_id])
    numbers = recall_entries(alfa.node, entries, order).numbers
    expect(len(numbers) == 1, "demo.fault-recall")
    stage.close(entries, teller.word("demo.closed-recalled"))
    teller.command("recall", "order", short(object_id), '--reason "…"', f"--home {alfa.slug}")
    (number,) = numbers
    _wait_for(stage, number, refused=1)
    _show(stage, recall_table(alfa.node, number))
    teller.say("demo.recall-lifted", name=charlie.name)
    lift_hold(charlie.node, hold)
    answer_recalls(charlie.node)
    teller.command("hold", "lift", str(hold), f"--home {charlie.slug}")
    _wait_for(stage, number, refused=0)
    _show(stage, recall_table(alfa.node, number))
    for member in stage.members:
        held = member.node.read(lambda tx: tx.holdings.versions(object_id))
        expect(not any(each.body for each in held), "demo.fault-recall")
    teller.done(say("demo.recall-all", count=recall_table(alfa.node, number).count("done")))


def _wait_for(stage: Stage, number: int, *, refused: int) -> None:
    def answered() -> bool:
        table = recall_table(stage.alfa.node, number)
        done = table.count("done") + table.count("refused") == len(table.rows)
        return done and table.count("refused") == refused

    until(answered, "demo.fault-receipts")


def _show(stage: Stage, table: RecallTable) -> None:
    names = {member.id: member.name for member in stage.members}
    rows = sorted(table.rows, key=lambda row: list(names).index(row.member))
    stage.teller.table(
        ("demo.col-member", "demo.col-answer", "demo.col-why"),
        [
            (
                names[row.member],
                stage.teller.word(f"demo.recall-{row.state}"),
                row.reason or "–",
            )
            for row in rows
        ],
    )
