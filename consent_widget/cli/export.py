"""`flask consent export`: the records, as lines, or as a folder or a zip file with the notices that they answered."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from ..choice.act import Choice
from ..site.site import Site
from ..subject.records import text_of_notice
from .new_files import Open, new_bundle
from .period import choices_between, choices_of, in_period, period, period_in_words
from .sites import each_site, in_app

#: What the README of a bundle begins with.
ABOUT = """\
Records of consent{made}, written on {now}: {counts}.

choices.{form} has one act of one visitor on each line, oldest first. A record is never changed: whoever changes their
mind makes another. Records that were erased at the visitor's request, or whose time was over, are gone.

notices/ has the exact text of every notice that was answered (canonical JSON, RFC 8785), in all its languages. Its name
is the SHA-256 of its content: `sha256sum notices/*` shows that nothing was altered.

The fields of a record:
"""
#: The fields of a record, in their order, each with what it means.
FIELDS = {
    "id": "The number of the receipt.",
    "time": "When it was made, by the server's clock (ISO 8601, UTC).",
    "subject": "The visitor: a random name at this site, which no other site knows.",
    "seq": "Counts the acts of this visitor.",
    "action": "What was pressed, such as accept_all, reject_all, save, withdraw_all, allow or refuse.",
    "surface": "Where it was pressed, such as layer, centre or page; signal: by the browser; carried: earlier.",
    "locale": "The language in which the notice was shown.",
    "notice": "The SHA-256 of the notice that was shown: its text is notices/<this>.json.",
    "purposes": "Each purpose, recipient (purpose:recipient) or service (purpose@service) answered: true is yes.",
    "signals": "What the browser sent with it: gpc is the opt-out signal (Global Privacy Control), "
    "gpc_conflict_confirmed that the visitor confirmed a grant in spite of it; carried:klaro "
    "and chosen:2026-05-03 say from which earlier tool a choice was carried over, and when it was made there.",
    "actor": "Who decided: subject (the visitor) or guardian.",
    "age_band": "How old the visitor is, as far as the site asks: under_14, 14_to_17, 18_or_over or the like.",
    "valid_until": "The last day on which it is valid (UTC).",
    "site": "The id of the site, where several share a database.",
    "region": "Where the site says that its visitors are (ISO 3166).",
}


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON Lines or CSV.",
)
@click.option("--subject", metavar="SUBJECT", help="Only this visitor's choices.")
@in_period
@click.option(
    "--to", "target", type=click.Path(path_type=Path), metavar="PATH",
    help="A new folder, or a file that ends with .zip, for the choices, the text of every notice that they answered, "
    "and what the fields mean.",
)  # fmt: skip
@in_app
def export(form: str, subject: str | None, since: datetime | None, until: datetime | None, target: Path | None) -> None:
    """Write out the choices, oldest first.

    To standard output; or, with --to, into a folder or a zip file with the notices beside them.
    """
    first, end = period(since, until)

    def choices() -> Iterator[tuple[Site, Choice]]:
        for _, site in each_site():
            if subject:
                yield from ((site, each) for each in choices_of(site, subject) if first <= each.time < end)
            else:
                yield from ((site, each) for each in choices_between(site, since, until))

    if target is None:
        write = _writer(form, sys.stdout)
        for _, choice in choices():
            write(choice)
        return
    with new_bundle(target) as open_in:
        click.echo(f"Wrote {target}: {_fill(open_in, form, choices(), period_in_words(since, until))}.")


def _fill(open_in: Open, form: str, choices: Iterable[tuple[Site, Choice]], made: str) -> str:
    """Write the bundle, and return what is in it."""
    number, texts = 0, dict[str, str | None]()
    with open_in(f"choices.{form}") as file:
        write = _writer(form, file)
        for site, choice in choices:
            write(choice)
            number += 1
            if choice.notice not in texts:
                texts[choice.notice] = text_of_notice(site, choice.notice)
    found = {digest: text for digest, text in texts.items() if text is not None}
    for digest, text in found.items():
        with open_in(f"notices/{digest}.json") as file:
            file.write(text)
    counts = f"{number} choices, {len(found)} notices"
    with open_in("README.txt") as file:
        file.write(ABOUT.format(form=form, counts=counts, made=made, now=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"))
        file.writelines(f"  {name:<12} {meaning}\n" for name, meaning in FIELDS.items())
        if lost := texts.keys() - found.keys():
            file.write("\nThe database has no text, or an altered one, for these notices:\n")
            file.writelines(f"  {digest}\n" for digest in sorted(lost))
    return counts + (f"; of {len(lost)} notices the text is lost (README.txt names them)" if lost else "")


def _writer(form: str, file: TextIO) -> Callable[[Choice], object]:
    """What writes a choice into a file, as a line of JSON or of CSV."""
    if form == "jsonl":
        return lambda choice: file.write(json.dumps(_row(choice), ensure_ascii=False) + "\n")
    table = csv.DictWriter(file, tuple(FIELDS))
    table.writeheader()
    return lambda choice: table.writerow(
        {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in _row(choice).items()}
    )


def _row(choice: Choice) -> dict[str, object]:
    row = choice.plain()
    return {name: row[name] for name in FIELDS}
