"""The scripts and style sheets of every release, by hash: pages that name one by its hash still get exactly that."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from ..days import DAY, now_ms
from .database import ConflictError, Database
from .making import one_process_at_a_time
from .tables import SCRIPTS


class ReleasedFile(NamedTuple):
    """A script or style sheet that pages name by its hash."""

    content: bytes
    mimetype: str
    #: The digest of the notice that it shows.
    notice: str


class StoredFile(NamedTuple):
    """The same, as it was stored."""

    gzipped: bytes
    mimetype: str
    notice: str
    #: Have later releases other files? False where it belongs to the release that started last.
    replaced: bool


class Scripts(Database):
    """Files of the releases of each site."""

    def keep_files(self, site: str, files: Mapping[str, ReleasedFile], days: int) -> None:
        """Store the files of the release that starts now, by hash. All others of this site count as replaced from now
        on, and are deleted `days` days after they were. A standby leaves that to the primary's processes.
        """
        while self._changes(site, files, days) and not self.only_reads():
            try:
                self._keep(site, files, days)
            except ConflictError:  # another process of this release was faster: look again
                continue

    def stored_file(self, site: str, hash: str) -> StoredFile | None:
        """The file of this hash, if a release of this site had it."""
        query = sa.select(SCRIPTS).where(SCRIPTS.c.site == site, SCRIPTS.c.hash == hash)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return StoredFile(row.content, row.mimetype, row.notice, row.replaced is not None) if row else None

    def shows(self, site: str, notice: str) -> bool:
        """Has a release of this site, whose files are still here, the notice of this digest?"""
        query = sa.select(sa.literal(1)).where(SCRIPTS.c.site == site, SCRIPTS.c.notice == notice).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def _changes(self, site: str, files: Mapping[str, ReleasedFile], days: int) -> bool:
        query = sa.select(SCRIPTS.c.hash, SCRIPTS.c.replaced).where(SCRIPTS.c.site == site)
        with self._reading() as connection:
            stored = {row.hash: row.replaced for row in connection.execute(query)}
        before = _days_ago(days)
        others = (replaced for hash, replaced in stored.items() if hash not in files)
        return any(stored.get(hash, 0) is not None for hash in files) or any(
            replaced is None or replaced < before for replaced in others
        )

    def _keep(self, site: str, files: Mapping[str, ReleasedFile], days: int) -> None:
        here, own = SCRIPTS.c.site == site, SCRIPTS.c.hash.in_(files)
        with self._writing() as connection:
            one_process_at_a_time(connection)  # of those that start together
            update = SCRIPTS.update().where(here)
            connection.execute(update.where(~own, SCRIPTS.c.replaced.is_(None)).values(replaced=now_ms()))
            connection.execute(update.where(own, SCRIPTS.c.replaced.is_not(None)).values(replaced=None))
            connection.execute(SCRIPTS.delete().where(here, SCRIPTS.c.replaced < _days_ago(days)))
            stored = set(connection.execute(sa.select(SCRIPTS.c.hash).where(here, own)).scalars())
            if new := [_row(site, hash, file) for hash, file in files.items() if hash not in stored]:
                connection.execute(SCRIPTS.insert(), new)


def _days_ago(days: int) -> int:
    return now_ms() - days * DAY * 1000


def _row(site: str, hash: str, file: ReleasedFile) -> dict[str, object]:
    content = gzip.compress(file.content, 1, mtime=0)  # start-up should not take long
    return {"site": site, "hash": hash, "content": content, "mimetype": file.mimetype, "notice": file.notice}
