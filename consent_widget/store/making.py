"""Makes what is missing in the database: the tables."""

from __future__ import annotations

import sqlalchemy as sa

from .tables import METADATA


def one_process_at_a_time(connection: sa.Connection) -> None:
    """Let workers that start together look, and write, in turn. In SQLite every transaction that writes is alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7309940717446325870)")


def make_tables(connection: sa.Connection) -> None:
    """Make the tables that are missing."""
    one_process_at_a_time(connection)
    METADATA.create_all(connection)
