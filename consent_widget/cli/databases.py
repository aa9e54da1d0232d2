"""`flask consent copy`, `backup` and `upgrade`: the whole database, moved to another one, kept as a file or renewed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..site.away import AwayStore
from ..site.site import current_site
from ..store.sql import SQLStore
from .new_files import errors_of

URL = click.argument("url")
FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@URL
@with_appcontext
def copy(url: str) -> None:
    """Copy everything into another database.

    URL is that of an empty one, such as postgresql+psycopg://user@host/name. Stop the site before: choices that come
    later are not in the copy.
    """
    copy_store(_store(), url)


@click.command()
@FILE
@with_appcontext
def backup(file: Path) -> None:
    """Copy the SQLite database to a new file.

    The site may be running meanwhile: the copy is right, as that of `cp` is not.
    """
    backup_store(_store(), file)


@click.command()
@with_appcontext
def upgrade() -> None:
    """Bring the database of an earlier version up to date.

    Stop all processes before, and make a backup: there is no other way back. SQLite does this by itself.
    """
    store = current_site().store
    upgrade_store(store.behind if isinstance(store, AwayStore) else store)


def copy_store(store: SQLStore, url: str) -> None:
    """Copy a store, and say how much that was."""
    with closing(SQLStore(url, "URL")) as target:
        for table, rows in store.copy_to(target).items():
            click.echo(f"{rows:>9}  {table}")


def backup_store(store: SQLStore, file: Path) -> None:
    """Make a backup of a store, and say so."""
    with errors_of(file):
        store.backup(file)
    click.echo(f"Wrote {file} ({file.stat().st_size} bytes). It holds everything that was stored until now.")


def upgrade_store(store: object) -> None:
    """Upgrade a store, and say so."""
    if not isinstance(store, SQLStore):
        raise click.ClickException("Only choices in CONSENT_DATABASE are upgraded. A store of your own is yours.")
    done = store.upgrade()
    click.echo("The database is up to date now." if done else "The database is up to date already.")


def _store() -> SQLStore:
    store = current_site().store
    if not isinstance(store, SQLStore):
        raise click.ClickException("Only choices in CONSENT_DATABASE are copied, and only while it can be used.")
    return store
