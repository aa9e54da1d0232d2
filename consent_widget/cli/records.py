"""`flask consent list` and `expire`: the latest choices, and what has ended."""

from __future__ import annotations

from collections import deque

import click

from ..choice.act import Choice
from ..days import plain_moment
from ..plural import plural
from ..site.site import current_site
from ..store.sql import SQLStore
from ..subject.endings import announce_all_ended, wants_ends
from .period import choices_between, choices_of
from .sites import each_app, in_app


@click.command("list")
@click.option("--subject", metavar="SUBJECT", help="Only this visitor's choices.")
@click.option("--most", default=20, show_default=True, help="How many of the latest to show.")
@in_app
def list_(subject: str | None, most: int) -> None:
    """Show the latest choices, one a line.

    When it was made (UTC), the first digits of its receipt, the visitor, what was pressed, the language, and what was
    agreed to (+) and refused (-).
    """
    for choice in choices_of(current_site(), subject)[-most:] if subject else _latest(most):
        time = plain_moment(choice.time)
        answers = " ".join(f"{'+' if granted else '-'}{key}" for key, granted in choice.purposes.items())
        line = f"{time}  {choice.id[:8]}  {choice.subject}  {choice.action:<12}  {choice.locale:<5}  {answers}"
        click.echo(line.rstrip())


@click.command()
@in_app
def expire() -> None:
    """Tell the site's code and systems which grants have ended.

    By the signal consent_ended, and by messages to the receivers of CONSENT_WEBHOOKS, for what has run out or changed
    its meaning. For a daily job.
    """
    wanted = failed = 0
    for name, app in each_app():
        with app.app_context():
            site = current_site()
            if not wants_ends(site):
                continue
            announced, failures = announce_all_ended(site)
        wanted, failed = wanted + 1, failed + failures
        click.echo(f"{name}Ended grants told: {announced}.")
    if not wanted:
        raise click.ClickException(
            "Nothing listens to consent_ended, so nobody can be told, and CONSENT_WEBHOOKS has no receiver either that "
            "wants consent.ended. Connect a function to the signal, or name a receiver."
        )
    if failed:
        raise click.ClickException(f"A listener failed for {plural(failed, 'visitor')} (see the log). Run this again.")


def _latest(most: int) -> list[Choice]:
    """The latest choices, oldest first."""
    site = current_site()
    if isinstance(site.store, SQLStore):
        return site.store.latest(most, site.settings.site or None)
    return list(deque(choices_between(site), most))
