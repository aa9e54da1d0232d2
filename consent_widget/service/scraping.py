"""`GET /metrics`, at an address of its own. The first process answers, and asks the others what they have counted."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing import Pipe, Value
from threading import Thread
from typing import Any

from .metrics import Counts, Key, exposition, key

#: Seconds that a process has to answer. It is asked in a thread of its own, so only a process that hangs takes longer.
PATIENCE = 2.0


class Scraping:
    """Each of the `workers` processes has a pipe to the first one, made before they are. OSError or ValueError where
    the address (`host:port`) cannot be listened at.
    """

    def __init__(self, address: str, workers: int) -> None:
        host, _, port = address.rpartition(":")
        if not host:
            raise ValueError("no host")
        self.counts = Counts()
        self._pipes = [Pipe() for _ in range(workers)]
        self._started = Value("i", 0)
        self._server = _server(self, host.strip("[]"), int(port))

    def begin(self) -> None:
        """In the first process: answer from now on."""
        Thread(target=self._server.serve_forever, daemon=True).start()

    def join(self, counts: Counts) -> None:
        """In another process: say what it has counted whenever the first one asks."""
        self._server.socket.close()
        with self._started.get_lock():
            number = self._started.value
            self._started.value += 1
        if number < len(self._pipes):
            Thread(target=_answer, args=(self._pipes[number][1], counts), daemon=True).start()

    def text(self) -> str:
        """The page, with the sums over all processes that answer."""
        numbers = list(self._ask())
        return exposition([self.counts.numbers(), {key("processes"): len(numbers)}, *numbers])

    def _ask(self) -> Iterator[Mapping[Key, float]]:
        for mine, _ in self._pipes:
            while mine.poll():  # an answer that came too late for the last time
                mine.recv()
            mine.send(None)
        for mine, _ in self._pipes:
            if mine.poll(PATIENCE):
                yield mine.recv()


def _answer(pipe: Any, counts: Counts) -> None:
    while True:
        pipe.recv()
        pipe.send(counts.numbers())


def _server(scraping: Scraping, host: str, port: int) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            found = self.path == "/metrics"
            body = scraping.text().encode() if found else b"Only /metrics is here.\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody needs a line for each time."""

    class Server(HTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    return Server((host, port), Handler)
