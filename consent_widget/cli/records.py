"""`flask consent list`, `export` and `expire`: the records, and what has ended."""

from __future__ import annotations

import csv
import json
import sys
from collections import deque
from datetime import datetime

import click
from flask.cli import with_appcontext

from ..choice.act import Choice
from ..errors import ConsentError
from ..site.site import current_site
from ..store.sql import SQLStore
from ..subject.endings import announce_all_ended, has_listeners
from ..subject.records import read_history
from .period import all_choices, choices_between, in_period

FIELDS = ("id", "time", "subject", "seq", "action", "surface", "locale", "notice", "purposes", "signals", "actor",
          "age_band", "valid_until", "site", "region")  # fmt: skip


@click.command("list")
@click.option("--subject", help="Only this visitor's choices.")
@click.option("--most", default=20, show_default=True, help="How many of the latest to show.")
@with_appcontext
def list_(subject: str | None, most: int) -> None:
    """Show the latest choices, one a line."""
    for choice in _choices(subject)[-most:] if subject else _latest(most):
        time = choice.plain()["time"]
        granted = ", ".join(key for key, granted in choice.purposes.items() if granted) or "-"
        click.echo(f"{time}  {choice.subject}  {choice.action:<12} {choice.locale}  {granted}")


@click.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--subject", help="Only this visitor's choices.")
@in_period
@with_appcontext
def export(form: str, subject: str | None, since: datetime | None, until: datetime | None) -> None:
    """Write choices to standard output, oldest first."""
    writer = csv.DictWriter(sys.stdout, FIELDS, extrasaction="ignore")
    if form == "csv":
        writer.writeheader()
    for choice in choices_between(since, until, _choices(subject) if subject else None):
        row = choice.plain()
        if form == "csv":
            writer.writerow({k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in row.items()})
        else:
            click.echo(json.dumps({name: row[name] for name in FIELDS}, ensure_ascii=False))


@click.command()
@with_appcontext
def expire() -> None:
    """Tell the site's code (signal consent_ended) what has run out or changed. For a daily job."""
    if not has_listeners():
        raise click.ClickException("Nothing listens to consent_ended, so nobody can be told. Connect a function to it.")
    try:
        announced, failed = announce_all_ended(current_site())
    except ConsentError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ended grants told: {announced}.")
    if failed:
        raise click.ClickException(f"A listener failed for {failed} visitors (see the log). Run this again.")


def _choices(subject: str) -> list[Choice]:
    if not hasattr(current_site().store, "history"):
        raise click.ClickException("This store keeps no history by subject. Ask the store itself.")
    return read_history(current_site(), subject)


def _latest(most: int) -> list[Choice]:
    """The latest choices, oldest first."""
    store, site = current_site().store, current_site().settings.site
    return store.latest(most, site or None) if isinstance(store, SQLStore) else list(deque(all_choices(), most))
