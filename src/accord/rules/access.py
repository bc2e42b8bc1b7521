"""Need to know inside a member: which role may do what, and which holdings a person may read."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from accord.ledger.envelope import Tlp

from .case import TLP_RANK
from .community.circles import is_group

Role = Literal["duty", "analyst", "releaser", "delegate", "operator", "inspector"]
Action = Literal[
    "read",  # content of holdings, by every door
    "store",  # into `private`
    "publish",  # under an agreement, where no second person is needed
    "draft",  # what a releaser is to look at
    "preview",
    "approve",  # a draft, or one of two approvals; never one's own
    "recall",
    "respond",  # to others' objects: sightings, opinions, notes, corrections
    "permissions",  # answer whether others may pass on what is ours
    "acknowledge",  # alerts
    "agreements",  # read texts, signatures and standing
    "members",  # who belongs, with which key and standing
    "propose",
    "sign",
    "vote",  # on motions, and attend where they are discussed
    "withdraw",
    "quarantine",  # list reasons, retry; content stays unread
    "transfers",  # the record of transfers, without content
    "ledger",  # verify ledgers and proofs
    "peers",  # add, confirm, resume, remove
    "suspend",  # a peer, at once
    "tokens",
    "accounts",
    "settings",
    "health",
]

MATRIX: dict[Role, frozenset[Action]] = {
    "duty": frozenset(
        {"read", "store", "draft", "preview", "publish", "respond", "acknowledge", "agreements",
         "members", "suspend", "quarantine", "health"}
    ),
    "analyst": frozenset(
        {"read", "store", "draft", "preview", "publish", "respond", "agreements", "members",
         "ledger"}
    ),
    "releaser": frozenset(
        {"read", "store", "draft", "preview", "publish", "respond", "approve", "recall",
         "permissions", "agreements", "members", "suspend", "quarantine", "transfers", "ledger"}
    ),
    "delegate": frozenset(
        {"read", "agreements", "members", "propose", "sign", "vote", "withdraw", "transfers"}
    ),
    "operator": frozenset(
        {"peers", "members", "suspend", "tokens", "accounts", "settings", "health", "ledger",
         "quarantine"}
    ),
    "inspector": frozenset(
        {"agreements", "members", "transfers", "ledger", "quarantine", "health"}
    ),
}  # fmt: skip

# What shows or moves content. Operator and inspector do their work without any of it.
CONTENT: frozenset[Action] = frozenset(
    {"read", "store", "draft", "preview", "publish", "respond", "approve", "recall",
     "permissions", "acknowledge"}
)  # fmt: skip

# An unmarked holding is the member's own note: it is read as if it were marked so.
UNMARKED: Tlp = "amber"


def _check_matrix() -> None:
    if set(MATRIX) != set(get_args(Role)):
        raise ValueError("the matrix does not list each role once")
    granted = frozenset().union(*MATRIX.values())
    if granted != set(get_args(Action)):
        raise ValueError(f"no role may: {sorted(set(get_args(Action)) ^ granted)}")
    for blind in ("operator", "inspector"):
        if MATRIX[blind] & CONTENT:
            raise ValueError(f"{blind} must not reach content")


_check_matrix()


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a token or an account stands for. `agreements` None: all, and what cites none."""

    roles: frozenset[Role]
    tlp: Tlp = "amber+strict"
    agreements: frozenset[str] | None = None
    circles: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()  # the names under which its holder may read TLP:RED


class HoldingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What need-to-know looks at in a holding; the strictest TLP of envelope and object."""

    tlp: Tlp | None
    agreement: str | None = None
    circle: str | None = None
    named: tuple[str, ...] = ()


def may(scope: Scope, action: Action) -> bool:
    """Whether one of the scope's roles may do `action` at all."""
    return any(action in MATRIX[role] for role in scope.roles)


def may_read(scope: Scope, holding: HoldingSummary) -> bool:
    """Whether the scope's holder may read this holding: role, level, agreement, circle and name."""
    if not may(scope, "read"):
        return False
    if holding.circle is not None and holding.circle not in scope.circles:
        return False
    if holding.circle is None and not reaches(scope, holding.agreement):
        return False
    if (holding.tlp or UNMARKED) not in readable_levels(scope):
        return False
    return holding.tlp != "red" or not scope.named.isdisjoint(holding.named)


def reaches(scope: Scope, basis: str | None) -> bool:
    """Whether the scope reaches what came under an agreement, in a working group, or in neither.

    What is for a group is read by those alone whom it is named for, whatever agreements they have.
    """
    if basis is not None and is_group(basis):
        return basis in scope.circles
    return scope.agreements is None or basis in scope.agreements


def readable_levels(scope: Scope) -> frozenset[str]:
    """The TLP levels that the scope reaches; for TLP:RED a name is needed besides."""
    ceiling = TLP_RANK[scope.tlp]
    return frozenset(
        level for level, rank in TLP_RANK.items() if level is not None and rank <= ceiling
    )
