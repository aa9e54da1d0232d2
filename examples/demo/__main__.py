"""`python -m examples.demo --port 8000`: the shop, its vendors, two sites that use the shop's widget, and a site with
ten vendors of the catalogue, each on an origin of its own.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from .addresses import Addresses
from .counts import Counts
from .fair import create_fair
from .files import create_files
from .office import create_office
from .shop import create_app
from .vendors import create_vendors


def by_host(shop: Flask, **others: Flask) -> Callable[..., Any]:
    """Answers at one port for the shop and for `others`, each of which has a host name of its own."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        site = others.get(environ.get("HTTP_HOST", "").partition(".")[0], shop)
        return site(environ, start)

    return answer


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="of the shop; the others take the three that follow")
    port: int = parser.parse_args().port
    at = Addresses.at(port)

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    counts = Counts()
    sites: tuple[Callable[..., Any], ...] = (
        by_host(create_app(at.vendors, counts, at), fair=create_fair(at, counts), office=create_office(at)),
        create_vendors(counts),
        create_files("static-site", at),
        create_files("single-page", at),
    )
    try:
        shop, *others = (
            make_server("127.0.0.1", port + offset, site, threaded=True) for offset, site in enumerate(sites)
        )
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Ports {port} to {port + 3} cannot be used ({error}). Choose others with --port.\n")
    for other in others:
        Thread(target=other.serve_forever, daemon=True).start()
    print(f"Shop:             {at.shop}\nVendors:          {at.vendors}")
    print(f"Static site:      {at.journal}\nSingle-page site: {at.brew}\nTen vendors:      {at.fair}")
    print(f"Officer’s page:   {at.office}")
    print("Stop with Ctrl-C.", flush=True)
    with suppress(KeyboardInterrupt):
        shop.serve_forever()
    print()


if __name__ == "__main__":
    main()
