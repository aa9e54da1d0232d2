"""`flask consent stats`: what was chosen, counted. No person is in it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import click
from flask.cli import with_appcontext

from ..site.site import current_site
from ..subject.records import shown_notice
from .period import choices_between, in_period


@click.command()
@in_period
@with_appcontext
def stats(since: datetime | None, until: datetime | None) -> None:
    """Count the choices by version of the notice, action and locale, and the answers by purpose."""
    acts: dict[str, Counter[str]] = {"version": Counter(), "action": Counter(), "locale": Counter()}
    yes, no = Counter[str](), Counter[str]()
    for choice in choices_between(since, until):
        notice = shown_notice(current_site(), choice.notice)
        acts["version"][notice.version if notice else choice.notice[:8]] += 1
        acts["action"][choice.action] += 1
        acts["locale"][choice.locale] += 1
        for key, granted in choice.purposes.items():
            (yes if granted else no)[key] += 1
    for name, counted in acts.items():
        click.echo(f"{name}:")
        for value, number in counted.most_common():
            click.echo(f"  {number:>9}  {value}")
    click.echo("purpose:\n        yes         no")
    for key in sorted(yes | no):
        click.echo(f"  {yes[key]:>9}  {no[key]:>9}  {key}")
