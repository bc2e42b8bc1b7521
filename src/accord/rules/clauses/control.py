"""Clauses on control entries: what the table of `rules.control` demands of each kind."""

from __future__ import annotations

from accord.ledger.envelope import PARTIES
from accord.rules.case import Case, Reason, no, waits
from accord.rules.control import CONTROL
from accord.rules.standing import TextFacts
from accord.rules.void import dropped_by, may_act, may_leave

from .basis import ended


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
        if case.text is None or _may_act(case, case.text):
            return None
        if case.envelope.kind == "signature" and case.text.proposal.terms.council is not None:
            author = case.envelope.author  # that the council admitted it may be on its way
            return waits("rules.accession-not-decided", author=author)
    elif case.envelope.author in case.entry.parties:
        return None
    return no("rules.control-author", kind=case.envelope.kind, author=case.envelope.author)


def _may_act(case: Case, text: TextFacts) -> bool:
    cited = case.envelope.agreement
    known = case.facts.agreements.get(cited.id) if cited is not None else None
    if known is None:
        return False
    may = may_leave if case.envelope.kind == "withdrawal" else may_act
    return may(known, text, case.envelope.author)


def control_audience(case: Case) -> Reason | None:
    control, audience = CONTROL[case.envelope.kind], case.envelope.audience
    if control.audience == "group" or case.envelope.roster is not None:
        fits = control.audience == "group" and case.envelope.roster is not None
    elif control.audience == "anyone":
        fits = PARTIES not in audience
    elif control.audience == "one":
        fits = len(audience) == 1 and PARTIES not in audience
    elif control.audience == "electorate":
        fits = PARTIES not in audience and case.envelope.author in audience
    elif control.of_text:
        author = {case.envelope.author}  # who was admitted to a charter is not in its circle
        fits = case.text is None or {*audience} | author == case.text.circle | author
    else:
        fits = set(audience) == set(case.entry.parties)
    return None if fits else no(f"rules.control-audience-{control.audience}")


def control_base(case: Case) -> Reason | None:
    amended, cited = case.entry.amends, case.envelope.agreement
    if amended is None or cited is None:
        return None
    known = case.facts.agreements.get(cited.id)
    base = known.texts.get(amended) if known is not None else None
    if known is None or base is None:
        return waits("rules.amended-text-unknown", agreement=cited.id, sha256=amended)
    dropped = dropped_by(known, base, case.entry.parties)
    if dropped:  # its withdrawal may be on its way
        return waits("rules.amendment-drops-party", member=dropped[0])
    return None


def control_lapsed(case: Case) -> Reason | None:
    if CONTROL[case.envelope.kind].survives_lapse or case.text is None:
        return None
    return ended(case)
