"""`flask consent diff`, `publish` and `versions`: publishing a notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from ..days import day_of, today
from ..errors import ConfigurationError, NoticeError
from ..notice.again import told_of
from ..notice.changes import asked_again, changes, entries_since, gravest
from ..notice.diff import lines
from ..notice.model import Notice
from ..notice.publishing import Version, check_publishable, remark_on_day
from ..site.draft import published_versions, read_site_notice
from ..site.site import current_site
from .sites import in_app

MEANING = {
    "editorial": "wording only, in silence",
    "notice": "visitors are told by a bar, and asked nothing",
    "consent": "visitors are asked again about what is affected, and only about that",
}


@click.command()
@click.argument("source", metavar="[FILE]", required=False)
@in_app
def diff(source: str | None) -> None:
    """Compare a notice with the last published one.

    FILE is a notice file; without it the app's own is meant. Of each text only what changed is shown, and what each
    change calls for.
    """
    notice = _draft(source)
    _show(notice)
    _check(notice)


@click.command()
@click.argument("source", metavar="[FILE]", required=False)
@click.option("--unannounced", is_flag=True, help="Let it take effect at once, although visitors were told nothing.")
@in_app
def publish(source: str | None, unannounced: bool) -> None:
    """Publish a notice for good.

    FILE is a notice file; without it the app's own is meant. A published version can never be altered.
    """
    notice, store = _draft(source), _store()
    _show(notice)
    _check(notice, unannounced=unannounced)
    store.publish(notice, current_site().settings.site, unannounced=unannounced)
    ahead = f"It is announced until {notice.effective}, when it takes effect. " if notice.first_day > today() else ""
    click.echo(f"Published {notice.id} {notice.version}, digest {notice.digest}.\n{ahead}Restart the site to show it.")


@click.command()
@in_app
def versions() -> None:
    """List the published versions, oldest first."""
    published = _published(read_site_notice(current_site().settings))
    if not published:
        click.echo("None is published: visitors see the notice that the settings name.", err=True)
    for each in published:
        day = datetime.fromtimestamp(each.published / 1000, UTC).isoformat(" ", "seconds")
        now = "  in effect" if each.digest == current_site().notice.digest else ""
        click.echo(f"{each.notice.version:<10} {each.notice.effective}  published {day}  {each.digest}{now}")


def _draft(source: str | None) -> Notice:
    try:
        return read_site_notice(current_site().settings, source)
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


def _store() -> Any:
    store = current_site().store
    if not hasattr(store, "publish"):
        raise click.ClickException("This store cannot publish. Keep choices in CONSENT_DATABASE, as SQLStore does.")
    return store


def _published(notice: Notice) -> tuple[Version, ...]:
    try:
        return published_versions(_store(), notice, current_site().settings.site)
    except NoticeError as error:
        raise click.ClickException(str(error)) from None


def _check(notice: Notice, *, unannounced: bool = False) -> None:
    versions = _published(notice)
    try:
        check_publishable(notice, versions, unannounced=unannounced)
    except NoticeError as error:
        raise click.ClickException(str(error)) from None
    answered = None if versions else _store().last_answered(current_site().settings.site)
    if answered and answered != notice.digest:
        raise click.ClickException(
            f"Visitors chose under another text, which is not published (digest {answered}): nobody would be told "
            f"what is different now. Publish that text first (`flask consent notice {answered[:8]} --format toml "
            "--to earlier.toml`), and then this one as a later version."
        )
    remark_backdated(notice, versions)


def remark_backdated(notice: Notice, versions: Sequence[Version]) -> None:
    """Tell on stderr that a notice, which is not published yet, would begin on a day that lies back."""
    if notice.digest not in {version.digest for version in versions}:
        answered_at = _store().first_answered(notice.digest, current_site().settings.site)
        if remark := remark_on_day(notice, day_of(answered_at) if answered_at else None):
            click.echo(f"Note: {remark}", err=True)


def _show(notice: Notice) -> None:
    published = _published(notice)
    if not published:
        click.echo(f"{notice.id} {notice.version} would be the first to be published.")
        return
    last = published[-1].notice
    click.echo(f"{last.id} {last.version} → {notice.version}, in effect from {notice.effective}")
    differences = changes(last, notice)
    for line in lines(differences) or ["No difference that a visitor would see."]:
        click.echo(line)
    found = gravest(differences, entries_since(last, notice))
    asked = ", ".join(asked_again(last, notice))
    click.echo(f"Class: {found} ({MEANING[found]}). Asked again: {asked or 'nothing'}.")
    if asked and not told_of(notice, notice.version):
        click.echo(
            f"Visitors read no reason. Say in changes what is new in {notice.version}: they decide by its summary."
        )
