"""The tables of the SQL store, and records as their rows."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from ..choice.act import Choice

METADATA = sa.MetaData()
CHOICES = sa.Table(
    "consent_choices",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(22), nullable=False),
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
#: A subject's first and latest act, at once.
BY_SUBJECT = sa.Index("ix_consent_choices_subject_number", CHOICES.c.subject, CHOICES.c.number)
#: The text of every notice that was shown.
NOTICES = sa.Table(
    "consent_notices",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
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
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("mimetype", sa.String(40), nullable=False),
    sa.Column("notice", sa.String(64), nullable=False),
    sa.Column("replaced", sa.BigInteger),
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


USES, ENDS = _once("consent_uses"), _once("consent_ends")

#: Which subject the choices of an account are recorded under. `account` is a keyed hash (choice/account.py); no record
#: holds it.
ACCOUNTS = sa.Table(
    "consent_accounts",
    METADATA,
    sa.Column("account", sa.LargeBinary(16), primary_key=True),
    sa.Column("subject", sa.String(22), nullable=False, unique=True),
    sa.Column("time", sa.BigInteger, nullable=False),
)


#: The log: for each number the commitment to its record (proof/entry.py). It stays when the record is erased.
ENTRIES = sa.Table(
    "consent_entries",
    METADATA,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("entry", sa.LargeBinary().with_variant(sa.VARBINARY(255), "mysql", "mariadb"), nullable=False),
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
NO_WRITE = CHOICES.delete().where(sa.false())


def ids_of(subject: str) -> sa.Select[tuple[str]]:
    """Selects the ids of a subject's choices."""
    return sa.select(CHOICES.c.id).where(CHOICES.c.subject == subject)


def to_row(choice: Choice) -> dict[str, object]:
    """A choice as a row of CHOICES."""
    return {**vars(choice), "purposes": json.dumps(dict(choice.purposes)), "signals": json.dumps(choice.signals)}


def from_row(row: sa.Row[Any]) -> Choice:
    """A choice from a row of CHOICES."""
    values = dict(row._mapping)
    del values["number"]
    return Choice(**{**values, "purposes": json.loads(row.purposes), "signals": tuple(json.loads(row.signals))})
