"""`flask consent import`: records from a file, of this package's exports or from elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..plural import plural
from ..site.site import current_site
from ..subject.importing import Imported, Source, check, take_in
from .period import in_period, period
from .record_files import RecordFile
from .sites import in_app


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@in_period
@click.option("--from-site", metavar="ID", help="The site's id in the file, if it is another one. '' for none.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported, and what is wrong.")
@in_app
def import_(file: Path, since: datetime | None, until: datetime | None, from_site: str | None, dry_run: bool) -> None:
    """Take in records from a file.

    FILE has JSON Lines or CSV, or is a folder or zip file that export --to has made; - is the standard input. Every
    line is checked before the first is stored. What is there already is left alone, so an import that was interrupted
    can be run again.
    """
    site, (first, end) = current_site(), period(since, until)
    records = click.get_current_context().with_resource(RecordFile(file))
    of_site = site.settings.site if from_site is None else from_site
    source = Source(records.lines, records.notice, of_site, first, end)
    found = check(site, source)
    if found.wrong:
        _refuse(found, "Nothing was imported. Mend these lines, and try again.")
    if not dry_run:
        found = take_in(site, source)
        if found.wrong:
            _refuse(
                found,
                f"The file was changed meanwhile. Imported: {plural(found.stored, 'record')}. Run this again.",
            )
    click.echo(f"{'Would import' if dry_run else 'Imported'}: {plural(found.stored, 'record')}.")
    if found.known:
        click.echo(f"There already: {found.known}.")
    if found.others:
        click.echo(f"Left out, of another site or time: {found.others}.")


def _refuse(found: Imported, what: str) -> None:
    for number, text in found.named:
        click.echo(f"line {number}: {text}", err=True)
    if found.wrong > len(found.named):
        click.echo(f"and {plural(found.wrong - len(found.named), 'more line')}.", err=True)
    raise click.ClickException(what)
