"""`consent-widget scan URL`: does a site send or store anything without consent?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

FILE = click.Path(path_type=Path, dir_okay=False, writable=True)


def read_map(text: str) -> tuple[str, str]:
    """A host and the address that stands for it: `shop.example=127.0.0.1:8000`."""
    host, _, address = text.partition("=")
    if not host or not address or set(text) & set(" ,;\"'\\"):
        raise click.BadParameter("say a host and an address, such as shop.example=127.0.0.1:8000.")
    return host.lower(), address


def _read_maps(_: click.Context, __: click.Parameter, texts: Iterable[str]) -> dict[str, str]:
    return dict(map(read_map, texts))


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
    """Tell what a site sends or stores without consent.

    Four visitors look at it: one is new, one has refused, one has accepted, and one has withdrawn. Ends with 1 where
    something is found, and with 2 where the scan cannot look.
    """
    from .browsers import Setting
    from .running import run  # here, as a service that serves needs none of it

    setting = Setting(program=browser, hosts=hosts, patience=wait)
    raise SystemExit(run(url, setting, pages, notice, own, json_file, html_file, propose=propose))
