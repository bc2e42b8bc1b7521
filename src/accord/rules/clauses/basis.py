"""Clauses on the legal basis: the agreement cited, whether it is in force, and between whom."""

from __future__ import annotations

from accord.base.clock import format_time
from accord.rules.case import Case, Reason, no, waits
from accord.rules.standing import TextFacts, may_still_be_adopted


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


def unknown_clause(case: Case) -> Reason | None:
    # What restricts and cannot be applied must not be passed over.
    if case.terms is None or not case.terms.unknown:
        return None
    return waits("rules.clause-unknown", field=case.terms.unknown[0])


def not_in_force_at_issue(case: Case) -> Reason | None:
    text, cited = case.text, case.envelope.agreement
    if text is None or cited is None:
        return None
    if text.life is None:
        agreement = case.facts.agreements[cited.id]
        missing = len(text.parties - text.signatures.keys())
        if may_still_be_adopted(agreement, text, case.now):
            return waits("rules.agreement-awaits", agreement=cited.id, count=missing)
        return no("rules.agreement-never-adopted", agreement=cited.id)
    if text.life.since <= case.issued_at and text.life.since <= case.now:
        return None
    return no("rules.agreement-not-begun", agreement=cited.id, since=format_time(text.life.since))


def superseded(case: Case) -> Reason | None:
    text, cited = case.text, case.envelope.agreement
    since = text.life.superseded if text is not None and text.life is not None else None
    if since is None or cited is None or case.issued_at < since:
        return None
    return no("rules.agreement-superseded", agreement=cited.id, since=format_time(since))


def ended(case: Case) -> Reason | None:
    """At issue by the text cited; now by the text that stands in its place."""
    return _ended(case, case.text) or _ended(case, case.ruling)


def _ended(case: Case, text: TextFacts | None) -> Reason | None:
    cited = case.envelope.agreement
    if text is None or cited is None or text.life is None or text.life.ends is None:
        return None
    ends = text.life.ends
    if (text is not case.ruling or case.now < ends) and case.issued_at < ends:
        return None
    key = "rules.agreement-abandoned" if text.life.by_withdrawal else "rules.agreement-ended"
    return no(key, agreement=cited.id, ended=format_time(ends))


def charter_not_in_force(case: Case) -> Reason | None:
    charter = case.terms.charter if case.terms is not None else None
    if charter is None:
        return None
    known = case.facts.agreements.get(charter)
    if known is not None and known.in_force(case.now) is not None:
        return None
    return waits("rules.charter-not-in-force", charter=charter)


def author_not_party(case: Case) -> Reason | None:
    author = case.envelope.author
    # What a party gave before it left stays given; but having left, it gives nothing more.
    own = author == case.facts.me
    text = case.ruling if own else case.text
    moment = max(case.issued_at, case.now) if own else case.issued_at
    if text is None or text.is_party(author, moment):
        return None
    return no("rules.author-not-party", author=author)
