"""What Alembic runs to bring a database up to date, in the transaction of whoever asks for it (store/migrating.py)."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="consent_schema")
context.run_migrations()
