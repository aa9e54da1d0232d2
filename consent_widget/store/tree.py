"""The tree over the log's entries, as tiles: those that are stored, and those that are made from the entries."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ..errors import LogError
from ..proof.merkle import Read, complete_hash, leaf_hash
from ..proof.tiles import HASH, HEIGHT, WIDTH, Tile, bundle, hashes_from
from .database import UNHURRIED, Database
from .tables import ENTRIES, TILES

#: How many entries are read at once while the tree grows: whole tiles.
PAGE = 64 * WIDTH
Tiles = dict[tuple[int, int], bytes]


class Tree(Database):
    """The tiles of the log. They never change but to grow."""

    def size(self) -> int:
        """How many records the log has, the erased ones included. The next one gets this number."""
        with self._reading() as connection:
            return (
                int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(ENTRIES.c.number), -1))).scalar_one()) + 1
            )

    def first_entry(self) -> int:
        """The number of the first entry that was not pruned."""
        with self._reading() as connection:
            return connection.execute(sa.select(sa.func.min(ENTRIES.c.number))).scalar() or 0

    def tile(self, tile: Tile) -> bytes | None:
        """The hashes of a tile. None where it is not there: the tree is not as large yet, or its entries were pruned.
        Which tiles a checkpoint covers is for the caller to know.
        """
        if not tile.level:
            entries = self._entries(tile)
            return b"".join(map(leaf_hash, entries)) if entries else None
        query = sa.select(TILES.c.hashes).where(TILES.c.level == tile.level, TILES.c.index == tile.index)
        with self._reading() as connection:
            hashes: bytes = connection.execute(query).scalar() or b""
        return hashes[: HASH * tile.width] if len(hashes) >= HASH * tile.width else None

    def bundle(self, tile: Tile) -> bytes | None:
        """The entries of a tile, as they are published. None where they are not there."""
        entries = self._entries(tile)
        return bundle(entries) if entries else None

    def hashes(self, size: int) -> Read:
        """Reads the hashes of the tree of the first `size` entries, for proofs (proof/merkle.py)."""
        return hashes_from(self._tile_of_tree, size)

    def grown(self, old: int, new: int) -> Tiles:
        """The tiles of level 1 and above that a tree of `new` entries has and one of `old` does not, by level and
        index. LogError where an entry is missing.
        """
        tiles: Tiles = {}
        hashes = [complete_hash(leaves) for leaves in self._full_tiles(old, new)]
        level = 1
        while hashes:
            at = old >> HEIGHT * level  # where the first of these hashes belongs
            before = self._tile_of_tree(Tile(level, at // WIDTH, at % WIDTH)) if at % WIDTH else b""
            whole = before + b"".join(hashes)
            pieces = [whole[start : start + HASH * WIDTH] for start in range(0, len(whole), HASH * WIDTH)]
            tiles |= {(level, at // WIDTH + number): piece for number, piece in enumerate(pieces)}
            hashes = [_hash(piece) for piece in pieces if len(piece) == HASH * WIDTH]
            level += 1
        return tiles

    def _full_tiles(self, old: int, new: int) -> Iterator[list[bytes]]:
        """The hashes of the entries of each tile of level 0 that becomes full."""
        end = new // WIDTH * WIDTH
        for first in range(old // WIDTH * WIDTH, end, PAGE):
            leaves = [leaf_hash(entry) for entry in self._between(first, min(first + PAGE, end))]
            for start in range(0, len(leaves), WIDTH):
                yield leaves[start : start + WIDTH]

    def _tile_of_tree(self, tile: Tile) -> bytes:
        hashes = self.tile(tile)
        if hashes is None:
            raise LogError(
                f"The log lacks {tile.path}, or the entries that it is made of. Restore consent_entries and "
                "consent_tiles from a backup."
            )
        return hashes

    def _entries(self, tile: Tile) -> list[bytes]:
        """The entries of a tile, all or none."""
        first = tile.index * WIDTH
        try:
            return self._between(first, first + tile.width)
        except LogError:
            return []

    def _between(self, first: int, end: int) -> list[bytes]:
        """The entries from number `first` on and before `end`. LogError where one is missing."""
        query = sa.select(ENTRIES.c.entry).where(ENTRIES.c.number >= first, ENTRIES.c.number < end)
        with self._reading(UNHURRIED) as connection:
            entries = list(connection.execute(query.order_by(ENTRIES.c.number)).scalars())
        if len(entries) < end - first:
            raise LogError(
                f"The log lacks entries: of those from number {first} on and before {end}, {len(entries)} are there. "
                "Restore the table consent_entries from a backup."
            )
        return entries


def _hash(tile: bytes) -> bytes:
    return complete_hash([tile[at : at + HASH] for at in range(0, len(tile), HASH)])
