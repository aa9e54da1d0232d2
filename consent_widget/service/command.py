"""`consent-widget …`: the commands for those who run a service."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

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
from ..cli.sites import of_service, quietly
from ..cli.stats import stats
from ..cli.subjects import erase, subject
from ..cli.vendors import vendors
from ..cli.verify import verify
from ..cli.witness import witness, witness_key
from ..errors import ConfigurationError
from ..scan.command import scan
from ..settings.checks import SITE
from ..settings.config import read_settings
from ..site.draft import read_site_notice
from ..store.sql import SQLStore
from .app import host_sites
from .logs import Form
from .officer import NAME, new_password
from .server import run
from .sites import Sites, read_sites
from .snippet import snippets
from .words import errors_as_in_file

#: When a command needs to know which site.
ONE = "needed where there are several"

main = Commands("consent-widget", help="The consent widget as a service, for pages of any site.")
main.add_command(keygen)
main.add_command(log_key)
main.add_command(witness_key)
main.add_command(vendors)
main.add_command(scan)
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default="sites.toml",
    show_default=True,
    help="What the service is to do, and for whom.",
)


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


class SiteCommand(click.Command):
    """A command of `flask consent` for the sites of a service: for one (`--site shop`, or its id as the first word), or
    for all of them in turn where it can be.
    """

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """The id may stand first, before all that the command itself needs."""
        needed = sum(isinstance(each, click.Argument) and each.required for each in self.params)
        words = list(takewhile(lambda arg: not arg.startswith("--"), args))
        if len(words) > needed and SITE.fullmatch(words[0]):
            args = ["--site", *args]
        return super().parse_args(context, args)


def _site_option(which: str) -> Callable[[Any], Any]:
    return click.option("--site", metavar="ID", help=f"The id of a site of the configuration: {which}.")


@main.command(cls=SiteCommand)
@_site_option(ONE)
@CONFIG
def snippet(site: str | None, config: Path) -> None:
    """Print the tags that a site puts into its pages."""
    service = replace(_only(read_sites(config), site, one=True), database="sqlite://")  # nothing is recorded here
    with closing(host_sites(service)) as hosted:
        for app in hosted.sites.values():
            click.echo(snippets(app.extensions["consent_widget"], service.url))


def _for_sites(command: click.Command, *, one: bool) -> click.Command:
    @click.command(command.name, cls=SiteCommand, help=command.help, context_settings=command.context_settings)
    @_site_option(ONE if one else "all of them, unless you say one")
    @CONFIG
    @click.pass_context
    def for_sites(context: click.Context, /, site: str | None, config: Path, **options: Any) -> None:
        with quietly():
            hosted = host_sites(_only(read_sites(config), site, one=one))
        with closing(hosted):
            of_service(context, hosted.sites.values())
            with next(iter(hosted.sites.values())).app_context():
                context.invoke(command, **options)

    for_sites.params += command.params
    return for_sites


def _only(service: Sites, site: str | None, *, one: bool) -> Sites:
    """The service with the site that was chosen, so that no other is built; or with all, unless `one` is needed."""
    if site and site not in service.sites:
        raise click.ClickException(f"There is no such site. The configuration has: {', '.join(service.sites)}.")
    if one and not site and len(service.sites) > 1:
        raise click.ClickException(f"Which site? Say one of: {', '.join(f'--site {id}' for id in service.sites)}.")
    return replace(service, sites={site: service.sites[site]}) if site else service


for command in (export, stats, expire, purge, deliver, notice, receipt, checkpoint, new_log, witness, verify):
    main.add_command(_for_sites(command, one=False))
for command in (list_, import_, audit, subject, erase, diff, publish, versions):
    main.add_command(_for_sites(command, one=True))

if __name__ == "__main__":
    main()
