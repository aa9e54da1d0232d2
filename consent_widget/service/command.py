"""`consent-widget …`: the commands for those who run a service."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import click
from flask import Flask

from ..cli.group import Commands
from ..cli.notices import diff, publish, versions
from ..cli.records import export, list_
from ..cli.setup import keygen, summary, warn, write_new
from ..cli.stats import stats
from ..cli.subjects import erase, subject
from ..errors import ConfigurationError
from ..settings import model as settings
from ..site.start import read_site_notice
from .app import HostedSites, create_service, host_sites
from .logs import Form
from .server import run
from .sites import errors_as_in_file, read_sites
from .snippet import snippets

main = Commands("consent-widget", help="The consent widget as a service, for pages of any site.")
main.add_command(keygen)
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
    """Write a configuration to edit (TARGET, sites.toml by default), with a key of its own."""
    text = (files(__package__) / "sites.toml").read_text("utf-8")
    key = secrets.token_urlsafe(32)
    write_new(target, text.replace('"KEY"', f'"{key}"'), mode=0o600)  # it holds the key
    click.echo(f"Wrote {target}. Edit it, then run: consent-widget serve --config {target}")


@main.command()
@CONFIG
def check(config: Path) -> None:
    """Check the configuration and every notice in it."""
    faults = 0
    for id, site in read_sites(config).sites.items():
        try:
            with errors_as_in_file(id):
                notice = read_site_notice(settings.read(site))
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
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="How many processes.")
@click.option("--logs", default="text", show_default=True, type=click.Choice(get_args(Form)), help="How a line looks.")
def serve(config: Path, host: str, port: int, workers: int, logs: Form) -> None:
    """Run the service, with granian. Put a proxy with HTTPS before it."""
    run(config.absolute(), host, port, workers, logs)


@main.command()
@click.argument("site")
@CONFIG
def snippet(site: str, config: Path) -> None:
    """Print the tags that SITE puts into its pages."""
    service = read_sites(config)
    with closing(host_sites(replace(service, database="sqlite://"))) as hosted:  # nothing is recorded here
        click.echo(snippets(_app(hosted, site).extensions["consent_widget"], service.url))


def _app(hosted: HostedSites, site: str) -> Flask:
    try:
        return hosted.sites[site]
    except KeyError:
        raise click.ClickException(
            f"There is no such site. The configuration has: {', '.join(hosted.sites)}."
        ) from None


def _for_site(command: click.Command) -> click.Command:
    """A command of `flask consent`, with the site's id as first argument."""

    @click.command(command.name, help=command.help)
    @click.argument("site")
    @CONFIG
    @click.pass_context
    def for_site(context: click.Context, /, site: str, config: Path, **options: Any) -> None:
        with closing(create_service(config)) as hosted, _app(hosted, site).app_context():
            context.invoke(command, **options)

    for_site.params += command.params
    return for_site


for command in (list_, export, stats, subject, erase, diff, publish, versions):
    main.add_command(_for_site(command))

if __name__ == "__main__":
    main()
