"""The tree over the log's entries, as tiles: those that are stored, and those that are made from the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

import sqlalchemy as sa

from ..errors import LogError
from ..proof.merkle import Read, complete_hash, leaf_hash
from ..proof.tiles import HASH, HEIGHT, WIDTH, Tile, bundle, hashes_from, tiles_for
from .database import UNHURRIED, Database
from .postgresql import ANSWER
from .rows import NEXT
from .tables import ENTRIES, TILES

#: The number of a row of ENTRIES.
NUMBER = itemgetter(0)
#: How many entries are read at once while the tree grows: whole tiles.
PAGE = 64 * WIDTH
T = TypeVar("T")
Tiles = dict[tuple[int, int], bytes]


class Tree(Database):
    """The tiles of the log. They never change but to grow."""

    def size(self) -> int:
        """How many records the log has, the erased ones included. The next one gets this number."""
        with self._reading() as connection:
            return int(connection.execute(NEXT).scalar_one())

    def first_entry(self) -> int:
        """The number of the first entry that was not pruned."""
        with self._reading() as connection:
            return connection.execute(sa.select(sa.func.min(ENTRIES.c.number))).scalar() or 0

    def tile(self, tile: Tile) -> bytes | None:
        """The hashes of a tile. None where it is not there: the tree is not as large yet, or its entries were pruned.
        Which tiles a checkpoint covers is for the caller to know.
        """
        try:
            return self._all([tile])[tile]
        except LogError:
            return None

    def bundle(self, tile: Tile) -> bytes | None:
        """The entries of a tile, as they are published. None where they are not there."""
        entries = self._entries(tile)
        return bundle(entries) if entries else None

    def hashes(self, size: int) -> Read:
        """Reads the hashes of the tree of the first `size` entries, for proofs (proof/merkle.py)."""
        return hashes_from(self._tile_of_tree, size)

    def with_hashes(self, size: int, work: Callable[[Read], T]) -> T:
        """What `work` makes of these hashes. The tiles that it needs are read at once, since a database behind a
        network takes longest to be asked.
        """
        tiles = self._all(tiles_for(work, size))
        return work(hashes_from(tiles.__getitem__, size))

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
        return self._all([tile])[tile]

    def _all(self, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
        """The hashes of several tiles, in two questions at most. LogError where one is not there."""
        above = [sa.and_(TILES.c.level == tile.level, TILES.c.index == tile.index) for tile in wanted if tile.level]
        leaves = [_is_in(tile) for tile in wanted if not tile.level]
        found: dict[tuple[int, int], bytes] = {}
        with self._reading() as connection:
            if above:
                rows = connection.execute(sa.select(TILES).where(sa.or_(*above)))
                found |= {(level, index): hashes for level, index, hashes in rows}
            # sorted here: PostgreSQL would go through all entries in their order, to find those of two tiles
            entries = (
                sorted(connection.execute(sa.select(ENTRIES).where(sa.or_(*leaves))), key=NUMBER) if leaves else ()
            )
        for index, rows_of_tile in groupby(entries, lambda row: row[0] // WIDTH):
            found[0, index] = b"".join(leaf_hash(entry) for _, entry in rows_of_tile)
        return {tile: _whole(tile, found.get((tile.level, tile.index), b"")) for tile in wanted}

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
        with self._reading(UNHURRIED if end - first > WIDTH else ANSWER) as connection:
            entries = list(connection.execute(query.order_by(ENTRIES.c.number)).scalars())
        if len(entries) < end - first:
            raise LogError(
                f"The log lacks entries: of those from number {first} on and before {end}, {len(entries)} are there. "
                "Restore the table consent_entries from a backup."
            )
        return entries


def _is_in(tile: Tile) -> sa.ColumnElement[bool]:
    first = tile.index * WIDTH
    return sa.and_(ENTRIES.c.number >= first, ENTRIES.c.number < first + tile.width)


def _whole(tile: Tile, hashes: bytes) -> bytes:
    """The hashes of a tile, of which there may be more meanwhile."""
    if len(hashes) < HASH * tile.width:
        raise LogError(
            f"The log lacks {tile.path}, or the entries that it is made of. Restore consent_entries and consent_tiles "
            "from a backup."
        )
    return hashes[: HASH * tile.width]


def _hash(tile: bytes) -> bytes:
    return complete_hash([tile[at : at + HASH] for at in range(0, len(tile), HASH)])
