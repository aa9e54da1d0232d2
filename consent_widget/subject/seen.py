"""What a long file has said so far, in a database of its own that grows on the disk and not in memory."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from typing import Any

from ..errors import StoreError

#: How many KiB of it are in memory.
CACHE = 16_384
TABLES = (
    "CREATE TABLE records (id TEXT PRIMARY KEY, said BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE subjects (subject TEXT PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID",
)
KEEP = "INSERT INTO subjects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, time = excluded.time"


class Seen:
    """Remembers records by their ids, and the latest act of each subject. SQLite deletes the file of a database
    without a name by itself, also where the process is killed.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for each in (f"PRAGMA cache_size = -{CACHE}", *TABLES, "BEGIN"):
            self._run(each)

    def is_same(self, id: str, said: str) -> bool | None:
        """Is what was said before under this id the same? None where it is new, and remembered from now on."""
        digest = blake2b(said.encode(), digest_size=16).digest()
        found = self._run("SELECT said FROM records WHERE id = ?", id).fetchone()
        if found is None:
            self._run("INSERT INTO records VALUES (?, ?)", id, digest)
            return None
        return bool(found[0] == digest)

    def latest(self, subject: str) -> tuple[int, int]:
        """The number and the time of the subject's latest act: 0 and 0 where there was none."""
        found = self._run("SELECT seq, time FROM subjects WHERE subject = ?", subject).fetchone()
        return found or (0, 0)

    def keep(self, subject: str, seq: int, time: int) -> None:
        """Remember the subject's latest act."""
        self._run(KEEP, subject, seq, time)

    def _run(self, statement: str, *values: object) -> Any:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise StoreError(
                f"The temporary folder cannot hold what the file says ({error}). Free room there, or name another one "
                "in SQLITE_TMPDIR."
            ) from None

    def close(self) -> None:
        """Delete it."""
        self._database.close()
