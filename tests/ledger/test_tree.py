"""The tree against RFC 6962 by its definition, and against published vectors."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.ledger.faults import BadProof
from accord.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_root,
    verify_consistency,
    verify_inclusion,
)
from tests.ledger.builders import Ledger, Member, seed

# transparency-dev/merkle, testonly/constants.go and proof/verify_test.go, themselves from
# google/certificate-transparency, merkletree/merkle_tree_test.cc.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
MAX = 300


def mth(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(mth(hashes[:split]), mth(hashes[split:]))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    made = Ledger(Member("Tree"))
    made.fill(MAX)
    return made


@pytest.fixture(scope="module")
def roots(ledger: Ledger) -> list[bytes]:
    hashes = [leaf_hash(commitment) for commitment in ledger.commitments]
    return [mth(hashes[:size]) for size in range(MAX + 1)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert Frontier().append_many(LEAVES[:size]).root() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = [bytes.fromhex(text) for text in INCLUSION[index, size]]
    hashes = [leaf_hash(entry) for entry in LEAVES]

    def read(height: int, place: int) -> bytes:
        return mth(hashes[place << height : (place + 1) << height])

    assert inclusion_proof(read, index, size) == proof
    verify_inclusion(hashes[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, new: int) -> None:
    proof = [bytes.fromhex(text) for text in CONSISTENCY[old, new]]
    hashes = [leaf_hash(entry) for entry in LEAVES]

    def read(height: int, place: int) -> bytes:
        return mth(hashes[place << height : (place + 1) << height])

    assert consistency_proof(read, old, new) == proof
    verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)


def test_every_size_has_the_root_that_the_definition_gives(
    ledger: Ledger, roots: list[bytes]
) -> None:
    frontier = Frontier()
    for size, commitment in enumerate(ledger.commitments):
        assert frontier.root() == roots[size]
        assert range_root(ledger.reader(), 0, size) == roots[size]
        frontier = frontier.append_many([commitment])
    assert frontier == ledger.frontier


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100, 255, 256, 257, 300])
def test_every_entry_has_an_inclusion_proof(ledger: Ledger, roots: list[bytes], size: int) -> None:
    read = ledger.reader()
    for index in range(0, size, 1 if size < 20 else 13):
        proof = inclusion_proof(read, index, size)
        leaf = leaf_hash(ledger.commitments[index])
        verify_inclusion(leaf, index, size, proof, roots[size])


@given(data=st.data(), size=st.integers(1, MAX))
def test_a_wrong_inclusion_proof_is_refused(
    ledger: Ledger, roots: list[bytes], data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(ledger.reader(), index, size)
    leaf, root = leaf_hash(ledger.commitments[index]), roots[size]
    verify_inclusion(leaf, index, size, proof, root)
    wrong: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (leaf, index, size, [*proof, root], root),
        (leaf, index, size, [seed("x"), *proof], root),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
        (leaf, index, size, proof, roots[size - 1]),
        (root, index, size + 1, proof, leaf),
    ]
    if size > 1:
        place = data.draw(st.integers(0, len(proof) - 1))
        spoilt = bytearray(proof[place])
        spoilt[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        wrong += [
            (leaf, index, size, [*proof[:place], bytes(spoilt), *proof[place + 1 :]], root),
            (leaf, index, size, proof[:-1], root),
            (leaf, index ^ 1, size, proof, root),
            (leaf, index, size, [*proof[:-1], proof[-1][:31]], root),
        ]
    for case in wrong:
        with pytest.raises(BadProof):
            verify_inclusion(*case)


@given(data=st.data(), new=st.integers(1, MAX))
def test_consistency_proofs_hold_and_wrong_ones_are_refused(
    ledger: Ledger, roots: list[bytes], data: st.DataObject, new: int
) -> None:
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(ledger.reader(), old, new)
    verify_consistency(old, new, roots[old], roots[new], proof)
    wrong = [
        (old, new, roots[old], roots[new], [*proof, roots[old]]),
        (old, new, roots[old], roots[new], [roots[new], *proof]),
        (new + 1, new, roots[old], roots[new], proof),
        (old, new, seed("x"), roots[new], proof),
    ]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        spoilt = bytearray(proof[place])
        spoilt[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        wrong += [
            (
                old,
                new,
                roots[old],
                roots[new],
                [*proof[:place], bytes(spoilt), *proof[place + 1 :]],
            ),
            (old, new, roots[old], roots[new], proof[:-1]),
            (old, new, roots[new], roots[old], proof),
            (old, new, roots[old], seed("x"), proof),
            (old, new, roots[old], roots[new], []),
        ]
    for case in wrong:
        with pytest.raises(BadProof):
            verify_consistency(*case)


@given(st.lists(st.integers(0, 70), max_size=12))
def test_appending_in_pieces_gives_the_same_tree(steps: list[int]) -> None:
    whole, pieces = Ledger(Member("Whole")), Ledger(Member("Whole"))
    whole.fill(sum(steps))
    for step in steps:
        pieces.fill(step)
    assert pieces.frontier == whole.frontier
    assert pieces.tiles == whole.tiles


def test_asking_for_what_is_not_there_is_a_bug_of_the_caller(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="no entry"):
        inclusion_proof(ledger.reader(), 5, 5)
    with pytest.raises(ValueError, match="no tree"):
        consistency_proof(ledger.reader(), 6, 5)
    with pytest.raises(ValueError, match="too narrow"):
        range_root(ledger.reader(), 0, 512)
