"""Members, entries and ledgers with fixed keys and salts, for tests."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from accord.base.limits import Limits
from accord.ledger.card import (
    Head,
    KeyChange,
    MemberCard,
    SignedKeyChange,
    change_hash,
    encode_card,
    sign_key_change,
)
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.commitment import commit
from accord.ledger.envelope import (
    NO_HANDLING,
    AgreementRef,
    Envelope,
    ObjectRef,
    encode_envelope,
)
from accord.ledger.keys import (
    LedgerKey,
    RecoveryKey,
    TransportKey,
    WitnessKey,
    member_id,
    origin_of,
)
from accord.ledger.opening import Opening
from accord.ledger.tiles import ENTRIES, edge_tiles, encode_bundle, node_reader, tiles_after_append
from accord.ledger.tree import Frontier, NodeReader

LIMITS = Limits()
ISSUED = "2026-03-03T03:00:00.000000Z"
NOW = 1_772_506_800  # ISSUED in POSIX seconds
OBJECT_ID = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


def seed(text: str) -> bytes:
    return sha256(text.encode()).digest()


class Member:
    """A member with keys made from its name; `generation` counts its key changes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.recovery = RecoveryKey.from_seed(seed(f"{name} recovery"))
        self.set_keys(0)
        self.genesis = self.ledger.public
        self.origin = origin_of(self.genesis, self.recovery.public)
        self.id = member_id(self.origin)
        self.changes: tuple[SignedKeyChange, ...] = ()

    def set_keys(self, generation: int) -> None:
        suffix = str(generation) if generation else ""
        self.ledger = LedgerKey.from_seed(seed(f"{self.name} ledger{suffix}"))
        self.witness = WitnessKey.from_seed(seed(f"{self.name} witness{suffix}"))
        self.transport = TransportKey.from_seed(seed(f"{self.name} transport{suffix}"))

    def change_keys(self, size: int = 0, root: str = "00" * 32, generation: int = 0) -> None:
        self.set_keys(generation or len(self.changes) + 1)
        previous = change_hash(self.changes[-1].statement) if self.changes else None
        statement = KeyChange(
            accord=1,
            origin=self.origin,
            sequence=len(self.changes) + 1,
            previous=previous,
            ledger=self.ledger.public.hex(),
            witness=self.witness.public.hex(),
            transport=self.transport.public.hex(),
            head=Head(size=size, root=root),
            issued=ISSUED,
        )
        self.changes = (*self.changes, sign_key_change(self.recovery, statement))

    def card(self, **changes: object) -> MemberCard:
        card = MemberCard(
            accord=1,
            origin=self.origin,
            member=self.id,
            name=self.name,
            names={"zh": "成员"},
            url="https://cert.example:8443/accord",
            wire_min=1,
            wire_max=1,
            genesis=self.genesis.hex(),
            ledger=self.ledger.public.hex(),
            witness=self.witness.public.hex(),
            transport=self.transport.public.hex(),
            recovery=self.recovery.public.hex(),
            key_changes=self.changes,
            issued=ISSUED,
        )
        return msgspec.structs.replace(card, **changes)

    def signed_card(self, **changes: object) -> bytes:
        return encode_card(self.card(**changes), self.ledger, self.witness, self.transport)


class Ledger:
    """A member's ledger in memory: tiles, commitments, checkpoints of any earlier size."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.frontier = Frontier()
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.commitments: list[bytes] = []

    def edge(self, size: int) -> dict[int, bytes]:
        return {
            tile.level: self.tiles[tile.level, tile.number][: tile.width * 32]
            for tile in edge_tiles(size)
        }

    def append(self, commitments: list[bytes]) -> None:
        self.frontier, rows = tiles_after_append(
            self.frontier, self.edge(self.frontier.size), commitments
        )
        self.tiles.update({(row.level, row.number): row.data for row in rows})
        self.commitments += commitments

    def fill(self, count: int, mark: str = "entry") -> None:
        start = len(self.commitments)
        self.append([seed(f"{mark} {place}") for place in range(start, start + count)])

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.member.origin, self.frontier.size, self.frontier.root())

    def signed(self) -> bytes:
        signer = self.member.ledger.signer(self.member.origin)
        return sign_checkpoint(self.checkpoint(), signer)

    def bundle(self, number: int, width: int = 256) -> bytes:
        return encode_bundle(self.tiles[ENTRIES, number][: width * 32])

    def reader(self) -> NodeReader:
        return node_reader(lambda level, number: self.tiles[level, number])


def envelope(member: Member, **changes: object) -> Envelope:
    plain = Envelope(
        accord=1,
        origin=member.origin,
        author=member.id,
        kind="object",
        agreement=AgreementRef(
            id="accord-agreement--0c6c1a0b-5a0e-4f39-9d2c-6f0f0a3c7f11", sha256="ab" * 32
        ),
        audience=("parties",),
        handling=msgspec.structs.replace(NO_HANDLING, tlp="amber", area="cyber"),
        urgency="routine",
        status="actual",
        operation=None,
        object=ObjectRef(id=OBJECT_ID, type="indicator", modified="2026-03-02T10:00:00.000Z"),
        source=None,
        supersedes=None,
        issued=ISSUED,
        expires=None,
    )
    return msgspec.structs.replace(plain, **changes)


def opening(member: Member, index: int = 0, body: bytes = b'{"type":"indicator"}\n') -> Opening:
    return Opening(
        index=index,
        salt_e=seed(f"salt e {index}"),
        envelope=encode_envelope(envelope(member)),
        salt_o=seed(f"salt o {index}"),
        object=body,
    )


def commitment_of(opened: Opening) -> bytes:
    assert opened.object is not None
    assert opened.salt_o is not None
    return commit(opened.envelope, opened.object, opened.salt_e, opened.salt_o)
