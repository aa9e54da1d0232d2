"""`consent-widget scan URL`: does a site send or store anything without consent?"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from ..errors import ConsentError
from ..notice.file import read_notice
from .browsers import Setting
from .classify import classify
from .html import as_html
from .judging import checked, notice_of
from .looking import look_now
from .observed import Phase
from .propose import propose as proposal
from .report import as_json, terminal, words

FILE = click.Path(path_type=Path, dir_okay=False)


def read_map(text: str) -> tuple[str, str]:
    """A host and the address that stands for it: `shop.example=127.0.0.1:8000`."""
    host, _, address = text.partition("=")
    if not host or not address or set(text) & set(" ,;\"'\\"):
        raise click.BadParameter("say a host and an address, such as shop.example=127.0.0.1:8000.")
    return host.lower(), address


def _read_maps(_: click.Context, __: click.Parameter, texts: Iterable[str]) -> dict[str, str]:
    return dict(map(read_map, texts))


class Bar:
    """Progress on the standard error: one line that changes in a terminal, else one line for each visitor."""

    def __init__(self) -> None:
        self._told: set[Phase] = set()

    def __call__(self, phase: Phase, done: int, total: int, url: str) -> None:
        """Say which page is looked at."""
        name = words()[phase]["en"]
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{name}: page {done} of {total}  {url[:60]}", err=True, nl=False)
        elif phase not in self._told:
            click.echo(f"{name} …", err=True)
        self._told.add(phase)

    def end(self) -> None:
        """Clear the line."""
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)


@click.command()
@click.argument("url")
@click.option("--pages", default=5, show_default=True, type=click.IntRange(1, 500), help="How many pages at most.")
@click.option("--notice", type=FILE, help="The notice to compare with, if not the one that the site publishes.")
@click.option("--own", multiple=True, metavar="NAME", help="A host, cookie or key of the site's own; * for any ending.")
@click.option("--json", "json_file", type=FILE, help="Write everything that was seen into this file.")
@click.option("--html", "html_file", type=FILE, help="Write a report with pictures, in Chinese and English.")
@click.option("--propose", is_flag=True, help="Print services for the notice, by the catalogue and to fill in.")
@click.option("--browser", default="", metavar="NAME", help="chromium (the default), firefox, or a program's path.")
@click.option("--wait", default=10.0, show_default=True, type=click.FloatRange(0, 120), help="Seconds for each page.")
@click.option("--map", "hosts", multiple=True, metavar="HOST=ADDRESS", callback=_read_maps,
              help="Another address for a host: a site that is not public yet.")  # fmt: skip
def scan(
    url: str, pages: int, notice: Path | None, own: tuple[str, ...], json_file: Path | None, html_file: Path | None,
    propose: bool, browser: str, wait: float, hosts: Mapping[str, str],
) -> None:  # fmt: skip
    """Look at a site as four visitors, and tell what it sends or stores without consent.

    One is new, one has refused, one has accepted, and one has withdrawn. Ends with 1 where something is found, and with
    2 where the scan cannot look.
    """
    bar = Bar()
    with suppress(ValueError):  # not in the main thread, where nobody sends signals
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, so that no browser stays behind
        click.get_current_context().call_on_close(partial(signal.signal, signal.SIGTERM, before))
    try:
        given = read_notice(notice) if notice else None
        seen = look_now(checked(url), Setting(program=browser, hosts=hosts, patience=wait), pages, bar)
        told, seen = notice_of(seen, given)
    except (ConsentError, OSError) as error:
        bar.end()
        click.echo(f"Error: {' '.join(str(error).split())}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    bar.end()
    findings = classify(seen, told, own)
    if json_file:
        json_file.write_text(as_json(seen, findings), "utf-8")
    if html_file:
        html_file.write_text(as_html(seen, findings), "utf-8")
    click.echo(proposal(seen, told, own) if propose else terminal(seen, findings))
    raise SystemExit(1 if findings and not propose else 0)
