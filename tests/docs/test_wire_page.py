"""The limits and paths of docs/reference/wire.md are those of the program."""

from __future__ import annotations

import re

from accord.base.limits import KIB, MIB, Limits
from accord.ledger.card import MAX_KEY_CHANGES
from accord.ledger.evidence import MAX_BYTES
from accord.ledger.notes import MAX_SIGNATURES
from accord.peers.recovery import MEMORY_BYTES
from tests.conftest import ROOT
from tests.docs.pages import section, table

WIRE = "docs/reference/wire.md"


def test_the_limits_are_those_of_the_program() -> None:
    limits = Limits()
    rows = {row[0]: row[1] for row in table(section(WIRE, "12. Limits"))}
    expected = {
        "envelope": [limits.envelope_bytes],
        "object": [limits.object_bytes, limits.json_depth],
        "page of openings": [limits.openings_page, limits.openings_page_bytes],
        "checkpoint with signatures": [limits.checkpoint_bytes, MAX_SIGNATURES],
        "card": [limits.card_bytes, MAX_KEY_CHANGES],
        "evidence file": [MAX_BYTES],
        "memory of a peer": [MEMORY_BYTES],
    }
    assert {name: _numbers(rows[name]) for name in expected} == expected


def test_the_seconds_are_those_of_the_program() -> None:
    limits = Limits()
    said = section(WIRE, "11. Request signatures")
    assert f"at most {limits.signature_seconds} s later" in said
    assert f"more than {limits.clock_skew_seconds} s of clock difference" in said
    assert f"204 after at most {int(limits.wait_seconds)} s" in section(WIRE, "10. HTTP")
    assert f"more than {limits.clock_skew_seconds} s ahead" in section(WIRE, "5. Ledger")


def test_the_paths_are_those_that_are_served() -> None:
    routes = (ROOT / "src/accord/peers/routes.py").read_text("utf-8")
    served = set(re.findall(r'@get\("(/[a-z.-]+(?:/[a-z]+)?)', routes))
    named = set(re.findall(r"`GET (/[a-z.-]+(?:/[a-z]+)?)", section(WIRE, "10. HTTP")))
    assert named == served


def test_the_paths_of_the_memory_are_those_that_are_served() -> None:
    routes = (ROOT / "src/accord/peers/memory.py").read_text("utf-8")
    served = set(re.findall(r'@get\("(/memory/[a-z]+)', routes))
    assert set(re.findall(r"`GET (/memory/[a-z]+)", section(WIRE, "13. Memory"))) == served


def _numbers(text: str) -> list[int]:
    units = {"KiB": KIB, "MiB": MIB}
    found = re.findall(r"(\d+) (\w+)", text)
    return [int(number) * units.get(unit, 1) for number, unit in found]
