"""Cases of the release rule: what is allowed, and what is allowed but for one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.envelope import (
    PARTIES,
    AgreementRef,
    EntryRef,
    Envelope,
    Evaluation,
    ObjectRef,
    PersonalData,
)
from accord.rules.acts import CouncilDecided, CouncilFounded
from accord.rules.decisions.effects import Effect
from accord.rules.decisions.rule import CouncilRules, Rule
from accord.rules.facts import Facts, PeerRemoved, PeerSuspended, PermissionGiven
from accord.rules.release import Entry
from accord.rules.terms import EvidenceClause, PersonalDataClause, Terms
from tests.rules.world import (
    AGREEMENT,
    ALFA,
    BETA,
    CIRCLE,
    DAY,
    DELTA,
    GAMMA,
    HANDLING,
    NOW,
    OTHER_AGREEMENT,
    OTHER_SHA,
    SHA,
    START,
    TERMS,
    agreed,
    community,
    entry,
    envelope,
    handled,
    known,
    marked,
    origin,
    peers,
    proposal,
    signature,
    withdrawal,
)

ALL = (ALFA, BETA, GAMMA, DELTA)
SOURCE = EntryRef(origin=origin(2), index=7, commitment="cc" * 32)
RECEIVED = envelope(author=GAMMA, origin=origin(2))
TWO = ("first person", "second person")


def personal(
    until: datetime = NOW + 20 * DAY,
    approvals: tuple[str, ...] = TWO,
    purpose: str = "investigation",
) -> Envelope:
    return handled(
        purpose=purpose,
        personal=PersonalData(retain_until=format_time(until), approvals=approvals),
    )


def about_a_person(of: Envelope) -> Entry:
    return entry(of, person_triggers=("name",))


def passed_on(of: Envelope | None = None, received: Envelope | None = RECEIVED) -> Entry:
    return entry(replace(of or envelope(), source=SOURCE), source=received)


def control(kind: str, author: str = ALFA, **changes: object) -> Envelope:
    type_ = {"proposal": "accord-agreement", "card": "accord-member"}.get(kind, f"accord-{kind}")
    plain = envelope(
        kind=kind,
        author=author,
        audience=CIRCLE,
        object=ObjectRef(
            id=f"{type_}--33333333-3333-4333-8333-333333333333", type=type_, modified=None
        ),
    )
    return replace(plain, **changes)


COUNCIL = CouncilRules(
    witnesses=CIRCLE, witness_quorum=2, reading_hours=24, wait_hours=12, rule=Rule(by="silence")
)


def decided(does: str, member: str, **arguments: Any) -> list[Any]:
    """What a council made of one member."""
    effect = Effect(does=does, member=member, **arguments)
    return [
        CouncilFounded(body=AGREEMENT, state="dd" * 32, members=CIRCLE),
        CouncilDecided(body=AGREEMENT, motion="ee" * 32, effect=effect, at=NOW - DAY),
    ]


IN_FORCE = community()
PROPOSED = known(*peers(*ALL), proposal(), signature(ALFA), signature(BETA))
PROPOSAL = entry(control("proposal"), parties=CIRCLE)
assert TERMS.valid_until is not None
ENDED: datetime = TERMS.valid_until


@dataclass(frozen=True)
class Denied:
    """A case that is allowed but for one thing, and the reasons that the one thing leads to."""

    clause: str
    keys: str | tuple[str, ...]
    entry: Entry = field(default_factory=entry)
    facts: Facts = IN_FORCE
    recipient: str = BETA
    now: datetime = NOW
    issued_at: datetime | None = None
    waits: bool = False

    @property
    def reasons(self) -> list[str]:
        keys = (self.keys,) if isinstance(self.keys, str) else self.keys
        return [f"rules.{key}" for key in keys]


def terms(**changes: object) -> Facts:
    return community(replace(TERMS, **changes))


NO_PERSONS = PersonalDataClause(allowed=False, purposes=("investigation",), max_days=30)
ELSEWHERE = replace(RECEIVED, agreement=AgreementRef(id=OTHER_AGREEMENT, sha256=OTHER_SHA))


def with_other(onward: str) -> Facts:
    """A second agreement in force, under which the source was received."""
    other = agreed(replace(TERMS, onward=onward), OTHER_AGREEMENT, OTHER_SHA)
    return known(*peers(*ALL), *agreed(), *other)


PERMISSION = "accord-permission--44444444-4444-4444-8444-444444444444"
PERMITTED = replace(handled(permission=PERMISSION), audience=(BETA,))


def permission(**changes: Any) -> PermissionGiven:
    """Gamma grants Alfa to pass `SOURCE` on to Beta for defence; `changes` replace fields."""
    plain = PermissionGiven(
        id=PERMISSION,
        author=GAMMA,
        ledger=origin(2),
        audience=(ALFA, BETA),
        created_by=GAMMA,
        issued=NOW,
        entry=SOURCE,
        members=(BETA,),
        purpose="defence",
        request="accord-permission-request--55555555-5555-4555-8555-555555555555",
        to=ALFA,
        granted=True,
        text="",
        until=None,
        first=NOW,
        version=NOW,
    )
    return replace(plain, **changes)


def permitted(changed: Terms = TERMS, me: str = ALFA, **changes: Any) -> Facts:
    """The agreement in force, and a permission; its audience follows whom it names."""
    given = permission(**changes)
    if "audience" not in changes:
        named = {given.to, *given.members} - {given.author}
        given = replace(given, audience=tuple(sorted(named)))
    return known(*peers(*ALL, me=me), *agreed(changed), given)


CASES = [
    # who
    Denied("recipient_suspended", "peer-suspended", waits=True,
           facts=known(*peers(*ALL), *agreed(), PeerSuspended(member=BETA))),
    Denied("author_suspended", "peer-suspended", waits=True,
           facts=known(*peers(*ALL, me=BETA), *agreed(), PeerSuspended(member=ALFA))),
    Denied("recipient_not_a_peer", "peer-not-confirmed", waits=True,
           facts=known(*peers(*ALL), *agreed(), PeerRemoved(member=BETA))),
    Denied("author_not_a_peer", "peer-not-confirmed", waits=True,
           facts=known(*peers(*ALL, me=BETA), *agreed(), PeerRemoved(member=ALFA))),
    Denied("other_ledger", "ledger-not-authors", entry(envelope(origin=origin(2)))),
    Denied("unknown_version", "version-unknown", entry(envelope(accord=3))),
    Denied("unknown_kind", "kind-unknown", entry(envelope(kind="weather")), waits=True),
    Denied("audience_empty", "audience-empty", entry(envelope(audience=()))),
    Denied("not_in_audience", "not-in-audience", entry(envelope(audience=(GAMMA,)))),
    Denied("not_in_audience", "amendment-not-here", entry(control("signature")),
           known(*peers(*ALL, me=DELTA), *agreed()), recipient=DELTA, waits=True),
    Denied("expired", "expired", entry(envelope(expires=format_time(NOW)))),
    Denied("from_the_future", "issued-in-future",
           entry(envelope(issued=format_time(NOW + DAY / 24)))),
    # control entries
    Denied("control_type", "control-type",
           entry(control("signature", object=envelope().object)), PROPOSED),
    Denied("control_size", "control-size", entry(control("signature"), size=16_385), PROPOSED),
    Denied("control_text_unknown", "no-agreement",
           entry(control("signature", agreement=None)), PROPOSED),
    Denied("control_text_unknown", "agreement-unknown", entry(control("signature")),
           known(*peers(*ALL)), waits=True),
    Denied("control_author", "control-author",
           entry(control("signature", author=DELTA, origin=origin(3))), PROPOSED),
    Denied("control_author", "control-author",
           entry(control("proposal", author=DELTA, origin=origin(3)), parties=CIRCLE), PROPOSED),
    Denied("control_author", "accession-not-decided",
           entry(control("signature", author=DELTA, origin=origin(3))),
           known(*peers(*ALL), *agreed(replace(TERMS, council=COUNCIL))), waits=True),
    Denied("control_audience", "control-audience-circle",
           entry(control("signature", audience=(ALFA, BETA))), PROPOSED),
    Denied("control_audience", "control-audience-circle",
           entry(control("withdrawal", audience=(*CIRCLE, DELTA)))),
    Denied("control_audience", "control-audience-circle",
           entry(control("proposal", audience=(ALFA, BETA)), parties=CIRCLE)),
    Denied("control_audience", "control-audience-anyone",
           entry(control("card", audience=(PARTIES,)))),
    Denied("control_audience", "control-audience-one",
           entry(control("notice", audience=(BETA, GAMMA)))),
    Denied("control_lapsed", "agreement-ended", entry(control("signature")), now=ENDED),
    Denied("control_base", "amended-text-unknown",
           entry(control("proposal"), parties=CIRCLE, amends=OTHER_SHA), waits=True),
    Denied("control_base", "amendment-drops-party",
           entry(control("proposal", audience=(ALFA, BETA)), parties=(ALFA, BETA), amends=SHA),
           waits=True),
    # the legal basis
    Denied("no_agreement", "no-agreement", entry(envelope(agreement=None))),
    Denied("agreement_unknown", "agreement-unknown", facts=known(*peers(*ALL)), waits=True),
    Denied("other_text", "agreement-other-text",
           entry(envelope(agreement=AgreementRef(id=AGREEMENT, sha256=OTHER_SHA)))),
    Denied("not_in_force_at_issue", "agreement-awaits", facts=PROPOSED, waits=True),
    Denied("not_in_force_at_issue", "agreement-never-adopted",
           facts=known(*peers(*ALL), proposal(), signature(ALFA), withdrawal(GAMMA))),
    Denied("not_in_force_at_issue", "agreement-not-begun",
           facts=terms(valid_from=NOW + DAY)),
    Denied("not_in_force_at_issue", "agreement-not-begun", issued_at=START - DAY),
    Denied("ended", "agreement-ended", now=ENDED),
    Denied("ended", ("recipient-not-party", "agreement-abandoned"),
           facts=known(*peers(*ALL), *agreed(), withdrawal(GAMMA), withdrawal(BETA))),
    Denied("author_not_party", "author-not-party",
           facts=known(*peers(*ALL), *agreed(), withdrawal(ALFA))),
    Denied("author_not_party", "author-not-party",
           entry(envelope(author=DELTA, origin=origin(3)))),
    Denied("recipient_not_party", "recipient-not-party", recipient=DELTA),
    Denied("recipient_not_party", "amendment-awaited", recipient=DELTA, waits=True,
           facts=known(*peers(*ALL), *agreed(),
                       proposal(replace(TERMS, parties=ALL, amends=SHA), BETA, sha256=OTHER_SHA))),
    Denied("recipient_not_party", "recipient-not-party",
           facts=known(*peers(*ALL), *agreed(), withdrawal(BETA))),
    Denied("recipient_out_of_community", "recipient-rests",
           facts=known(*peers(*ALL), *agreed(), *decided("suspend", BETA)), waits=True),
    Denied("recipient_out_of_community", "recipient-departed",
           facts=known(*peers(*ALL), *agreed(), *decided("note-departure", BETA))),
    Denied("recipient_out_of_community", "recipient-departed",
           facts=known(*peers(*ALL), *agreed(TERMS, OTHER_AGREEMENT, OTHER_SHA),
                       *agreed(replace(TERMS, charter=OTHER_AGREEMENT)),
                       withdrawal(BETA, agreement=OTHER_AGREEMENT, sha256=OTHER_SHA))),
    # handling
    Denied("no_tlp", "tlp-missing", entry(handled(tlp=None))),
    Denied("looser_than_object", "tlp-looser", entry(markings=marked(tlp="amber"))),
    Denied("looser_than_object", "pap-looser", entry(markings=marked(pap="amber"))),
    Denied("unresolved_marking", "marking-unresolved",
           entry(markings=marked(unresolved=("marking-definition--x",))), waits=True),
    Denied("tlp_above", "tlp-above", facts=terms(tlp_ceiling="clear")),
    Denied("tlp_above", "tlp-above", entry(handled(tlp=None), markings=marked(tlp="amber")),
           terms(tlp_ceiling="green")),
    Denied("pap_above", "pap-missing", entry(handled(pap=None))),
    Denied("pap_above", "pap-above", entry(handled(pap="red"))),
    Denied("red_not_named", "red-audience", entry(handled(tlp="red", named=("Duty officer",)))),
    Denied("red_not_named", "red-names",
           entry(replace(handled(tlp="red"), audience=(BETA,)))),
    Denied("outside_area", "area-missing", entry(handled(area=None))),
    Denied("outside_area", "area-outside", entry(handled(area="arms"))),
    Denied("outside_purpose", "purpose-missing", entry(handled(purpose=None))),
    Denied("outside_purpose", "purpose-outside", entry(handled(purpose="marketing"))),
    Denied("outside_types", "type-outside", facts=terms(object_types=("malware",))),
    Denied("not_actual", "status-not-allowed", entry(envelope(status="exercise"))),
    Denied("not_actual", "status-not-allowed", entry(envelope(status="test"))),
    Denied("unknown_code", "code-unknown", entry(handled(codes=("H9",)))),
    Denied("let_go_alone", "approvals-missing",
           entry(replace(handled(tlp="red", named=("Duty officer",), approvals=()),
                         audience=(BETA,)))),
    Denied("let_go_alone", "approvals-missing",
           entry(replace(handled(tlp=None, named=("Duty officer",), approvals=("One",)),
                         audience=(BETA,)), markings=marked(tlp="red"))),
    Denied("let_go_alone", "approvals-missing",
           entry(handled(codes=("H2",), approvals=("One", " ONE ")))),
    Denied("let_go_alone", "approvals-missing",
           entry(handled(purpose="investigation", approvals=())),
           terms(evidence=EvidenceClause(codes=(), purposes=("investigation",)))),
    # descriptions of natural persons
    Denied("persons_not_allowed", "personal-not-allowed", about_a_person(personal()),
           terms(personal_data=None)),
    Denied("persons_not_allowed", "personal-not-allowed", about_a_person(personal()),
           terms(personal_data=NO_PERSONS)),
    Denied("persons_purpose", "personal-purpose",
           about_a_person(personal(purpose="defence"))),
    Denied("persons_retention", ("personal-retention-missing", "personal-approvals"),
           about_a_person(handled(purpose="investigation"))),
    Denied("persons_retention", "personal-retention-over", about_a_person(personal(until=NOW))),
    Denied("persons_retention", "personal-retention-long",
           about_a_person(personal(until=NOW + 31 * DAY))),
    Denied("persons_approvals", "personal-approvals",
           about_a_person(personal(approvals=("First Person", " first person ")))),
    # passing on
    Denied("source_not_held", "onward-source-unknown", passed_on(received=None)),
    Denied("onward_not_allowed", "onward-none", passed_on(), terms(onward="none")),
    Denied("onward_not_allowed", "onward-none", passed_on(received=ELSEWHERE)),
    Denied("onward_not_allowed", "onward-none", passed_on(received=ELSEWHERE), with_other("none")),
    Denied("onward_not_allowed", "onward-within", passed_on(received=ELSEWHERE),
           with_other("agreement")),
    Denied("onward_permission", "permission-unknown", passed_on(PERMITTED), waits=True),
    Denied("onward_permission", "permission-other", passed_on(PERMITTED), permitted(to=BETA)),
    Denied("onward_permission", "permission-over", passed_on(PERMITTED), permitted(granted=False)),
    Denied("onward_looser", "onward-looser",
           passed_on(received=replace(RECEIVED, handling=replace(HANDLING, tlp="amber")))),
    Denied("onward_strict", "onward-strict", passed_on(handled(tlp="amber+strict"))),
    Denied("onward_codes", "onward-code",
           passed_on(received=replace(RECEIVED, handling=replace(HANDLING, codes=("H1",))))),
    Denied("onward_codes", "onward-code",
           passed_on(handled(codes=("H3",), restriction="ask first"),
                     replace(RECEIVED, handling=replace(HANDLING, codes=("H3",))))),
    Denied("onward_regraded", "onward-regraded",
           passed_on(received=replace(RECEIVED, handling=replace(HANDLING, evaluation=Evaluation(
               scheme="admiralty", source="B", information="2"))))),
    Denied("onward_h2", "onward-h2", passed_on(handled(codes=("H2",)))),
    Denied("onward_h2", ("onward-code", "onward-h2"),
           passed_on(received=replace(RECEIVED, handling=replace(HANDLING, codes=("H2",))))),
]  # fmt: skip

ALLOWED = {
    "an object to a party": (entry(), IN_FORCE),
    "an object to a named party": (entry(envelope(audience=(BETA,))), IN_FORCE),
    "RED to a named party": (
        entry(replace(handled(tlp="red", named=("Duty officer",)), audience=(BETA,))), IN_FORCE,
    ),
    "an object marked by itself alone": (
        entry(handled(tlp=None, pap=None), markings=marked(tlp="amber", pap="green")), IN_FORCE,
    ),
    "handling tighter than the object's own": (
        entry(handled(tlp="amber"), markings=marked(tlp="green")), IN_FORCE,
    ),
    "a marking definition, whatever the types": (
        entry(envelope(object=ObjectRef(
            id="marking-definition--33333333-3333-4333-8333-333333333333",
            type="marking-definition", modified=None))), IN_FORCE,
    ),
    "an exercise where the agreement has them": (
        entry(envelope(status="exercise")), terms(exercise=True),
    ),
    "a description of a person as the clause says": (about_a_person(personal()), IN_FORCE),
    "passed on within the agreement": (passed_on(), IN_FORCE),
    "passed on from a public agreement": (passed_on(received=ELSEWHERE), with_other("public")),
    "evidential codes to a first recipient": (entry(handled(codes=("H1", "H2", "H3"))), IN_FORCE),
    "a proposal": (PROPOSAL, known(*peers(*ALL))),
    "a signature under a proposal": (entry(control("signature")), PROPOSED),
    "a withdrawal after the end": (
        entry(control("withdrawal")),
        known(*peers(*ALL), *agreed(), withdrawal(GAMMA), withdrawal(ALFA)),
    ),
    "a card without any agreement": (
        entry(control("card", agreement=None, audience=(BETA, DELTA))), known(*peers(*ALL)),
    ),
    "a notice to one": (
        entry(control("notice", agreement=None, audience=(BETA,))), known(*peers(*ALL)),
    ),
}  # fmt: skip
