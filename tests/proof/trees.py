"""Trees to prove things about, made the slow way: straight from the definition in RFC 6962 section 2.1."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from consent_widget.proof.merkle import complete_hash, leaf_hash
from consent_widget.proof.tiles import Tile


def naive_root(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\1" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_inclusion(m: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if m < k:
        return [*naive_inclusion(m, entries[:k]), naive_root(entries[k:])]
    return [*naive_inclusion(m - k, entries[k:]), naive_root(entries[:k])]


def naive_consistency(m: int, entries: Sequence[bytes], whole: bool = True) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [naive_root(entries)]
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if m <= k:
        return [*naive_consistency(m, entries[:k], whole), naive_root(entries[k:])]
    return [*naive_consistency(m - k, entries[k:], False), naive_root(entries[:k])]


class Tree:
    """The tiles of a tree, all in memory."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.levels = [[leaf_hash(each) for each in entries]]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            self.levels.append([complete_hash(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])

    def __call__(self, tile: Tile) -> bytes:
        return b"".join(self.levels[tile.level][tile.index * 256 : tile.index * 256 + tile.width])
