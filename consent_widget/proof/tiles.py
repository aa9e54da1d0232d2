"""The tiles in which a log publishes its tree and its entries (c2sp.org/tlog-tiles).

A tile holds up to 256 hashes that stand beside each other: of entries at level 0, of full tiles of the level below at
each other level. So a tree of 10^7 entries has three levels, and any proof needs a few tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ..errors import ProofError
from .merkle import Read, complete_hash

#: How many levels of the tree one level of tiles spans, and how many hashes a full tile has.
HEIGHT, WIDTH = 8, 256
#: Bytes of a hash.
HASH = 32
#: The level of a bundle of entries: below that of their hashes.
ENTRIES = -1
PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True)
class Tile:
    """A tile of hashes, or a bundle of entries (level ENTRIES). A partial one is narrower than WIDTH."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is published, under the log's address: `tile/0/x001/234.p/5`."""
        thousands, last = divmod(self.index, 1000)
        parts = [f"{last:03}"]
        while thousands:
            thousands, part = divmod(thousands, 1000)
            parts.insert(0, f"x{part:03}")
        level = "entries" if self.level == ENTRIES else self.level
        return f"tile/{level}/{'/'.join(parts)}" + (f".p/{self.width}" if self.width != WIDTH else "")

    @property
    def end(self) -> int:
        """The number of the first entry after those that it would span if it were full."""
        return self.index + 1 << HEIGHT * (max(self.level, 0) + 1)

    @staticmethod
    def parse(path: str) -> Tile | None:
        """The tile at a path, which has one spelling only. None where the path is none."""
        if not (found := PATH.fullmatch(path)):
            return None
        level, index, width = found.groups()
        tile = Tile(
            ENTRIES if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            int(width or WIDTH),
        )
        return tile if tile.path == path and tile.level < 64 and tile.width <= WIDTH else None


def width_at(level: int, index: int, size: int) -> int:
    """How wide the tile is in a tree of `size` entries; 0 where there is none."""
    there = size >> HEIGHT * max(level, 0)
    return min(max(there - index * WIDTH, 0), WIDTH)


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """All tiles of a tree of `size` entries that a tree of the first `since` does not have: hashes, lowest level first,
    and then bundles of entries.
    """
    level = 0
    while size >> HEIGHT * level:
        yield from _level(level, size, since)
        level += 1
    yield from _level(ENTRIES, size, since)


def _level(level: int, size: int, since: int) -> Iterator[Tile]:
    there, before = (each >> HEIGHT * max(level, 0) for each in (size, since))
    if there > before:
        for index in range(before // WIDTH, -(-there // WIDTH)):
            yield Tile(level, index, width_at(level, index, size))


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def hashes_from(tile_hashes: Callable[[Tile], bytes], size: int) -> Read:
    """Reads the hashes of a tree of `size` entries from its tiles, each of which is asked for once. ProofError where
    one is not as wide as it must be.
    """

    @cache
    def read_tile(level: int, index: int) -> list[bytes]:
        tile = Tile(level, index, width_at(level, index, size))
        hashes = tile_hashes(tile)
        if len(hashes) != HASH * tile.width:
            raise ProofError(f"{tile.path}: has {len(hashes)} bytes, and must have {HASH * tile.width}.")
        return split(hashes)

    def read(height: int, n: int) -> bytes:
        level, index, at, width = _place(height, n)
        return complete_hash(read_tile(level, index)[at : at + width])

    return read


def tiles_for(work: Callable[[Read], object], size: int) -> list[Tile]:
    """The tiles of a tree of `size` entries whose hashes some work reads. It must not depend on what the hashes are."""
    tiles: dict[Tile, None] = {}

    def read(height: int, n: int) -> bytes:
        level, index, _, _ = _place(height, n)
        tiles[Tile(level, index, width_at(level, index, size))] = None
        return b""

    work(read)
    return list(tiles)


def _place(height: int, n: int) -> tuple[int, int, int, int]:
    """Where a tile has the hashes of a subtree: its level and index, and from where on how many."""
    level, rest = divmod(height, HEIGHT)
    index, at = divmod(n << rest, WIDTH)
    return level, index, at, 1 << rest


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as they are published: each after its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
