"""A web process as if on a host of its own, and clients that speak to any of several, as a balancer lets them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from time import sleep
from typing import Any

from flask import Flask

from consent_widget.service.app import create_service

from .cpu import cpu_of
from .sites import choice_body, site

ORIGIN = "https://www.shop.example"
KEY = "a-key-for-the-benchmarks-0123456789"
CONFIG = f"""url = "https://consent.example"
keys = ["{KEY}"]
rate_limit = 0
database = "%s"
[sites.shop]
origins = ["{ORIGIN}"]
notice = "minimal"
controller = {{ name = "Example Ltd", address = "1 Example Road", email = "privacy@example.com", phone = "+1" }}
"""
#: The service, with a clock that is so many seconds ahead.
SERVICE = """import sys, time
now, now_ns = time.time, time.time_ns
time.time, time.time_ns = lambda: now() + {clock}, lambda: now_ns() + {clock} * 10**9
from consent_widget.service.command import main
main()
"""
FLASK = "granian --interface wsgi --no-ws --factory --host 127.0.0.1 --blocking-threads {threads} --port {port} {app}"


def shop() -> Flask:
    """A Flask site."""
    return site(CONSENT_DATABASE=os.environ["BENCH_DATABASE"], CONSENT_KEYS=[KEY])


@dataclass
class Host:
    """One web process, and whoever started it."""

    url: str
    clock: int = 0
    flask: bool = False
    #: Of the Flask site: what makes it, and how many requests it works on at once.
    app: str = "bench.web_host:shop"
    threads: int = 8
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    @property
    def path(self) -> str:
        """Where choices are posted."""
        return "/consent/records" if self.flask else "/consent/shop/records"

    def start(self, folder: Path) -> None:
        """Returns when it answers."""
        options = ["serve", "--config", str(_configured(folder, self.url)), "--port", str(self.port)]
        service = [sys.executable, "-c", SERVICE.format(clock=self.clock), *options]
        granian = [sys.executable, "-m", *FLASK.format(**vars(self)).split()]
        with (folder / f"{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                granian if self.flask else service, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"BENCH_DATABASE": self.url},
            )  # fmt: skip
        health = "/consent/health" if self.flask else "/health"
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{health}").close()
                return
            except OSError:
                sleep(0.05)
        raise SystemExit(f"The host at port {self.port} does not answer: see {folder}.")

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """With all of its processes."""
        if self.process:
            os.killpg(self.process.pid, number)
            self.process.wait()
            self.process = None

    def cpu(self) -> float:
        """Seconds of the processor that it has taken."""
        assert self.process
        return cpu_of(self.process.pid)


class Client:
    """A connection that is kept, to any of some hosts."""

    def __init__(self, hosts: Sequence[Host], chance: random.Random) -> None:
        self._hosts, self._chance = hosts, chance
        self._to: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def post(self, body: bytes, cookie: str = "") -> tuple[int, str, bytes]:
        """The status (0: no answer), the cookie to send from now on, and the body."""
        host = self._chance.choice(self._hosts)
        head = (
            f"POST {host.path} HTTP/1.1\r\nHost: {'127.0.0.1' if host.flask else 'consent.example'}\r\n"
            f"Origin: {'http://127.0.0.1' if host.flask else ORIGIN}\r\n"
            f"Sec-Fetch-Site: {'same-origin' if host.flask else 'same-site'}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{cookie}\r\n"
        )
        try:
            async with asyncio.timeout(20):
                if host.port not in self._to:
                    self._to[host.port] = await asyncio.open_connection("127.0.0.1", host.port)
                reader, writer = self._to[host.port]
                writer.write(head.encode() + body)
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
                content = await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            if host.port in self._to:
                self._to.pop(host.port)[1].close()
            return 0, cookie, b""
        sent = headers.get("set-cookie", "").split(";")[0]
        return int(lines[0].split()[1]), f"Cookie: {sent}\r\n" if sent else cookie, content

    def close(self) -> None:
        """Close all connections."""
        for _, writer in self._to.values():
            writer.close()


@asynccontextmanager
async def clients(number: int, hosts: Sequence[Host]) -> AsyncIterator[list[Client]]:
    """So many, each with a chance of its own."""
    made = [Client(hosts, random.Random(n)) for n in range(number)]
    try:
        yield made
    finally:
        for client in made:
            client.close()


def body_of(folder: Path, *, flask: bool) -> dict[str, Any]:
    """What a browser sends to such a host."""
    if flask:
        return choice_body(site())
    with closing(create_service(_configured(folder, "sqlite://"))) as service:
        return choice_body(service.sites["shop"])


def _configured(folder: Path, url: str) -> Path:
    path = folder / "sites.toml"
    path.write_text(CONFIG % url, "utf-8")
    return path


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
