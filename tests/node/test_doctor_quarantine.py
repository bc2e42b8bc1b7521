"""`accord doctor` says what waits in quarantine, and when it is about to be full."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.base.messages import LANGUAGES, say, translate
from accord.node.doctor import Finding, examine
from accord.node.node import open_node
from accord.store.records import QuarantineRow
from accord.store.transaction import Transaction
from tests.node.support import Community


def _hold(folder: Path, count: int, size: int = 1) -> list[Finding]:
    """What is found of the quarantine when so many openings of so many bytes wait."""

    def job(tx: Transaction) -> None:
        for number in range(count):
            tx.quarantine.hold(
                QuarantineRow(
                    seq=0,
                    ledger=1,
                    number=number,
                    recorded=0,
                    facts=0,
                    opening=b"x" * size,
                    reasons=(),
                )
            )

    node = open_node(folder)
    node.write(job)
    node.close()
    return [found for found in examine(folder) if found.subject == "quarantine"]


def test_an_empty_quarantine_is_not_worth_a_line(pair: Community) -> None:
    assert _hold(pair["Alfa"].home.folder, 0) == []


def test_what_waits_is_noted(pair: Community) -> None:
    (found,) = _hold(pair["Alfa"].home.folder, 2)
    assert (found.state, found.message) == ("note", say("node.doctor-quarantine", count=2))


def test_a_quarantine_more_than_half_full_is_wrong(pair: Community) -> None:
    (found,) = _hold(pair["Alfa"].home.folder, 33, size=1 << 20)
    assert (found.state, found.message.key) == ("wrong", "node.doctor-quarantine-full")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_it_is_said_with_the_command_that_tells_more(language: str, count: int) -> None:
    for key in ("node.doctor-quarantine", "node.doctor-quarantine-full"):
        assert "accord quarantine list" in translate(say(key, count=count), language)
