"""`flask consent deliver`: sends what visitors chose to the site's own systems."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

import click
from flask import Flask

from ..days import plain_moment
from ..delivery.delivering import Delivering
from ..delivery.status import ReceiverStatus, receivers
from ..plural import plural
from ..site.site import Site
from ..store import is_sql_store
from .sites import each_app, each_site, in_app

NONE = "There is no receiver. Name one in CONSENT_WEBHOOKS (docs/webhooks.md)."


@click.command()
@click.option("--watch", is_flag=True, help="Go on, until the process is told to end.")
@click.option("--status", is_flag=True, help="Only say how far each receiver is.")
@click.option("--resume", metavar="NAME", help="Send to this receiver at once, whatever failed before.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), metavar="DATE",
    help="With --resume: again from the records that were made then (UTC).",
)  # fmt: skip
@click.option("--forget", metavar="NAME", help="Drop a receiver that CONSENT_WEBHOOKS does not name any more.")
@in_app
def deliver(watch: bool, status: bool, resume: str | None, since: datetime | None, forget: str | None) -> None:
    """Send your systems what visitors chose (CONSENT_WEBHOOKS).

    Ends once nothing is due; with --watch it goes on. Several may run at once: each receiver is sent to by one of them.
    What fails is tried again at the next call, or by --watch as soon as its time has come.
    """
    if since and not resume:
        raise click.ClickException("--since: say with --resume which receiver is sent these records again.")
    if resume or forget:
        _change(resume, since, forget)
    elif status:
        lines = [name + _line(each) for name, site in each_site() for each in receivers(site)]
        click.echo("\n".join(lines) or NONE, err=not lines)
    else:
        _deliver([app for _, app in each_app()], watch=watch)


def _deliver(apps: list[Flask], *, watch: bool) -> None:
    sites: list[Site] = [app.extensions["consent_widget"] for app in apps]
    if not any(site.settings.webhooks for site in sites):
        raise click.ClickException(NONE)
    stop = Event()
    delivering = Delivering(apps, stop)
    with _ended_by_signals(stop):
        try:
            if watch:
                delivering.watch()
            else:
                delivering.once()
        finally:
            delivering.close()
    failing = False
    for site in sites:
        before = f"{site.settings.site}: " if site.settings.site else ""
        for each in receivers(site):
            if each.state != "removed":
                sent = delivering.sent[site.settings.site, each.name]
                click.echo(f"{before}{each.name}: {sent} sent, {each.waiting} waiting.")
                if not each.is_well:
                    failing = True
                    click.echo(before + _line(each), err=True)
    if failing and not watch:
        raise click.ClickException("Not all was delivered: see above. What failed is tried again at the next call.")


def _change(resume: str | None, since: datetime | None, forget: str | None) -> None:
    """Put a receiver back to work, or drop it."""
    for before, site in each_site():
        store = site.store
        for each in store.progress() if is_sql_store(store) else ():
            if each.site == site.settings.site and each.name in (resume, forget) and is_sql_store(store):
                if each.name == resume:
                    store.resume(each.id, int(since.replace(tzinfo=UTC).timestamp() * 1000) if since else None)
                    click.echo(f"{before}{each.name}: is sent to again.")
                    return
                if any(receiver.name == forget for receiver in site.settings.webhooks):
                    raise click.ClickException(f"{forget} is still named in CONSENT_WEBHOOKS. Take it out first.")
                store.forget(each.id)
                click.echo(f"{before}{each.name}: is forgotten.")
                return
    raise click.ClickException(f"There is no receiver {resume or forget}. See which there are: --status")


def _line(status: ReceiverStatus) -> str:
    """One receiver in words."""
    parts = [f"{status.name}: {status.state}", f"{status.waiting} waiting"]
    if status.waiting:
        parts.append(f"the oldest since {plain_moment(status.oldest)}")
    if status.refused:
        parts.append(f"{status.refused} of them not taken, of {plural(status.subjects, 'visitor')}")
    if status.acknowledged:
        parts.append(f"last taken {plain_moment(status.acknowledged)}")
    if status.error:
        parts.append(f"last error {plain_moment(status.tried)}: {status.error}")
    return ", ".join(parts)


@contextmanager
def _ended_by_signals(stop: Event) -> Iterator[None]:
    """Inside, SIGTERM and SIGINT let what is under way end, and nothing begin."""
    kinds = signal.SIGTERM, signal.SIGINT
    before = [signal.signal(kind, lambda *_: stop.set()) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
