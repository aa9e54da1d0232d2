"""What a long file has said so far, in a database of its own that grows on the disk and not in memory."""

from __future__ import annotations

import sqlite3
from hashlib import blake2b

#: How many KiB of it are in memory.
CACHE = 16_384
TABLES = """CREATE TABLE records (id TEXT PRIMARY KEY, said BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subjects (subject TEXT PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;"""
KEEP = "INSERT INTO subjects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, time = excluded.time"


class Seen:
    """Remembers records by their ids, and the latest act of each subject. SQLite deletes the file of a database
    without a name by itself, also where the process is killed.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{CACHE}")
        self._database.executescript(TABLES)
        self._database.execute("BEGIN")

    def is_same(self, id: str, said: str) -> bool | None:
        """Is what was said before under this id the same? None where it is new, and remembered from now on."""
        digest = blake2b(said.encode(), digest_size=16).digest()
        found = self._database.execute("SELECT said FROM records WHERE id = ?", (id,)).fetchone()
        if found is None:
            self._database.execute("INSERT INTO records VALUES (?, ?)", (id, digest))
            return None
        return bool(found[0] == digest)

    def latest(self, subject: str) -> tuple[int, int]:
        """The number and the time of the subject's latest act: 0 and 0 where there was none."""
        found = self._database.execute("SELECT seq, time FROM subjects WHERE subject = ?", (subject,)).fetchone()
        return found or (0, 0)

    def keep(self, subject: str, seq: int, time: int) -> None:
        """Remember the subject's latest act."""
        self._database.execute(KEEP, (subject, seq, time))

    def close(self) -> None:
        """Delete it."""
        self._database.close()
