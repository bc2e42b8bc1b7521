"""What a fact can say: the acts of members about agreements, and how this node stands to a member.

A new act (a decision, a circle, a recall) is a struct here or beside its rules, a row of
`facts._APPLY` and, where it is remembered, a field of `Facts`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from accord.ledger.envelope import EntryRef

from .community.standings import Standing
from .decisions.effects import Effect
from .reserving import Reservation
from .terms import Terms


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact"):
    """The base of all that a fact can say; the tag is what it is stored under."""


class SelfKnown(Act, frozen=True, tag="self"):
    """This node's own member id and ledger; the first fact of every node."""

    member: str
    origin: str


class PeerConfirmed(Act, frozen=True, tag="peer-confirmed"):
    """A person compared the fingerprint; from here on this is the member's ledger."""

    member: str
    origin: str


class PeerSuspended(Act, frozen=True, tag="peer-suspended"):
    """Nothing flows to or from the member until it is resumed."""

    member: str


class PeerResumed(Act, frozen=True, tag="peer-resumed"):
    """The suspension is lifted."""

    member: str


class PeerRemoved(Act, frozen=True, tag="peer-removed"):
    """The member is no peer any more; it would have to be confirmed again."""

    member: str


class Statement(Act, frozen=True):
    """What a member states about one text of one agreement, in an entry of its ledger."""

    author: str  # the envelope's author
    ledger: str  # origin of the ledger in which the entry was verified
    audience: tuple[str, ...]
    issued: datetime  # the author's word
    agreement: str
    sha256: str  # hex, of the agreement's text
    created_by: str  # the object's `created_by_ref`


class ProposalSeen(Statement, frozen=True, tag="proposal"):
    """A text proposed to its circle: the parties it names, and those who may accede."""

    terms: Terms


class SignatureSeen(Statement, frozen=True, tag="signature"):
    """A signature under one text: a named party's, or the accession of one who may accede."""

    person: str
    office: str
    reservation: Reservation | None = None


class WithdrawalSeen(Statement, frozen=True, tag="withdrawal"):
    """A party leaves an agreement."""

    reason: str


ObjectionSubject = Literal["reservation", "accession", "renewal"]


class ObjectionSeen(Statement, frozen=True, tag="objection"):
    """An objection to a member's reservation or accession, or to the next renewal.

    `precludes`: under this text nothing flows between its author and `member`. It has no meaning
    for a renewal, which one objection in time prevents.
    """

    about: ObjectionSubject
    member: str | None  # whose reservation or accession; None for the renewal
    precludes: bool
    reason: str


class ReservationWithdrawn(Statement, frozen=True, tag="reservation-withdrawn"):
    """A party takes its reservation back; its signature stands."""

    reason: str


class ObjectionWithdrawn(Statement, frozen=True, tag="objection-withdrawn"):
    """A member takes an objection of its own back: the one about this, and this member."""

    about: ObjectionSubject
    member: str | None
    reason: str


class TextDecided(Act, frozen=True, tag="decided"):
    """A council's motion is final that puts a text in force, whoever of its parties has signed.

    `at` is when the motion closed, the same on every node; `motion` is the hash of its bytes.
    """

    agreement: str
    sha256: str
    motion: str
    at: datetime


class CouncilFounded(Act, frozen=True, tag="council-founded"):
    """All parties of a charter signed its text: they are the first members of its council."""

    body: str
    state: str  # the first of its chain
    members: tuple[str, ...]


class CouncilDecided(Act, frozen=True, tag="council-decided"):
    """A motion of a council or working group is final that changes who belongs, or activates.

    `at` is when the motion closed, the same on every node; `motion` is the hash of its bytes.
    """

    body: str
    motion: str
    effect: Effect
    at: datetime


class ApplicationSeen(Act, frozen=True, tag="application"):
    """An organisation asks to belong to a body, or takes that back. The newest version counts."""

    id: str
    author: str
    ledger: str
    audience: tuple[str, ...]
    created_by: str
    issued: datetime
    body: str
    standing: Standing
    sponsor: str
    reason: str
    withdrawn: bool
    version: datetime


class GroupSeen(Act, frozen=True, tag="group"):
    """A state of a working group to which this member belongs, or did; `first`: the first known.

    `terms` are its members, each with the id of the state at which it came.
    """

    group: str
    agreement: str
    history: str
    state: str
    terms: dict[str, str]
    first: bool


class GroupClosed(Act, frozen=True, tag="group-closed"):
    """The council's motion is final that closes a working group."""

    group: str


class MembershipSaid(Act, frozen=True, tag="membership"):
    """A member of a working group says of itself that it joins, or that it leaves."""

    author: str
    ledger: str
    created_by: str
    group: str
    state: str
    joins: bool


class _AboutPassingOn(Act, frozen=True):
    id: str  # of the object that says it
    author: str
    ledger: str
    audience: tuple[str, ...]
    created_by: str
    issued: datetime
    entry: EntryRef
    members: tuple[str, ...]
    purpose: str


class PermissionAsked(_AboutPassingOn, frozen=True, tag="permission-asked"):
    """A recipient asks the author of `entry` whether it may pass it on to `members`."""

    reason: str


class PermissionGiven(_AboutPassingOn, frozen=True, tag="permission-given"):
    """The author answers, or answers anew: granted or not, until when. The newest counts."""

    request: str
    to: str
    granted: bool
    text: str
    until: datetime | None
    first: datetime  # when the object was created, and its version
    version: datetime


PeerFact = SelfKnown | PeerConfirmed | PeerSuspended | PeerResumed | PeerRemoved
AgreementAct = (
    ProposalSeen
    | SignatureSeen
    | WithdrawalSeen
    | ObjectionSeen
    | ReservationWithdrawn
    | ObjectionWithdrawn
)
PermissionAct = PermissionAsked | PermissionGiven
StatedAct = AgreementAct | PermissionAct | ApplicationSeen | MembershipSaid
Decided = TextDecided | CouncilFounded | CouncilDecided
GroupFact = GroupSeen | GroupClosed
What = PeerFact | StatedAct | Decided | GroupFact
