"""`flask consent lists`: what was collected from a visitor, and shared with whom, for those who answer requests."""

from __future__ import annotations

import json

import click

from ..site.site import current_site
from ..subject.lists import lists_of
from ..subject.records import read_history
from ..ui.list_files import as_csv, as_plain
from ..ui.lists import Kind
from .sites import in_app
from .subjects import AS_IT_IS


@click.command("lists", context_settings=AS_IT_IS)
@click.argument("subject")
@click.option(
    "--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True, help="JSON or CSV."
)
@click.option("--locale", help="In this language of the notice; by default its first.")
@in_app
def lists(subject: str, form: str, locale: str | None) -> None:
    """Print what was collected from a visitor and shared.

    SUBJECT is the visitor's random name in the records (双清单; GDPR Art. 15, PIPL Art. 45).
    """
    site = current_site()
    if site.settings.collected is None:
        raise click.ClickException("Set CONSENT_COLLECTED first: the function that says what your site knows.")
    if locale and locale not in site.notice.locales:
        raise click.ClickException(f"--locale: the notice has {', '.join(site.notice.locales)}.")
    view, found = site.view(locale or site.notice.locales[0]), lists_of(site, subject, read_history(site, subject))
    kinds: list[Kind] = ["collected", "shared"]
    if form == "csv":
        for kind in kinds:
            click.echo(as_csv(view, kind, found).lstrip("\ufeff"), nl=kind != kinds[-1])
        return
    closing = site.settings.close_account
    both = [as_plain(view, kind, found, subject, closing) for kind in kinds]
    click.echo(json.dumps(both[0] | {"shared": both[1]["shared"]}, ensure_ascii=False, indent=2))
