"""A small community for the tests: three members, one agreement in force, one object under it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from accord.base.clock import format_time
from accord.ledger.envelope import (
    NO_HANDLING,
    PARTIES,
    VERSION,
    AgreementRef,
    Envelope,
    Handling,
    ObjectRef,
)
from accord.ledger.keys import member_id
from accord.rules.acts import ObjectionSubject
from accord.rules.facts import (
    Fact,
    Facts,
    ObjectionSeen,
    PeerConfirmed,
    ProposalSeen,
    SelfKnown,
    SignatureSeen,
    What,
    WithdrawalSeen,
    fold,
)
from accord.rules.narrowing import Narrowing
from accord.rules.release import Entry
from accord.rules.reserving import Direction, Reservation
from accord.rules.terms import PersonalDataClause, Terms
from accord.stix.markings import Markings

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def origin(number: int) -> str:
    return f"accord/{number:040x}"


def member(number: int) -> str:
    return member_id(origin(number))


ALFA, BETA, GAMMA, DELTA = (member(number) for number in range(4))
CIRCLE = (ALFA, BETA, GAMMA)
AGREEMENT = "accord-agreement--11111111-1111-4111-8111-111111111111"
OTHER_AGREEMENT = "accord-agreement--22222222-2222-4222-8222-222222222222"
SHA = "aa" * 32
OTHER_SHA = "bb" * 32
NUMBER_OF = {member(number): number for number in range(1000)}

TERMS = Terms(
    name="Rivers",
    titles={"zh": "协定", "ru": "Соглашение", "en": "Agreement"},
    texts={"zh": "文本", "ru": "Текст", "en": "Text"},
    parties=CIRCLE,
    areas=("it-crime",),
    purposes=("defence", "investigation"),
    object_types=("indicator", "identity"),
    tlp_ceiling="red",
    pap_ceiling="amber",
    onward="agreement",
    personal_data=PersonalDataClause(allowed=True, purposes=("investigation",), max_days=30),
    valid_from=START,
    valid_until=START + 365 * DAY,
)
HANDLING: Handling = replace(
    NO_HANDLING,
    tlp="green",
    pap="green",
    area="it-crime",
    purpose="defence",
    approvals=("first person", "second person"),  # read only where a level asks for two
)
UNMARKED = Markings(tlp=None, pap=None, statements=(), unresolved=())


def envelope(**changes: Any) -> Envelope:
    """An indicator that Alfa releases to all parties; `changes` replace fields."""
    plain = Envelope(
        accord=VERSION,
        origin=origin(0),
        author=ALFA,
        kind="object",
        agreement=AgreementRef(id=AGREEMENT, sha256=SHA),
        audience=(PARTIES,),
        handling=HANDLING,
        urgency="routine",
        status="actual",
        operation=None,
        object=ObjectRef(
            id="indicator--33333333-3333-4333-8333-333333333333",
            type="indicator",
            modified="2026-03-03T11:00:00.000Z",
        ),
        source=None,
        supersedes=None,
        issued=format_time(NOW),
        expires=None,
    )
    return replace(plain, **changes)


def handled(**changes: Any) -> Envelope:
    """The same with other handling."""
    return envelope(handling=replace(HANDLING, **changes))


def entry(of: Envelope | None = None, **changes: Any) -> Entry:
    plain = Entry(envelope=of if of is not None else envelope(), markings=UNMARKED, size=500)
    return replace(plain, **changes)


def marked(**changes: Any) -> Markings:
    return replace(UNMARKED, **changes)


def peers(*members: str, me: str = ALFA) -> list[What]:
    """What makes this node `me`, with confirmed peers."""
    known: list[What] = [SelfKnown(member=me, origin=origin(NUMBER_OF[me]))]
    known += [PeerConfirmed(member=m, origin=origin(NUMBER_OF[m])) for m in members if m != me]
    return known


def _statement(author: str, agreement: str, sha256: str, when: datetime) -> dict[str, Any]:
    return {
        "author": author,
        "ledger": origin(NUMBER_OF[author]),
        "audience": CIRCLE,
        "issued": when,
        "agreement": agreement,
        "sha256": sha256,
        "created_by": author,
    }


def proposal(
    terms: Terms = TERMS,
    author: str = ALFA,
    agreement: str = AGREEMENT,
    sha256: str = SHA,
    when: datetime = START,
) -> ProposalSeen:
    said = _statement(author, agreement, sha256, when) | {"audience": terms.circle}
    return ProposalSeen(**said, terms=terms)


def signature(
    author: str,
    agreement: str = AGREEMENT,
    sha256: str = SHA,
    when: datetime = START,
    parties: tuple[str, ...] = CIRCLE,
    reservation: Reservation | None = None,
) -> SignatureSeen:
    said = _statement(author, agreement, sha256, when) | {"audience": parties}
    return SignatureSeen(**said, person="A. Person", office="Head", reservation=reservation)


def reserving(direction: Direction = "both", **narrows: Any) -> Reservation:
    """A reservation that narrows these terms."""
    return Reservation(text="our law", direction=direction, narrows=Narrowing(**narrows))


def objection(
    author: str,
    member: str | None,
    when: datetime = NOW,
    about: ObjectionSubject = "reservation",
    **changes: Any,
) -> ObjectionSeen:
    said = _statement(author, AGREEMENT, SHA, when)
    plain = ObjectionSeen(**said, about=about, member=member, precludes=True, reason="we object")
    return replace(plain, **changes)


def withdrawal(
    author: str, when: datetime = NOW, agreement: str = AGREEMENT, sha256: str = SHA
) -> WithdrawalSeen:
    return WithdrawalSeen(**_statement(author, agreement, sha256, when), reason="we leave")


def agreed(terms: Terms = TERMS, agreement: str = AGREEMENT, sha256: str = SHA) -> list[What]:
    """An agreement that all its parties have signed."""
    return [
        proposal(terms, terms.parties[0], agreement, sha256),
        *(signature(p, agreement, sha256, parties=terms.circle) for p in terms.parties),
    ]


def numbered(whats: Iterable[What]) -> list[Fact]:
    """Facts in this order; statements are recorded when they are issued."""
    return [
        Fact(seq=seq, recorded_at=getattr(what, "issued", START), what=what)
        for seq, what in enumerate(whats, start=1)
    ]


def known(*whats: What) -> Facts:
    return fold(numbered(whats))


def community(terms: Terms = TERMS, me: str = ALFA) -> Facts:
    """All members are confirmed peers and the agreement is in force between three of them."""
    return known(*peers(ALFA, BETA, GAMMA, DELTA, me=me), *agreed(terms))
