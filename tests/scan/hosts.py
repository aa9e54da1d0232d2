"""Sites for the scan, each in a thread of this process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import make_server

from consent_widget.scan.browsers import Setting

from ..support.serving import serving


@contextmanager
def served(app: Flask, host: str) -> Iterator[str]:
    """The address of the app. At the end nobody waits for answers that never come."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads, server.block_on_close = True, False  # type: ignore[attr-defined]
    with serving(server):
        yield f"http://{host}:{server.port}"


def setting(url: str, browser: str = "") -> Setting:
    """A browser for which every host of `.example` is at the address of `url`."""
    return Setting(program=browser, hosts={"*.example": f"127.0.0.1:{urlsplit(url).port}"})
