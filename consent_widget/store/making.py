"""Makes what is missing in the database: the tables, and an index that databases of earlier versions do not have."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from .tables import BY_SUBJECT, CHOICES, METADATA


def one_process_at_a_time(connection: sa.Connection) -> None:
    """Let workers that start together look, and write, in turn. In SQLite every transaction that writes is alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7309940717446325870)")


def make_tables(connection: sa.Connection) -> None:
    """Make the tables that are missing. A large table of a running site is not locked for an index: the log says how to
    make that one.
    """
    dialect = connection.dialect.name
    one_process_at_a_time(connection)
    METADATA.create_all(connection)
    if BY_SUBJECT.name in {index["name"] for index in sa.inspect(connection).get_indexes(CHOICES.name)}:
        return
    if dialect == "sqlite":  # a second for each million rows
        BY_SUBJECT.create(connection)
        return
    statement = str(CreateIndex(BY_SUBJECT).compile(dialect=connection.dialect))
    if dialect == "postgresql":
        statement = statement.replace("INDEX", "INDEX CONCURRENTLY", 1)
    logging.getLogger(__name__).warning(
        "The table consent_choices lacks an index, so every choice takes longer the more there are. Make it once; "
        "the site may go on meanwhile: %s;",
        statement,
    )
