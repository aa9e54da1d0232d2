"""Databases that do not upgrade themselves, by Alembic. Its table has a name of its own, for sites that use it, too."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ..errors import ConfigurationError
from .upgrading import is_outdated, upgrade

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: sa.Connection) -> None:
    """Bring the database up to date, inside a transaction."""
    try:
        from alembic import command
        from alembic.config import Config
    except ImportError:
        raise ConfigurationError("To upgrade the database, install: pip install 'consent_widget[migrate]'") from None
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["upgrade_records"] = lambda bound: upgrade(bound) if is_outdated(bound) else None
    command.upgrade(config, "head")
