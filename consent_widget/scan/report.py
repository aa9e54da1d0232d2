"""What a scan found, for the terminal and as JSON."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from itertools import groupby, islice
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from .classify import Finding
from .observed import Observations, legible

#: How many pages and causes of one finding a report names.
SOME = 3
#: How many findings of one vendor or host the terminal shows.
MANY = 20


@cache
def words() -> dict[str, dict[str, str]]:
    """What reports say: by key, in each language."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def without_query(url: str) -> str:
    """An address as reports show it: what follows the `?` may be about a visitor, and a password is a secret."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def terminal(seen: Observations, findings: Sequence[Finding]) -> str:
    """The report in plain lines, worst first."""
    return "\n".join(_lines(seen, findings))


def _lines(seen: Observations, findings: Sequence[Finding]) -> Iterator[str]:
    for kind, of_kind in groupby(findings, lambda each: each.kind):
        yield {"leak": "WITHOUT CONSENT", "untold": "NOT TOLD"}[kind]
        for group, members in groupby(sorted(of_kind, key=lambda each: each.group), lambda each: each.group):
            yield f"  {group}"
            for each in islice(members, MANY):
                yield from _finding_lines(each)
            if rest := sum(1 for _ in members):
                yield f"    and {rest} more: --json FILE or --html FILE tells all"
    yield from (f"Note: {note_text(key, text, 'en')}" for key, text in seen.notes)
    count = len(seen.pages)
    looked = f"{seen.engine}, {count} page{'' if count == 1 else 's'}, {', '.join(_name(each) for each in seen.phases)}"
    leaks = sum(each.kind == "leak" for each in findings)
    result = f"{leaks} without consent, {len(findings) - leaks} not told" if findings else "Nothing found"
    yield f"{result} on {without_query(seen.url)} ({looked})."


def _finding_lines(each: Finding) -> Iterator[str]:
    at = f"{each.host}{each.place}" if each.what in ("request", "preconnect") else f"{each.place} on {each.host}"
    yield f"    {words()[each.what]['en']:<22}{at}"
    yield f"      {', '.join(_name(phase) for phase in each.phases)}"
    yield from (f"      by {without_query_of_cause(cause)}" for cause in each.initiators[:SOME])
    if each.cookies:
        yield f"      sets {', '.join(each.cookies)}"
    if not each.initiators:
        yield from (f"      on {without_query(page)}" for page in each.pages[:SOME])


def without_query_of_cause(cause: str) -> str:
    """A script and its line, without the script's query."""
    address, _, line = cause.rpartition(":")
    return f"{without_query(address)}:{line}" if line.isdigit() and "/" in address else without_query(cause)


def note_text(key: str, text: str, locale: str) -> str:
    """Why something could not be looked at."""
    known = words().get(text, {}).get(locale, legible(text))
    return words()[key][locale].format(text=known)


def _name(phase: str) -> str:
    return words()[phase]["en"]


def as_json(seen: Observations, findings: Sequence[Finding]) -> str:
    """The report for programs: the findings, and all that was seen."""
    requests = [asdict(each) for each in seen.requests]
    return json.dumps(
        {
            "url": seen.url, "site": seen.site, "date": seen.date, "engine": seen.engine, "pages": seen.pages,
            "visitors": seen.phases, "widget": seen.home or None, "notes": [list(each) for each in seen.notes],
            "findings": [asdict(each) for each in findings], "requests": requests,
            "stored": [asdict(each) for each in seen.stored],
        },
        ensure_ascii=False, indent=1,
    )  # fmt: skip
