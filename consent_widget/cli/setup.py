"""`flask consent keygen`, `init` and `check`: what a new site needs first."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..errors import NoticeError
from ..notice.facts import warnings
from ..notice.file import SHIPPED, read_notice
from ..notice.model import Notice
from ..site.site import current_site
from ..site.start import read_site_notice

#: Used to check a notice file without a controller.
EXAMPLE_CONTROLLER = dict.fromkeys(("name", "address", "email", "phone", "officer", "storage_location"), "—")


@click.command()
def keygen() -> None:
    """Print a new key for CONSENT_KEYS."""
    click.echo(secrets.token_urlsafe(32))


@click.command()
@click.option("--from", "source", type=click.Choice(SHIPPED), default="minimal", show_default=True)
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), default="notice.toml")
def init(source: str, target: Path) -> None:
    """Write a notice to edit (TARGET, notice.toml by default)."""
    write_new(target, (files("consent_widget.notice") / f"{source}.toml").read_text("utf-8"))
    click.echo(f'Wrote {target}. Edit it, set CONSENT_NOTICE = "{target}", then run: flask consent check {target}')


@click.command()
@click.argument("source", required=False)
@click.pass_context
def check(context: click.Context, source: str | None) -> None:
    """Check a notice file, or the notice this app runs with."""
    try:
        notice = read_notice(source, EXAMPLE_CONTROLLER) if source else context.invoke(_current_notice)
    except NoticeError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{summary(notice)}\ndigest {notice.digest}")
    warn(notice)


def write_new(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a new file for the user. An existing file is not overwritten, and a link is not followed."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        kind = "a link" if path.is_symlink() else "a file"
        raise click.ClickException(
            f"{path} is there already ({kind}). Name another file, or move that one away."
        ) from None
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written ({error.strerror}).") from None
    with open(file, "w", encoding="utf-8") as opened:
        opened.write(text)


def summary(notice: Notice) -> str:
    """One line about a notice that was checked."""
    return (
        f"{notice.id} {notice.version} is complete in {' and '.join(notice.locales)}: "
        f"{len(notice.purposes)} purposes, {len(notice.services)} services."
    )


def warn(notice: Notice) -> None:
    """Tell on stderr what nobody but the site can know or decide."""
    for line in warnings(notice):
        click.echo(line, err=True)


@with_appcontext
def _current_notice() -> Notice:
    site = current_site()
    return replace(site.notice, facts=read_site_notice(site.settings).facts)  # a stored notice has none
