"""The tree and its proofs against the published test vectors and against the definition, word by word."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer_ledger.ledger.merkle import (
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    root,
    roots_at,
)

# Inputs and roots of the test vectors that go with Certificate Transparency's reference implementation.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(each)) for each in INPUTS]


def defined_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


@pytest.mark.parametrize(("size", "expected"), list(enumerate(ROOTS, start=1)))
def test_roots_are_those_of_the_published_vectors(size: int, expected: str) -> None:
    assert root(LEAVES[:size]).hex() == expected


trees = st.integers(1, 70).map(lambda size: [leaf_hash(str(n).encode()) for n in range(size)])


@given(trees)
def test_the_root_is_the_defined_one_and_every_leaf_can_be_proven(leaves: list[bytes]) -> None:
    top = root(leaves)
    assert top == defined_root(leaves)
    for position, leaf in enumerate(leaves):
        path = inclusion_path(leaves, position)
        assert is_included(leaf, position, len(leaves), path, top)
        assert not is_included(leaf_hash(b"another"), position, len(leaves), path, top)
        assert not is_included(leaf, position, len(leaves), (*path, top), top)
        if path:
            assert not is_included(leaf, position, len(leaves), path[:-1], top)


@given(trees, st.data())
def test_every_earlier_tree_can_be_proven_to_begin_the_later_one(leaves: list[bytes], data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, len(leaves)))
    path = consistency_path(leaves, earlier)
    first, second = root(leaves[:earlier]), root(leaves)
    assert is_consistent(earlier, len(leaves), first, second, path)
    assert roots_at(leaves, [earlier, len(leaves), 0])[earlier] == first
    if earlier < len(leaves):
        assert not is_consistent(earlier, len(leaves), second, second, path)
        changed = [leaf_hash(b"changed"), *leaves[1:]]
        assert not is_consistent(earlier, len(leaves), first, root(changed), path)


def test_a_place_outside_the_tree_is_refused() -> None:
    with pytest.raises(IndexError):
        inclusion_path(LEAVES, len(LEAVES))
    with pytest.raises(ValueError, match="larger"):
        consistency_path(LEAVES, 9)
    assert not is_included(LEAVES[0], 9, 8, (), root(LEAVES))
