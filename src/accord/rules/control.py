"""Control entries: the only ones that need no agreement in force, each with rules of its own.

A later kind is a further row of this table.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from accord.base.limits import KIB, Limits

ORDINARY = "object"

# circle: exactly those whom the text concerned names, its parties and who may accede to it;
# anyone: members, one by one; one: one; electorate: exactly those whom a motion names, one by one
# and the author among them (that it is all of them is for the fold of decisions to see); group:
# one working group, whoever decisions have on its roster.
Audience = Literal["circle", "anyone", "one", "electorate", "group"]


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one kind: which object it carries, for whom, how large, and for how long."""

    object_type: str
    audience: Audience
    max_bytes: int
    survives_lapse: bool
    of_text: bool = False  # it answers a text that was proposed before


CONTROL: dict[str, Control] = {
    "card": Control(
        object_type="accord-member", audience="anyone", max_bytes=64 * KIB, survives_lapse=True
    ),
    "proposal": Control(
        object_type="accord-agreement",
        audience="circle",
        max_bytes=Limits().control_bytes,
        survives_lapse=False,
    ),
    "signature": Control(
        object_type="accord-signature",
        audience="circle",
        max_bytes=16 * KIB,
        survives_lapse=False,
        of_text=True,
    ),
    "objection": Control(
        object_type="accord-objection",
        audience="circle",
        max_bytes=32 * KIB,
        survives_lapse=False,
        of_text=True,
    ),
    "withdrawal": Control(
        object_type="accord-withdrawal",
        audience="circle",
        max_bytes=32 * KIB,
        survives_lapse=True,
        of_text=True,
    ),
    "key-change": Control(
        object_type="accord-key-change", audience="anyone", max_bytes=16 * KIB, survives_lapse=True
    ),
    "notice": Control(
        object_type="accord-notice",
        audience="one",
        max_bytes=Limits().control_bytes,
        survives_lapse=True,
    ),
    # The duty to give back, and the answer to it, outlive the agreement under which it was given.
    "recall": Control(
        object_type="accord-recall",
        audience="anyone",
        max_bytes=Limits().control_bytes,
        survives_lapse=True,
    ),
    "receipt": Control(
        object_type="accord-receipt",
        audience="one",
        max_bytes=Limits().control_bytes,
        survives_lapse=True,
    ),
    "permission-request": Control(
        object_type="accord-permission-request",
        audience="one",
        max_bytes=32 * KIB,
        survives_lapse=True,
    ),
    "permission": Control(
        object_type="accord-permission", audience="anyone", max_bytes=32 * KIB, survives_lapse=True
    ),
    # Decisions. What was begun before an agreement lapsed is brought to its end.
    "motion": Control(
        object_type="accord-motion",
        audience="electorate",
        max_bytes=Limits().control_bytes,
        survives_lapse=True,
    ),
    "motion-seen": Control(
        object_type="accord-motion-seen",
        audience="electorate",
        max_bytes=4 * KIB,
        survives_lapse=True,
    ),
    "motion-change": Control(
        object_type="accord-motion-change",
        audience="electorate",
        max_bytes=4 * KIB,
        survives_lapse=True,
    ),
    "ballot": Control(
        object_type="accord-ballot", audience="electorate", max_bytes=64 * KIB, survives_lapse=True
    ),
    "tally": Control(
        object_type="accord-tally", audience="electorate", max_bytes=128 * KIB, survives_lapse=True
    ),
    "outcome": Control(
        object_type="accord-outcome", audience="electorate", max_bytes=4 * KIB, survives_lapse=True
    ),
    "application": Control(
        object_type="accord-application", audience="one", max_bytes=32 * KIB, survives_lapse=True
    ),
    "membership": Control(
        object_type="accord-membership", audience="group", max_bytes=16 * KIB, survives_lapse=True
    ),
    "session": Control(
        object_type="accord-session", audience="anyone", max_bytes=128 * KIB, survives_lapse=True
    ),
    "attendance": Control(
        object_type="accord-attendance", audience="anyone", max_bytes=64 * KIB, survives_lapse=True
    ),
}


def _check_table() -> None:
    for kind, control in CONTROL.items():
        if control.max_bytes > Limits().control_bytes:
            raise ValueError(f"{kind}: larger than any control entry may be")
        if control.of_text and control.audience != "circle":
            raise ValueError(f"{kind}: answers a text, so its circle is that of the text")


_check_table()
