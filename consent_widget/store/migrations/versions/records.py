"""Records in few bytes, with their entries in the log. There is no way back but a backup."""

from alembic import context, op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The same as SQLite does by itself."""
    context.config.attributes["upgrade_records"](op.get_bind())
