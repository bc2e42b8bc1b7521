"""What each standing in a community may read, propose and vote: one matrix, checked on import.

A suspended member keeps its standing and its duties, and has the rights of `SUSPENDED` only.
Intelligence is another matter: it flows to the parties of an agreement, whatever their standing.
"""

from __future__ import annotations

from typing import Literal, get_args

Standing = Literal["member", "observer", "dialogue-partner"]
Right = Literal[
    "read-charter",  # the charter, its amendments, who belongs
    "read-decisions",  # motions, ballots, tallies and outcomes as they are made
    "read-papers",  # the agenda and papers of a session
    "attend",
    "speak",  # hand in papers
    "propose",  # motions
    "vote",
    "sponsor",  # an applicant
    "witness",  # be named for the times of decisions
    "join-groups",
]

MATRIX: dict[Standing, frozenset[Right]] = {
    "member": frozenset(get_args(Right)),
    "observer": frozenset(
        {"read-charter", "read-decisions", "read-papers", "attend", "speak", "witness"}
    ),
    "dialogue-partner": frozenset({"read-charter", "read-papers", "attend", "speak"}),
}
SUSPENDED: frozenset[Right] = frozenset({"read-charter"})

STANDINGS: tuple[Standing, ...] = get_args(Standing)


def may(standing: Standing | None, right: Right, *, suspended: bool = False) -> bool:
    """Whether a member of this standing has `right`; who has no standing has no rights."""
    if standing is None:
        return False
    return right in (SUSPENDED if suspended else MATRIX[standing])


def _check_matrix() -> None:
    if tuple(MATRIX) != STANDINGS:
        raise ValueError("the matrix does not list each standing once, in their order")
    for higher, lower in zip(MATRIX.values(), list(MATRIX.values())[1:], strict=False):
        if not lower < higher:
            raise ValueError("a lower standing has a right that a higher one lacks")
    for right in ("propose", "vote", "sponsor"):
        if any(right in MATRIX[standing] for standing in STANDINGS[1:]):
            raise ValueError(f"only members {right}: equality is among them")
    if not all(rights > SUSPENDED for rights in MATRIX.values()):
        raise ValueError("a suspended member would gain a right")


_check_matrix()
