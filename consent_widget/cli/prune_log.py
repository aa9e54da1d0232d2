"""`flask consent prune-log`: the beginning of the log, of whose records none is left."""

from __future__ import annotations

import click

from ..plural import plural
from ..store.sql import SQLStore
from .sites import in_app, log_store

DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say how many entries would be deleted.")


@click.command("prune-log")
@DRY_RUN
@in_app
def prune_log(dry_run: bool) -> None:
    """Delete the beginning of the log.

    That is, the entries before the first whose record is still kept, once a checkpoint has signed them. They say
    nothing any more. What is kept can be proved as before. For a yearly job, after purge.
    """
    prune_store(log_store(), dry_run=dry_run)


def prune_store(store: SQLStore, *, dry_run: bool) -> None:
    """Prune the log of a store, and say how much that was."""
    number = store.prunable() if dry_run else store.prune_log()
    click.echo(f"{'Would delete' if dry_run else 'Deleted'}: {plural(number, 'entry')} of the log.")
