"""`flask consent …`: what the people who run a site need at hand."""

from __future__ import annotations

import csv
import json
import os
import secrets
import sys
from importlib.resources import files
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..choice.act import Choice
from ..errors import ConsentError, NoticeError
from ..notice.file import SHIPPED, read_notice
from ..notice.model import Notice
from ..site.site import current_site
from ..subject.endings import announce_all_ended, has_listeners

commands = click.Group("consent", help="Notices, keys and records of the consent widget.")
FIELDS = ("id", "time", "subject", "seq", "action", "surface", "locale", "notice", "purposes", "signals", "actor",
          "age_band", "valid_until", "site", "region")  # fmt: skip
#: Stands for the controller while a file is checked that leaves it to the site.
EXAMPLE = dict.fromkeys(("name", "address", "email", "phone", "officer", "storage_location"), "—")


@commands.command()
def keygen() -> None:
    """Print a new key for CONSENT_KEYS."""
    click.echo(secrets.token_urlsafe(32))


@commands.command()
@click.option("--from", "source", type=click.Choice(SHIPPED), default="minimal", show_default=True)
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), default="notice.toml")
def init(source: str, target: Path) -> None:
    """Write a notice to edit (TARGET, notice.toml by default)."""
    write_new(target, (files("consent_widget.notice") / f"{source}.toml").read_text("utf-8"))
    click.echo(f'Wrote {target}. Edit it, set CONSENT_NOTICE = "{target}", then run: flask consent check {target}')


@commands.command()
@click.argument("source", required=False)
@click.pass_context
def check(context: click.Context, source: str | None) -> None:
    """Check a notice file, or the notice this app runs with."""
    try:
        notice = read_notice(source, EXAMPLE) if source else context.invoke(_current)
    except NoticeError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{complete(notice)}\ndigest {notice.digest}")


@commands.command("list")
@click.option("--subject", help="Only this visitor's choices.")
@click.option("--most", default=20, show_default=True, help="How many of the latest to show.")
@with_appcontext
def list_(subject: str | None, most: int) -> None:
    """Show the latest choices, one a line."""
    for choice in _choices(subject)[-most:]:
        told = choice.plain()
        granted = [key for key, yes in choice.purposes.items() if yes]
        click.echo(
            f"{told['time']}  {choice.subject}  {choice.action:<12} {choice.locale}  {', '.join(granted) or '-'}"
        )


@commands.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--subject", help="Only this visitor's choices.")
@with_appcontext
def export(form: str, subject: str | None) -> None:
    """Write choices to standard output, oldest first."""
    writer = csv.DictWriter(sys.stdout, FIELDS, extrasaction="ignore")
    if form == "csv":
        writer.writeheader()
    for choice in _choices(subject) if subject else _exporting():
        told = choice.plain()
        if form == "csv":
            writer.writerow({k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in told.items()})
        else:
            click.echo(json.dumps({name: told[name] for name in FIELDS}, ensure_ascii=False))


@commands.command()
@with_appcontext
def expire() -> None:
    """Tell the site's code (signal consent_ended) what has run out or changed. For a daily job."""
    if not has_listeners():
        raise click.ClickException("Nothing listens to consent_ended, so nobody can be told. Connect a function to it.")
    try:
        told, failed = announce_all_ended(current_site())
    except ConsentError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Ended grants told: {told}.")
    if failed:
        raise click.ClickException(f"A listener failed for {failed} visitors (see the log). Run this again.")


def write_new(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a file for the user, only where nothing has that name: a link is never followed, wherever it leads."""
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


def complete(notice: Notice) -> str:
    """What there is in a notice that was checked."""
    return (
        f"{notice.id} {notice.version} is complete in {' and '.join(notice.locales)}: "
        f"{len(notice.purposes)} purposes, {len(notice.services)} services."
    )


@with_appcontext
def _current() -> Notice:
    return current_site().notice


def _choices(subject: str | None) -> list[Choice]:
    if subject is None:
        return list(_exporting())
    history = getattr(current_site().store, "history", None)
    if history is None:
        raise click.ClickException("This store keeps no history by subject. Ask the store itself.")
    site = current_site().settings.site
    return [choice for choice in history(subject) if not site or choice.site == site]


def _exporting() -> list[Choice]:
    export = getattr(current_site().store, "export", None)
    if export is None:
        raise click.ClickException("This store cannot be read back. Ask the store itself.")
    site = current_site().settings.site
    return export(site) if site else export()  # type: ignore[no-any-return]
