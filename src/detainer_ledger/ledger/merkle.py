"""The Merkle tree over leaf hashes, with its proofs (RFC 6962, section 2.1; unchanged in RFC 9162, section 2.1).

A leaf's hash is SHA-256 of a zero byte and its text, a node's is SHA-256 of a one byte and its two children. The tree
over ``n`` leaves parts at the largest power of two below ``n``. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import reduce

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(text: bytes) -> bytes:
    """Return the hash of a leaf's text."""
    return hashlib.sha256(b"\x00" + text).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, level by level; an odd last node rises unchanged."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def roots_at(leaves: Sequence[bytes], sizes: Sequence[int]) -> dict[int, bytes]:
    """Return the root of the first ``size`` leaves for each of several sizes, at the price of one walk.

    Raises ValueError for a size larger than the tree.
    """
    wanted = sorted(set(sizes))
    if wanted and wanted[-1] > len(leaves):
        raise ValueError("a size is larger than the tree")
    found: dict[int, bytes] = {}
    whole: list[tuple[int, bytes]] = []
    done = 0
    for size in wanted:
        for leaf in leaves[done:size]:
            height, node = 0, leaf
            while whole and whole[-1][0] == height:
                node = node_hash(whole.pop()[1], node)
                height += 1
            whole.append((height, node))
        done = size
        nodes = [node for _, node in reversed(whole)]
        found[size] = reduce(lambda right, left: node_hash(left, right), nodes) if nodes else EMPTY_ROOT
    return found


def inclusion_path(leaves: Sequence[bytes], position: int) -> tuple[bytes, ...]:
    """Return the hashes that lead from the leaf at a position, counted from 0, to the root. Raises IndexError."""
    return inclusion_paths(leaves, [position])[0]


def inclusion_paths(leaves: Sequence[bytes], positions: Sequence[int]) -> tuple[tuple[bytes, ...], ...]:
    """Return the paths of several leaves at the price of one walk over the tree. Raises IndexError."""
    if any(not 0 <= position < len(leaves) for position in positions):
        raise IndexError("a position lies outside the tree")
    paths: list[list[bytes]] = [[] for _ in positions]
    places = list(positions)
    level = list(leaves)
    while len(level) > 1:
        for path, place in zip(paths, places, strict=True):
            beside = place ^ 1
            if beside < len(level):
                path.append(level[beside])
        places = [place // 2 for place in places]
        level = _parents(level)
    return tuple(tuple(path) for path in paths)


def is_included(leaf: bytes, position: int, size: int, path: Sequence[bytes], tree_root: bytes) -> bool:
    """Tell whether a path proves that a leaf stands at a position of a tree of ``size`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        return False
    place, last = position, size - 1
    found = leaf
    for beside in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, beside)
        place >>= 1
        last >>= 1
    return last == 0 and found == tree_root


def consistency_path(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """Return the hashes that prove that the tree of the first ``earlier`` leaves is the beginning of this tree.

    Raises ValueError unless ``0 < earlier <= len(leaves)``.
    """
    if not 0 < earlier <= len(leaves):
        raise ValueError("the earlier tree is empty or larger than the later one")
    return () if earlier == len(leaves) else tuple(_consistency(leaves, earlier, is_whole=True))


def is_consistent(earlier: int, later: int, earlier_root: bytes, later_root: bytes, path: Sequence[bytes]) -> bool:
    """Tell whether a path proves that the earlier tree is the beginning of the later one (RFC 9162, 2.1.4.2)."""
    if not 0 < earlier <= later:
        return False
    if earlier == later:
        return not path and earlier_root == later_root
    rest = list(path) if earlier & (earlier - 1) else [earlier_root, *path]
    if not rest:
        return False
    place, last = earlier - 1, later - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = rest[0]
    for beside in rest[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first = node_hash(beside, first)
            second = node_hash(beside, second)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, beside)
        place >>= 1
        last >>= 1
    return last == 0 and first == earlier_root and second == later_root


def _parents(level: list[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256
    above = [sha256(b"\x01" + level[n] + level[n + 1]).digest() for n in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        above.append(level[-1])
    return above


def _consistency(leaves: Sequence[bytes], earlier: int, *, is_whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if is_whole else [root(leaves)]
    part = 1 << (len(leaves) - 1).bit_length() - 1
    if earlier <= part:
        return [*_consistency(leaves[:part], earlier, is_whole=is_whole), root(leaves[part:])]
    return [*_consistency(leaves[part:], earlier - part, is_whole=False), root(leaves[:part])]
