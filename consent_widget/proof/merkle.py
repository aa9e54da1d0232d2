"""Hashes and proofs of a Merkle tree of entries (RFC 6962 section 2.1, RFC 9162 section 2.1; SHA-256).

The tree of `size` entries is known by its root. An inclusion proof shows that an entry is in it, a consistency proof
that a later tree holds all that an earlier one held, in the same places. Both are lists of hashes, the lowest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from ..errors import ProofError
from ..plural import plural

#: Returns the hash over the `2**height` entries from number `n * 2**height` on: `read(height, n)`.
Read = Callable[[int, int], bytes]
#: The root of a tree without entries.
EMPTY = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node, from those of its two children."""
    return sha256(b"\1" + left + right).digest()


def complete_hash(hashes: Sequence[bytes]) -> bytes:
    """The hash over a complete subtree, from 1, 2, 4, 8, … hashes of equal subtrees of it."""
    while len(hashes) > 1:
        hashes = [sha256(b"\1" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def root(size: int, read: Read) -> bytes:
    """The root of the tree of the first `size` entries."""
    return _hash(0, size, read) if size else EMPTY


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """Proves that the entry of this number is in the tree of the first `size` entries."""
    if not 0 <= index < size:
        raise ProofError(f"There is no entry {index} in a tree of {plural(size, 'entry')}.")
    path, first, end = [], 0, size
    while end - first > 1:
        middle = _middle(first, end)
        if index < middle:
            path.append(_hash(middle, end, read))
            end = middle
        else:
            path.append(_hash(first, middle, read))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, read: Read) -> list[bytes]:
    """Proves that the tree of the first `new` entries extends that of the first `old`."""
    if not 0 <= old <= new:
        raise ProofError(f"A tree of {plural(new, 'entry')} does not extend one of {old}.")
    if old in (0, new):
        return []
    path, first, end = [], 0, new
    while old != end:
        middle = _middle(first, end)
        if old <= middle:
            path.append(_hash(middle, end, read))
            end = middle
        else:
            path.append(_hash(first, middle, read))
            first = middle
    if first:  # else the verifier has this hash: it is the root of the old tree
        path.append(_hash(first, end, read))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """ProofError unless the proof shows that the entry of this leaf hash is in the tree (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"The proof is for entry {index}, which a tree of {plural(size, 'entry')} does not have.")
    node, last, hash = index, size - 1, leaf
    for other in path:
        if not last:
            raise ProofError("The inclusion proof has too many hashes.")
        if node & 1 or node == last:
            hash = node_hash(other, hash)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hash = node_hash(hash, other)
        node, last = node >> 1, last >> 1
    if last or hash != root:
        raise ProofError("The inclusion proof does not lead to the root of the tree.")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> None:
    """ProofError unless the proof shows that the tree of `new` entries extends that of `old` (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofError(f"A tree of {plural(new, 'entry')} does not extend one of {old}.")
    if old in (0, new):
        if path or (old == new and old_root != new_root) or (not old and old_root != EMPTY):
            raise ProofError("The trees are not consistent.")
        return
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not hashes:
        raise ProofError("The consistency proof has too few hashes.")
    first = second = hashes[0]
    for other in hashes[1:]:
        if not last:
            raise ProofError("The consistency proof has too many hashes.")
        if node & 1 or node == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, other)
        node, last = node >> 1, last >> 1
    if last or first != old_root or second != new_root:
        raise ProofError("The consistency proof does not lead from the old root to the new one.")


def _middle(first: int, end: int) -> int:
    """Where RFC 6962 splits the entries from `first` to `end`: after the largest power of two that is less."""
    return first + (1 << (end - first - 1).bit_length() - 1)


def _hash(first: int, end: int, read: Read) -> bytes:
    """The hash over the entries from `first` to `end`, as RFC 6962 splits them: complete subtrees, largest first."""
    parts = []
    while first < end:
        height = (end - first).bit_length() - 1
        parts.append(read(height, first >> height))
        first += 1 << height
    hash = parts.pop()
    while parts:
        hash = node_hash(parts.pop(), hash)
    return hash
