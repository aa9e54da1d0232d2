"""`flask consent export`: the records, as lines, or as a folder or a zip file with the notices that they answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ..choice.lines import PROOFS, Form, Lines
from ..choice.written import FIELDS
from ..plural import plural
from ..site.site import Site
from ..store.exporting import Which, Written
from ..store.sql import SQLStore
from ..subject.records import text_of_notice
from .new_files import Open, exact_output, new_bundle, new_file
from .period import choices_between, choices_of, in_period, period, period_in_words
from .sites import each_site, in_app

#: Names of files that hold the choices alone.
ALONE: dict[str, Form] = {".jsonl": "jsonl", ".csv": "csv"}
#: What the README of a bundle begins with.
ABOUT = """\
Records of consent{made}, written on {now}: {counts}.

choices.{form} has one act of one visitor on each line, oldest first. A record is never changed: whoever changes their
mind makes another. Records that were erased at the visitor's request, or whose time was over, are gone.

notices/ has the exact text of every notice that was answered (canonical JSON, RFC 8785), in all its languages. Its name
is the SHA-256 of its content: `sha256sum notices/*` shows that nothing was altered.

The fields of a record:
"""


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    help="JSON Lines or CSV; by default as PATH ends, else JSON Lines.",
)
@click.option("--subject", metavar="SUBJECT", help="Only this visitor's choices.")
@in_period
@click.option("--proofs", is_flag=True, help="Also each record's number in the log, and the salt of its entry there.")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), metavar="PATH",
    help="A new folder, or a file that ends with .zip, for the choices, the text of every notice that they answered, "
    "and what the fields mean; or a file that ends with .jsonl or .csv, for the choices alone.",
)  # fmt: skip
@in_app
def export(
    form: Form | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    proofs: bool,
    target: Path | None,
) -> None:
    """Write out the choices, oldest first.

    To standard output; or, with --to, into a file, or into a folder or a zip file with the notices beside them.
    """
    named = target and ALONE.get(target.suffix.lower())
    if form and named and form != named:
        raise click.ClickException(f"{target}: its name says {named}, and --format says {form}. Leave out --format.")
    lines, (first, end) = Lines(form or named or "jsonl", proofs=proofs), period(since, until)
    which = Which(first, end, subject=subject)
    written = ((site, each) for _, site in each_site() for each in _written(site, lines, which))
    if target is None:
        _write(exact_output().write, lines, written)
        return
    if named and target:
        with new_file(target) as raw:
            number = _write(lambda text: raw.write(text.encode()), lines, written)
        click.echo(f"Wrote {target}: {plural(number, 'choice')}.")
        return
    with new_bundle(target) as open_in:
        click.echo(f"Wrote {target}: {_fill(open_in, lines, written, period_in_words(since, until))}.")


def _write(write: Callable[[str], object], lines: Lines, written: Iterable[tuple[Site, Written]]) -> int:
    """Write the lines alone. How many there are."""
    number = 0
    write(lines.header)
    for _, each in written:
        write(each.text)
        number += each.number
    return number


def _written(site: Site, lines: Lines, which: Which) -> Iterator[Written]:
    """The lines of one site."""
    if isinstance(site.store, SQLStore):
        name = site.settings.site
        yield from site.store.lines(lines, which._replace(site=name if which.subject else name or None))
        return
    if lines.proofs:
        raise click.ClickException("This store has no log, so there is nothing to prove with. Leave out --proofs.")
    found = choices_of(site, which.subject) if which.subject else choices_between(site)
    for choice in found:
        if which.first <= choice.time < which.end:
            yield Written(1, lines.of(choice), {choice.notice})


def _fill(open_in: Open, lines: Lines, written: Iterable[tuple[Site, Written]], made: str) -> str:
    """Write the bundle, and return what is in it."""
    number, texts = 0, dict[str, str | None]()
    with open_in(f"choices.{lines.form}") as file:
        file.write(lines.header)
        for site, each in written:
            file.write(each.text)
            number += each.number
            texts |= {digest: text_of_notice(site, digest) for digest in sorted(each.notices - texts.keys())}
    found = {digest: text for digest, text in texts.items() if text is not None}
    for digest, text in found.items():
        with open_in(f"notices/{digest}.json") as file:
            file.write(text)
    counts = f"{plural(number, 'choice')}, {plural(len(found), 'notice')}"
    with open_in("README.txt") as file:
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        file.write(ABOUT.format(form=lines.form, counts=counts, made=made, now=now))
        names = {**(PROOFS if lines.proofs else {}), **FIELDS}
        file.writelines(f"  {name:<12} {meaning}\n" for name, meaning in names.items())
        if lost := texts.keys() - found.keys():
            file.write("\nThe database has no text, or an altered one, for these notices:\n")
            file.writelines(f"  {digest}\n" for digest in sorted(lost))
    return counts + (f"; of {plural(len(lost), 'notice')} the text is lost (README.txt names them)" if lost else "")
