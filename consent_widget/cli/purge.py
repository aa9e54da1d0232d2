"""`flask consent purge`: deletes records when the notice says so. For a daily job."""

from __future__ import annotations

import click

from ..errors import ConfigurationError
from ..plural import plural
from ..site.site import current_site
from ..subject.purging import purge as purge_site
from ..subject.records import shown_notice
from .sites import each_app, in_app

LEFT = (
    "Another program is reading the database, so copies of them stay in its log until the first write after that has "
    "ended."
)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@in_app
def purge(dry_run: bool) -> None:
    """Delete the records that are too old.

    The notice promises how long they are kept (records_months). A record stays while its choice stands, and for that
    many months afterwards. Grants whose end nobody was told yet are told first (signal consent_ended). For a daily job.
    """
    failed = 0
    for name, app in each_app():
        try:
            with app.app_context():
                site = current_site()
                done = purge_site(site, dry_run=dry_run)
        except ConfigurationError as error:
            if not name:
                raise
            click.echo(f"{name}{error}", err=True)
            failed += 1
            continue
        records = sum(done.records.values())
        told = f"{plural(records, 'record')} of {plural(done.visitors, 'visitor')}"
        click.echo(f"{name}{'Would delete' if dry_run else 'Deleted'}: {told}.")
        for digest, number in done.records.items():
            notice = shown_notice(site, digest)
            click.echo(f"  {number:>9}  {f'{notice.id} {notice.version}' if notice else digest}")
        if not done.complete:
            click.echo(LEFT)
        if done.failed:
            click.echo(
                f"{name}A listener of consent_ended failed for {plural(done.failed, 'visitor')} (see the log).",
                err=True,
            )
        failed += done.failed
    if failed:
        raise click.ClickException("Not all was deleted: see above. Mend it, and run this again.")
