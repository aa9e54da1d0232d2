"""What a customer database keeps of consent: the latest answer of each visitor to each purpose."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS consents (subject TEXT, purpose TEXT, granted INT, PRIMARY KEY (subject, purpose));
"""


class Inbox:
    """Takes each message once, however often it comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(sqlite3.connect(path)) as database:
            database.executescript(TABLES)

    def take(self, id: str, message: Mapping[str, Any]) -> None:
        """Do what a message says, unless it was taken before: in one transaction, as after a crash it comes again."""
        if message["format"] != 1:
            raise ValueError("This is a newer format. Read docs/webhooks.md of the new version.")
        with closing(sqlite3.connect(self._path)) as database, database:
            if database.execute("INSERT OR IGNORE INTO seen VALUES (?)", [id]).rowcount:
                self._apply(database, message["type"], message["data"])

    def consents(self, subject: str) -> dict[str, bool]:
        """What a visitor agreed to and refused."""
        with closing(sqlite3.connect(self._path)) as database:
            rows = database.execute("SELECT purpose, granted FROM consents WHERE subject = ?", [subject])
            return {purpose: bool(granted) for purpose, granted in rows}

    def _apply(self, database: sqlite3.Connection, type: str, data: Mapping[str, Any]) -> None:
        subject = data["subject"]
        if type == "subject.erased":
            database.execute("DELETE FROM consents WHERE subject = ?", [subject])
            return
        answers = data["purposes"] if type == "choice.recorded" else dict.fromkeys(data["purposes"], False)
        rows = [(subject, purpose, granted) for purpose, granted in answers.items()]
        database.executemany("INSERT OR REPLACE INTO consents VALUES (?, ?, ?)", rows)
