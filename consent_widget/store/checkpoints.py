"""Checkpoints: what is signed of the log, and proofs from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ..days import now_ms
from ..errors import LogError, ProofError
from ..plural import plural
from ..proof.checkpoint import Checkpoint, opened
from ..proof.entry import canonical_record, commitment
from ..proof.key import Signature
from ..proof.log_keys import LogKeys
from ..proof.merkle import EMPTY, check_consistency, check_inclusion, consistency, inclusion, leaf_hash, root
from ..proof.note import Note
from ..proof.tiles import HASH, Tile, hashes_from
from ..proof.tlog_proof import Proof
from .database import UNHURRIED, ConflictError
from .making import one_process_at_a_time
from .rows import Record
from .tables import CHECKPOINTS, TILES
from .tree import Tiles, Tree

#: So many entries without a checkpoint need one, however young the last is.
MANY = 10_000
NOTHING: Mapping[str, Note] = {}
LATEST = sa.select(CHECKPOINTS).order_by(CHECKPOINTS.c.size.desc()).limit(1)


class Checkpoints(Tree):
    """The checkpoints of the log. Each is signed once, in one transaction with the tiles that it needs, and none is
    signed that does not extend the last.
    """

    def checkpoint(self) -> Note | None:
        """The last checkpoint, as a signed note. None before the first. LogError where another one is in its place."""
        last = self.signed_last()
        return last[0] if last else None

    def signed_last(self) -> tuple[Note, int] | None:
        """The last checkpoint, and when it was signed (milliseconds since 1970)."""
        with self._reading() as connection:
            row = connection.execute(LATEST).first()
        if row is None:
            return None
        note = Note.parse(row.note)
        if Checkpoint.parse(note.text).size != row.size:
            raise LogError(
                f"What is stored as the checkpoint of {plural(row.size, 'entry')} is another one. Restore the table "
                "consent_checkpoints from a backup; flask consent verify says what else was altered."
            )
        return note, int(row.time)

    def uncosigned_since(self) -> int | None:
        """When the first checkpoint was signed after the last that enough witnesses have cosigned (milliseconds since
        1970). None where there is none.
        """
        cosigned = sa.select(sa.func.coalesce(sa.func.max(CHECKPOINTS.c.size), -1)).where(CHECKPOINTS.c.cosigned)
        later = sa.select(CHECKPOINTS.c.time).where(CHECKPOINTS.c.size > cosigned.scalar_subquery())
        with self._reading() as connection:
            time = connection.execute(later.order_by(CHECKPOINTS.c.size).limit(1)).scalar()
        return None if time is None else int(time)

    def checkpoint_for(self, number: int) -> Note | None:
        """The last checkpoint with the entry of this number in its tree: of those that enough witnesses have cosigned,
        else of all. None while there is none.
        """
        latest = CHECKPOINTS.c.cosigned.desc(), CHECKPOINTS.c.size.desc()
        query = sa.select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size > number).order_by(*latest).limit(1)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Note.parse(row.note) if row else None

    def needs_checkpoint(self, minutes: int) -> bool:
        """Are there entries without a checkpoint, and the last is that old, or they are many? A new log has one of no
        entries: who has seen that knows that nothing was before.
        """
        with self._reading() as connection:
            row = connection.execute(LATEST).first()
        if row is None:
            return True
        more = self.size() - row.size
        # a clock that went back must not keep a checkpoint from being made
        return more > 0 and (more >= MANY or not 0 <= now_ms() - row.time < 60_000 * minutes)

    def sign_checkpoint(self, keys: LogKeys, most: int | None = None, seen: Mapping[str, Note] = NOTHING) -> Note:
        """Sign a checkpoint of all entries, or of so many new ones at most, and return it; the last one where there is
        nothing new. Two processes at once make one. LogError where the entries do not extend what was signed, as far as
        that is known here, or was `seen` elsewhere (by where that is).
        """
        self._require_known(keys, seen)
        while True:
            last, size = self.checkpoint(), self.size()
            old = _opened(last, keys)
            size = min(size, old.size + most) if most else size
            if last and old.size == size:
                return last
            self._require_entries(size, old.size)
            tiles = self.grown(old.size, size)
            checkpoint = self._extended(old, size, tiles)
            note = Note.sign(checkpoint.text, keys.signing)
            if self._store(note, last, size, tiles):
                return note

    def signed(self, size: int) -> Note | None:
        """The checkpoint of this size, if one was signed. It stays when its entries are pruned."""
        with self._reading() as connection:
            note = connection.execute(sa.select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == size)).scalar()
        return None if note is None else Note.parse(note)

    def add_cosignatures(
        self, size: int, signatures: Iterable[Signature], is_enough: Callable[[Note], bool] = lambda note: True
    ) -> None:
        """Add what witnesses have signed to the checkpoint of this size. It counts as cosigned once that `is_enough`:
        a receipt from one that is not would prove nothing to who asks for more witnesses.
        """
        one = CHECKPOINTS.c.size == size
        with self._writing() as connection:
            one_process_at_a_time(connection)
            note = Note.parse(connection.execute(sa.select(CHECKPOINTS.c.note).where(one)).scalar_one())
            more = note.signed_also(signatures)
            if more != note:
                connection.execute(CHECKPOINTS.update().where(one).values(note=str(more), cosigned=is_enough(more)))

    def prove(self, record: Record) -> Proof | None:
        """The proof of a record, with all that anybody needs to check it: its salt and its text are the extra data.
        None while no checkpoint has it. LogError where something else was signed.
        """
        text = canonical_record(record.choice)
        return self.proof(record.number, commitment(record.salt, text), record.salt + text)

    def proof(self, number: int, entry: bytes, extra: bytes | None = None) -> Proof | None:
        """The proof that this is the log's entry of that number, by `checkpoint_for` it. None while no checkpoint has
        it. LogError where another entry was signed: the record was changed.
        """
        note = self.checkpoint_for(number)
        if note is None:
            return None
        checkpoint = Checkpoint.parse(note.text)
        hashes = self.with_hashes(checkpoint.size, lambda read: inclusion(number, checkpoint.size, read))
        try:
            check_inclusion(leaf_hash(entry), number, checkpoint.size, hashes, checkpoint.root)
        except ProofError:
            raise LogError(
                f"Record {number} is not what the checkpoint of {plural(checkpoint.size, 'entry')} signed: the record, "
                "its salt, or the log was changed. Restore them from a backup."
            ) from None
        return Proof(number, tuple(hashes), note, extra)

    def notes(self) -> Iterator[str]:
        """Every checkpoint that was signed, the smallest first."""
        with self._reading(UNHURRIED) as connection:
            yield from connection.execute(sa.select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size)).scalars()

    def begin_log(self, old: LogKeys, new: LogKeys) -> Note:
        """Let a log of another name begin where the last checkpoint of the present one is, and forget those of that
        one. LogError where its entries are not there, or somebody signs meanwhile.
        """
        last, size = self.checkpoint(), self.size()
        known = _opened(last, old)
        if last is None or new.origin == old.origin:
            raise LogError("Only a log with a checkpoint is replaced, and only by one with another name.")
        self._require_entries(size, known.size)
        first = Note.sign(Checkpoint(new.origin, known.size, known.root).text, new.signing)
        with self._writing() as connection:
            one_process_at_a_time(connection)
            if not _is_last(connection, last):
                raise LogError("A checkpoint was signed meanwhile. Stop all processes of the site before.")
            connection.execute(CHECKPOINTS.delete())
            row = {"size": known.size, "time": now_ms(), "cosigned": False, "note": str(first)}
            connection.execute(CHECKPOINTS.insert(), row)
        return first

    def _require_known(self, keys: LogKeys, seen: Mapping[str, Note]) -> None:
        """Each checkpoint is stored before anybody is shown it. So one that the log's key has signed and that is not
        here shows that the database is an older state, or that the key signs another log, too.
        """
        for where, note in seen.items():
            try:
                shown = opened(note, keys.public)
            except ProofError:  # whatever it is, the key did not sign it
                continue
            ours = self.signed(shown.size)
            if shown.origin == keys.origin and (ours is None or Checkpoint.parse(ours.text) != shown):
                raise LogError(
                    f"At {where} there is a checkpoint of {plural(shown.size, 'entry')} that the key of this log has "
                    "signed, and the database does not know it: an older backup was restored, or a copy of this site "
                    "signs with the same key. Nothing is signed. docs/log.md says what to do: After a backup."
                )

    def _require_entries(self, size: int, signed: int) -> None:
        if size < signed:
            raise LogError(
                f"The log has {plural(size, 'entry')}, and its last checkpoint was signed with {signed}: "
                "the last ones are gone. Restore the database from a backup that has them."
            )

    def _extended(self, old: Checkpoint, size: int, tiles: Tiles) -> Checkpoint:
        """The checkpoint of a tree with new tiles; LogError if it does not extend the old one."""

        def hashes(tile: Tile) -> bytes:
            new = tiles.get((tile.level, tile.index), b"")
            return new[: HASH * tile.width] or self._tile_of_tree(tile)

        read = hashes_from(hashes, size)
        checkpoint = Checkpoint(old.origin, size, root(size, read))
        try:
            check_consistency(old.size, size, old.root, checkpoint.root, consistency(old.size, size, read))
        except ProofError:
            raise LogError(
                f"The entries of the log are not those of its last checkpoint, of {plural(old.size, 'entry')}: some "
                "were changed, or the database was put together from two. Nothing is signed. Restore the tables "
                "consent_entries and consent_tiles from a backup made before that."
            ) from None
        return checkpoint

    def _store(self, note: Note, last: Note | None, size: int, tiles: Tiles) -> bool:
        """Store a checkpoint and its tiles, unless another process has stored one after `last`, or in its place."""
        row: dict[str, Any] = {"size": size, "time": now_ms(), "cosigned": False, "note": str(note)}
        try:
            with self._writing() as connection:
                one_process_at_a_time(connection)
                if not _is_last(connection, last):
                    return False
                for (level, index), hashes in tiles.items():
                    here = TILES.c.level == level, TILES.c.index == index
                    connection.execute(TILES.delete().where(*here))
                    connection.execute(TILES.insert(), {"level": level, "index": index, "hashes": hashes})
                connection.execute(CHECKPOINTS.insert(), row)
            return True
        except ConflictError:
            return False


def _is_last(connection: sa.Connection, note: Note | None) -> bool:
    """Is this the last checkpoint still? Witnesses may have signed it meanwhile."""
    found = connection.execute(LATEST.with_only_columns(CHECKPOINTS.c.note)).scalar()
    return (found and Note.parse(found).text) == (note and note.text)


def _opened(note: Note | None, keys: LogKeys) -> Checkpoint:
    """The last checkpoint; that of an empty tree where there is none. LogError where these keys did not sign it."""
    if note is None:
        return Checkpoint(keys.origin, 0, EMPTY)
    origin = note.text.partition("\n")[0]
    if origin != keys.origin:
        raise LogError(
            f"The log in this database is {origin}, and CONSENT_LOG_KEY is a key of {keys.origin}. A database has one "
            "log: set the key of that one, or use another database."
        )
    try:
        return opened(note, keys.public)
    except ProofError as error:
        raise LogError(
            f"The last checkpoint is not signed by the key of CONSENT_LOG_KEY. {error} If the key was changed, add the "
            "one before it, or its public key, as a second line."
        ) from None
