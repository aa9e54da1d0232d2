"""Runs the service with granian: one build for all its processes, and a new one on SIGHUP."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..choice.act import Choice
from ..signals import choice_recorded
from ..store.turns import FEW
from .app import HostedSites, create_service, host_sites
from .hangup import on_hangup
from .logs import Form, begin_logging, log_config
from .metrics import Counts, key
from .rsgi import DEADLINE, BufferedApp
from .scraping import Scraping
from .sites import read_sites

#: How many requests each process answers at the same time: as many as its processors do, besides the few that may wait
#: for the database.
THREADS = FEW + 2 * (os.cpu_count() or 1)
#: How many connections each process accepts. Each is an open file, and most processes may open 1,024.
CONNECTIONS = 900


def run(config: Path, host: str, port: int, workers: int, logs: Form, metrics: str | None) -> None:
    """Serve until a signal ends it. A wrong configuration stops here, before anything listens."""
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
        from granian.http import HTTP1Settings
    except ImportError:
        raise click.ClickException(
            "granian is not installed. Run: pip install 'consent_widget[serve]', or use another WSGI server."
        ) from None
    begin_logging(logs)
    if sys.platform == "linux":  # a process that is a copy of this one has all sites ready
        multiprocessing.set_start_method("fork", force=True)
    parent = Parent(config, _scraping(metrics, workers) if metrics else None)
    server = Granian(
        "consent_widget.service:create_service",
        host,
        port,
        interface=Interfaces.RSGI,
        workers=workers,
        backpressure=CONNECTIONS,
        http=HTTPModes.http1,  # in the other modes a connection that never sends anything stays open for good
        http1_settings=HTTP1Settings(header_read_timeout=1000 * DEADLINE),
        websockets=False,
        log_dictconfig=log_config(logs),
    )
    on_hangup(parent.reload)  # granian would start new processes, and close connections that were just accepted
    try:
        copied = multiprocessing.get_start_method() == "fork"
        loader: Any = parent.load if copied else partial(_load, config)  # with __rsgi__, which granian's types forget
        parent.begin()
        server.serve(target_loader=loader, wrap_loader=False)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} cannot be listened at ({error}). Choose another --port.") from None


class Parent:
    """The process that starts the others. It serves nothing but `/metrics`, and checks each new configuration before
    the others read it.
    """

    def __init__(self, config: Path, scraping: Scraping | None) -> None:
        self._config = config
        self._sites = create_service(config)
        self._scraping = scraping

    def begin(self) -> None:
        """Answer `/metrics`, if it is asked for, from now on."""
        if self._scraping:
            self._scraping.begin()

    def load(self) -> BufferedApp:
        """In a copy of this process: the app, ready to serve."""
        app = _buffered(self._config, self._sites, counts := Counts())
        if self._scraping:
            self._scraping.join(counts)
        return app

    def reload(self) -> None:
        """Have every process serve what the files say now. ConfigurationError, and no change, if they are wrong."""
        result = "refused"
        try:
            self._sites = rebuild(self._config, self._sites)
            result = "taken up"
        finally:
            if self._scraping:
                self._scraping.counts.add(key("reloads_total", result=result))
        for child in multiprocessing.active_children():
            if child.pid:
                os.kill(child.pid, signal.SIGHUP)


def rebuild(config: Path, running: HostedSites) -> HostedSites:
    """The sites as the files describe them now, or ConfigurationError. A database that is the same stays connected."""
    sites = read_sites(config)
    return host_sites(sites, running.store if sites.database == running.database else None)


def _scraping(address: str, workers: int) -> Scraping:
    if multiprocessing.get_start_method() != "fork":
        raise click.ClickException("--metrics: needs Linux, where the processes can ask each other.")
    try:
        return Scraping(address, workers)
    except (OSError, ValueError, OverflowError) as error:
        raise click.ClickException(
            f"--metrics: {address} cannot be listened at ({error}). Write an address like 127.0.0.1:9100."
        ) from None


def _load(config: Path) -> BufferedApp:
    return _buffered(config, create_service(config), Counts())


def _buffered(config: Path, sites: HostedSites, counts: Counts) -> BufferedApp:
    def count(_: object, choice: Choice) -> None:
        counts.add(key("choices_total", site=choice.site, action=choice.action))

    choice_recorded.connect(count, weak=False)
    return BufferedApp(sites, THREADS, partial(rebuild, config), counts)
