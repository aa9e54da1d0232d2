"""Which choices a command is about: all of a site's, or those of a period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import click

from ..choice.act import Choice
from ..site.site import Site
from ..store.sql import SQLStore
from ..subject.records import read_history

#: A day, or a time with or without its zone. Without one it is UTC.
TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z"])


def in_period(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--since` and `--until`."""
    until = click.option("--until", type=TIME, metavar="TIME", help="Only choices before this day or time.")
    since = click.option(
        "--since", type=TIME, metavar="TIME",
        help="Only choices from this day or time on: 2027-03-01 (UTC) or 2027-03-01T00:00+08:00.",
    )  # fmt: skip
    return since(until(command))


def in_days(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same with days, which must both be said."""
    day = click.DateTime(["%Y-%m-%d"])
    until = click.option("--until", type=day, metavar="DAY", required=True, help="The first day that is not meant.")
    since = click.option(
        "--since", type=day, metavar="DAY", required=True, help="The first day, like 2027-03-01 (UTC)."
    )
    return since(until(command))


def choices_between(site: Site, since: datetime | None = None, until: datetime | None = None) -> Iterator[Choice]:
    """The choices of a site that were made in the period, oldest first."""
    first, end = period(since, until)
    store, name = site.store, site.settings.site
    if isinstance(store, SQLStore):
        return store.made_between(first, end, name or None)
    export = getattr(store, "export", None)
    if export is None:
        raise click.ClickException("This store cannot be read back. Ask the store itself.")
    return (each for each in (export(name) if name else export()) if first <= each.time < end)


def choices_of(site: Site, subject: str) -> list[Choice]:
    """All choices of one visitor, oldest first."""
    if not hasattr(site.store, "history"):
        raise click.ClickException("This store keeps no history by subject. Ask the store itself.")
    return read_history(site, subject)


def period(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The first millisecond of a period, and the first after it (since 1970)."""
    first, end = _ms(since) if since else 0, _ms(until) if until else 1 << 62
    if first >= end:
        raise click.ClickException("Nothing lies between --since and --until. Say a later --until.")
    return first, end


def period_in_words(since: datetime | None, until: datetime | None) -> str:
    """The period, as a sentence goes on: empty where it is all time."""
    first = f" from {_written(since)} on" if since else ""
    return first + (f"{',' if first else ''} before {_written(until)}" if until else "")


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}{f'{time:%z}' or ' UTC'}"


def _ms(time: datetime) -> int:
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
