"""What a releaser adds to a draft, as far as the draft and the agreement cannot tell it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.envelope import PARTIES, Evaluation, PersonalData, Review
from accord.rules.access import UNMARKED
from accord.rules.case import PAP_RANK, TLP_RANK
from accord.rules.evaluation import GRADES
from accord.rules.standing import TextFacts
from accord.rules.terms import Terms

from .prepare import Order

# They stand for the releasers and their choice where it is only asked what they could do.
SOMEBODY, ANOTHER = "?", "??"


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """What a releaser says of a draft; what is left out follows the draft, then the agreement.

    `review` is the reason why the objects are no political, military, religious or racial matter:
    the two who stand by the draft are then its reviewers.
    """

    named: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    purpose: str | None = None
    retain_until: datetime | None = None
    incident: str | None = None
    codes: tuple[str, ...] = ()
    restriction: str | None = None
    evaluation: Evaluation | None = None
    review: str = ""


def default_order(agreement: str, terms: Terms) -> Order:
    """The handling that a collection states for what is written into it.

    The agreement's first area and purpose; TLP for what has none: amber, or the ceiling where that
    is lower; the same for PAP where the agreement speaks of it. What else an agreement may ask for
    (an incident, a grade, a review, names) no default can say: a releaser does.
    """
    tlp = min(UNMARKED, terms.tlp_ceiling, key=TLP_RANK.__getitem__)
    ceiling = terms.pap_ceiling
    return Order(
        agreement=agreement,
        unmarked_tlp=tlp,
        unmarked_pap=None if ceiling is None else min("amber", ceiling, key=PAP_RANK.__getitem__),
        area=terms.areas[0],
        purpose=terms.purposes[0],
    )


def anything(order: Order, terms: Terms) -> Addition:
    """What a releaser could say at most, to ask whether a draft could ever go."""
    neutrality, evaluation = terms.neutrality, terms.evaluation
    incidents = neutrality.incidents if neutrality is not None else ()
    grade: Evaluation | None = None
    if evaluation is not None and evaluation.required:
        source, information = GRADES[evaluation.schemes[0]]
        grade = Evaluation(evaluation.schemes[0], source[0], information[0])
    return Addition(
        named=(SOMEBODY,),
        incident=order.incident or (incidents[0] if incidents else SOMEBODY),
        restriction=order.restriction or SOMEBODY,
        evaluation=order.evaluation or grade,
        review=SOMEBODY,
    )


def completed(
    me: str,
    order: Order,
    text: TextFacts,
    people: Sequence[str],
    added: Addition,
    now: datetime,
) -> Order:
    """The order of a draft with what was added to it; `people` stand by it, author and releaser.

    It is addressed to whom it names, else to all who are parties now, those who acceded included:
    for them it is released, and not for whoever joins later. What is for a working group stays so.
    """
    terms = text.proposal.terms
    order = replace(
        order,
        audience=_audience(me, order, text, added, now),
        named=added.named or order.named,
        purpose=added.purpose or order.purpose,
        incident=added.incident or order.incident,
        codes=tuple(dict.fromkeys((*order.codes, *added.codes))),
        restriction=added.restriction or order.restriction,
        evaluation=added.evaluation or order.evaluation,
        approvals=tuple(people),
    )
    reason = added.review or (order.review.reason if order.review is not None else "")
    if reason:
        order = replace(order, review=Review(reviewers=tuple(people), reason=reason))
    return _with_persons(order, terms, people, added, now)


def _audience(
    me: str, order: Order, text: TextFacts, added: Addition, now: datetime
) -> tuple[str, ...]:
    if added.audience and order.group is None:
        return added.audience
    if PARTIES not in order.audience:
        return order.audience
    circle = text.proposal.terms.circle
    return tuple(member for member in circle if member != me and text.is_party(member, now))


def _with_persons(
    order: Order, terms: Terms, people: Sequence[str], added: Addition, now: datetime
) -> Order:
    """What descriptions of persons need; without a word of the releaser, the longest allowed."""
    clause = terms.personal_data
    if clause is None or not clause.allowed:
        return order
    until = format_time(now + timedelta(days=clause.max_days))
    if added.retain_until is not None:
        until = format_time(added.retain_until)
    elif order.personal is not None:
        until = order.personal.retain_until
    common = [each for each in terms.purposes if each in clause.purposes]
    if added.purpose is None and order.purpose not in common and common:
        order = replace(order, purpose=common[0])
    return replace(order, personal=PersonalData(retain_until=until, approvals=tuple(people)))
