"""`consent-widget …`: the commands for those who run a service."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import get_args

import click

from ..cli import databases
from ..cli.audit import audit
from ..cli.deliver import deliver
from ..cli.export import export
from ..cli.group import Commands
from ..cli.importing import import_
from ..cli.log import checkpoint, log_key, new_log
from ..cli.new_files import write_new
from ..cli.notice import notice
from ..cli.notices import diff, publish, versions
from ..cli.prune_log import DRY_RUN, prune_log, prune_store
from ..cli.purge import purge
from ..cli.receipt import receipt
from ..cli.records import expire, list_
from ..cli.setup import keygen, new_key, new_secret, summary, warn
from ..cli.stats import stats
from ..cli.subjects import erase, subject
from ..cli.vendors import vendors
from ..cli.verify import verify
from ..cli.witness import witness, witness_key
from ..errors import ConfigurationError
from ..scan.command import scan
from ..settings.config import read_settings
from ..site.draft import read_site_notice
from ..store.sql import SQLStore
from .app import host_sites
from .for_sites import CONFIG, ONE, SiteCommand, as_in_file, for_sites, only, site_option
from .logs import Form
from .officer import NAME, new_password
from .server import run
from .sites import read_sites
from .snippet import snippets
from .words import errors_as_in_file, in_words_of_file

main = Commands(
    "consent-widget", words=in_words_of_file, help="The consent widget as a service, for pages of any site."
)
main.add_command(keygen)
main.add_command(log_key)
main.add_command(witness_key)
main.add_command(vendors)
main.add_command(scan)


@main.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), default="sites.toml")
def init(target: Path) -> None:
    """Write a configuration to edit.

    TARGET is a new file, sites.toml unless you say otherwise. It has a key of its own.
    """
    text = (files(__package__) / "sites.toml").read_text("utf-8")
    text = text.replace('"KEY"', f'"{new_key()}"').replace('"SECRET"', f'"{new_secret()}"')
    write_new(target, text, mode=0o600)  # it holds the key
    click.echo(f"Wrote {target}. Edit it, then run: consent-widget serve --config {target}")


@main.command()
@click.argument("name")
def officer(name: str) -> None:
    """Make a password for the officer's page.

    NAME is what the log calls the officer. Prints the password, and what sites.toml gets instead of it.
    """
    if not NAME.fullmatch(name):
        raise click.ClickException("A name is at most 40 letters, digits and the characters . _ - (no spaces).")
    password, hash = new_password()
    click.echo(f"The password, for the officer alone: {password}")
    click.echo(f'In sites.toml, in the table of the site: officer = {{ "{name}" = "{hash}" }}')


@main.command()
@CONFIG
def check(config: Path) -> None:
    """Check the configuration and every notice in it."""
    faults = 0
    for id, site in read_sites(config).sites.items():
        try:
            with errors_as_in_file(id):
                notice = read_site_notice(read_settings(site))
        except ConfigurationError as error:
            click.echo(f"Error: {error}", err=True)
            faults += 1
        else:
            click.echo(f"{id}: {summary(notice)}\n{id}: digest {notice.digest}")
            warn(notice)
    if faults:
        raise SystemExit(1)


@main.command()
@CONFIG
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes.")
@click.option("--logs", default="text", show_default=True, type=click.Choice(get_args(Form)), help="How a line looks.")
@click.option("--metrics", metavar="HOST:PORT", help="Where Prometheus finds /metrics: nowhere, unless you say where.")
def serve(config: Path, host: str, port: int, workers: int, logs: Form, metrics: str | None) -> None:
    """Run the service, with granian. Put a proxy with HTTPS before it."""
    run(config.absolute(), host, port, workers, logs, metrics)


@main.command(help=databases.copy.help)
@databases.URL
@CONFIG
def copy(url: str, config: Path) -> None:
    """`flask consent copy`, for the database of a service."""
    with _store(config) as store:
        databases.copy_store(store, url)


@main.command(help=databases.backup.help)
@databases.FILE
@CONFIG
def backup(file: Path, config: Path) -> None:
    """`flask consent backup`, for the database of a service."""
    with _store(config) as store:
        databases.backup_store(store, file)


@main.command("prune-log", help=prune_log.help)
@DRY_RUN
@CONFIG
def prune_log_of_service(dry_run: bool, config: Path) -> None:
    """`flask consent prune-log`, for the database of a service."""
    with _store(config) as store:
        prune_store(store, dry_run=dry_run)


@main.command(help=databases.upgrade.help)
@CONFIG
def upgrade(config: Path) -> None:
    """`flask consent upgrade`, for the database of a service."""
    with _store(config) as store:
        databases.upgrade_store(store)


def _store(config: Path) -> closing[SQLStore]:
    return closing(SQLStore(read_sites(config).database, "database"))


@main.command(cls=SiteCommand)
@site_option(ONE)
@CONFIG
def snippet(site: str | None, config: Path) -> None:
    """Print the tags that a site puts into its pages."""
    service = replace(only(read_sites(config), site, one=True), database="sqlite://")  # nothing is recorded here
    with closing(host_sites(service)) as hosted:
        for app in hosted.sites.values():
            click.echo(snippets(app.extensions["consent_widget"], service.url))


for command in (export, stats, expire, purge, deliver, notice, receipt, checkpoint, new_log, witness, verify):
    main.add_command(for_sites(command, one=False))
for command in (list_, import_, audit, subject, erase, diff, publish, versions):
    main.add_command(for_sites(command, one=True))
main.commands = {name: as_in_file(command) for name, command in main.commands.items()}

if __name__ == "__main__":
    main()
