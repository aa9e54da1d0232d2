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

from ..store.turns import FEW
from .app import HostedSites, create_service, host_sites
from .hangup import on_hangup
from .logs import Form, begin_logging, log_config
from .rsgi import DEADLINE, BufferedApp
from .sites import read_sites

#: How many requests each process answers at the same time: as many as its processors do, besides the few that may wait
#: for the database.
THREADS = FEW + 2 * (os.cpu_count() or 1)
#: How many connections each process accepts. Each is an open file, and most processes may open 1,024.
CONNECTIONS = 900


def run(config: Path, host: str, port: int, workers: int, logs: Form = "text") -> None:
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
    parent = Parent(config)
    if sys.platform == "linux":  # a process that is a copy of this one has all sites ready
        multiprocessing.set_start_method("fork", force=True)
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
        server.serve(target_loader=loader, wrap_loader=False)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} cannot be listened at ({error}). Choose another --port.") from None


class Parent:
    """The process that starts the others. It serves nothing, and checks each new configuration before they read it."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._sites = create_service(config)

    def load(self) -> BufferedApp:
        """In a copy of this process: the app, ready to serve."""
        return _buffered(self._config, self._sites)

    def reload(self) -> None:
        """Have every process serve what the files say now. ConfigurationError, and no change, if they are wrong."""
        self._sites = rebuild(self._config, self._sites)
        for child in multiprocessing.active_children():
            if child.pid:
                os.kill(child.pid, signal.SIGHUP)


def rebuild(config: Path, running: HostedSites) -> HostedSites:
    """The sites as the files describe them now, or ConfigurationError. A database that is the same stays connected."""
    sites = read_sites(config)
    return host_sites(sites, running.store if sites.database == running.database else None)


def _load(config: Path) -> BufferedApp:
    return _buffered(config, create_service(config))


def _buffered(config: Path, sites: HostedSites) -> BufferedApp:
    return BufferedApp(sites, THREADS, partial(rebuild, config))
