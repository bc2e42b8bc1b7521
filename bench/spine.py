"""Following a ledger: how fast its tree is rebuilt and held against the signed root."""

from __future__ import annotations

from hashlib import sha256

from accord.base.limits import Limits
from accord.ledger.checkpoint import Checkpoint, sign_checkpoint
from accord.ledger.keys import LedgerKey
from accord.ledger.spine import SpineStep, follow, new_spine
from accord.ledger.tiles import WIDTH, encode_bundle
from accord.ledger.tree import Frontier

from .figures import Bar, Figure, of_runs, seconds
from .one_thread import hashing
from .scale import Scale

BAR = Bar(text="≥ 100,000 entries/s", at_least=100_000)


def measure(scale: Scale) -> Figure:
    """From nothing to the newest checkpoint, in one step."""
    commitments = [sha256(place.to_bytes(8, "big")).digest() for place in range(scale.entries)]
    tree = Frontier().append_many(commitments)
    origin = "accord/" + "0" * 40
    signer = LedgerKey.generate().signer(origin)
    signed = sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), signer)
    bundles = [
        encode_bundle(b"".join(commitments[start : start + WIDTH]))
        for start in range(0, len(commitments), WIDTH)
    ]

    def step() -> None:
        start = SpineStep(new_spine(origin), {}, signed, signer.verifier, Limits())
        follow(start, bundles)

    speeds = [scale.entries / seconds(step) for _ in range(scale.runs)]
    limits = [hashing(scale.entries) for _ in range(scale.runs)]
    title = f"spine verification ({scale.entries:,} entries)"
    return of_runs("spine", title, "entries/s", BAR, speeds, limits, "limit: hashing")
