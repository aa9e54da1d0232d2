"""`flask consent keygen`, `init` and `check`: what a new site needs first."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from importlib.resources import files
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..days import iso_date, today
from ..notice.facts import warnings
from ..notice.file import SHIPPED, read_notice
from ..notice.model import Notice
from ..plural import plural
from ..site.draft import read_site_notice
from ..site.site import current_site
from .new_files import write_new
from .notices import remark_backdated

#: Used to check a notice file without a controller.
EXAMPLE_CONTROLLER = dict.fromkeys(("name", "address", "email", "phone", "officer", "storage_location"), "—")


@click.command()
@click.option("--webhook", is_flag=True, help="A secret for a receiver of CONSENT_WEBHOOKS.")
def keygen(webhook: bool) -> None:
    """Print a new key for CONSENT_KEYS."""
    click.echo(new_secret() if webhook else new_key())


def new_key() -> str:
    """A key of CONSENT_KEYS."""
    return secrets.token_urlsafe(32)


def new_secret() -> str:
    """A secret of a receiver, as Standard Webhooks writes it."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Choice(SHIPPED),
    default="minimal",
    show_default=True,
    help="Which notice to begin with.",
)
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), default="notice.toml")
def init(source: str, target: Path) -> None:
    """Write a notice to edit.

    TARGET is a new file, notice.toml unless you say otherwise.
    """
    text = (files("consent_widget.notice") / f"{source}.toml").read_text("utf-8")
    write_new(
        target, re.sub(r'^effective = ".*"', f'effective = "{iso_date(today())}"', text, count=1, flags=re.MULTILINE)
    )
    click.echo(f'Wrote {target}. Edit it, set CONSENT_NOTICE = "{target}", then run: flask consent check {target}')


@click.command()
@click.argument("source", metavar="[FILE]", required=False)
@click.pass_context
def check(context: click.Context, source: str | None) -> None:
    """Check a notice, and print its digest.

    FILE is a notice file; without it the app's own is meant. All texts that are missing are named at once, and the
    facts that you have not confirmed. The digest is the one that the app will have.
    """
    if source:
        notice, unlike = _file_in_app(context, source)
    else:
        notice, unlike = context.invoke(with_appcontext(_draft)), ""
    click.echo(f"{summary(notice)}\ndigest {notice.digest}{unlike}")
    warn(notice)
    if not unlike and (versions := current_site().versions):
        remark_backdated(notice, versions)


def _draft() -> Notice:
    """The notice that the app's settings name."""
    notice, shown = read_site_notice(current_site().settings), current_site().notice
    if notice.digest != shown.digest:
        click.echo(f"This is a draft. Visitors see {shown.id} {shown.version}, digest {shown.digest}.")
    return notice


def _file_in_app(context: click.Context, source: str) -> tuple[Notice, str]:
    """The notice in a file, with the controller and in the languages of the app. A file can be checked before there is
    an app that starts: then the text says why the app will have another digest.
    """
    try:
        settings = context.invoke(with_appcontext(lambda: current_site().settings))
    except Exception as error:  # whatever keeps the app from starting
        reason = str(getattr(error, "message", error)).split("\n", 1)[0]
        unlike = "\nThe app will have another one if its settings name a controller or languages."
        return read_notice(source, EXAMPLE_CONTROLLER), f"{unlike} They were not read: {reason}"
    return read_site_notice(settings, source), ""


def summary(notice: Notice) -> str:
    """One line about a notice that was checked."""
    return (
        f"{notice.id} {notice.version} is complete in {' and '.join(notice.locales)}: "
        f"{plural(len(notice.purposes), 'purpose')}, {plural(len(notice.services), 'service')}."
    )


def warn(notice: Notice) -> None:
    """Tell on stderr what nobody but the site can know or decide."""
    for line in warnings(notice):
        click.echo(line, err=True)
