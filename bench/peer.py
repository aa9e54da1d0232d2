"""CPU of a durable choice at 16 clients beside `@c15t/backend`'s, in turns. Install it: `cd bench/c15t && npm install`.

Each server is one process, set up as its guide says, on 127.0.0.1. SQLite waits for the disk on both sides (WAL,
`synchronous = FULL`), and so does PostgreSQL; what its own processes take is told apart.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_hex
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep, time
from typing import Any

from consent_widget import SQLStore
from consent_widget.choice.act import new_key

from .cpu import cpu_of
from .databases import Server, server_cpu
from .row import Row
from .sites import HERE, choice_body, site
from .web_host import free_port

FOLDER = Path(__file__).parent / "c15t"
CLIENTS, IN_TURN, TURNS = 16, 320, 7
MOST = 0.25
OURS = "granian --interface wsgi --no-ws --factory --host 127.0.0.1 --blocking-threads 16 --port {} bench.web_host:shop"


class Running:
    """A server in a process of its own, and how a choice is sent to it."""

    def __init__(self, command: list[str], port: int, database: str, path: str, body: Callable[[], object]) -> None:
        self._port, self._path, self._body = port, path, body
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, start_new_session=True, cwd=Path(__file__).parent.parent,
            env=os.environ | {"BENCH_DATABASE": database},
        )  # fmt: skip
        try:
            self._await()
        except BaseException:
            self.close()
            raise

    def _await(self) -> None:
        for _ in range(600):
            try:
                self.send(1)
                return
            except OSError:
                sleep(0.1)
        raise SystemExit(f"The server at port {self._port} does not answer.")

    def send(self, number: int) -> None:
        """Send so many choices, one after another."""
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            headers = HERE | {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self._port}"}
            for _ in range(number):
                body, status, told = json.dumps(self._body()), 503, b""
                while status == 503:  # the disk was slow: browsers send it again
                    connection.request("POST", self._path, body, headers)
                    answer = connection.getresponse()
                    status, told = answer.status, answer.read()
                assert status in (200, 201), (status, told[:200])

    def cost(self, server: Server | None) -> tuple[float, float]:
        """CPU seconds of a choice: of this server, and of the database's."""
        before, at_server = cpu_of(self._process.pid), server_cpu(server)
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(self.send, [IN_TURN // CLIENTS] * CLIENTS))
        return (cpu_of(self._process.pid) - before) / IN_TURN, (server_cpu(server) - at_server) / IN_TURN

    def close(self) -> None:
        """End it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def measure() -> Iterator[Row]:
    """On SQLite, and on PostgreSQL where its server is installed."""
    if not (FOLDER / "node_modules").is_dir():
        raise SystemExit("@c15t/backend is not installed. Run: cd bench/c15t && npm install")
    for kind in ("SQLite", "PostgreSQL"):
        with TemporaryDirectory(prefix="bench-") as folder, _databases(kind, Path(folder)) as (ours, theirs, server):
            yield from _compared(kind, ours, theirs, server)


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[tuple[str, str, Server | None]]:
    """The URL of ours, theirs as their server takes it, and the server of both."""
    if kind == "SQLite":
        yield f"sqlite:///{folder}/ours.sqlite", f"{folder}/theirs.sqlite", None
        return
    with closing(Server(folder / "postgresql")) as server:
        with closing(SQLStore(server.url)) as store, store._reading() as connection:
            connection.exec_driver_sql("CREATE DATABASE theirs")
        yield server.url, f"postgresql://postgres@localhost/theirs?host={server.folder}", server


def _compared(kind: str, ours: str, theirs: str, server: Server | None) -> Iterator[Row]:
    port, their_port = free_port(), free_port()
    sent = choice_body(site())
    granian = [sys.executable, "-m", *OURS.format(port).split()]
    node = ["node", str(FOLDER / "server.mjs"), str(their_port), theirs]
    with ExitStack() as stack:
        ours_running = Running(granian, port, ours, "/consent/records", lambda: sent | {"key": new_key()})
        stack.callback(ours_running.close)
        theirs_running = Running(node, their_port, "", "/subjects", _their_choice)
        stack.callback(theirs_running.close)
        servers = {"ours": ours_running, "theirs": theirs_running}
        took: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
        for turn in range(TURNS + 1):
            for name, each in servers.items():
                cost = each.cost(server)
                if turn:  # the first warms up
                    took[name].append(cost)
    web, at_server = ({name: median(each[n] for each in took[name]) for name in took} for n in (0, 1))
    ratios = sorted(sum(mine) / sum(its) for mine, its in zip(took["ours"], took["theirs"], strict=True))
    between = f"turns: {ratios[0]:.2f} to {ratios[-1]:.2f}"
    what = f"{kind}: CPU of a choice at {CLIENTS} clients, with the database's / @c15t/backend's ({between})"
    yield Row(what, median(ratios), MOST)
    for name in took:
        yield Row(f"{kind}: microseconds of CPU of a choice, {name}, in the web process", 1e6 * web[name])
        if server:
            yield Row(f"{kind}: microseconds of CPU of a choice, {name}, in the database", 1e6 * at_server[name])


def _their_choice() -> dict[str, Any]:
    """What its own browser part sends for the same four answers."""
    return {
        "type": "cookie_banner", "subjectId": f"sub_{token_hex(12).replace('0', 'z')}", "domain": "127.0.0.1",
        "preferences": {"necessary": True, "functionality": True, "measurement": True, "marketing": True},
        "givenAt": int(time() * 1000), "metadata": {},
    }  # fmt: skip
