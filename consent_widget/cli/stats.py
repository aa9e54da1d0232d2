"""`flask consent stats`: what was chosen, counted. No person is in it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import click

from ..choice.written import as_cell
from ..days import day_of
from ..plural import plural
from ..site.site import Site
from ..store.exporting import Counted, Which
from ..store.sql import SQLStore
from ..subject.records import shown_notice
from .new_files import exact_output
from .period import choices_between, in_period, period
from .sites import each_site, in_app


class Group(NamedTuple):
    """What is counted together. `answer` is empty in the count of the choices themselves."""

    site: str
    version: str
    locale: str
    action: str
    purpose: str = ""
    answer: str = ""


@click.command()
@in_period
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text", show_default=True,
    help="csv is one table, with a line for each combination.",
)  # fmt: skip
@in_app
def stats(since: datetime | None, until: datetime | None, form: str) -> None:
    """Count the choices and their answers.

    By version of the notice, action and language, and the answers by purpose. No person is in it.
    """
    if form == "csv":
        table = csv.writer(exact_output())
        table.writerow((*Group._fields, "number"))
    which = Which(*period(since, until))
    for name, site in each_site():
        counted = _count(site, which)
        if form == "csv":
            table.writerows((*map(as_cell, group), number) for group, number in sorted(counted.items()))
        else:
            _show(name, counted)


def _count(site: Site, which: Which) -> Counter[Group]:
    counted, versions = Counter[Group](), dict[str, str]()
    for _, record, number in _alike(site, which):
        digest = record["notice"]
        if digest not in versions:
            notice = shown_notice(site, digest)
            versions[digest] = f"{notice.version if notice else '?'} {digest[:8]}"
        action = "carried" if record["surface"] == "carried" else record["action"]  # nobody has pressed it here
        made = Group(site.settings.site, versions[digest], record["locale"], action)
        counted[made] += number
        for key, granted in record["purposes"].items():
            counted[made._replace(purpose=key, answer="yes" if granted else "no")] += number
    return counted


def _alike(site: Site, which: Which) -> Iterator[Counted]:
    """What records say, and how many say the same."""
    if isinstance(site.store, SQLStore):
        return site.store.counted(which._replace(site=site.settings.site or None))
    found = (each for each in choices_between(site) if which.first <= each.time < which.end)
    return (Counted(day_of(each.time), each.plain(), 1) for each in found)


def _show(name: str, counted: Counter[Group]) -> None:
    total = sum(number for group, number in counted.items() if not group.answer)
    click.echo(f"{name}{plural(total, 'choice')}")
    for field in ("version", "action", "locale"):
        totals = Counter[str]()
        for group, number in counted.items():
            totals[getattr(group, field)] += 0 if group.answer else number
        click.echo(f"{field}:")
        for value, number in totals.most_common():
            click.echo(f"  {number:>9}  {value}")
    answers = Counter[tuple[str, str]]()
    for group, number in counted.items():
        answers[group.purpose, group.answer] += number
    click.echo("purpose:\n        yes         no")
    for key in sorted({purpose for purpose, answer in answers if answer}):
        click.echo(f"  {answers[key, 'yes']:>9}  {answers[key, 'no']:>9}  {key}")
