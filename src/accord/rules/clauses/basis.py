"""Clauses on the legal basis: the agreement cited, whether it is in force, and between whom."""

from __future__ import annotations

from accord.base.clock import format_time
from accord.rules.case import Case, Reason, no, waits
from accord.rules.standing import may_still_be_adopted


def no_agreement(case: Case) -> Reason | None:
    return no("rules.no-agreement") if case.envelope.agreement is None else None


def agreement_unknown(case: Case) -> Reason | None:
    cited = case.envelope.agreement
    if case.text is not None or cited is None or cited.id in case.facts.agreements:
        return None
    return waits("rules.agreement-unknown", agreement=cited.id)


def other_text(case: Case) -> Reason | None:
    cited = case.envelope.agreement
    if case.text is not None or cited is None or cited.id not in case.facts.agreements:
        return None
    return no("rules.agreement-other-text", agreement=cited.id, sha256=cited.sha256)


def not_in_force_at_issue(case: Case) -> Reason | None:
    text, cited = case.text, case.envelope.agreement
    if text is None or cited is None:
        return None
    if text.life is None:
        agreement = case.facts.agreements[cited.id]
        missing = len(text.parties) - len(text.signatures)
        if may_still_be_adopted(agreement, text, case.now):
            return waits("rules.agreement-awaits", agreement=cited.id, count=missing)
        return no("rules.agreement-never-adopted", agreement=cited.id)
    if text.life.since <= case.issued_at and text.life.since <= case.now:
        return None
    return no("rules.agreement-not-begun", agreement=cited.id, since=format_time(text.life.since))


def ended(case: Case) -> Reason | None:
    text, cited = case.text, case.envelope.agreement
    if text is None or cited is None or text.life is None or text.life.ends is None:
        return None
    ends = text.life.ends
    if case.now < ends and case.issued_at < ends:
        return None
    key = "rules.agreement-abandoned" if text.life.by_withdrawal else "rules.agreement-ended"
    return no(key, agreement=cited.id, ended=format_time(ends))


def author_not_party(case: Case) -> Reason | None:
    text, author = case.text, case.envelope.author
    if text is None:
        return None
    # What a party gave before it left stays given; but having left, it gives nothing more.
    moment = case.issued_at if author != case.facts.me else max(case.issued_at, case.now)
    if text.is_party(author, moment):
        return None
    return no("rules.author-not-party", author=author)
