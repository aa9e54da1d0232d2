"""`flask consent list` and `expire`: the latest choices, and what has ended."""

from __future__ import annotations

from collections import deque

import click
from flask.cli import with_appcontext

from ..choice.act import Choice
from ..site.site import current_site
from ..store.sql import SQLStore
from ..subject.endings import announce_all_ended, has_listeners
from .period import choices_between, choices_of


@click.command("list")
@click.option("--subject", help="Only this visitor's choices.")
@click.option("--most", default=20, show_default=True, help="How many of the latest to show.")
@with_appcontext
def list_(subject: str | None, most: int) -> None:
    """Show the latest choices, one a line."""
    for choice in choices_of(current_site(), subject)[-most:] if subject else _latest(most):
        time = choice.plain()["time"]
        granted = ", ".join(key for key, granted in choice.purposes.items() if granted) or "-"
        click.echo(f"{time}  {choice.subject}  {choice.action:<12} {choice.locale}  {granted}")


@click.command()
@with_appcontext
def expire() -> None:
    """Tell the site's code (signal consent_ended) what has run out or changed. For a daily job."""
    site = current_site()
    if not has_listeners():
        raise click.ClickException("Nothing listens to consent_ended, so nobody can be told. Connect a function to it.")
    announced, failed = announce_all_ended(site)
    click.echo(f"Ended grants told: {announced}.")
    if failed:
        raise click.ClickException(f"A listener failed for {failed} visitors (see the log). Run this again.")


def _latest(most: int) -> list[Choice]:
    """The latest choices, oldest first."""
    site = current_site()
    if isinstance(site.store, SQLStore):
        return site.store.latest(most, site.settings.site or None)
    return list(deque(choices_between(site), most))
