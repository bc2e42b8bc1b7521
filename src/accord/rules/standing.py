"""Whether an agreement's text is in force at a time, since when, and between whom.

A text lives from its adoption (every named party has signed it, or a council of which all of them
are members decided it) or its start, whichever is later, until its end, or until withdrawals leave
fewer than two parties. An amendment is a further text that is adopted like the first; in force, it
takes the place of the one it amends. All of it follows from the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from accord.stix.markings import PAP_ORDER, TLP_ORDER

from .acts import ObjectionSubject
from .community.belonging import Community
from .reserving import Reservation
from .terms import Terms
from .terms_spec import NOTIFYING

NEVER = datetime.max.replace(tzinfo=UTC)
_ANY_PAP: frozenset[str | None] = frozenset((None, *PAP_ORDER))

State = Literal["proposed", "adopted", "in-force", "superseded", "ended", "withdrawn"]


class Proposal(msgspec.Struct, frozen=True):
    """The text, and who proposed it when."""

    author: str
    terms: Terms
    seq: int
    at: datetime


class Signed(msgspec.Struct, frozen=True):
    """A signature under one text. `at` of an accession is when it was proved to exist.

    `reservation` stays on record when it is taken back, at `unreserved`.
    """

    person: str
    office: str
    seq: int
    at: datetime
    reservation: Reservation | None = None
    unreserved: datetime | None = None


class Objection(msgspec.Struct, frozen=True):
    """An objection to a member's reservation or accession, or to the next renewal."""

    author: str
    about: ObjectionSubject
    member: str | None
    precludes: bool
    reason: str
    seq: int
    at: datetime
    withdrawn: datetime | None = None


class Left(msgspec.Struct, frozen=True):
    """A party's withdrawal from an agreement, under whatever text."""

    reason: str
    seq: int
    at: datetime


class Life(msgspec.Struct, frozen=True):
    """When an adopted text is in force: from `since`, up to and not including `ends`.

    `joined` are those who acceded, and since when; `superseded` is when the text with the hash
    `successor` took its place.
    """

    adopted: datetime
    since: datetime
    ends: datetime | None
    by_withdrawal: bool
    left: dict[str, datetime]
    joined: dict[str, datetime] = {}
    superseded: datetime | None = None
    successor: str | None = None

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.ends is None or moment < self.ends)


class Index(msgspec.Struct, frozen=True):
    """What the release rule looks up of a text in force, prepared once.

    From `settled` on it is in force and the last accession counts. `plain` are the parties of whom
    nothing is to be asked then: they have not left, have no reservation, and no objection bars
    them. `steady`: no amendment and no unknown field. `charter` is the one that it stands under.
    The sets are what an entry may say without a further question, `particular` the areas with
    rules or declarations of their own.
    """

    settled: datetime
    ends: datetime
    steady: bool
    charter: str | None
    declared: frozenset[str]  # by a charter: its areas
    plain: frozenset[str]
    tlps: frozenset[str | None]
    paps: frozenset[str | None]
    areas: frozenset[str | None]
    purposes: frozenset[str | None]
    evidence: frozenset[str | None]  # the purposes that are evidential use
    types: frozenset[str]  # empty: any
    keep: timedelta | None  # for so long after the issue, where the terms limit it
    particular: frozenset[str | None]
    graded: bool


class TextFacts(msgspec.Struct, frozen=True):
    """What is known of one text: its proposal, who signed it, and its life once all did.

    `parties` are those it names, `reserved` the reservations by party, `barred` the pairs between
    whom an objection lets nothing flow, each in both orders, and since when.
    """

    sha256: str
    proposal: Proposal
    parties: frozenset[str]
    signatures: dict[str, Signed]
    life: Life | None
    objections: tuple[Objection, ...] = ()
    circle: frozenset[str] = frozenset()
    reserved: dict[str, Reservation] = {}
    barred: dict[tuple[str, str], datetime] = {}
    decided: datetime | None = None  # a council put it in force, without waiting for signatures
    decided_by: str | None = None  # by which motion

    index: Index | None = None  # of an adopted text

    @property
    def known(self) -> tuple[str, ...]:
        """The circle in the order of the text, and after it who signed a charter when admitted."""
        circle = self.proposal.terms.circle
        return circle + tuple(each for each in self.signatures if each not in self.circle)

    def is_party(self, member: str, moment: datetime) -> bool:
        """Whether `member` is a party at `moment`: named or acceded by then, and not gone."""
        life = self.life
        if member not in self.parties:
            joined = life.joined.get(member) if life is not None else None
            if joined is None or moment < joined:
                return False
        if life is None or not life.left:
            return True
        leaves = life.left.get(member)
        return leaves is None or moment < leaves


class AgreementFacts(msgspec.Struct, frozen=True):
    """All texts proposed under one id, by hash, and the withdrawals from all of them.

    `community` is that of a charter, once its text founded a council.
    """

    id: str
    texts: dict[str, TextFacts]
    withdrawals: dict[str, Left]
    community: Community | None = None

    def ruling(self, text: TextFacts, moment: datetime) -> TextFacts:
        """The text that stands in the place of `text` at `moment`: itself, or an amendment."""
        life = text.life
        while life is not None and life.superseded is not None and life.superseded <= moment:
            text = self.texts[life.successor or ""]
            life = text.life
        return text

    def in_force(self, moment: datetime) -> TextFacts | None:
        """The text that is in force at `moment`; None when none is."""
        for text in self.texts.values():
            life = text.life
            if life is None or not life.covers(moment):
                continue
            if life.superseded is None or moment < life.superseded:
                return text
        return None


class Standing(msgspec.Struct, frozen=True):
    """How a text stands at a time. `parties` is empty unless it is in force."""

    state: State
    since: datetime | None
    until: datetime | None
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    parties: tuple[str, ...]
    decided_by: str | None = None  # the motion that put it in force before all had signed


def standing(agreement: AgreementFacts, sha256: str, at: datetime) -> Standing | None:
    """How the text with this hash stands at `at`; None when no such text was proposed."""
    text = agreement.texts.get(sha256)
    if text is None:
        return None
    terms, known = text.proposal.terms, text.known
    signed = tuple(p for p in known if p in text.signatures and text.signatures[p].at <= at)
    state = _state(agreement, text, at)
    life = text.life
    return Standing(
        state=state,
        since=life.since if life is not None else None,
        until=life.ends if life is not None else terms.valid_until,
        signed=signed,
        missing=tuple(p for p in terms.parties if p not in signed),
        parties=tuple(p for p in known if text.is_party(p, at)) if state == "in-force" else (),
        decided_by=text.decided_by if life is not None and life.adopted == text.decided else None,
    )


def _state(agreement: AgreementFacts, text: TextFacts, at: datetime) -> State:
    life, terms = text.life, text.proposal.terms
    if life is not None and life.superseded is not None and life.superseded <= at:
        return "superseded"
    if life is None and _overtaken(agreement, text, at):
        return "superseded"
    if life is not None and life.ends is not None and life.ends <= at:
        return "withdrawn" if life.by_withdrawal else "ended"
    if life is None and terms.valid_until is not None and terms.valid_until <= at:
        return "ended"
    if life is not None:
        if life.since <= at:
            return "in-force"
        return "adopted" if life.adopted <= at else "proposed"
    if any(
        party in text.parties and left.at <= at for party, left in agreement.withdrawals.items()
    ):
        return "withdrawn"
    return "proposed"


def _overtaken(agreement: AgreementFacts, text: TextFacts, at: datetime) -> bool:
    """Whether another amendment has taken the place of the text that this one would amend."""
    base = agreement.texts.get(text.proposal.terms.amends or "")
    life = base.life if base is not None else None
    return life is not None and life.superseded is not None and life.superseded <= at


def may_still_be_adopted(agreement: AgreementFacts, text: TextFacts, at: datetime) -> bool:
    """Whether signatures that this node has not seen could yet bring the text into force."""
    return text.life is None and _state(agreement, text, at) == "proposed"


def relive(agreement: AgreementFacts) -> AgreementFacts:
    """The agreement with the lives of all its texts as its signatures and withdrawals make them."""
    community = agreement.community
    admitted = community.acceding if community is not None else {}
    texts = {
        sha256: msgspec.structs.replace(text, life=_life_of(text, agreement.withdrawals, admitted))
        for sha256, text in agreement.texts.items()
    }
    # An amendment was proposed after the text it amends was known, so that one comes before it.
    for base in texts:
        _supersede(texts, base)
    for sha256, text in texts.items():
        if text.life is not None:
            index = _index(text, text.life, community)
            texts[sha256] = msgspec.structs.replace(text, index=index)
    return msgspec.structs.replace(agreement, texts=texts)


def _index(text: TextFacts, life: Life, community: Community | None) -> Index:
    terms, days = text.proposal.terms, text.proposal.terms.retention_days
    barred = {member for pair in text.barred for member in pair}
    parties = text.parties | life.joined.keys()
    if community is not None:  # to whom a council's decision lets nothing flow
        barred |= community.suspended.keys() | community.departed.keys()
    neutrality = terms.neutrality
    return Index(
        settled=max(life.since, *life.joined.values()) if life.joined else life.since,
        ends=life.ends or NEVER,
        steady=life.superseded is None and not terms.unknown,
        charter=terms.charter,
        declared=frozenset(each.area for each in terms.vocabulary),
        plain=parties - life.left.keys() - text.reserved.keys() - barred,
        tlps=_up_to(terms.tlp_ceiling, TLP_ORDER) - {"red"},
        paps=_up_to(terms.pap_ceiling, PAP_ORDER) if terms.pap_ceiling else _ANY_PAP,
        areas=frozenset(terms.areas),
        purposes=frozenset(terms.purposes) - {NOTIFYING},
        evidence=frozenset(terms.evidence.purposes if terms.evidence is not None else ()),
        types=frozenset(terms.object_types),
        keep=None if days is None else timedelta(days=days),
        particular=frozenset(neutrality.areas if neutrality is not None else ()).union(
            *(rule.areas for rule in terms.implementing_rules)
        ),
        graded=terms.evaluation is not None,
    )


def _up_to(ceiling: str, order: tuple[str, ...]) -> frozenset[str | None]:
    return frozenset(order[: order.index(ceiling) + 1])


def _supersede(texts: dict[str, TextFacts], base: str) -> None:
    """The first amendment of a text that comes into force takes its place; others never do."""
    before = texts[base].life
    rivals = [text for text in texts.values() if text.proposal.terms.amends == base]
    living: list[tuple[datetime, str, Life]] = []
    for text in rivals:
        life = text.life
        if life is None or before is None:
            texts[text.sha256] = msgspec.structs.replace(text, life=None)
            continue
        since = max(life.since, before.since)
        if before.ends is not None and before.ends <= since:
            texts[text.sha256] = msgspec.structs.replace(text, life=None)
            continue
        living.append((since, text.sha256, msgspec.structs.replace(life, since=since)))
    for place, (since, sha256, life) in enumerate(sorted(living, key=lambda each: each[:2])):
        kept = life if place == 0 else None
        texts[sha256] = msgspec.structs.replace(texts[sha256], life=kept)
        if place == 0 and before is not None:
            over = msgspec.structs.replace(before, superseded=since, successor=sha256)
            texts[base] = msgspec.structs.replace(texts[base], life=over)


def _life_of(
    text: TextFacts, withdrawals: Mapping[str, Left], admitted: Mapping[str, datetime]
) -> Life | None:
    """The life of a text that every party signed, or a council put in force; None of any other,
    and when a party left before its adoption.

    A signature's time is its author's word, never later than the time it is proved to exist; a
    backdated last signature can therefore antedate the adoption, but every party signed that text.
    """
    terms, signatures = text.proposal.terms, text.signatures
    signed = [signatures[party].at for party in terms.parties if party in signatures]
    adoptions = [text.decided] if text.decided is not None else []
    if len(signed) == len(terms.parties):
        adoptions.append(max(signed))
    if not adoptions:
        return None
    adopted = min(adoptions)
    left = {party: withdrawals[party].at for party in text.known if party in withdrawals}
    if any(left[party] <= adopted for party in terms.parties if party in left):
        return None
    since = max(adopted, terms.valid_from)
    joined = {
        member: max(since, signatures[member].at, admitted.get(member, since))
        for member in (*terms.accession, *(each for each in admitted if each not in text.circle))
        if member in signatures
    }
    ends, by_withdrawal = end_of(terms, text.objections), False
    alone = _alone(terms.parties, joined, left)
    if alone is not None and (ends is None or alone < ends):
        ends, by_withdrawal = alone, True
    return Life(adopted, since, ends, by_withdrawal, left, joined)


def _alone(
    parties: Iterable[str], joined: Mapping[str, datetime], left: Mapping[str, datetime]
) -> datetime | None:
    """The first moment at which withdrawals leave fewer than two parties."""
    if not left:
        return None
    for moment in sorted(left.values()):
        staying = sum(1 for party in parties if party not in left or left[party] > moment)
        staying += sum(
            1
            for member, since in joined.items()
            if since <= moment and (member not in left or left[member] > moment)
        )
        if staying < 2:
            return moment
    return None


def end_of(terms: Terms, objections: Iterable[Objection] = ()) -> datetime | None:
    """The end of a text: its own, moved by each renewal to which nobody objected in time."""
    end, renewal = terms.valid_until, terms.renewal
    if end is None or renewal is None:
        return end
    refused = [each for each in objections if each.about == "renewal"]
    for _ in range(renewal.times):
        latest = end - timedelta(days=renewal.notice_days)
        if any(_stood_at(each, latest) for each in refused):
            return end
        end += timedelta(days=renewal.days)
    return end


def _stood_at(objection: Objection, moment: datetime) -> bool:
    """Whether it had been made by then, and not been taken back."""
    withdrawn = objection.withdrawn
    return objection.at <= moment and (withdrawn is None or withdrawn > moment)
