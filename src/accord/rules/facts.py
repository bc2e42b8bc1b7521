"""What a node knows, as a fold over numbered facts; any past state is the fold of a prefix.

A new kind of fact is a struct in `What`, a row in `_APPLY` and, where it is remembered, a field of
`Facts`. Facts are never changed or removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.base.messages import Message

from .acts import (
    Act,
    AgreementAct,
    ApplicationSeen,
    CouncilDecided,
    CouncilFounded,
    GroupClosed,
    GroupSeen,
    MembershipSaid,
    ObjectionSeen,
    ObjectionWithdrawn,
    PeerConfirmed,
    PeerFact,
    PeerRemoved,
    PeerResumed,
    PeerSuspended,
    PermissionAsked,
    PermissionGiven,
    ProposalSeen,
    ReservationWithdrawn,
    SelfKnown,
    SignatureSeen,
    StatedAct,
    Statement,
    TextDecided,
    What,
    WithdrawalSeen,
)
from .community.accession import why_void_application
from .community.belonging import after_decision, founded_community
from .community.circles import Circle, why_void_word, with_state, with_word
from .permissions import why_void_permission
from .standing import (
    AgreementFacts,
    Left,
    Objection,
    Proposal,
    Signed,
    TextFacts,
    relive,
)
from .taking_back import unobjected, unreserved
from .terms import reread
from .void import why_void_in

__all__ = [
    "Act",
    "AgreementAct",
    "Fact",
    "Facts",
    "GroupClosed",
    "GroupSeen",
    "Member",
    "MembershipSaid",
    "ObjectionSeen",
    "PeerConfirmed",
    "PeerFact",
    "PeerRemoved",
    "PeerResumed",
    "PeerSuspended",
    "PermissionAsked",
    "PermissionGiven",
    "ProposalSeen",
    "SelfKnown",
    "SignatureSeen",
    "StatedAct",
    "Statement",
    "TextDecided",
    "What",
    "WithdrawalSeen",
    "decode_fact",
    "encode_fact",
    "fold",
    "why_void",
]


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing learned: its number, when it was recorded here, when witnesses saw its entry."""

    seq: int
    recorded_at: datetime
    witnessed_at: datetime | None = None
    what: What

    @property
    def proved_at(self) -> datetime:
        """When the entry existed for certain: the earliest co-signature, else when it came here."""
        return self.witnessed_at if self.witnessed_at is not None else self.recorded_at


PeerStanding = Literal["confirmed", "suspended", "removed"]


class Member(msgspec.Struct, frozen=True):
    """Another member as this node stands to it."""

    origin: str
    standing: PeerStanding


class Facts(msgspec.Struct, frozen=True):
    """All that verdicts rest on, as of fact number `seq`. Its dictionaries are never changed."""

    seq: int = 0
    me: str | None = None
    members: dict[str, Member] = {}
    agreements: dict[str, AgreementFacts] = {}
    asked: dict[str, PermissionAsked] = {}  # requests to pass on, by id
    permissions: dict[tuple[str, str], PermissionGiven] = {}  # by ledger and id
    applications: dict[tuple[str, str], ApplicationSeen] = {}  # by body and applicant: the newest
    operations: dict[str, CouncilDecided] = {}  # what councils activated, for operations to read
    groups: dict[str, Circle] = {}  # the working groups that this member is or was in

    def with_(self, *facts: Fact) -> Facts:
        """These facts and more, whose numbers must go up from `seq` (`ValueError`)."""
        return _folded(self, facts)

    def applied_to(self, body: str) -> bool:
        """Whether this member asks to belong to a body, and has not taken that back."""
        asked = self.applications.get((body, self.me or ""))
        return asked is not None and not asked.withdrawn

    def text(self, agreement: str, sha256: str) -> TextFacts | None:
        """What is known of one text of one agreement."""
        known = self.agreements.get(agreement)
        return None if known is None else known.texts.get(sha256)


def fold(facts: Iterable[Fact]) -> Facts:
    """Everything known after `facts`, which come in the order of their numbers (`ValueError`)."""
    return _folded(Facts(), facts)


_decoder = msgspec.json.Decoder(Fact)


def encode_fact(fact: Fact) -> bytes:
    """The form in which a fact is stored."""
    return msgspec.json.encode(fact)


def decode_fact(raw: bytes) -> Fact:
    """The fact that `encode_fact` wrote; `msgspec.DecodeError` for anything else."""
    fact = _decoder.decode(raw)
    what = fact.what
    if isinstance(what, ProposalSeen) and what.terms.unread is not None:
        known = msgspec.structs.replace(what, terms=reread(what.terms))
        return msgspec.structs.replace(fact, what=known)
    return fact


class _Fold:
    """The dictionaries while they grow; only here are they changed."""

    def __init__(self, start: Facts) -> None:
        self.seq = start.seq
        self.me = start.me
        self.members = dict(start.members)
        self.agreements = dict(start.agreements)
        self.asked = dict(start.asked)
        self.permissions = dict(start.permissions)
        self.applications = dict(start.applications)
        self.operations = dict(start.operations)
        self.groups = dict(start.groups)

    def done(self) -> Facts:
        return Facts(**vars(self))


def _folded(start: Facts, facts: Iterable[Fact]) -> Facts:
    state = _Fold(start)
    for fact in facts:
        if fact.seq <= state.seq:
            raise ValueError(f"fact {fact.seq} after fact {state.seq}")
        state.seq = fact.seq
        _APPLY[type(fact.what)](state, fact, fact.what)
    return state.done()


def why_void(facts: Facts, what: StatedAct) -> Message | None:
    """Why a statement counts for nothing if it is recorded now; None when it counts."""
    if isinstance(what, PermissionAsked | PermissionGiven):
        return why_void_permission(facts.members, what)
    if isinstance(what, ApplicationSeen):
        return why_void_application(facts.members, what)
    if isinstance(what, MembershipSaid):
        return why_void_word(facts.members, facts.groups, what)
    return why_void_in(facts.members, facts.agreements, what)


def _counts(state: _Fold, what: AgreementAct) -> bool:
    return why_void_in(state.members, state.agreements, what) is None


def _on_self(state: _Fold, fact: Fact, what: SelfKnown) -> None:
    state.me = what.member
    state.members[what.member] = Member(what.origin, "confirmed")


def _on_confirmed(state: _Fold, fact: Fact, what: PeerConfirmed) -> None:
    state.members[what.member] = Member(what.origin, "confirmed")


def _on_suspended(state: _Fold, fact: Fact, what: PeerSuspended) -> None:
    _move(state, what.member, ("confirmed",), "suspended")


def _on_resumed(state: _Fold, fact: Fact, what: PeerResumed) -> None:
    _move(state, what.member, ("suspended",), "confirmed")


def _on_removed(state: _Fold, fact: Fact, what: PeerRemoved) -> None:
    _move(state, what.member, ("confirmed", "suspended"), "removed")


def _move(state: _Fold, member: str, before: tuple[PeerStanding, ...], after: PeerStanding) -> None:
    known = state.members.get(member)
    if known is not None and known.standing in before and member != state.me:
        state.members[member] = Member(known.origin, after)


def _on_proposal(state: _Fold, fact: Fact, what: ProposalSeen) -> None:
    if not _counts(state, what):
        return
    known = state.agreements.get(what.agreement) or AgreementFacts(what.agreement, {}, {})
    proposal = Proposal(what.author, what.terms, fact.seq, _said_at(fact, what))
    parties, circle = frozenset(what.terms.parties), frozenset(what.terms.circle)
    text = TextFacts(what.sha256, proposal, parties, {}, None, circle=circle)
    _keep_text(state, known, text)


def _on_signature(state: _Fold, fact: Fact, what: SignatureSeen) -> None:
    if not _counts(state, what):
        return
    known = state.agreements[what.agreement]
    text = known.texts[what.sha256]
    # Nobody accedes retroactively: an accession counts from when it is proved to exist.
    at = _said_at(fact, what) if what.author in text.parties else fact.proved_at
    signed = Signed(what.person, what.office, fact.seq, at, what.reservation)
    signatures = {**text.signatures, what.author: signed}
    reserved = text.reserved
    if what.reservation is not None:
        reserved = {**reserved, what.author: what.reservation}
    text = msgspec.structs.replace(text, signatures=signatures, reserved=reserved)
    _keep_text(state, known, text)


def _on_objection(state: _Fold, fact: Fact, what: ObjectionSeen) -> None:
    if not _counts(state, what):
        return
    known = state.agreements[what.agreement]
    text = known.texts[what.sha256]
    # What ends or stops something takes effect when it is proved to exist, as a withdrawal does.
    at, member = fact.proved_at, what.member
    objection = Objection(
        what.author, what.about, member, what.precludes, what.reason, fact.seq, at
    )
    barred = text.barred
    if what.precludes and member is not None:
        barred = {**barred, (what.author, member): at, (member, what.author): at}
    objections = (*text.objections, objection)
    _keep_text(state, known, msgspec.structs.replace(text, objections=objections, barred=barred))


def _on_withdrawal(state: _Fold, fact: Fact, what: WithdrawalSeen) -> None:
    if not _counts(state, what):
        return
    known = state.agreements[what.agreement]
    # A withdrawal takes effect when it is proved to exist: nobody leaves retroactively.
    left = {**known.withdrawals, what.author: Left(what.reason, fact.seq, fact.proved_at)}
    state.agreements[known.id] = relive(msgspec.structs.replace(known, withdrawals=left))


def _on_decided(state: _Fold, fact: Fact, what: TextDecided) -> None:
    known = state.agreements.get(what.agreement)
    text = known.texts.get(what.sha256) if known is not None else None
    if known is None or text is None or text.decided is not None:
        return
    decided = msgspec.structs.replace(text, decided=what.at, decided_by=what.motion)
    _keep_text(state, known, decided)


def _on_unreserved(state: _Fold, fact: Fact, what: ReservationWithdrawn) -> None:
    if _counts(state, what):
        known = state.agreements[what.agreement]
        _keep_text(state, known, unreserved(known.texts[what.sha256], what, fact.proved_at))


def _on_objection_withdrawn(state: _Fold, fact: Fact, what: ObjectionWithdrawn) -> None:
    if _counts(state, what):
        known = state.agreements[what.agreement]
        _keep_text(state, known, unobjected(known.texts[what.sha256], what, fact.proved_at))


def _on_council(state: _Fold, fact: Fact, what: CouncilFounded) -> None:
    known = state.agreements.get(what.body)
    if known is not None:
        community = founded_community(what.state, what.members)
        state.agreements[known.id] = relive(msgspec.structs.replace(known, community=community))


def _on_council_decided(state: _Fold, fact: Fact, what: CouncilDecided) -> None:
    if what.effect.operation is not None:
        state.operations.setdefault(what.effect.operation, what)
    known = state.agreements.get(what.body)
    if known is not None and known.community is not None:
        community = after_decision(known.community, what.motion, what.effect, what.at)
        state.agreements[known.id] = relive(msgspec.structs.replace(known, community=community))


def _on_application(state: _Fold, fact: Fact, what: ApplicationSeen) -> None:
    known = state.applications.get((what.body, what.author))
    if why_void_application(state.members, what) is None and (
        known is None or known.version < what.version
    ):
        state.applications[what.body, what.author] = what


def _on_asked(state: _Fold, fact: Fact, what: PermissionAsked) -> None:
    if why_void_permission(state.members, what) is None:
        state.asked.setdefault(what.id, what)


def _on_given(state: _Fold, fact: Fact, what: PermissionGiven) -> None:
    if why_void_permission(state.members, what) is not None:
        return
    known = state.permissions.get((what.ledger, what.id))
    if known is None or known.version < what.version:
        state.permissions[what.ledger, what.id] = what


def _on_group(state: _Fold, fact: Fact, what: GroupSeen) -> None:
    state.groups[what.group] = with_state(state.groups.get(what.group), what)


def _on_closed(state: _Fold, fact: Fact, what: GroupClosed) -> None:
    known = state.groups.get(what.group)
    if known is not None:
        state.groups[what.group] = msgspec.structs.replace(known, closed=True)


def _on_membership(state: _Fold, fact: Fact, what: MembershipSaid) -> None:
    if why_void_word(state.members, state.groups, what) is None:
        state.groups[what.group] = with_word(state.groups[what.group], what)


def _keep_text(state: _Fold, known: AgreementFacts, text: TextFacts) -> None:
    texts = {**known.texts, text.sha256: text}
    state.agreements[known.id] = relive(msgspec.structs.replace(known, texts=texts))


def _said_at(fact: Fact, what: Statement) -> datetime:
    """The author's own time, but never later than the entry is proved to have existed."""
    return min(what.issued, fact.proved_at)


_APPLY: dict[type[msgspec.Struct], Callable[[_Fold, Fact, Any], None]] = {
    PermissionAsked: _on_asked,
    PermissionGiven: _on_given,
    ApplicationSeen: _on_application,
    CouncilFounded: _on_council,
    CouncilDecided: _on_council_decided,
    ReservationWithdrawn: _on_unreserved,
    ObjectionWithdrawn: _on_objection_withdrawn,
    SelfKnown: _on_self,
    PeerConfirmed: _on_confirmed,
    PeerSuspended: _on_suspended,
    PeerResumed: _on_resumed,
    PeerRemoved: _on_removed,
    ProposalSeen: _on_proposal,
    SignatureSeen: _on_signature,
    ObjectionSeen: _on_objection,
    WithdrawalSeen: _on_withdrawal,
    TextDecided: _on_decided,
    GroupSeen: _on_group,
    GroupClosed: _on_closed,
    MembershipSaid: _on_membership,
}
