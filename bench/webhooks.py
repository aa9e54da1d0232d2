"""What receivers of messages cost: CPU of a choice with one, and of a message that is sent."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from time import process_time_ns

from flask import Flask

from consent_widget import ConsentWidget
from consent_widget.choice.act import new_key
from consent_widget.choice.submission import answers_from_form
from consent_widget.delivery.delivering import Delivering

from .row import Row

ROUNDS, AT_ONCE = 100, 10
SECRET = "whsec_c2VjcmV0IGZvciBiZW5jaG1hcmtzIG9ubHksIDMyIGI="
HERE = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}


def measure() -> Iterator[Row]:
    """The apps take turns, and only ratios count."""
    with ExitStack() as stack:
        folder, url = Path(stack.enter_context(TemporaryDirectory())), stack.enter_context(_receiver())
        webhooks = {"crm": {"url": url, "secret": SECRET}}
        apps = {"with": _app(folder / "with", CONSENT_WEBHOOKS=webhooks), "without": _app(folder / "without")}
        took: dict[str, list[int]] = {name: [] for name in apps}
        for _ in range(ROUNDS):
            for name, app in apps.items():
                took[name].append(_choose(app))
        cost = {name: median(each) / AT_ONCE for name, each in took.items()}
        yield Row("CPU of a choice with a receiver / without", cost["with"] / cost["without"], 1.02)
        delivering = stack.enter_context(closing(Delivering([apps["with"]], Event())))
        began = process_time_ns()
        delivering.once()
        sent = delivering.sent["", "crm"]
        assert sent == ROUNDS * AT_ONCE
        yield Row("CPU of a message sent / of a choice", (process_time_ns() - began) / sent / cost["without"])
        for app in apps.values():
            app.extensions["consent_widget"].store.close()


def _app(folder: Path, **config: object) -> Flask:
    folder.mkdir()
    app = Flask("host", instance_path=str(folder))
    controller = {"name": "Shop", "address": "Road 1", "email": "privacy@shop.example", "phone": "+86 10 0000 0000"}
    app.config.update(CONSENT_KEYS=["a-key-for-benchmarks-0123456789"], CONSENT_CONTROLLER=controller, **config)
    app.config["CONSENT_RATE_LIMIT"] = 0
    ConsentWidget(app)
    return app


def _choose(app: Flask) -> int:
    """Some new visitors refuse: nanoseconds of CPU."""
    notice, client = app.extensions["consent_widget"].notice, app.test_client(use_cookies=False)
    body = {"notice": notice.digest, "locale": "en", "action": "reject_all", "surface": "layer"}
    body["purposes"] = answers_from_form(notice, "reject_all", (), ())
    bodies = [body | {"key": new_key()} for _ in range(AT_ONCE)]
    began = process_time_ns()
    for each in bodies:
        assert client.post("/consent/records", json=each, headers=HERE).status_code == 201
    return process_time_ns() - began


@contextmanager
def _receiver() -> Iterator[str]:
    """A receiver in a process of its own, which acknowledges everything."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_receive, args=[theirs], daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ours.recv()}/consent"
    process.terminate()
    process.join()


def _receive(told: Connection) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()
