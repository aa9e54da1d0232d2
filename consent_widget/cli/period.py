"""Which choices a command is about: all of a site's, or those of a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import click

from ..choice.act import Choice
from ..site.site import current_site

DAYS = click.DateTime(["%Y-%m-%d"])


def in_period(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--since` and `--until`."""
    until = click.option("--until", type=DAYS, help="Only choices before this day (UTC, YYYY-MM-DD).")
    return click.option("--since", type=DAYS, help="Only choices from this day on (UTC, YYYY-MM-DD).")(until(command))


def all_choices() -> Iterable[Choice]:
    """Every choice of the site, oldest first."""
    export = getattr(current_site().store, "export", None)
    if export is None:
        raise click.ClickException("This store cannot be read back. Ask the store itself.")
    site = current_site().settings.site
    return export(site) if site else export()  # type: ignore[no-any-return]


def choices_between(
    since: datetime | None, until: datetime | None, choices: Iterable[Choice] | None = None
) -> Iterator[Choice]:
    """Those of the `choices` (of all, if none are given) that were made in the period."""
    first = since.replace(tzinfo=UTC).timestamp() * 1000 if since else 0
    end = until.replace(tzinfo=UTC).timestamp() * 1000 if until else float("inf")
    yield from (each for each in (all_choices() if choices is None else choices) if first <= each.time < end)
