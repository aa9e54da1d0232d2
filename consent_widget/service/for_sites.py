"""Commands of `flask consent` on sites of a service: which site, and from which configuration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from copy import copy
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import click

from ..cli.sites import of_service, quietly
from ..settings.checks import SITE
from .app import host_sites
from .sites import Sites, read_sites
from .words import in_words_of_file

#: When a command needs to know which site.
ONE = "needed where there are several"
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default="sites.toml",
    show_default=True,
    help="What the service is to do, and for whom.",
)


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


def site_option(which: str) -> Callable[[Any], Any]:
    """The option that says which site."""
    return click.option("--site", metavar="ID", help=f"The id of a site of the configuration: {which}.")


def for_sites(command: click.Command, *, one: bool) -> click.Command:
    """A command of an app, for sites of a service: `one` of them, or all in turn."""

    @click.command(command.name, cls=SiteCommand, help=command.help, context_settings=command.context_settings)
    @site_option(ONE if one else "all of them, unless you say one")
    @CONFIG
    @click.pass_context
    def of_site(context: click.Context, /, site: str | None, config: Path, **options: Any) -> None:
        with quietly():
            hosted = host_sites(only(read_sites(config), site, one=one))
        with closing(hosted):
            of_service(context, hosted.sites.values())
            with next(iter(hosted.sites.values())).app_context():
                context.invoke(command, **options)

    of_site.params += command.params
    return of_site


def as_in_file(command: click.Command) -> click.Command:
    """The same command, with help in the words of `sites.toml`."""
    command = copy(command)
    command.help = in_words_of_file(command.help or "")
    command.params = [copy(each) for each in command.params]
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = in_words_of_file(option.help)
    return command


def only(service: Sites, site: str | None, *, one: bool) -> Sites:
    """The service with the site that was chosen, so that no other is built; or with all, unless `one` is needed."""
    if site and site not in service.sites:
        raise click.ClickException(f"There is no such site. The configuration has: {', '.join(service.sites)}.")
    if one and not site and len(service.sites) > 1:
        raise click.ClickException(f"Which site? Say one of: {', '.join(f'--site {id}' for id in service.sites)}.")
    return replace(service, sites={site: service.sites[site]}) if site else service
