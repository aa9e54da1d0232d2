"""The tables of the SQL store."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


def _is_elsewhere(*args: object, dialect: sa.Dialect, **more: Any) -> bool:
    return dialect.name != "sqlite"


#: A number that is given to rows by who writes them. In SQLite it is the place of the row.
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
#: Few bytes, which can be the key of an index in any database.
BYTES = sa.LargeBinary().with_variant(sa.VARBINARY(255), "mysql", "mariadb")
#: What may be longer than the 64 KiB that MySQL gives it otherwise.
LONG_TEXT = sa.Text().with_variant(sa.Text(1 << 24), "mysql", "mariadb")
LONG_BYTES = sa.LargeBinary().with_variant(sa.LargeBinary(1 << 24), "mysql", "mariadb")

#: What a record says for itself: its number is its place in the log. What needs most room comes first for PostgreSQL.
RECORDS = sa.Table(
    "consent_records",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("context", sa.Integer, nullable=False),
    sa.Column("valid_until", sa.Integer, nullable=False),
    sa.Column("id", BYTES, nullable=False),
    sa.Column("subject", BYTES, nullable=False),
    sa.Column("salt", BYTES, nullable=False),
    sa.Column("answers", BYTES, nullable=False),
)
BY_ID = sa.Index("ix_consent_records_id", RECORDS.c.id, unique=True)
#: A subject's first and latest act, at once. In SQLite every index ends with the number by itself.
BY_SUBJECT = sa.Index("ix_consent_records_subject", RECORDS.c.subject).ddl_if(dialect="sqlite")
BY_SUBJECT_AND_NUMBER = sa.Index("ix_consent_records_subject_number", RECORDS.c.subject, RECORDS.c.number)
BY_SUBJECT_AND_NUMBER.ddl_if(callable_=_is_elsewhere)
#: What many records have in common. `hash` names all of it; `keys` are the options that were answered, in the order of
#: the bits of a record's answers.
CONTEXTS = sa.Table(
    "consent_contexts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", BYTES, nullable=False, unique=True),
    sa.Column("notice", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("surface", sa.String(20), nullable=False),
    sa.Column("actor", sa.String(20), nullable=False),
    sa.Column("signals", sa.Text, nullable=False),
    sa.Column("age_band", sa.String(20)),
    sa.Column("site", sa.String(32), nullable=False),
    sa.Column("region", sa.String(6), nullable=False),
    sa.Column("script", sa.String(16), nullable=False),
    sa.Column("layout", sa.String(20), nullable=False),
    sa.Column("keys", sa.Text, nullable=False),
)
#: The log: for each number the commitment to its record (proof/entry.py). It stays when the record is erased.
ENTRIES = sa.Table(
    "consent_entries",
    METADATA,
    sa.Column("number", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("entry", BYTES, nullable=False),
)
#: What the ids of records of an earlier version would be if they followed from their keys: a retry finds its record.
FORMER = sa.Table(
    "consent_former_ids",
    METADATA,
    sa.Column("id", BYTES, primary_key=True),
    sa.Column("number", NUMBER, nullable=False, index=True),
)
#: The text of every notice that was shown.
NOTICES = sa.Table(
    "consent_notices",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("text", LONG_TEXT, nullable=False),
)
#: Which notices are published. The primary key allows one text for each version.
VERSIONS = sa.Table(
    "consent_versions",
    METADATA,
    sa.Column("site", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("version", sa.String(40), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
)

#: Scripts and style sheets of every release, gzipped. `replaced`: since when (milliseconds since 1970) the release that
#: started last has others.
SCRIPTS = sa.Table(
    "consent_scripts",
    METADATA,
    sa.Column("site", sa.String(32), primary_key=True),
    sa.Column("hash", sa.String(16), primary_key=True),
    sa.Column("content", LONG_BYTES, nullable=False),
    sa.Column("mimetype", sa.String(40), nullable=False),
    sa.Column("notice", sa.String(64), nullable=False),
    sa.Column("replaced", sa.BigInteger),
)

#: How many numbers of the log are counted as one chunk (tallies.py).
CHUNK = 1 << 16
#: How many records of a chunk there are of each day (since 1970), context and answers.
COUNTS = sa.Table(
    "consent_counts",
    METADATA,
    sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("context", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("answers", BYTES, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
#: How often the first layer was given on a day (since 1970): numbers, and nothing about anybody. `notice` is a digest.
SHOWN = sa.Table(
    "consent_shown",
    METADATA,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("site", sa.String(32), primary_key=True),
    sa.Column("locale", sa.String(20), primary_key=True),
    sa.Column("layout", sa.String(8), primary_key=True),
    sa.Column("region", sa.String(6), primary_key=True),
    sa.Column("notice", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)


def _once(name: str) -> sa.Table:
    """What happens to a grant at most once: the primary key decides who was first."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("choice", sa.String(36), primary_key=True),
        sa.Column("key", sa.String(81), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )


#: The time of an end that receivers were told, and that is still to be announced to the app's code, is below zero.
USES, ENDS = _once("consent_uses"), _once("consent_ends")

#: Which subject the choices of an account are recorded under. `account` is a keyed hash (choice/account.py); no record
#: holds it.
ACCOUNTS = sa.Table(
    "consent_accounts",
    METADATA,
    sa.Column("account", BYTES, primary_key=True),
    sa.Column("subject", sa.String(22), nullable=False, unique=True),
    sa.Column("time", sa.BigInteger, nullable=False),
)


#: The tiles of the log's tree (proof/tiles.py) from level 1 on, as wide as the last checkpoint needs them. Those of
#: level 0 are made from the entries.
TILES = sa.Table(
    "consent_tiles",
    METADATA,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("index", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary(8192), nullable=False),
)
#: Every checkpoint that was signed, as a signed note. The primary key allows one for each size.
CHECKPOINTS = sa.Table(
    "consent_checkpoints",
    METADATA,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("cosigned", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
#: Of each log that this site witnesses, the last checkpoint that it has cosigned, with that signature (a signed note).
WITNESSED = sa.Table(
    "consent_witnessed",
    METADATA,
    sa.Column("origin", sa.String(255), primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
)
COSIGNED = sa.Index("ix_consent_checkpoints_cosigned", CHECKPOINTS.c.cosigned, CHECKPOINTS.c.size)


#: A write that changes nothing, and fails where no write is possible.
NO_WRITE = RECORDS.delete().where(sa.false())
#: In PostgreSQL, held until the end of the transaction: one at a time writes to the log.
LOG_LOCK = "SELECT pg_advisory_xact_lock(7309940717446325871)"

#: How far each receiver of messages is. `position`: every record with a lower number was acknowledged, or waits in
#: DELIVERIES. After `failures` failures in a row, the last one at `tried`, nothing is sent for `wait` (milliseconds).
#: `owner` has been sending since `leased`.
RECEIVERS = sa.Table(
    "consent_receivers",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("site", sa.String(32), nullable=False),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("tried", sa.BigInteger, nullable=False, default=0),
    sa.Column("wait", sa.BigInteger, nullable=False, default=0),
    sa.Column("error", sa.String(200), nullable=False, default=""),
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),
    sa.Column("acknowledged", sa.BigInteger, nullable=False, default=0),
    sa.Column("owner", sa.String(22), nullable=False, default=""),
    sa.Column("leased", sa.BigInteger, nullable=False, default=0),
    sa.UniqueConstraint("site", "name"),
)
#: What waits beside the log: what a receiver did not take, what came after that for the same subject, and what is no
#: record (`detail`). It is sent in the order of `number`, the place in the log, and `id`.
DELIVERIES = sa.Table(
    "consent_deliveries",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("receiver", sa.Integer, nullable=False),
    sa.Column("subject", sa.String(22), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, default=""),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("tried", sa.BigInteger, nullable=False, default=0),
    sa.Column("wait", sa.BigInteger, nullable=False, default=0),
    sa.Index("ix_consent_deliveries_subject", "subject", "receiver"),
)

for _table in METADATA.tables.values():  # else MySQL takes the keys "A1" and "a1" for the same
    _table.kwargs.update(mysql_collate="utf8mb4_bin", mariadb_collate="utf8mb4_bin")
