"""What two people of its author must stand by before it leaves: never the author alone.

TLP:RED, what restricts its use as evidence, and what is given as evidence. Descriptions of persons
have approvals of their own, with the date until which they may be kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from accord.ledger.envelope import Handling

from .terms import Terms


def level_for_two(tlp: str | None, handling: Handling, terms: Terms | None) -> str | None:
    """The level, code or purpose that asks for two people; None where one may do it alone."""
    if tlp == "red":
        return "TLP:RED"
    if handling.codes:
        return handling.codes[0]
    evidence = terms.evidence if terms is not None else None
    purpose = handling.purpose
    return purpose if evidence is not None and purpose in evidence.purposes else None


def different(names: Iterable[str]) -> int:
    """How many people these names are, however they are written."""
    found: set[str] = set()
    for name in names:
        found.add(name.strip().casefold())
    found.discard("")
    return len(found)
