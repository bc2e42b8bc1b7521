"""The rows that cross the port, as values. Times are microseconds since 1970."""

from __future__ import annotations

import msgspec

from accord.base.messages import Message


class _Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    pass


class LedgerRow(_Row, frozen=True):
    """Where a ledger stands for us: its size, root, right edge and the signed checkpoint."""

    id: int
    origin: str
    member: str
    size: int
    root: bytes
    frontier: bytes  # the hashes of its full subtrees, 32 bytes each, largest first
    checkpoint: bytes
    seen: int


class Cosignature(_Row, frozen=True):
    """That `witness` saw `size` entries with `root` at `at`; `note` is the co-signed checkpoint."""

    ledger: int
    witness: str
    size: int
    root: bytes
    at: int
    note: bytes
    checked: bool


class Holding(_Row, frozen=True):
    """One publisher's one version of one object. `body` is null once it was erased."""

    seq: int
    ledger: int
    object_id: str
    version: str
    type: str
    status: str
    sha256: bytes
    body: bytes | None


class NewHolding(_Row, frozen=True):
    """A version of an object to be kept, with what its listings need."""

    ledger: int
    object_id: str
    version: str
    type: str
    status: str
    sha256: bytes
    body: bytes


class Kept(_Row, frozen=True):
    """What became of a `NewHolding`: its number, whether it is new; if not, whether the same."""

    seq: int
    new: bool
    same: bool
    newest: bool  # no newer version of this publisher's object is held
    others: bool  # other versions of it are held: `Listings.supersede` is due after listing


class Listing(_Row, frozen=True):
    """That a collection shows a holding; `tlp` as a level, 0 clear to 4 red."""

    collection: int
    holding: int
    type: str
    latest: bool
    tlp: int
    named: tuple[str, ...]


class EntryRow(_Row, frozen=True):
    """An opened entry of a ledger, our own or a peer's."""

    seq: int
    ledger: int
    number: int
    kind: str
    agreement: str | None
    holding: int
    issued: int
    envelope: bytes
    salt_e: bytes
    salt_o: bytes | None
    object_half: bytes | None
    summary: bytes
    circle: str | None = None

    @property
    def shown_in(self) -> str | None:
        """Whose collection shows it: the working group's or the agreement's."""
        return self.circle or self.agreement


class Said(msgspec.Struct, frozen=True, gc=False):
    """What is read of an entry when many are folded. `body` is null once it was erased."""

    seq: int
    number: int
    envelope: bytes
    body: bytes | None


class Restricted(_Row, frozen=True):
    """A holding that came with code H3, and the entry that restricts it."""

    holding: Holding
    entry: EntryRow


class NewGrant(_Row, frozen=True):
    """That an entry is granted to a peer, in a lane (0 urgent, 1 routine)."""

    peer: int
    lane: int
    entry: int


class Granted(_Row, frozen=True):
    """A grant with the entry it opens and the object's bytes (null once erased)."""

    seq: int
    lane: int
    entry: EntryRow
    body: bytes | None


class TransferRow(_Row, frozen=True):
    """One line of the record of transfers."""

    at: int
    direction: str
    peer: int
    ledger: int
    number: int
    commitment: bytes
    agreement: str | None
    tlp: str | None
    facts: int
    verdict: bytes


class PeerRow(_Row, frozen=True):
    """A co-member as this node knows it."""

    id: int
    member: str
    name: str
    url: str
    card: bytes
    state: str
    urgent_cursor: int = 0
    routine_cursor: int = 0
    remote_size: int = 0
    last_contact: int | None = None
    last_fault: Message | None = None
    fault_at: int | None = None


class QuarantineRow(_Row, frozen=True):
    """An opening that waits, unread, for a fact, with the reasons it waits for."""

    seq: int
    ledger: int
    number: int
    recorded: int
    facts: int
    opening: bytes
    reasons: tuple[Message, ...]


class RefusalRow(_Row, frozen=True):
    """An entry that may not be held: its place, commitment and the reasons."""

    seq: int
    ledger: int
    number: int
    commitment: bytes
    recorded: int
    reasons: tuple[Message, ...]
    notified: bool


class TokenRow(_Row, frozen=True):
    """An access token: the keyed hash of its secret, and what it may do."""

    name: str
    digest: bytes
    role: str
    tlp: str
    agreements: tuple[str, ...] | None
    created: int
    revoked: int | None
    owner: str | None = None
    circles: tuple[str, ...] | None = None


class AccountRow(_Row, frozen=True):
    """A person of this member: what they sign in with, what they may do, how they read."""

    name: str
    display: str
    password: str
    must_change: bool
    roles: tuple[str, ...]
    tlp: str
    agreements: tuple[str, ...] | None
    circles: tuple[str, ...]
    language: str
    zone: str
    theme: str
    created: int
    disabled: int | None = None
    looked: int | None = None
    totp: bytes | None = None
    totp_next: bytes | None = None
    totp_step: int = 0
    recovery: tuple[str, ...] = ()


class SessionRow(_Row, frozen=True):
    """Where somebody is signed in; `complete` is false until the second step is made."""

    id: int
    digest: bytes
    account: str
    complete: bool
    created: int
    seen: int
    ends: int
    address: str
    agent: str


class AttemptRow(_Row, frozen=True):
    """How many tries failed that have `key` in common, and when the last was."""

    key: bytes
    count: int
    last: int


class DraftRow(_Row, frozen=True):
    """Objects that wait for a releaser, with the reasons and the handling they were given."""

    id: str
    agreement: str
    author: str
    created: int
    reasons: tuple[Message, ...]
    handling: bytes
    body: bytes


class Conviction(_Row, frozen=True):
    """Two signed notes of one member that cannot both be true."""

    member: str
    reason: str
    first: bytes
    second: bytes
    at: int


class CollectionRow(_Row, frozen=True):
    """A TAXII collection: `private`, or the one of an agreement or a working group."""

    id: int
    uuid: str
    agreement: str | None
    created: int


class SourceRow(_Row, frozen=True):
    """A collection of another TAXII server: how far it was read, and what came of it."""

    id: int
    name: str
    url: str
    agreement: str | None
    minutes: int
    created: int
    removed: int | None = None
    pages: int = 0
    since: str = ""
    next: str | None = None
    last: str = ""
    objects: int = 0
    bytes: int = 0
    invalid: int = 0
    tried: int | None = None
    last_contact: int | None = None
    last_fault: Message | None = None
    fault_at: int | None = None


class Provenance(_Row, frozen=True):
    """That a source gave a holding; `added` is the latest date_added of the page it stood on."""

    holding: int
    source: int
    at: int
    added: str | None


class RecallRow(_Row, frozen=True):
    """A recall: the entry that orders it, what is to be done, and whether we have answered."""

    seq: int
    ledger: int
    number: int
    mode: str
    due: int
    recorded: int
    cause: int | None
    answered: bool


class Recalled(_Row, frozen=True):
    """An entry that a recall names, and what became of it here: done, absent or refused."""

    recall: int
    ledger: int
    number: int
    state: str
    reason: str | None


class HoldRow(_Row, frozen=True):
    """A legal hold on an object."""

    id: int
    object_id: str
    reason: str
    placed: int
    lifted: int | None


class ClockRow(_Row, frozen=True):
    """When an entry is to be looked at, hidden and erased, and how far it is."""

    entry: int
    review: int
    ends: int
    purge: int
    state: str
