"""The log as files in a folder, for any web server: they are complete before a checkpoint names them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from ..errors import LogError, ProofError
from ..proof.checkpoint import Checkpoint
from ..proof.note import Note
from ..proof.tiles import ENTRIES, HASH, WIDTH, Tile, tiles_of
from ..proof.verify_page import SCRIPT, verify_page

try:
    from fcntl import LOCK_EX, flock
except ImportError:  # Windows
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

if TYPE_CHECKING:
    from ..store.sql import SQLStore


def publish_log(store: SQLStore, folder: Path, policy: str) -> int:
    """Write what a folder lacks of the log, up to its last checkpoint, and what checks a receipt with nothing but the
    folder. Says how many files of the log were new. Each file is there whole or not at all, and the checkpoint comes
    last. LogError where the folder holds another log, or nothing is signed.
    """
    with _alone_in(folder):
        note = store.checkpoint()  # now that nobody else writes: the folder never goes back
        if note is None:
            raise LogError("The log has no checkpoint.")
        return _publish(store, note, folder, policy)


def _publish(store: SQLStore, note: Note, folder: Path, policy: str) -> int:
    checkpoint = Checkpoint.parse(note.text)
    published = _published(store, checkpoint, folder)
    new, full = 0, []
    for tile in tiles_of(checkpoint.size, published):
        content = store.bundle(tile) if tile.level == ENTRIES else store.tile(tile)
        if content is None and tile.level > 0:
            raise LogError(f"The log lacks {tile.path}. Restore consent_tiles from a backup.")
        if content is not None:  # else its entries were pruned
            new += _write(folder, tile.path, content)
        if tile.width == WIDTH:
            full.append(tile)
    _write(folder, "policy", policy.encode(errors="surrogateescape"))
    _write(folder, "verify.html", verify_page(policy))
    _write(folder, SCRIPT.name, SCRIPT.read_bytes())
    # all that it names is on the disk before the checkpoint is, also what a killed process wrote; Windows cannot say so
    if published < checkpoint.size and hasattr(os, "sync"):
        os.sync()
    _write(folder, "checkpoint", str(note).encode())
    for tile in full:  # narrower ones were needed until now
        rmtree(folder / f"{tile.path}.p", ignore_errors=True)
    _remove_pruned(folder, min(store.first_entry(), published) // WIDTH)  # the others were never there
    return new


def published_note(folder: Path) -> Note | None:
    """The checkpoint in a folder, if one can be read."""
    with suppress(OSError, ProofError):
        return Note.parse((folder / "checkpoint").read_bytes())
    return None


def _published(store: SQLStore, checkpoint: Checkpoint, folder: Path) -> int:
    """How many entries the folder has: none, where it lost some on its way here, so that all is looked at."""
    try:
        there = Checkpoint.parse(Note.parse((folder / "checkpoint").read_bytes()).text)
    except FileNotFoundError:
        return 0
    except ProofError as error:
        raise LogError(f"{folder / 'checkpoint'}: {error} Delete it to publish the whole log anew.") from None
    ours = store.signed(there.size) if there.size <= checkpoint.size else None  # kept also when entries are pruned
    if ours is None or Checkpoint.parse(ours.text) != there:
        raise LogError(f"{folder}: holds another log, or a later state of this one. Name another folder.")
    return there.size if _is_whole(folder, there.size, store.first_entry() // WIDTH) else 0


def _is_whole(folder: Path, size: int, first: int) -> bool:
    """Does a folder have every tile of the first `size` entries, from that of index `first` on, as long as it must be?
    Copies lose files, and what takes a tile for a text makes it longer.
    """
    for tile in tiles_of(size):
        if tile.level > 0 or tile.index >= first:
            each = 2 + HASH if tile.level == ENTRIES else HASH
            path = folder / tile.path
            if not path.exists() or path.stat().st_size != tile.width * each:
                return False
    return True


def _remove_pruned(folder: Path, first: int) -> None:
    """Remove the bundles before the first that is left, with the hashes of their entries."""
    while first:
        first -= 1
        pruned = [folder / Tile(level, first).path for level in (ENTRIES, 0)]
        if not any(path.exists() for path in pruned):
            return
        for path in pruned:
            path.unlink(missing_ok=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """As the only process that writes into a folder: the next one waits. A job each minute is now and then slower. On
    Windows, and on file systems without such locks, nobody waits, and only a whole file is never half another's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        if HAS_FLOCK:
            with suppress(OSError):
                flock(lock, LOCK_EX)
        yield


def _write(folder: Path, path: str, content: bytes) -> bool:
    """Write a file so that nobody ever sees half of it. False where it is there already: what copies the folder, and
    caches in front of it, go by the time at which a file was written.
    """
    whole, half = folder / path, folder / f".new.{os.getpid()}"
    with suppress(FileNotFoundError):
        if whole.read_bytes() == content:
            return False
    whole.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(content)
    half.replace(whole)
    return True
