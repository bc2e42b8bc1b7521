"""The clauses of the release rule, in the order in which their reasons are listed.

Each clause is one question: it returns a reason when it fails and None when it holds or is not its
business (what an unknown agreement would say, for example: that it is unknown is a clause of its
own). An entry is released when no clause of its tables fails, and what is missing fails.
Reservations, circles and recalls are further rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accord.base.clock import format_time, parse_time
from accord.base.limits import Limits
from accord.ledger.envelope import PARTIES, VERSION, AgreementRef

from .case import PAP_RANK, TLP_RANK, Case, Reason, no, upper, waits
from .control import CONTROL, ORDINARY
from .standing import may_still_be_adopted

Clause = Callable[[Case], Reason | None]

CLOCK_SKEW = timedelta(seconds=Limits().clock_skew_seconds)
EVIDENTIAL_CODES = frozenset({"H1", "H2", "H3"})
# Without them the objects released with them could not be read.
DEFINITIONS = frozenset({"marking-definition", "extension-definition"})


# Who would receive it: asked for each recipient


def recipient_suspended(case: Case, recipient: str) -> Reason | None:
    known = case.facts.members.get(recipient)
    if known is None or known.standing != "suspended":
        return None
    return waits("rules.peer-suspended", member=recipient)


def recipient_not_a_peer(case: Case, recipient: str) -> Reason | None:
    known = case.facts.members.get(recipient)
    if known is not None and known.standing != "removed":
        return None
    return waits("rules.peer-not-confirmed", member=recipient)


def not_in_audience(case: Case, recipient: str) -> Reason | None:
    audience = case.envelope.audience
    if not audience or recipient in audience or PARTIES in audience:
        return None
    return no("rules.not-in-audience", recipient=recipient)


def recipient_not_party(case: Case, recipient: str) -> Reason | None:
    if case.text is None or case.text.is_party(recipient, case.now):
        return None
    return no("rules.recipient-not-party", recipient=recipient)


# Whose entry it is


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
    if case.envelope.accord == VERSION:
        return None
    return no("rules.version-unknown", found=case.envelope.accord, known=VERSION)


def unknown_kind(case: Case) -> Reason | None:
    if case.envelope.kind == ORDINARY or case.envelope.kind in CONTROL:
        return None
    return no("rules.kind-unknown", kind=case.envelope.kind)


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


# Control entries


def control_type(case: Case) -> Reason | None:
    demanded = CONTROL[case.envelope.kind].object_type
    if case.envelope.object.type == demanded:
        return None
    return no(
        "rules.control-type",
        kind=case.envelope.kind,
        demanded=demanded,
        found=case.envelope.object.type,
    )


def control_size(case: Case) -> Reason | None:
    limit = CONTROL[case.envelope.kind].max_bytes
    if case.entry.size <= limit:
        return None
    return no("rules.control-size", kind=case.envelope.kind, size=case.entry.size, limit=limit)


def control_text_unknown(case: Case) -> Reason | None:
    if not CONTROL[case.envelope.kind].of_text or case.text is not None:
        return None
    cited = case.envelope.agreement
    if cited is None:
        return no("rules.no-agreement")
    return waits("rules.agreement-unknown", agreement=cited.id)


def control_author(case: Case) -> Reason | None:
    if CONTROL[case.envelope.kind].audience != "circle":
        return None
    if CONTROL[case.envelope.kind].of_text:
        # Named by the text is enough: a withdrawal reaches the circle that its author has left.
        if case.text is None or case.envelope.author in case.text.parties:
            return None
    elif case.envelope.author in case.entry.parties:
        return None
    return no("rules.control-author", kind=case.envelope.kind, author=case.envelope.author)


def control_audience(case: Case) -> Reason | None:
    control, audience = CONTROL[case.envelope.kind], case.envelope.audience
    if control.audience == "anyone":
        fits = PARTIES not in audience
    elif control.audience == "one":
        fits = len(audience) == 1 and PARTIES not in audience
    elif control.of_text:
        fits = case.text is None or set(audience) == case.text.parties
    else:
        fits = set(audience) == set(case.entry.parties)
    return None if fits else no(f"rules.control-audience-{control.audience}")


def control_lapsed(case: Case) -> Reason | None:
    if CONTROL[case.envelope.kind].survives_lapse or case.text is None:
        return None
    return ended(case)


# The agreement


def no_agreement(case: Case) -> Reason | None:
    return no("rules.no-agreement") if case.envelope.agreement is None else None


def agreement_unknown(case: Case) -> Reason | None:
    cited = case.envelope.agreement
    if cited is None or cited.id in case.facts.agreements:
        return None
    return waits("rules.agreement-unknown", agreement=cited.id)


def other_text(case: Case) -> Reason | None:
    cited = case.envelope.agreement
    if cited is None or case.text is not None or cited.id not in case.facts.agreements:
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
    gives_now = author != case.facts.me or text.is_party(author, case.now)
    if gives_now and text.is_party(author, case.issued_at):
        return None
    return no("rules.author-not-party", author=author)


# Handling


def no_tlp(case: Case) -> Reason | None:
    return no("rules.tlp-missing") if case.tlp is None else None


def looser_than_object(case: Case) -> Reason | None:
    handling, own = case.handling, case.entry.markings
    if handling.tlp is not None and TLP_RANK[handling.tlp] < TLP_RANK[own.tlp]:
        return no("rules.tlp-looser", stated=upper(handling.tlp), own=upper(own.tlp))
    if handling.pap is not None and PAP_RANK[handling.pap] < PAP_RANK[own.pap]:
        return no("rules.pap-looser", stated=upper(handling.pap), own=upper(own.pap))
    return None


def unresolved_marking(case: Case) -> Reason | None:
    unresolved = case.entry.markings.unresolved
    return waits("rules.marking-unresolved", marking=unresolved[0]) if unresolved else None


def tlp_above(case: Case) -> Reason | None:
    terms = case.terms
    if terms is None or TLP_RANK[case.tlp] <= TLP_RANK[terms.tlp_ceiling]:
        return None
    return no("rules.tlp-above", tlp=upper(case.tlp), ceiling=upper(terms.tlp_ceiling))


def pap_above(case: Case) -> Reason | None:
    if case.terms is None or case.terms.pap_ceiling is None:
        return None
    ceiling = case.terms.pap_ceiling
    if case.pap is None:
        return no("rules.pap-missing", ceiling=upper(ceiling))
    if PAP_RANK[case.pap] <= PAP_RANK[ceiling]:
        return None
    return no("rules.pap-above", pap=upper(case.pap), ceiling=upper(ceiling))


def red_not_named(case: Case) -> Reason | None:
    if case.tlp != "red":
        return None
    if PARTIES in case.envelope.audience:
        return no("rules.red-audience")
    return None if case.handling.named else no("rules.red-names")


def outside_area(case: Case) -> Reason | None:
    terms, area = case.terms, case.handling.area
    if terms is None or area in terms.areas:
        return None
    if area is None:
        return no("rules.area-missing")
    return no("rules.area-outside", area=area)


def outside_purpose(case: Case) -> Reason | None:
    terms, purpose = case.terms, case.handling.purpose
    if terms is None or purpose in terms.purposes:
        return None
    if purpose is None:
        return no("rules.purpose-missing")
    return no("rules.purpose-outside", purpose=purpose)


def outside_types(case: Case) -> Reason | None:
    terms, type_ = case.terms, case.envelope.object.type
    if terms is None or not terms.object_types or type_ in terms.object_types:
        return None
    return None if type_ in DEFINITIONS else no("rules.type-outside", type=type_)


def not_actual(case: Case) -> Reason | None:
    if case.envelope.status == "actual" or case.terms is None or case.terms.exercise:
        return None
    return no("rules.status-not-allowed", status=case.envelope.status)


def unknown_code(case: Case) -> Reason | None:
    for code in case.handling.codes:
        if code not in EVIDENTIAL_CODES:
            return no("rules.code-unknown", code=code)
    return None


# Descriptions of natural persons


def persons_not_allowed(case: Case) -> Reason | None:
    if case.terms is None:
        return None
    clause = case.terms.personal_data
    if clause is not None and clause.allowed:
        return None
    return no("rules.personal-not-allowed", path=case.entry.person_triggers[0])


def persons_purpose(case: Case) -> Reason | None:
    clause = case.terms.personal_data if case.terms is not None else None
    if clause is None or case.handling.purpose in clause.purposes:
        return None
    return no("rules.personal-purpose", purpose=case.handling.purpose or "-")


def persons_retention(case: Case) -> Reason | None:
    personal = case.handling.personal
    if personal is None:
        return no("rules.personal-retention-missing")
    until = parse_time(personal.retain_until)
    if until <= case.now:
        return no("rules.personal-retention-over", until=personal.retain_until)
    clause = case.terms.personal_data if case.terms is not None else None
    if clause is None or until <= case.issued_at + timedelta(days=clause.max_days):
        return None
    return no("rules.personal-retention-long", until=personal.retain_until, days=clause.max_days)


def persons_approvals(case: Case) -> Reason | None:
    personal = case.handling.personal
    approvals = personal.approvals if personal is not None else ()
    different = {name.strip().casefold() for name in approvals} - {""}
    if len(different) >= 2:
        return None
    return no("rules.personal-approvals", found=len(different))


# Passing on


def source_not_held(case: Case) -> Reason | None:
    if case.entry.source is not None or case.envelope.author != case.facts.me:
        return None
    return no("rules.onward-source-unknown")


def onward_not_allowed(case: Case) -> Reason | None:
    if case.terms is not None and case.terms.onward == "none":
        return no("rules.onward-none")
    source = case.entry.source
    return None if source is None else _onward_by_source(case, source.agreement)


def _onward_by_source(case: Case, under: AgreementRef | None) -> Reason | None:
    """The rule of the agreement under which it was received, whichever it is passed on under."""
    text = case.facts.text(under.id, under.sha256) if under is not None else None
    if under is None or text is None or text.proposal.terms.onward == "none":
        return no("rules.onward-none")
    cited = case.envelope.agreement
    if text.proposal.terms.onward == "agreement" and (cited is None or cited.id != under.id):
        return no("rules.onward-within", agreement=under.id)
    return None


def onward_looser(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    if TLP_RANK[case.tlp] >= TLP_RANK[received]:
        return None
    return no("rules.onward-looser", stated=upper(case.tlp), own=upper(received))


def onward_strict(case: Case) -> Reason | None:
    received = case.entry.source.handling.tlp if case.entry.source is not None else None
    strictest = max(case.tlp, received, key=TLP_RANK.__getitem__)
    if TLP_RANK[strictest] < TLP_RANK["amber+strict"]:
        return None
    return no("rules.onward-strict", tlp=upper(strictest))


def onward_h2(case: Case) -> Reason | None:
    received = case.entry.source.handling.codes if case.entry.source is not None else ()
    if "H2" in case.handling.codes or "H2" in received:
        return no("rules.onward-h2")
    return None


# The tables, in the order in which reasons are listed: first the recipient's, then the entry's.

RecipientClause = Callable[[Case, str], Reason | None]

ANY_RECIPIENT: tuple[RecipientClause, ...] = (
    recipient_suspended,
    recipient_not_a_peer,
    not_in_audience,
)
PARTY_RECIPIENT: tuple[RecipientClause, ...] = (*ANY_RECIPIENT, recipient_not_party)

ANY_ENTRY: tuple[Clause, ...] = (
    author_suspended,
    author_not_a_peer,
    other_ledger,
    audience_empty,
    expired,
    from_the_future,
)
UNKNOWN_ENTRY: tuple[Clause, ...] = (*ANY_ENTRY, unknown_version, unknown_kind)
CONTROL_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    control_type,
    control_size,
    control_text_unknown,
    control_author,
    control_audience,
    control_lapsed,
)
ORDINARY_ENTRY: tuple[Clause, ...] = (
    *ANY_ENTRY,
    no_agreement,
    agreement_unknown,
    other_text,
    not_in_force_at_issue,
    ended,
    author_not_party,
    no_tlp,
    looser_than_object,
    unresolved_marking,
    tlp_above,
    pap_above,
    red_not_named,
    outside_area,
    outside_purpose,
    outside_types,
    not_actual,
    unknown_code,
)
DESCRIBES_A_PERSON: tuple[Clause, ...] = (
    persons_not_allowed,
    persons_purpose,
    persons_retention,
    persons_approvals,
)
PASSED_ON: tuple[Clause, ...] = (
    source_not_held,
    onward_not_allowed,
    onward_looser,
    onward_strict,
    onward_h2,
)
