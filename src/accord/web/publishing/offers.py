"""Under which agreements somebody may publish, and what each of them lets one choose."""

from __future__ import annotations

import msgspec

from accord.base.errors import NotFoundError
from accord.node.agreements import AgreementView, list_agreements
from accord.node.groups import groups
from accord.rules.areas import area_name
from accord.rules.case import PAP_RANK, TLP_RANK
from accord.rules.evaluation import GRADES
from accord.rules.purposes import purpose_name
from accord.rules.terms import Terms
from accord.web.visit import Visit

Choices = tuple[tuple[str, str], ...]


def values(choices: Choices) -> tuple[str, ...]:
    """What may be sent back: "" for no choice, and each value."""
    return ("", *(value for value, _ in choices))


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One agreement in force to which we are a party, with its choices as (value, words)."""

    id: str
    title: str
    terms: Terms
    parties: tuple[str, ...]  # without ourselves
    members: tuple[tuple[str, str, str], ...]  # the same by name, and what is said beside
    tlp: Choices
    pap: Choices
    areas: Choices
    purposes: Choices
    grades: Choices
    codes: tuple[tuple[str, str, str], ...]
    groups: Choices  # working groups under it that we belong to and the visitor knows


def offered(visit: Visit) -> list[AgreementView]:
    """What the visitor may publish under, by title."""
    scope = visit.reader.scope
    views = [
        view
        for view in list_agreements(visit.node)
        if view.standing.state == "in-force"
        and visit.node.member in view.standing.parties
        and (scope.agreements is None or view.id in scope.agreements)
    ]
    return sorted(views, key=lambda view: title_of(visit, view))


def title_of(visit: Visit, view: AgreementView) -> str:
    """The title in the visitor's language."""
    return view.terms.titles.get(visit.language, view.terms.name)


def offer_for(visit: Visit, agreement: str) -> Offer:
    """One of them. Raises `NotFoundError`, as for an agreement that there is none of."""
    offer = maybe_offer(visit, agreement)
    if offer is None:
        raise NotFoundError("publishing.no-such-agreement", agreement=agreement[:100])
    return offer


def maybe_offer(visit: Visit, agreement: str) -> Offer | None:
    """One of them; null where the visitor may not publish under it, or not now."""
    views = (view for view in offered(visit) if view.id == agreement)
    return next((offer_of(visit, view) for view in views), None)


def offer_of(visit: Visit, view: AgreementView) -> Offer:
    """What one of them lets the visitor choose."""
    terms, language = view.terms, visit.language
    parties = tuple(p for p in view.standing.parties if p != visit.node.member)
    codes = () if terms.evidence is None else terms.evidence.codes
    known = [
        each.id
        for each in groups(visit.node)
        if each.agreement == view.id and each.mine == "belongs" and not each.closed
    ]
    return Offer(
        id=view.id,
        title=title_of(visit, view),
        terms=terms,
        parties=parties,
        members=tuple((party, visit.names[party], "") for party in parties),
        tlp=_up_to("TLP", TLP_RANK, terms.tlp_ceiling),
        pap=_up_to("PAP", PAP_RANK, terms.pap_ceiling),
        areas=tuple((area, area_name(area, language)) for area in terms.areas),
        purposes=tuple((purpose, purpose_name(purpose, language)) for purpose in terms.purposes),
        grades=() if terms.evaluation is None else _grades(terms.evaluation.schemes),
        codes=tuple((code, code, visit.t(f"publishing.code-{code.lower()}")) for code in codes),
        groups=tuple(
            (each, visit.t("publishing.whom-group", group=each.partition("--")[2][:13]))
            for each in known
            if each in visit.reader.scope.circles
        ),
    )


def _up_to(scale: str, ranks: dict[str | None, int], ceiling: str | None) -> Choices:
    if ceiling is None:
        return ()
    levels = [each for each, rank in ranks.items() if each and rank <= ranks[ceiling]]
    return tuple((level, f"{scale}:{level.upper()}") for level in levels)


def _grades(schemes: tuple[str, ...]) -> Choices:
    found = [
        f"{scheme}:{source}{information}"
        for scheme in schemes
        for source in GRADES[scheme][0]
        for information in GRADES[scheme][1]
    ]
    return tuple((grade, grade) for grade in found)
