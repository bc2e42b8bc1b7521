"""For each clause that an agreement can hold: the least change of it that turns a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from accord.ledger.envelope import Envelope, Evaluation, Review
from accord.rules.facts import Facts
from accord.rules.narrowing import Narrowing
from accord.rules.release import Entry
from accord.rules.terms import (
    DeclaredArea,
    EvaluationClause,
    EvidenceClause,
    ImplementingRule,
    NeutralityClause,
    PersonalDataClause,
    Renewal,
    Terms,
)
from accord.rules.terms_spec import NOTIFYING
from tests.rules.release_cases import ALL, ELSEWHERE, about_a_person, passed_on, personal
from tests.rules.world import (
    ALFA,
    BETA,
    DAY,
    DELTA,
    GAMMA,
    NOW,
    NUMBER_OF,
    OTHER_AGREEMENT,
    OTHER_SHA,
    SHA,
    TERMS,
    agreed,
    community,
    entry,
    envelope,
    handled,
    known,
    objection,
    origin,
    peers,
    reserving,
    signature,
)

Build = Callable[[Terms], Facts]

# What an agreement also holds, and why the rule does not read it.
DECIDES_NOTHING = {
    "name": "for lists",
    "description": "for lists",
    "kind": "what sort of agreement it is; what it allows stands in the other fields",
    "adoption": "has one value so far; what it asks for is tested by itself",
    "review_days": "when a holding is to be looked at again, at the recipient's",
    "original": "which language prevails among people",
    "titles": "for people",
    "texts": "for people",
    "tasks": "what the parties do together, in words",
    "annexes": "documents, by their hash",
    "glossary": "for people",
    "unread": "kept for the version that understands it; `unknown` decides",
    "implementing_rules.id": "for people",
    "implementing_rules.texts": "for people",
    "vocabulary.zh": "for people",
    "vocabulary.ru": "for people",
    "vocabulary.en": "for people",
    "council": "how members decide together; nothing flows or stops by it",
}


@dataclass(frozen=True)
class Turn:
    """Allowed under `terms`; denied, for the reason `key`, when only `clause` is changed."""

    clause: str
    key: str
    change: dict[str, Any]
    entry: Entry = field(default_factory=entry)
    terms: Terms = TERMS
    facts: Build = community
    recipient: str = BETA
    now: datetime = NOW

    def before(self) -> Facts:
        return self.facts(self.terms)

    def after(self) -> Facts:
        return self.facts(replace(self.terms, **self.change))


def also(**changes: Any) -> Terms:
    return replace(TERMS, **changes)


def rule(areas: tuple[str, ...] = ("it-crime",), **narrows: Any) -> dict[str, Any]:
    one = ImplementingRule(
        id="r1",
        areas=areas,
        narrows=Narrowing(**narrows),
        texts=dict.fromkeys(("zh", "ru", "en"), "-"),
    )
    return {"implementing_rules": (one,)}


def with_charter(charter: Terms) -> Facts:
    """The agreement stands under a charter that is in force."""
    under = also(charter=OTHER_AGREEMENT)
    return known(*peers(*ALL), *agreed(charter, OTHER_AGREEMENT, OTHER_SHA), *agreed(under))


def received_under(other: Terms) -> Facts:
    """Both agreements are in force; the source came under the other one."""
    return known(*peers(*ALL), *agreed(), *agreed(other, OTHER_AGREEMENT, OTHER_SHA))


def notified_from(other: Terms) -> Facts:
    """The same, and affected parties may be notified under the agreement cited."""
    cited = agreed(also(purposes=(NOTIFYING,)))
    return known(*peers(*ALL), *cited, *agreed(other, OTHER_AGREEMENT, OTHER_SHA))


def delta_signs(terms: Terms) -> Facts:
    signed = signature(DELTA, parties=terms.circle)
    return known(*peers(*ALL), *agreed(terms), signed)


def beta_reserves(terms: Terms) -> Facts:
    proposed, *signed = agreed(terms)
    of_beta = signature(BETA, reservation=reserving(tlp_ceiling="amber"))
    others = [one for one in signed if getattr(one, "author", "") != BETA]
    return known(*peers(*ALL), proposed, *others, of_beta)


def amended(terms: Terms) -> Facts:
    """A second text, which in one case amends the first and in the other is one of its own."""
    second = replace(terms, valid_from=NOW - DAY)
    author = ALFA if terms.amends else BETA
    texts = [
        replace(each, author=author, created_by=author, ledger=_ledger(author))
        if place == 0
        else each
        for place, each in enumerate(agreed(second, sha256=OTHER_SHA))
    ]
    return known(*peers(*ALL), *agreed(TERMS), *texts)


def renewal_refused(terms: Terms) -> Facts:
    """Gamma objects to the renewal forty days before the end."""
    assert terms.valid_until is not None
    refused = objection(GAMMA, None, terms.valid_until - 40 * DAY, "renewal", precludes=False)
    return known(*peers(*ALL), *agreed(terms), refused)


def _ledger(author: str) -> str:
    return origin(NUMBER_OF[author])


DECLARED = DeclaredArea(area="it-crime", zh="一", ru="а", en="a")
OTHERS = DeclaredArea(area="arms", zh="一", ru="а", en="a")
ONCE = Renewal(days=365, times=1, notice_days=30)
assert TERMS.valid_until is not None
IN_SECOND_TERM = TERMS.valid_until + DAY
FRESH = entry(envelope(issued=IN_SECOND_TERM.strftime("%Y-%m-%dT%H:%M:%S.000000Z")))
PERSON = about_a_person(personal())
PERSONS = TERMS.personal_data
assert PERSONS is not None
FLAGGED = entry(handled(incident="fraud"), flags=("army",))
REVIEWED = Review(reviewers=("One", "Two"), reason="an ordinary fraud")
A1 = Evaluation(scheme="admiralty", source="A", information="1")
OLD = entry(envelope(issued=(NOW - 10 * DAY).strftime("%Y-%m-%dT%H:%M:%S.000000Z")))


def told(of: Envelope) -> Envelope:
    return replace(of, handling=replace(of.handling, purpose=NOTIFYING))


TURNS = [
    # between whom, under what
    Turn("parties", "recipient-not-party", {"parties": (ALFA, GAMMA)}),
    Turn("accession", "recipient-not-party", {"accession": ()}, terms=also(accession=(DELTA,)),
         facts=delta_signs, recipient=DELTA),
    Turn("charter", "charter-not-in-force", {"charter": OTHER_AGREEMENT}),
    Turn("amends", "agreement-superseded", {"amends": SHA}, facts=amended),
    Turn("vocabulary", "area-not-declared", {"vocabulary": (OTHERS,)}, facts=with_charter),
    Turn("vocabulary.area", "area-not-declared", {"vocabulary": (OTHERS,)}, facts=with_charter,
         terms=also(vocabulary=(DECLARED,))),
    Turn("unknown", "clause-unknown", {"unknown": ("embargo_days",)}),
    # when
    Turn("valid_from", "agreement-not-begun", {"valid_from": NOW + DAY}),
    Turn("valid_until", "agreement-ended", {"valid_until": NOW}),
    Turn("renewal", "agreement-ended", {"renewal": None}, FRESH, also(renewal=ONCE),
         now=IN_SECOND_TERM),
    Turn("renewal.days", "agreement-ended", {"renewal": replace(ONCE, days=1)}, FRESH,
         also(renewal=ONCE), now=IN_SECOND_TERM),
    Turn("renewal.times", "agreement-ended", {"renewal": replace(ONCE, days=1, times=1)}, FRESH,
         also(renewal=replace(ONCE, days=1, times=2)), now=IN_SECOND_TERM),
    Turn("renewal.notice_days", "agreement-ended", {"renewal": ONCE}, FRESH,
         also(renewal=replace(ONCE, notice_days=50)), renewal_refused, now=IN_SECOND_TERM),
    Turn("retention_days", "retention-over", {"retention_days": 10}, OLD),
    # what for, and what
    Turn("areas", "area-outside", {"areas": ("arms",)}),
    Turn("purposes", "purpose-outside", {"purposes": ("investigation",)}),
    Turn("object_types", "type-outside", {"object_types": ("malware",)}),
    Turn("exercise", "status-not-allowed", {"exercise": False}, entry(envelope(status="exercise")),
         also(exercise=True)),
    # how far
    Turn("tlp_ceiling", "tlp-above", {"tlp_ceiling": "clear"}),
    Turn("pap_ceiling", "pap-above", {"pap_ceiling": "clear"}),
    Turn("onward", "onward-none", {"onward": "none"}, passed_on()),
    Turn("attribution", "onward-attributed", {"attribution": "must not"},
         passed_on(received=ELSEWHERE), also(onward="public", attribution="must"),
         received_under),
    Turn("affected_party_notifications", "notifying-not-allowed",
         {"affected_party_notifications": "must not"}, entry(told(envelope())),
         also(purposes=(NOTIFYING,), affected_party_notifications="may")),
    Turn("affected_party_notifications", "notifying-not-allowed",
         {"affected_party_notifications": "must not"},
         passed_on(told(envelope()), told(ELSEWHERE)), also(onward="public"), notified_from),
    # about persons
    Turn("personal_data", "personal-not-allowed", {"personal_data": None}, PERSON),
    Turn("personal_data.allowed", "personal-not-allowed",
         {"personal_data": replace(PERSONS, allowed=False)}, PERSON),
    Turn("personal_data.purposes", "personal-purpose",
         {"personal_data": replace(PERSONS, purposes=("defence",))}, PERSON),
    Turn("personal_data.max_days", "personal-retention-long",
         {"personal_data": PersonalDataClause(allowed=True, purposes=PERSONS.purposes, max_days=9)},
         PERSON),
    # as evidence, and how sure
    Turn("evidence", "restriction-unsaid", {"evidence": EvidenceClause(codes=("H3",))},
         entry(handled(codes=("H3",)))),
    Turn("evidence.codes", "code-not-agreed", {"evidence": EvidenceClause(codes=("H1",))},
         entry(handled(codes=("H2",))), also(evidence=EvidenceClause(codes=("H2",)))),
    Turn("evidence.purposes", "evidential-use",
         {"evidence": EvidenceClause(codes=("H1",), purposes=("defence",))},
         entry(handled(codes=("H1",))), also(evidence=EvidenceClause(codes=("H1",)))),
    Turn("evidence.purposes", "approvals-missing",
         {"evidence": EvidenceClause(codes=(), purposes=("defence",))},
         entry(handled(approvals=("One",))), also(evidence=EvidenceClause(codes=()))),
    Turn("evaluation", "evaluation-grade", {"evaluation": EvaluationClause(schemes=("admiralty",))},
         entry(handled(evaluation=replace(A1, source="Z")))),
    Turn("evaluation.schemes", "evaluation-scheme",
         {"evaluation": EvaluationClause(schemes=("4x4",))}, entry(handled(evaluation=A1)),
         also(evaluation=EvaluationClause(schemes=("admiralty",)))),
    Turn("evaluation.required", "evaluation-missing",
         {"evaluation": EvaluationClause(schemes=("4x4",), required=True)}, entry(),
         also(evaluation=EvaluationClause(schemes=("4x4",)))),
    # neutrality
    Turn("neutrality", "incident-missing", {"neutrality": NeutralityClause(areas=("it-crime",))}),
    Turn("neutrality.areas", "review-missing",
         {"neutrality": NeutralityClause(areas=("it-crime",))}, FLAGGED,
         also(neutrality=NeutralityClause(areas=("arms",)))),
    Turn("neutrality.areas", "review-alone", {"neutrality": NeutralityClause(areas=("it-crime",))},
         replace(FLAGGED, envelope=handled(incident="fraud", review=replace(
             REVIEWED, reviewers=("One", " ONE ")))),
         also(neutrality=NeutralityClause(areas=("arms",)))),
    Turn("neutrality.incidents", "incident-outside",
         {"neutrality": NeutralityClause(areas=("it-crime",), incidents=("theft",))},
         replace(FLAGGED, envelope=handled(incident="fraud", review=REVIEWED)),
         also(neutrality=NeutralityClause(areas=("it-crime",)))),
    # narrower than the terms
    Turn("implementing_rules", "narrowed-by-rule", rule(tlp_ceiling="clear")),
    Turn("implementing_rules.areas", "narrowed-by-rule", rule(tlp_ceiling="clear"),
         terms=also(**rule(areas=("arms",), tlp_ceiling="clear"))),
    Turn("implementing_rules.narrows", "narrowed-by-rule", rule(purposes=("investigation",)),
         terms=also(**rule(purposes=("defence",)))),
    # how it is adopted
    Turn("reservations", "agreement-awaits", {"reservations": ()}, facts=beta_reserves),
]  # fmt: skip

# One for each term that a reservation or an implementing rule may narrow.
NARROWED: dict[str, tuple[Any, Entry, Terms]] = {
    "areas": (("arms",), entry(), also(areas=("it-crime", "arms"))),
    "purposes": (("investigation",), entry(), TERMS),
    "object_types": (("identity",), entry(), TERMS),
    "tlp_ceiling": ("clear", entry(), TERMS),
    "pap_ceiling": ("clear", entry(), TERMS),
    "onward": ("none", passed_on(received=envelope(author=ALFA)), TERMS),
    "personal_data": (False, PERSON, TERMS),
    "exercise": (False, entry(envelope(status="test")), also(exercise=True)),
}
