"""The options that say how objects are to be published: handling, audience, urgency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import msgspec
import typer

from accord.base.clock import format_time
from accord.base.errors import DeniedError, InputError, MachineFault

from .naming import member_named, read_level, read_moment

if TYPE_CHECKING:
    from accord.ledger.envelope import Evaluation, PersonalData, Review
    from accord.node.node import Node
    from accord.node.prepare import Order
    from accord.node.tokens import Reader

Agreement = Annotated[str, typer.Option("--agreement", metavar="ID", help="cli.opt-agreement")]
TlpLevel = Annotated[str, typer.Option("--tlp", metavar="LEVEL", help="cli.opt-tlp")]
PapLevel = Annotated[str, typer.Option("--pap", metavar="LEVEL", help="cli.opt-pap")]
Area = Annotated[str, typer.Option("--area", metavar="AREA", help="cli.opt-area")]
Purpose = Annotated[str, typer.Option("--purpose", metavar="PURPOSE", help="cli.opt-purpose")]
To = Annotated[list[str] | None, typer.Option("--to", metavar="MEMBER", help="cli.opt-to")]
ForGroup = Annotated[str, typer.Option("--group", metavar="GROUP", help="cli.opt-group")]
Named = Annotated[list[str] | None, typer.Option("--named", metavar="PERSON", help="cli.opt-named")]
Urgent = Annotated[bool, typer.Option("--urgent", help="cli.opt-urgent")]
Expires = Annotated[str, typer.Option("--expires", metavar="TIME", help="cli.opt-expires")]
Exercise = Annotated[bool, typer.Option("--exercise", help="cli.opt-exercise")]
RetainUntil = Annotated[str, typer.Option("--retain-until", metavar="TIME", help="cli.opt-retain")]
Approvals = Annotated[
    list[str] | None, typer.Option("--approval", metavar="TOKEN", help="cli.opt-approval")
]


Incident = Annotated[str, typer.Option("--incident", metavar="TYPE", help="cli.opt-incident")]
Codes = Annotated[list[str] | None, typer.Option("--code", metavar="CODE", help="cli.opt-code")]
Restriction = Annotated[
    str, typer.Option("--restriction", metavar="TEXT", help="cli.opt-restriction")
]
Grade = Annotated[str, typer.Option("--grade", metavar="SCHEME:GRADE", help="cli.opt-grade")]
ReviewText = Annotated[str, typer.Option("--review", metavar="TEXT", help="cli.opt-review")]
Reviewers = Annotated[
    list[str] | None, typer.Option("--reviewer", metavar="TOKEN", help="cli.opt-reviewer")
]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The options as they were given; "" and None where they were not."""

    agreement: str
    tlp: str = ""
    pap: str = ""
    area: str = ""
    purpose: str = ""
    to: list[str] | None = None
    for_group: str = ""
    named: list[str] | None = None
    urgent: bool = False
    expires: str = ""
    exercise: bool = False
    retain_until: str = ""
    approvals: list[str] | None = None
    incident: str = ""
    codes: list[str] | None = None
    restriction: str = ""
    grade: str = ""
    review: str = ""
    reviewers: list[str] | None = None


def wanted_by(options: Mapping[str, Any]) -> Wanted:
    """The options of a command, each under the name of its parameter."""
    return Wanted(**{name: options[name] for name in Wanted.__struct_fields__ if name in options})


def order_of(node: Node, wanted: Wanted, *, draft: bool = False) -> Order:
    """The order that the options make; of a `draft`, those who stand by it come later.

    Raises `InputError`, `NotFoundError` or `DeniedError`.
    """
    from accord.ledger.envelope import Pap, Tlp
    from accord.node.prepare import Order

    agreement, audience = _addressed(node, wanted)
    approvals = _two(node, wanted.approvals, needed=bool(wanted.retain_until) and not draft)
    reviewers = _two(node, wanted.reviewers, needed=bool(wanted.review) and not draft)
    return Order(
        agreement=agreement,
        tlp=cast("Tlp | None", read_level("--tlp", "tlp", wanted.tlp, get_args(Tlp))),
        pap=cast("Pap | None", read_level("--pap", "pap", wanted.pap, get_args(Pap))),
        area=wanted.area or None,
        purpose=wanted.purpose or None,
        audience=audience,
        named=tuple(wanted.named or ()),
        personal=_personal(wanted, approvals),
        urgent=wanted.urgent,
        status="exercise" if wanted.exercise else "actual",
        expires=read_moment("--expires", wanted.expires) if wanted.expires else None,
        incident=wanted.incident or None,
        codes=tuple(wanted.codes or ()),
        restriction=wanted.restriction or None,
        evaluation=evaluation_of(wanted.grade),
        review=_review(wanted, reviewers),
        approvals=approvals,
    )


def order_to_publish(node: Node, wanted: Wanted, *, draft: bool = False) -> Order:
    """The order of what is published: an agreement is named, or a working group of one."""
    if not (wanted.agreement or wanted.for_group):
        raise InputError("cli.usage-missing", name="--agreement")
    return order_of(node, wanted, draft=draft)


def _addressed(node: Node, wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    """The agreement and the audience: members by name, one working group, or all parties."""
    from accord.ledger.envelope import PARTIES
    from accord.node.groups import group

    audience = tuple(sorted({member_named(node, name) for name in wanted.to or ()}))
    if not wanted.for_group:
        return wanted.agreement, audience or (PARTIES,)
    if audience:
        raise InputError("cli.group-and-to")
    view = group(node, wanted.for_group)
    return wanted.agreement or view.agreement, (view.id,)


def evaluation_of(grade: str) -> Evaluation | None:
    """`admiralty:B2` or `4x4:A1`, as given; whether the agreement takes it, its rule says."""
    from accord.ledger.envelope import Evaluation

    if not grade:
        return None
    scheme, _, letters = grade.partition(":")
    if len(letters) != 2:
        allowed = "admiralty:A1 … admiralty:F6, 4x4:A1 … 4x4:X4"
        raise InputError("cli.level", option="--grade", found=grade[:60], allowed=allowed)
    return Evaluation(scheme=scheme.lower(), source=letters[0].upper(), information=letters[1])


def _review(wanted: Wanted, reviewers: tuple[str, ...]) -> Review | None:
    """Why it is no political, military, religious or racial matter, and who says so."""
    from accord.ledger.envelope import Review

    if wanted.reviewers and not wanted.review:
        raise InputError("cli.usage-missing", name="--review")
    return Review(reviewers=reviewers, reason=wanted.review) if wanted.review else None


def _personal(wanted: Wanted, approvals: tuple[str, ...]) -> PersonalData | None:
    """A retention date, beside the two releasers: what a description of a person needs."""
    from accord.ledger.envelope import PersonalData

    if not wanted.retain_until:
        return None
    until = format_time(read_moment("--retain-until", wanted.retain_until))
    return PersonalData(retain_until=until, approvals=approvals)


def _two(node: Node, tokens: Sequence[str] | None, *, needed: bool) -> tuple[str, ...]:
    """The names of two releasers, not of one person's two tokens, where needed or given."""
    if not tokens and not needed:
        return ()
    readers = [_approver(node, token) for token in tokens or ()]
    people = {reader.person for reader in readers}
    if len(people) != 2 or len(readers) != 2:
        raise DeniedError("cli.approvals", found=len(people))
    return tuple(sorted(reader.name for reader in readers))


def holder_of(node: Node, token: str) -> Reader:
    """Who holds this token; `@FILE` reads it from a file. Raises `DeniedError` for nobody."""
    from accord.node.tokens import reader_of

    if token.startswith("@"):
        try:
            token = Path(token[1:]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise MachineFault(
                "cli.file-unreadable", file=token[1:], problem=str(error.strerror)
            ) from None
    reader = reader_of(node, token)
    if reader is None:
        raise DeniedError("cli.token-nobodys")
    return reader


def _approver(node: Node, token: str) -> Reader:
    """The releaser whose token this is."""
    from accord.rules.access import may

    reader = holder_of(node, token)
    if not may(reader.scope, "approve"):
        raise DeniedError("cli.approval-not-releaser", name=reader.name)
    return reader
