"""Clauses on whose entry it is, and whether it is readable and timely at all."""

from __future__ import annotations

from datetime import timedelta

from accord.base.clock import parse_time
from accord.base.limits import Limits
from accord.ledger.envelope import GROUP_VERSION, VERSION
from accord.rules.case import Case, Reason, no, waits
from accord.rules.control import CONTROL, ORDINARY

CLOCK_SKEW = timedelta(seconds=Limits().clock_skew_seconds)


def author_suspended(case: Case) -> Reason | None:
    if case.author is None or case.author.standing != "suspended":
        return None
    return waits("rules.peer-suspended", member=case.envelope.author)


def author_not_a_peer(case: Case) -> Reason | None:
    if case.author is not None and case.author.standing != "removed":
        return None
    return waits("rules.peer-not-confirmed", member=case.envelope.author)


def other_ledger(case: Case) -> Reason | None:
    if case.author is None or case.author.origin == case.envelope.origin:
        return None
    return no("rules.ledger-not-authors", author=case.envelope.author, origin=case.envelope.origin)


def unknown_version(case: Case) -> Reason | None:
    if case.envelope.accord in (VERSION, GROUP_VERSION):
        return None
    return no("rules.version-unknown", found=case.envelope.accord, known=GROUP_VERSION)


def unknown_kind(case: Case) -> Reason | None:
    if case.envelope.kind == ORDINARY or case.envelope.kind in CONTROL:
        return None
    # A later version may know it: it is kept and shown, and counts for nothing until then.
    return waits("rules.kind-unknown", kind=case.envelope.kind)


def from_the_future(case: Case) -> Reason | None:
    if case.stated_at <= case.now + CLOCK_SKEW:
        return None
    issued, seconds = case.envelope.issued, int(CLOCK_SKEW.total_seconds())
    return no("rules.issued-in-future", issued=issued, seconds=seconds)


def expired(case: Case) -> Reason | None:
    expires = case.envelope.expires
    if expires is None or parse_time(expires) > case.now:
        return None
    return no("rules.expired", expires=expires)


def audience_empty(case: Case) -> Reason | None:
    return None if case.envelope.audience else no("rules.audience-empty")
