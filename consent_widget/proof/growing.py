"""The tree over entries that come one after another, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator

from .merkle import complete_hash, leaf_hash, root
from .tiles import HEIGHT, WIDTH, Tile

#: What a tile holds: its hashes, one after another.
Content = tuple[Tile, bytes]


class GrowingTree:
    """Keeps the last tile of each level, which is all that the root needs."""

    def __init__(self) -> None:
        self.size = 0
        self._tiles: list[list[bytes]] = []
        #: How many hashes each level has had.
        self._counts: list[int] = []

    def add(self, entry: bytes) -> list[Content]:
        """Add an entry. Returns the tiles that are full with it, the lowest first."""
        self.size += 1
        return self._push(0, leaf_hash(entry))

    def add_pruned(self, hash: bytes) -> list[Content]:
        """Add the 256 entries of a full tile, of which only the hash is left."""
        self.size += WIDTH
        return self._push(1, hash)

    @property
    def root(self) -> bytes:
        """The root of all entries so far."""
        return root(self.size, self._read)

    def partial(self) -> Iterator[Content]:
        """The tiles that are not full."""
        for level, hashes in enumerate(self._tiles):
            if hashes:
                yield Tile(level, self._counts[level] // WIDTH, len(hashes)), b"".join(hashes)

    def _push(self, level: int, hash: bytes) -> list[Content]:
        while level >= len(self._tiles):
            self._tiles.append([])
            self._counts.append(0)
        tile = self._tiles[level]
        tile.append(hash)
        self._counts[level] += 1
        if len(tile) < WIDTH:
            return []
        self._tiles[level] = []
        full = Tile(level, self._counts[level] // WIDTH - 1), b"".join(tile)
        return [full, *self._push(level + 1, complete_hash(tile))]

    def _read(self, height: int, n: int) -> bytes:
        level, rest = divmod(height, HEIGHT)
        at = (n << rest) % WIDTH
        return complete_hash(self._tiles[level][at : at + (1 << rest)])
