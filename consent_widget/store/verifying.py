"""Everything that the database holds, against all else in it and what was signed: `flask consent verify`."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..notice.canonical import digest
from .database import UNHURRIED
from .fault import UNREADABLE, Fault, name_of, short, shown
from .replaying import Replay, context_said, rows_of
from .tables import CONTEXTS, NOTICES, RECORDS, SCRIPTS, VERSIONS


@dataclass
class Verification(Replay):
    """All checks of a database: the log, and what stands beside it."""

    _notices: set[str] = field(default_factory=set)

    def run(self) -> Iterator[Fault]:
        """Everything that is wrong, in memory that does not grow with the log. StoreError where that cannot be told."""
        yield from self._file()
        yield from self._texts()
        yield from self._shared()
        yield from self.replay()
        yield from self._order()

    def _file(self) -> Iterator[Fault]:
        """What SQLite itself finds: pages, indices and rows that do not fit each other."""
        if self.store._sqlite is None:
            return
        with self.store._reading(UNHURRIED) as connection:
            for line in connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars():
                if line != "ok":
                    yield Fault("file", f"SQLite: {line}")

    def _texts(self) -> Iterator[Fault]:
        """Notices and scripts have the hash that they are stored under."""
        for row in rows_of(self.store, NOTICES, NOTICES.c.digest):
            self._notices.add(row.digest)
            if not isinstance(row.text, str) or digest(row.text) != row.digest:
                yield Fault("notice", f"notice {short(row.digest)}: its text is not the one with this fingerprint")
        for row in rows_of(self.store, SCRIPTS, SCRIPTS.c.site, SCRIPTS.c.hash):
            try:
                whole = gzip.decompress(row.content)
            except (*UNREADABLE, OSError, EOFError, zlib.error):
                whole = b""
            if hashlib.sha256(whole).hexdigest()[: len(row.hash)] != row.hash:
                yield Fault("script", f"script {short(row.hash)}: is not the one with this hash")
        for row in rows_of(self.store, VERSIONS, VERSIONS.c.site, VERSIONS.c.id, VERSIONS.c.version):
            if row.digest not in self._notices:
                yield Fault("version", f"version {shown(row.version)} of a notice: its text is gone")

    def _shared(self) -> Iterator[Fault]:
        """What records have in common has the hash that names it, and the notice that it speaks of is there."""
        for row in rows_of(self.store, CONTEXTS, CONTEXTS.c.id):
            try:
                self._contexts[row.id] = context_said(row)
            except UNREADABLE:
                yield Fault("context", f"row {row.id} of consent_contexts: was altered, and with it every record of it")
                continue
            if row.notice not in self._notices:
                self._notices.add(row.notice)  # it is named once
                yield Fault("notice", f"notice {short(row.notice)}: its text is gone, and records answered it")

    def _order(self) -> Iterator[Fault]:
        """The acts of each subject are counted in the order in which they are in the log."""
        before = None
        for row in rows_of(self.store, RECORDS, RECORDS.c.subject, RECORDS.c.number):
            if before is not None and before.subject == row.subject and not before.seq < row.seq:
                yield Fault("order", f"{name_of(row)}: counts as an earlier act than the one before it")
            before = row
