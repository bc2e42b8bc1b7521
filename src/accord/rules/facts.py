"""What a node knows, as a fold over numbered facts; any past state is the fold of a prefix.

A new kind of fact (a reservation, a circle, a recall, a ballot) is a struct in `What`, a row in
`_APPLY` and, where it is remembered, a field of `Facts`. Facts are never changed or removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from accord.base.messages import Message, say

from .standing import AgreementFacts, Left, Proposal, Signed, TextFacts, life_of
from .terms import Terms


class _What(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    pass


class SelfKnown(_What, frozen=True, tag="self"):
    """This node's own member id and ledger; the first fact of every node."""

    member: str
    origin: str


class PeerConfirmed(_What, frozen=True, tag="peer-confirmed"):
    """A person compared the fingerprint; from here on this is the member's ledger."""

    member: str
    origin: str


class PeerSuspended(_What, frozen=True, tag="peer-suspended"):
    """Nothing flows to or from the member until it is resumed."""

    member: str


class PeerResumed(_What, frozen=True, tag="peer-resumed"):
    """The suspension is lifted."""

    member: str


class PeerRemoved(_What, frozen=True, tag="peer-removed"):
    """The member is no peer any more; it would have to be confirmed again."""

    member: str


class _Statement(_What, frozen=True):
    author: str  # the envelope's author
    ledger: str  # origin of the ledger in which the entry was verified
    audience: tuple[str, ...]
    issued: datetime  # the author's word
    agreement: str
    sha256: str  # hex, of the agreement's text
    created_by: str  # the object's `created_by_ref`


class ProposalSeen(_Statement, frozen=True, tag="proposal"):
    """A text proposed to the parties it names."""

    terms: Terms


class SignatureSeen(_Statement, frozen=True, tag="signature"):
    """A party's signature under one text."""

    person: str
    office: str


class WithdrawalSeen(_Statement, frozen=True, tag="withdrawal"):
    """A party leaves an agreement."""

    reason: str


PeerFact = SelfKnown | PeerConfirmed | PeerSuspended | PeerResumed | PeerRemoved
Statement = ProposalSeen | SignatureSeen | WithdrawalSeen
What = PeerFact | Statement


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

    def with_(self, *facts: Fact) -> Facts:
        """These facts and more, whose numbers must go up from `seq` (`ValueError`)."""
        return _folded(self, facts)

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
    return _decoder.decode(raw)


class _Fold:
    """The dictionaries while they grow; only here are they changed."""

    def __init__(self, start: Facts) -> None:
        self.seq = start.seq
        self.me = start.me
        self.members = dict(start.members)
        self.agreements = dict(start.agreements)

    def done(self) -> Facts:
        return Facts(self.seq, self.me, self.members, self.agreements)


def _folded(start: Facts, facts: Iterable[Fact]) -> Facts:
    state = _Fold(start)
    for fact in facts:
        if fact.seq <= state.seq:
            raise ValueError(f"fact {fact.seq} after fact {state.seq}")
        state.seq = fact.seq
        _APPLY[type(fact.what)](state, fact, fact.what)
    return state.done()


def why_void(facts: Facts, what: Statement) -> Message | None:
    """Why a statement counts for nothing if it is recorded now; None when it counts."""
    return _why_void(_Fold(facts), what)


def _why_void(state: _Fold, what: Statement) -> Message | None:
    if what.created_by != what.author:
        return say("rules.void-not-its-author", author=what.author, creator=what.created_by)
    member = state.members.get(what.author)
    if member is None or member.origin != what.ledger:
        return say("rules.void-other-ledger", author=what.author, ledger=what.ledger)
    if isinstance(what, ProposalSeen):
        return _void_proposal(state, what)
    return _void_answer(state, what)


def _void_proposal(state: _Fold, what: ProposalSeen) -> Message | None:
    if what.author not in what.terms.parties:
        return say("rules.void-not-a-party", author=what.author, agreement=what.agreement)
    if set(what.audience) != set(what.terms.parties):
        return say("rules.void-not-whole-circle", agreement=what.agreement)
    known = state.agreements.get(what.agreement)
    if known is not None:
        # Amendments, when they come, are further texts by the same author with a newer version.
        for sha256, text in known.texts.items():
            if sha256 == what.sha256 or text.proposal.author == what.author:
                return say("rules.void-second-text", author=what.author, agreement=what.agreement)
    return None


def _void_answer(state: _Fold, what: SignatureSeen | WithdrawalSeen) -> Message | None:
    known = state.agreements.get(what.agreement)
    text = known.texts.get(what.sha256) if known is not None else None
    if known is None or text is None:
        return say("rules.void-text-unknown", agreement=what.agreement, sha256=what.sha256)
    if what.author not in text.parties:
        return say("rules.void-not-a-party", author=what.author, agreement=what.agreement)
    if set(what.audience) != text.parties:
        return say("rules.void-not-whole-circle", agreement=what.agreement)
    if what.author in known.withdrawals:
        return say("rules.void-has-withdrawn", author=what.author, agreement=what.agreement)
    if isinstance(what, SignatureSeen) and what.author in text.signatures:
        return say("rules.void-signed-before", author=what.author, agreement=what.agreement)
    return None


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
    if _why_void(state, what) is not None:
        return
    known = state.agreements.get(what.agreement)
    texts, left = (known.texts, known.withdrawals) if known is not None else ({}, {})
    proposal = Proposal(what.author, what.terms, fact.seq, _said_at(fact, what))
    text = TextFacts(what.sha256, proposal, frozenset(what.terms.parties), {}, None)
    state.agreements[what.agreement] = AgreementFacts(
        what.agreement, {**texts, what.sha256: text}, left
    )


def _on_signature(state: _Fold, fact: Fact, what: SignatureSeen) -> None:
    if _why_void(state, what) is not None:
        return
    known = state.agreements[what.agreement]
    text = known.texts[what.sha256]
    signed = Signed(what.person, what.office, fact.seq, _said_at(fact, what))
    signatures = {**text.signatures, what.author: signed}
    text = _relived(text, signatures, known.withdrawals)
    state.agreements[what.agreement] = AgreementFacts(
        known.id, {**known.texts, what.sha256: text}, known.withdrawals
    )


def _on_withdrawal(state: _Fold, fact: Fact, what: WithdrawalSeen) -> None:
    if _why_void(state, what) is not None:
        return
    known = state.agreements[what.agreement]
    # A withdrawal takes effect when it is proved to exist: nobody leaves retroactively.
    left = {**known.withdrawals, what.author: Left(what.reason, fact.seq, fact.proved_at)}
    texts = {sha: _relived(text, text.signatures, left) for sha, text in known.texts.items()}
    state.agreements[what.agreement] = AgreementFacts(known.id, texts, left)


def _relived(text: TextFacts, signatures: dict[str, Signed], left: dict[str, Left]) -> TextFacts:
    life = life_of(text.proposal.terms, signatures, left)
    return TextFacts(text.sha256, text.proposal, text.parties, signatures, life)


def _said_at(fact: Fact, what: Statement) -> datetime:
    """The author's own time, but never later than the entry is proved to have existed."""
    return min(what.issued, fact.proved_at)


_APPLY: dict[type[msgspec.Struct], Callable[[_Fold, Fact, Any], None]] = {
    SelfKnown: _on_self,
    PeerConfirmed: _on_confirmed,
    PeerSuspended: _on_suspended,
    PeerResumed: _on_resumed,
    PeerRemoved: _on_removed,
    ProposalSeen: _on_proposal,
    SignatureSeen: _on_signature,
    WithdrawalSeen: _on_withdrawal,
}
