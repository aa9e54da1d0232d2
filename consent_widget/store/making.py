"""Makes what is missing in the database: the tables."""

from __future__ import annotations

import sqlalchemy as sa

from .tables import METADATA

#: The last revision of migrations/versions.
HEAD = "0002"
#: Alembic's own table: what it last did.
STAMP = sa.Table("consent_schema", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))


def one_process_at_a_time(connection: sa.Connection) -> None:
    """Let workers that start together look, and write, in turn. In SQLite every transaction that writes is alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7309940717446325870)")


def make_tables(connection: sa.Connection) -> None:
    """Make the tables that are missing. A new database is current for Alembic, too."""
    one_process_at_a_time(connection)
    METADATA.create_all(connection)
    for table in METADATA.sorted_tables:  # or another program has made one of that name
        connection.execute(sa.select(table).limit(0))
    STAMP.create(connection, checkfirst=True)
    if connection.execute(sa.select(STAMP)).first() is None:
        connection.execute(STAMP.insert(), {"version_num": HEAD})
