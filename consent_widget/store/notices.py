"""Notices in the database: the text of each that was shown, and the versions that are published."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from ..days import now_ms
from ..errors import NoticeError
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..notice.publishing import Version, check_publishable
from .database import ConflictError, Database
from .making import one_process_at_a_time
from .tables import NOTICES, VERSIONS


class Notices(Database):
    """Texts of notices, and published versions."""

    def keep_notice(self, digest: str, text: str) -> None:
        """Store a notice's exact text for good, so that every choice can be read beside it. NoticeError where another
        text is stored under its digest.
        """
        stored = self.notice(digest)
        if stored is None:
            with suppress(ConflictError), self._writing() as connection:  # another worker may store it meanwhile
                connection.execute(NOTICES.insert(), {"digest": digest, "text": text})
            stored = self.notice(digest)
        if stored != text:
            raise NoticeError(
                "The text of this notice in the database was altered: it does not fit its digest. Choices are proved "
                f"by what was shown: restore the text of that digest in consent_notices ({digest}) from a backup."
            )

    def notice(self, digest: str) -> str | None:
        """The canonical JSON of a notice that was shown, or None."""
        with self._reading() as connection:
            return connection.execute(sa.select(NOTICES.c.text).where(NOTICES.c.digest == digest)).scalar()

    def notices_of(self, id: str, beginning: str = "") -> Mapping[str, str]:
        """The canonical JSON of all notices of this id, published or not, whose digest begins so, by digest."""
        query = sa.select(NOTICES).where(NOTICES.c.digest.startswith(beginning, autoescape=True))
        query = query.where(NOTICES.c.text.contains(f'"id":"{id}"', autoescape=True))
        with self._reading() as connection:
            return {row.digest: row.text for row in connection.execute(query)}

    def publish(self, notice: Notice, site: str = "", *, unannounced: bool = False) -> Version:
        """Publish a notice of a site for good. Publishing it again changes nothing. NoticeError where
        check_publishable forbids it: for example a change that takes effect at once, unless it is `unannounced`.
        """
        self.keep_notice(notice.digest, notice.text)
        with self._writing() as connection:
            one_process_at_a_time(connection)  # of two that publish at once, the second sees what the first did
            versions = _versions(connection, notice.id, site)
            check_publishable(notice, versions, unannounced=unannounced)
            for version in versions:
                if version.digest == notice.digest:
                    return version
            published = max([now_ms(), *(version.published + 1 for version in versions)])
            row = {
                "site": site,
                "id": notice.id,
                "version": notice.version,
                "digest": notice.digest,
                "published": published,
            }
            connection.execute(VERSIONS.insert(), row)
        return Version(notice, notice.digest, published)

    def versions(self, id: str, site: str = "") -> tuple[Version, ...]:
        """All published versions of a site's notice of that id, oldest first. NoticeError where the text of one is
        lost or was altered.
        """
        with self._reading() as connection:
            return _versions(connection, id, site)

    def published_ids(self, site: str = "") -> tuple[str, ...]:
        """The ids of a site's published notices."""
        query = sa.select(VERSIONS.c.id).where(VERSIONS.c.site == site).distinct().order_by(VERSIONS.c.id)
        with self._reading() as connection:
            return tuple(connection.execute(query).scalars())


def _versions(connection: sa.Connection, id: str, site: str) -> tuple[Version, ...]:
    query = sa.select(VERSIONS, NOTICES.c.text).outerjoin(NOTICES, NOTICES.c.digest == VERSIONS.c.digest)
    query = query.where(VERSIONS.c.id == id, VERSIONS.c.site == site)
    rows = connection.execute(query.order_by(VERSIONS.c.published, VERSIONS.c.digest)).all()
    return tuple(Version(_published_notice(row), row.digest, row.published) for row in rows)


def _published_notice(row: sa.Row[Any]) -> Notice:
    notice = stored_notice(row.text, row.digest)
    if notice is None or (notice.id, notice.version) != (row.id, row.version):
        raise NoticeError(
            f"{row.id} {row.version} is published, and its text in the database is gone or was altered: it does not "
            "fit its digest. A published version never changes: restore its row of consent_versions, and the text "
            f"of that digest in consent_notices ({row.digest}), from a backup."
        )
    return notice
