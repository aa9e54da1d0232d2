"""The persistence hook: where choices are kept.

A store of your own needs one method, `add`. The rest is optional and is used where it is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import groupby
from time import time_ns
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa

from ..choice.act import Choice
from ..choice.replay import Grant
from ..errors import ConfigurationError, NoticeError, StateMoved, StoreError
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..notice.publishing import Version, check_publishable
from .sqlite import PATIENCE, Turn, make_own_file


@runtime_checkable
class Store(Protocol):
    """Keeps choices."""

    def add(self, choice: Choice) -> Choice:
        """Keep `choice` and return it only once it is durable.

        When its idempotency `key` has been kept before for its `site`, keep nothing and return that earlier
        choice. Raise StoreError when it cannot be kept.

        What is kept, in the same transaction, is `choice.placed_after(latest)`: `latest` is the `seq` of the last
        choice of its subject, None without one. So no grant overtakes a refusal: that raises StateMoved.
        """
        ...


METADATA = sa.MetaData()
CHOICES = sa.Table(
    "consent_choices",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(22), nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("notice", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("surface", sa.String(20), nullable=False),
    sa.Column("purposes", sa.Text, nullable=False),
    sa.Column("valid_until", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(20), nullable=False),
    sa.Column("signals", sa.Text, nullable=False),
    sa.Column("age_band", sa.String(20)),
    sa.Column("site", sa.String(32), nullable=False),
    sa.Column("region", sa.String(6), nullable=False),
    sa.UniqueConstraint("site", "key"),
)
NOTICES = sa.Table(
    "consent_notices",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
#: Which texts are published. The primary key sees to it that a version has one text for good.
VERSIONS = sa.Table(
    "consent_versions",
    METADATA,
    sa.Column("site", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
)


#: Where an error may begin to tell values of a row: in PostgreSQL's DETAIL line, or in quotes that are not for names.
BEFORE_VALUES = re.compile(r"['\n]")


def _once(name: str) -> sa.Table:
    """What happens to a grant at most once: its primary key decides who was first."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("choice", sa.String(36), primary_key=True),
        sa.Column("key", sa.String(81), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )


USES, ENDS = _once("consent_uses"), _once("consent_ends")


class SQLStore:
    """Choices in any database that SQLAlchemy reaches. On SQLite every choice is on the disk
    (WAL, synchronous FULL) before it counts as kept.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = sa.create_engine(
                url,
                pool_pre_ping=not url.startswith("sqlite"),
                hide_parameters=True,  # no value of a row reaches a log
            )
        except (sa.exc.ArgumentError, ImportError) as error:
            raise ConfigurationError(f"CONSENT_DATABASE: not a usable SQLAlchemy URL ({error}).") from None
        self._turn: AbstractContextManager[object] = nullcontext()
        self._sqlite: Turn | None = None
        if self._engine.dialect.name == "sqlite":
            self._turn = self._sqlite = Turn(self._engine)
            make_own_file(self._engine)
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        with _as_store_error():
            try:
                METADATA.create_all(self._engine)
            except sa.exc.DBAPIError:  # another worker was making the tables at this moment
                METADATA.create_all(self._engine)

    def add(self, choice: Choice) -> Choice:
        """See Store.add: one transaction, one commit."""
        latest = sa.select(sa.func.max(CHOICES.c.seq)).where(CHOICES.c.subject == choice.subject)
        with _as_store_error():
            try:
                with self._alone(choice.subject) as connection:
                    choice = choice.placed_after(connection.execute(latest).scalar())
                    connection.execute(CHOICES.insert(), _row(choice))
                return choice
            except (sa.exc.IntegrityError, StateMoved):
                kept = sa.select(CHOICES).where(CHOICES.c.site == choice.site, CHOICES.c.key == choice.key)
                with self._engine.connect() as connection:
                    row = connection.execute(kept).first()
                if row is None:  # no retry
                    raise
                return _choice(row)

    def keep_notice(self, digest: str, text: str) -> None:
        """Keep a notice's exact text for good, so that every choice can be read beside it. NoticeError where another
        text is kept in its place.
        """
        kept = self.notice(digest)
        if kept is None:
            another = suppress(sa.exc.IntegrityError)  # another worker has kept one meanwhile
            with _as_store_error(), another, self._engine.begin() as connection:
                connection.execute(NOTICES.insert(), {"digest": digest, "text": text})
            kept = self.notice(digest)
        if kept != text:
            raise NoticeError(
                "The text of this notice in the database was altered: it does not fit its digest. Choices are proved "
                f"by what was shown: restore the text of that digest in consent_notices ({digest}) from a backup."
            )

    def notice(self, digest: str) -> str | None:
        """The canonical JSON of a notice that was shown, or None."""
        with _as_store_error(), self._engine.connect() as connection:
            return connection.execute(sa.select(NOTICES.c.text).where(NOTICES.c.digest == digest)).scalar()

    def publish(self, notice: Notice, site: str = "") -> Version:
        """Publish a notice of a site for good; once more the same changes nothing. NoticeError, with the difference,
        where it would alter a published version or drop a locale.
        """
        self.keep_notice(notice.digest, notice.text)
        while True:
            versions = self.versions(notice.id, site)
            check_publishable(notice, versions)
            for each in versions:
                if each.digest == notice.digest:
                    return each
            published = max(_now(), *(each.published + 1 for each in versions), 0)
            row = {
                "site": site,
                "id": notice.id,
                "version": notice.version,
                "digest": notice.digest,
                "published": published,
            }
            with _as_store_error():
                try:
                    with self._turn, self._engine.begin() as connection:
                        connection.execute(VERSIONS.insert(), row)
                    return Version(notice, notice.digest, published)
                except sa.exc.IntegrityError:
                    continue  # somebody published this version at the same moment: with the same text?

    def versions(self, id: str, site: str = "") -> tuple[Version, ...]:
        """All published versions of a site's notice of that id, oldest first. NoticeError where the text of one is
        gone or was altered.
        """
        query = sa.select(VERSIONS, NOTICES.c.text).outerjoin(NOTICES, NOTICES.c.digest == VERSIONS.c.digest)
        with _as_store_error(), self._engine.connect() as connection:
            rows = connection.execute(
                query.where(VERSIONS.c.id == id, VERSIONS.c.site == site).order_by(VERSIONS.c.published)
            ).all()
        return tuple(Version(_as_published(row), row.digest, row.published) for row in rows)

    def published_ids(self, site: str = "") -> tuple[str, ...]:
        """The ids that a site's published notices go by."""
        query = sa.select(VERSIONS.c.id).where(VERSIONS.c.site == site).distinct().order_by(VERSIONS.c.id)
        with _as_store_error(), self._engine.connect() as connection:
            return tuple(connection.execute(query).scalars())

    def last_answered(self, site: str = "") -> str | None:
        """The digest of the notice that a site's latest choice answered, or None."""
        query = sa.select(CHOICES.c.notice).where(CHOICES.c.site == site).order_by(CHOICES.c.number.desc()).limit(1)
        with _as_store_error(), self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def history(self, subject: str) -> list[Choice]:
        """All choices of one subject, oldest first."""
        with _as_store_error(), self._engine.connect() as connection:
            found = connection.execute(
                sa.select(CHOICES).where(CHOICES.c.subject == subject).order_by(CHOICES.c.number)
            )
            return [_choice(row) for row in found]

    def histories(self, site: str | None = None) -> Iterator[list[Choice]]:
        """The choices of each subject (of one `site`) in turn."""
        place = sa.tuple_(CHOICES.c.subject, CHOICES.c.number)
        yield from (list(each) for _, each in groupby(self._pages(place, site), lambda choice: choice.subject))

    def use(self, subject: str, grant: Grant) -> bool:
        """Use a grant up: True for whoever comes first, False for everybody after. One INSERT decides."""
        known = sa.select(CHOICES.c.id).where(CHOICES.c.subject == subject, CHOICES.c.id == grant.choice)
        with _as_store_error():
            try:
                with self._alone(subject) as connection:
                    if connection.execute(known).first() is None:
                        return False
                    connection.execute(USES.insert(), {**grant._asdict(), "time": _now()})
                return True
            except sa.exc.IntegrityError:
                return False

    def uses(self, subject: str) -> Mapping[Grant, int]:
        """The grants of a subject that are used up, and when (milliseconds since 1970)."""
        query = sa.select(USES).where(USES.c.choice.in_(_ids(subject)))
        with _as_store_error(), self._engine.connect() as connection:
            return {Grant(row.choice, row.key): row.time for row in connection.execute(query)}

    def claim_ends(self, grants: Collection[Grant]) -> list[Grant]:
        """Those of `grants` whose end nobody has told yet. They are now the caller's to tell."""
        with _as_store_error():
            while True:
                try:
                    with self._turn, self._engine.begin() as connection:
                        told = connection.execute(sa.select(ENDS).where(ENDS.c.choice.in_({g.choice for g in grants})))
                        known = {Grant(row.choice, row.key) for row in told}
                        new = [grant for grant in grants if grant not in known]
                        if new:
                            connection.execute(ENDS.insert(), [{**grant._asdict(), "time": _now()} for grant in new])
                    return new
                except sa.exc.IntegrityError:
                    continue  # somebody claimed some of them at the same moment

    def release_ends(self, grants: Collection[Grant]) -> None:
        """Give claimed grants back: their end could not be told after all."""
        with _as_store_error(), self._turn, self._engine.begin() as connection:
            for grant in grants:
                connection.execute(ENDS.delete().where(ENDS.c.choice == grant.choice, ENDS.c.key == grant.key))

    def erase(self, subject: str) -> bool:
        """Delete everything about a subject, for good. False while its rows can still be read in SQLite's log, because
        a program is reading the database; they are overwritten after the first write once that has ended.
        """
        with _as_store_error(), self._alone(subject) as connection:
            for table in (USES, ENDS):
                connection.execute(table.delete().where(table.c.choice.in_(_ids(subject))))
            connection.execute(CHOICES.delete().where(CHOICES.c.subject == subject))
        return self._sqlite is None or self._sqlite.scrub()

    def export(self, site: str | None = None) -> Iterator[Choice]:
        """Every choice (of one `site`), oldest first, read in pages so that millions fit."""
        return self._pages(sa.tuple_(CHOICES.c.number), site)

    def _pages(self, place: sa.Tuple, site: str | None) -> Iterator[Choice]:
        page = sa.select(CHOICES).order_by(*place.clauses).limit(1000)
        if site is not None:
            page = page.where(CHOICES.c.site == site)
        with _as_store_error(), self._engine.connect() as connection:
            rows = connection.execute(page).all()
            while rows:
                yield from map(_choice, rows)
                last = tuple(getattr(rows[-1], column.name) for column in place.clauses)
                rows = connection.execute(page.where(place > last)).all()

    @contextmanager
    def _alone(self, subject: str) -> Iterator[sa.Connection]:
        """A transaction during which nobody else adds to what is kept of a subject, or erases it. SQLite lets one
        write at a time; elsewhere the subject's first row is the lock: of a single one no two can wait for each other.
        """
        rows = sa.select(CHOICES.c.number).where(CHOICES.c.subject == subject)
        with self._turn, self._engine.begin() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(rows.order_by(CHOICES.c.number).limit(1).with_for_update()).all()
            yield connection

    def ping(self) -> None:
        """Raise StoreError when the database does not answer."""
        with _as_store_error(), self._engine.connect() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        """Let the database go."""
        with self._turn:  # a last one, so that nothing erased is left
            pass
        self._engine.dispose()


def _ids(subject: str) -> sa.Select[Any]:
    return sa.select(CHOICES.c.id).where(CHOICES.c.subject == subject)


def _now() -> int:
    return time_ns() // 1_000_000


def _as_published(row: sa.Row[Any]) -> Notice:
    notice = stored_notice(row.text, row.digest)
    if notice is None or (notice.id, notice.version) != (row.id, row.version):
        raise NoticeError(
            f"{row.id} {row.version} is published, and its text in the database is gone or was altered: it does not "
            "fit its digest. A published version never changes: restore its row of consent_versions, and the text "
            f"of that digest in consent_notices ({row.digest}), from a backup."
        )
    return notice


def _row(choice: Choice) -> dict[str, object]:
    return {**vars(choice), "purposes": json.dumps(dict(choice.purposes)), "signals": json.dumps(choice.signals)}


def _choice(row: sa.Row[Any]) -> Choice:
    values = dict(row._mapping)
    del values["number"]
    return Choice(**{**values, "purposes": json.loads(row.purposes), "signals": tuple(json.loads(row.signals))})


def _prepare_sqlite(connection: Any, _: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", f"busy_timeout = {PATIENCE}", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(f"The store did not answer ({_told(error)}). Check CONSENT_DATABASE.") from None


def _told(error: sa.exc.SQLAlchemyError) -> str:
    """The kind of error; and where it is about the database and not about a row, the beginning of what it says."""
    kind = type(error).__name__
    if isinstance(error, (sa.exc.OperationalError, sa.exc.ProgrammingError)):
        kind += f": {BEFORE_VALUES.split(str(error.orig), maxsplit=1)[0].strip()}"
    return kind
