"""A community of agreements, and entries before the release rule: random, distinct, reproducible.

Everything is drawn: who is a party of what, on which terms, with which reservations and objections;
and for each verdict an entry and a recipient of their own, most of them in order, the others with
one thing wrong.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.envelope import (
    GROUP_VERSION,
    NO_HANDLING,
    PARTIES,
    VERSION,
    AgreementRef,
    EntryRef,
    Envelope,
    Evaluation,
    Handling,
    ObjectRef,
    PersonalData,
)
from accord.ledger.keys import member_id
from accord.rules.acts import (
    ObjectionSeen,
    PeerConfirmed,
    PeerSuspended,
    ProposalSeen,
    SelfKnown,
    SignatureSeen,
    What,
    WithdrawalSeen,
)
from accord.rules.areas import AREAS
from accord.rules.facts import Fact, Facts, fold
from accord.rules.narrowing import Narrowing
from accord.rules.release import Entry
from accord.rules.reserving import Reservation
from accord.rules.terms import (
    EvaluationClause,
    EvidenceClause,
    ImplementingRule,
    NeutralityClause,
    PersonalDataClause,
    Terms,
)
from accord.stix.markings import PAP_ORDER, TLP_ORDER, Markings

from .bodies import Charters, Groups

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PURPOSES = ("prevention", "detection", "investigation", "defence", "court", "statistics")
TYPES = ("indicator", "malware", "report", "identity", "note", "sighting", "tool", "location")
INCIDENTS = ("fraud", "theft", "intrusion", "smuggling")
_GRADES = Evaluation(scheme="admiralty", source="B", information="2")
_SHA = "ab" * 32
_OWN = 5  # every so many agreements, one to which the node itself belongs


class Asked(msgspec.Struct, frozen=True):
    """One question: may this entry go to this member?"""

    entry: Entry
    recipient: str


class Community:
    """`members` and `agreements` (id and terms) as they are drawn, and the facts they make."""

    def __init__(self, seed: int, members: int, agreements: int) -> None:
        self.draw = random.Random(seed)
        self.origins = [f"accord/{number:040x}" for number in range(members)]
        self.members = [member_id(origin) for origin in self.origins]
        self.origin_of = dict(zip(self.members, self.origins, strict=True))
        self.agreements: list[tuple[str, Terms]] = []
        whats: list[What] = [SelfKnown(member=self.members[0], origin=self.origins[0])]
        others = zip(self.members[1:], self.origins[1:], strict=True)
        whats += [PeerConfirmed(member=member, origin=origin) for member, origin in others]
        self.charters = Charters(self.draw, self.origin_of)
        self.groups = Groups(self.draw, self.members[0], self.origin_of)
        whats += self.charters.whats(START, NOW - 20 * DAY)
        for number in range(agreements):
            name = f"accord-agreement--{number:08x}-0000-4000-8000-000000000000"
            terms = self._terms(number)
            self.agreements.append((name, terms))
            whats += self._agreed(name, terms)
        whats += self.groups.whats(self.agreements)
        whats += [PeerSuspended(member=each) for each in self.draw.sample(self.members[1:], 4)]
        facts = fold(
            Fact(seq=seq, recorded_at=getattr(what, "issued", START), what=what)
            for seq, what in enumerate(whats, start=1)
        )
        self.facts: Facts = self.charters.decided(facts, NOW - 40 * DAY)

    def _maybe(self, share: float, value: Any, otherwise: Any = None) -> Any:
        return value if self.draw.random() < share else otherwise

    def _parties(self, number: int) -> tuple[list[str], list[str]]:
        """Those whom an agreement names, and those who may accede."""
        parties = self.draw.sample(self.members, self.draw.randint(2, 24))
        if number % _OWN == 0 and self.members[0] not in parties:
            parties[0] = self.members[0]
        return (parties[:-2], parties[-2:]) if len(parties) > 6 else (parties, [])

    def _terms(self, number: int) -> Terms:
        draw = self.draw
        parties, accession = self._parties(number)
        areas = tuple(draw.sample(list(AREAS), draw.randint(1, 5)))
        purposes = tuple(draw.sample(PURPOSES, draw.randint(1, 4)))
        ceiling: Any = draw.choice(TLP_ORDER[1:])
        words = dict.fromkeys(("zh", "ru", "en"), "-")
        rule = ImplementingRule(
            id="one", areas=areas[:1], narrows=Narrowing(tlp_ceiling="green"), texts=words
        )
        return Terms(
            name=f"Agreement {number}",
            titles=words,
            texts=words,
            parties=tuple(parties),
            accession=tuple(accession),
            areas=areas,
            purposes=purposes,
            object_types=self._maybe(0.7, tuple(draw.sample(TYPES, 6)), ()),
            tlp_ceiling=ceiling,
            pap_ceiling=self._maybe(0.4, draw.choice(PAP_ORDER[1:])),
            onward=draw.choice(("none", "agreement", "public")),
            attribution=self._maybe(0.2, "must not"),
            retention_days=self._maybe(0.3, 120),
            valid_from=START,
            valid_until=self._maybe(0.5, START + 365 * DAY),
            exercise=draw.random() < 0.2,
            charter=self.charters.cited() if draw.random() < 0.25 else None,
            personal_data=self._maybe(
                0.4, PersonalDataClause(allowed=True, purposes=purposes[:1], max_days=90)
            ),
            evidence=self._maybe(0.3, EvidenceClause(codes=("H1", "H2"), purposes=("court",))),
            evaluation=self._maybe(
                0.2, EvaluationClause(schemes=("admiralty",), required=draw.random() < 0.5)
            ),
            neutrality=self._maybe(0.2, NeutralityClause(areas=areas[:1], incidents=INCIDENTS[:3])),
            implementing_rules=self._maybe(0.2, (rule,), ()),
        )

    def _agreed(self, name: str, terms: Terms) -> Iterator[What]:
        def said(author: str, when: datetime = START) -> dict[str, Any]:
            return {
                "author": author,
                "ledger": self.origin_of[author],
                "audience": terms.circle,
                "issued": when,
                "agreement": name,
                "sha256": _SHA,
                "created_by": author,
            }

        yield ProposalSeen(**said(terms.parties[0]), terms=terms)
        for party in terms.circle:
            narrows = Narrowing(tlp_ceiling="green", purposes=terms.purposes[:1])
            reservation = Reservation(text="-", narrows=narrows)
            yield SignatureSeen(
                **said(party), person="-", office="-", reservation=self._maybe(0.03, reservation)
            )
        if len(terms.parties) > 4 and self.draw.random() < 0.3:
            one, other, leaving = self.draw.sample(terms.parties, 3)
            yield ObjectionSeen(
                **said(one), about="reservation", member=other, precludes=True, reason="-"
            )
            yield WithdrawalSeen(**said(leaving, NOW - 10 * DAY), reason="-")

    def questions(self, count: int) -> list[Asked]:
        """Distinct entries; about three of ten have one thing wrong."""
        return [self._question(number) for number in range(count)]

    def _question(self, number: int) -> Asked:
        draw = self.draw
        name, terms = draw.choice(self.agreements)
        author, recipient = draw.sample(terms.circle, 2)
        type_ = draw.choice(terms.object_types or TYPES)
        asked = Envelope(
            accord=VERSION,
            origin=self.origin_of[author],
            author=author,
            kind="object",
            agreement=AgreementRef(id=name, sha256=_SHA),
            audience=self._maybe(0.7, (PARTIES,), (recipient, author)),
            handling=self._handling(terms),
            urgency="routine",
            status=self._maybe(0.95, "actual", "exercise" if terms.exercise else "actual"),
            operation=None,
            object=ObjectRef(
                id=f"{type_}--{number:08x}-1111-4111-8111-111111111111", type=type_, modified=None
            ),
            source=None,
            supersedes=None,
            issued=format_time(NOW - timedelta(microseconds=draw.randrange(30 * 86_400_000_000))),
            expires=self._maybe(0.1, format_time(NOW + DAY)),
        )
        person = asked.handling.personal is not None
        entry = Entry(
            envelope=asked,
            markings=Markings(tlp=self._maybe(0.3, "clear")),
            size=draw.randrange(200, 4000),
            person_triggers=("name",) if person else (),
        )
        if draw.random() < 0.08:
            entry = self._passed_on(entry, terms)
        elif name in self.groups.of_agreement and draw.random() < 0.5:
            entry, recipient = self._for_its_group(entry, recipient, name)
        if draw.random() < 0.3:
            entry, recipient = self._spoilt(entry, recipient)
        return Asked(entry, recipient)

    def _handling(self, terms: Terms) -> Handling:
        draw = self.draw
        person = terms.personal_data is not None and draw.random() < 0.2
        area = draw.choice(terms.areas)
        top = TLP_ORDER.index("green" if terms.implementing_rules else terms.tlp_ceiling)
        tlp: Any = TLP_ORDER[draw.randint(0, min(top, 3))]
        pap: Any = PAP_ORDER[draw.randint(0, PAP_ORDER.index(terms.pap_ceiling or "amber"))]
        neutral = terms.neutrality is not None and area in terms.neutrality.areas
        until = format_time(NOW + 20 * DAY)
        return replace(
            NO_HANDLING,
            tlp=tlp,
            pap=pap,
            area=area,
            purpose=terms.purposes[0] if person else draw.choice(terms.purposes),
            incident=draw.choice(INCIDENTS[:3]) if neutral else None,
            codes=self._maybe(0.1, ("H2",), ()),
            evaluation=_GRADES if terms.evaluation is not None else None,
            personal=PersonalData(retain_until=until, approvals=("A", "B")) if person else None,
            approvals=self._maybe(0.9, ("A", "B"), ("A",)),
        )

    def _passed_on(self, entry: Entry, terms: Terms) -> Entry:
        source = replace(entry.envelope, author=self.draw.choice(terms.parties))
        ref = EntryRef(origin=self.origins[1], index=1, commitment=_SHA)
        return replace(entry, envelope=replace(entry.envelope, source=ref), source=source)

    def _for_its_group(self, entry: Entry, recipient: str, agreement: str) -> tuple[Entry, str]:
        """Most are from one of its members to another."""
        draw, group, author = self.draw, self.groups.of_agreement[agreement], entry.envelope.author
        if draw.random() < 0.9:
            author, recipient = draw.sample(group.members, 2)
        if draw.random() < 0.05:
            agreement = draw.choice(self.agreements)[0]
        envelope = replace(
            entry.envelope,
            accord=GROUP_VERSION,
            author=author,
            origin=self.origin_of[author],
            agreement=AgreementRef(id=agreement, sha256=_SHA),
            audience=(group.id,),
            roster=draw.choice(group.states),
        )
        return replace(entry, envelope=envelope), recipient

    def _spoilt(self, entry: Entry, recipient: str) -> tuple[Entry, str]:
        """One thing is wrong with it, or with who asks."""
        draw, asked = self.draw, entry.envelope
        handling: dict[str, Any] = draw.choice(
            (
                {"tlp": "red"},
                {"tlp": None},
                {"pap": "red"},
                {"area": "weather"},
                {"purpose": "marketing"},
                {"codes": ("H9",)},
                {"codes": ("H3",)},
                {"incident": "gossip"},
                {"evaluation": None},
                {"evaluation": replace(_GRADES, scheme="4x4", source="A")},
                {},
            )
        )
        if handling:
            spoilt = replace(asked, handling=replace(asked.handling, **handling))
            return replace(entry, envelope=spoilt), recipient
        envelope: dict[str, Any] = draw.choice(
            (
                {"audience": () if asked.roster is None else ("accord-group--",)},
                {"agreement": AgreementRef(id=draw.choice(self.agreements)[0], sha256="ef" * 32)},
                {"object": ObjectRef(id=asked.object.id, type="campaign", modified=None)},
                {"status": "exercise"},
                {"expires": format_time(NOW - DAY)},
                {"issued": format_time(START - DAY)},
                {
                    "author": (stranger := draw.choice(self.members)),
                    "origin": self.origin_of[stranger],
                },
                {},
            )
        )
        if envelope:
            return replace(entry, envelope=replace(asked, **envelope)), recipient
        return entry, draw.choice(self.members)
