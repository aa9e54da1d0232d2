"""Replays the log: every record against its entry, all entries against what was signed, and the tiles against both."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ..days import DAY
from ..errors import ProofError, StoreError
from ..plural import plural
from ..proof.checkpoint import Checkpoint, opened
from ..proof.cosignature import timestamp_of
from ..proof.entry import SALT_BYTES, canonical_record, commitment
from ..proof.growing import Content, GrowingTree
from ..proof.key import PublicKey
from ..proof.note import Note
from ..proof.tiles import HASH, WIDTH, split, width_at
from .database import UNHURRIED
from .fault import UNREADABLE, Fault, gap, name_of
from .rows import SHARED, hash_of, own_values, shared_values, to_choice
from .tables import CHECKPOINTS, CONTEXTS, ENTRIES, RECORDS, TILES

if TYPE_CHECKING:
    from .sql import SQLStore

#: How many rows are read at once.
PAGE = 2000
#: Milliseconds in a day: so late may a witness be asked about a checkpoint.
DAY_MS = 1000 * DAY


class _State(NamedTuple):
    """A state of the log that was signed: what it must be, and where that is said."""

    size: int
    root: bytes
    where: str
    #: When a witness saw the log so (milliseconds since 1970); 0 where none did.
    seen: int = 0


@dataclass
class Replay:
    """One replay. `keys` sign the log, `witnesses` cosign it; `outside` are checkpoints that somebody else kept."""

    store: SQLStore
    keys: Sequence[PublicKey] = ()
    witnesses: Sequence[PublicKey] = ()
    outside: Mapping[str, Note] = field(default_factory=dict)
    #: Is told how many entries have been replayed, of how many.
    progress: Callable[[int, int], object] = lambda done, total: None
    records: int = 0
    erased: int = 0
    pruned: int = 0
    checkpoints: int = 0
    #: The entries from this number on are in no checkpoint.
    covered: int = 0
    #: How many records say a time more than a day before a witness saw the log without them, and the first of these.
    dated_back: int = 0
    first_dated_back: str = ""
    tree: GrowingTree = field(default_factory=GrowingTree)
    _contexts: dict[int, dict[str, Any]] = field(default_factory=dict)
    _tiles: int = 0
    _seen: int = 0

    @property
    def uncovered(self) -> int:
        """How many entries no checkpoint covers yet."""
        return max(self.tree.size - self.covered, 0)

    def replay(self) -> Iterator[Fault]:
        """Every record is the one of its entry, and all entries together are what was signed. What comes meanwhile is
        left for the next time: entries are read up to the last one, checkpoints up to the last one before that.
        """
        faults: list[Fault] = []
        first = self.store.first_entry()
        with self.store._reading(UNHURRIED) as connection:
            width = connection.execute(sa.select(sa.func.max(CHECKPOINTS.c.size))).scalar() or 0
        with self.store._reading(UNHURRIED) as connection:
            last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(ENTRIES.c.number), -1))).scalar_one()
        ahead = heapq.merge(self._signed(width, faults), self._kept(faults))
        state = next(ahead, None)
        records = rows_of(self.store, RECORDS, RECORDS.c.number)
        record = next(records, None)
        for row in takewhile(lambda row: row.number <= last, rows_of(self.store, ENTRIES, ENTRIES.c.number)):
            if not self.tree.size and row.number >= WIDTH and row.number % WIDTH == 0:
                yield from self._prune(row.number)
            if row.number != self.tree.size:
                if self.store.first_entry() > max(first, self.tree.size):
                    raise StoreError("The log was pruned meanwhile. Verify it again.")
                yield Fault("entry", gap(self.tree.size, row.number))
                return  # all that follows has another place than it had
            while record is not None and record.number < row.number:
                yield Fault("record", f"{name_of(record)}: has no entry in the log")
                record = next(records, None)
            while state is not None and state.size <= self.tree.size:
                yield from self._reached(state, faults)
                state = next(ahead, None)
            entry = row.entry if isinstance(row.entry, bytes) else b""
            if record is not None and record.number == row.number:
                yield from self._record(record, entry)
                record = next(records, None)
            else:
                self.erased += 1
            for full in self.tree.add(entry):
                yield from self._tile(full, width)
            if self.tree.size % 1000 == 0:
                self.progress(self.tree.size, (last or 0) + 1)
        while record is not None:
            if not self._has_entry(record.number):  # it may have come meanwhile
                yield Fault("record", f"{name_of(record)}: has no entry in the log")
            record = next(records, None)
        while state is not None:
            yield from self._reached(state, faults)
            state = next(ahead, None)
        yield from faults
        for part in self.tree.partial():
            yield from self._tile(part, width)
        with self.store._reading(UNHURRIED) as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(TILES)).scalar_one()
            since = connection.execute(sa.select(sa.func.max(CHECKPOINTS.c.size))).scalar() or 0
        if count != self._tiles and since == width:
            yield Fault("tile", f"consent_tiles has {plural(count, 'tile')}, and the log needs {self._tiles}")

    def _has_entry(self, number: int) -> bool:
        with self.store._reading(UNHURRIED) as connection:
            query = sa.select(ENTRIES.c.number).where(ENTRIES.c.number == number)
            return connection.execute(query).first() is not None

    def _prune(self, first: int) -> Iterator[Fault]:
        """The entries before this number were pruned: the tiles above them speak for them."""
        self.pruned = first
        for index in range(-(-first // WIDTH**2)):
            hashes = split(self._stored(1, index))[: first // WIDTH - index * WIDTH]
            for hash in hashes:
                for tile, content in self.tree.add_pruned(hash):
                    yield from self._tile((tile, content), first)

    def _record(self, row: Any, entry: bytes) -> Iterator[Fault]:
        self.records += 1
        if isinstance(row.time, int) and row.time < self._seen - DAY_MS:
            self.dated_back += 1
            self.first_dated_back = self.first_dated_back or name_of(row)
        try:
            salt = bytes(row.salt)
            if row.context not in self._contexts:  # it came meanwhile, with the first record that has it
                self._contexts[row.context] = self._late_context(row.context)
            choice = to_choice(row, self._contexts[row.context])
            record, written = canonical_record(choice), own_values(choice)
        except UNREADABLE:
            yield Fault("record", f"{name_of(row)}: cannot be read")
            return
        if len(salt) != SALT_BYTES or commitment(salt, record) != entry:
            yield Fault("record", f"{name_of(row)}: is not the one of its entry: it, its salt or the entry was altered")
        elif any(getattr(row, name) != value for name, value in written.items()):
            yield Fault(
                "record", f"{name_of(row)}: is written so that it is not found, under its visitor or its number"
            )

    def _late_context(self, id: int) -> dict[str, Any]:
        with self.store._reading(UNHURRIED) as connection:
            row = connection.execute(sa.select(CONTEXTS).where(CONTEXTS.c.id == id)).first()
        return context_said(row)

    def _signed(self, last: int, faults: list[Fault]) -> Iterator[_State]:
        """The stored checkpoints, each signed, the smallest first. Faults are collected on the way."""
        for row in takewhile(lambda row: row.size <= last, rows_of(self.store, CHECKPOINTS, CHECKPOINTS.c.size)):
            where = f"the checkpoint of {plural(row.size, 'entry')}"
            self.checkpoints += 1
            try:
                checkpoint, seen = self._opened(Note.parse(row.note))
                if checkpoint.size != row.size:
                    raise ProofError(f"It says {checkpoint.size}.")
            except (ProofError, *UNREADABLE) as error:
                faults.append(Fault("checkpoint", f"{where}: {error}"))
            else:
                self.covered = max(self.covered, checkpoint.size)
                yield _State(checkpoint.size, checkpoint.root, where, seen)

    def _kept(self, faults: list[Fault]) -> Iterator[_State]:
        """The checkpoints that somebody else kept."""
        states = []
        for name, note in self.outside.items():
            try:
                checkpoint, seen = self._opened(note)
            except ProofError as error:
                faults.append(Fault("outside", f"{name}: {error}"))
            else:
                where = f"{name}, of {plural(checkpoint.size, 'entry')}"
                states.append(_State(checkpoint.size, checkpoint.root, where, seen))
        yield from sorted(states)

    def _opened(self, note: Note) -> tuple[Checkpoint, int]:
        """The checkpoint in a note, and when the first witness saw it (milliseconds since 1970, or 0). Signatures are
        checked as far as keys are known.
        """
        if not self.keys:
            return Checkpoint.parse(note.text), 0
        witnesses = {(key.name, key.id) for key in note.signers(self.witnesses)}
        times = (timestamp_of(each.value) for each in note.signatures if (each.name, each.key_id) in witnesses)
        return opened(note, self.keys), 1000 * min(filter(None, times), default=0)

    def _reached(self, state: _State, faults: list[Fault]) -> Iterator[Fault]:
        """The log is as large as it was when this was signed: is it the same?"""
        yield from faults
        faults.clear()
        self._seen = max(self._seen, state.seen)
        if state.size > self.tree.size:
            yield Fault("state", f"{state.where}: the log has only {self.tree.size}, the last ones are gone")
        elif state.size == self.tree.size and self.tree.root != state.root:
            yield Fault("state", f"{state.where}: the entries are not those that were signed")

    def _tile(self, content: Content, size: int) -> Iterator[Fault]:
        """A tile is stored as the entries make it, as far as a checkpoint needs it."""
        tile, hashes = content
        needed = HASH * width_at(tile.level, tile.index, size)
        if not tile.level or not needed:
            return
        stored = self._stored(tile.level, tile.index)
        self._tiles += bool(stored)
        common = min(len(stored), len(hashes))  # either may have grown since
        if len(stored) < needed or stored[:common] != hashes[:common]:
            yield Fault("tile", f"{tile.path}: is not what the entries make")

    def _stored(self, level: int, index: int) -> bytes:
        query = sa.select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.index == index)
        with self.store._reading(UNHURRIED) as connection:
            hashes = connection.execute(query).scalar()
        return hashes if isinstance(hashes, bytes) else b""


def rows_of(store: SQLStore, table: sa.Table, *order: sa.Column[Any]) -> Iterator[Any]:
    """The rows of a table in this order, which its index gives; a page at a time, so that nobody waits for it."""
    key = sa.tuple_(*order)
    page = query = sa.select(table).order_by(*order).limit(PAGE)
    while True:
        with store._reading(UNHURRIED) as connection:
            rows = connection.execute(page).all()
        yield from rows
        if len(rows) < PAGE:
            return
        page = query.where(key > tuple(getattr(rows[-1], column.key) for column in order))


def context_said(row: Any) -> dict[str, Any]:
    """What a row of consent_contexts says; one of UNREADABLE where it was altered, or is none."""
    if hash_of(tuple(getattr(row, name) for name in SHARED)) != bytes(row.hash):
        raise ValueError
    return shared_values(row._mapping)
