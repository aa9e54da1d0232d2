"""What a choice and a history cost in a database of many records (`BENCH_GROWN`; the target is for ten million), beside
one of ten thousand: all CPU of the process and of the database's server, in turns.

With `BENCH_FOLDER` the large SQLite file stays there for another run: seeding takes minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time

from flask import Flask
from sqlalchemy import make_url
from werkzeug.test import EnvironBuilder, run_wsgi_app

from consent_widget import SQLStore
from consent_widget.choice.act import new_key
from consent_widget.store.packed import subject_from_bytes
from consent_widget.testing.stores import make_choice

from .databases import Server, server_cpu
from .row import Row
from .seeding import seed
from .sites import HERE, choice_body, site

FEW, MANY = 10_000, int(os.environ.get("BENCH_GROWN", 1_000_000))
#: So often each is done in a turn, and so many turns each has.
IN_TURN, TURNS = 50, 15
#: How many visitors that takes: the first turn warms up.
ACTS = 5 * IN_TURN * (TURNS + 1)


def measure() -> Iterator[Row]:
    """In SQLite, and in PostgreSQL where its server is installed."""
    with TemporaryDirectory(prefix="bench-") as folder:
        kept = Path(os.environ.get("BENCH_FOLDER", folder)) / f"{MANY}.sqlite"
        urls = {FEW: f"sqlite:///{folder}/few.sqlite", MANY: f"sqlite:///{kept}"}
        yield from _compared("SQLite", urls, None)
        try:
            server = Server(Path(folder) / "postgresql")
        except ImportError:
            return
        with closing(server):
            for size in (FEW, MANY):
                with closing(SQLStore(server.url)) as store, store._reading() as connection:
                    connection.exec_driver_sql(f"CREATE DATABASE grown_{size}")
            urls = {size: str(make_url(server.url).set(database=f"grown_{size}")) for size in (FEW, MANY)}
            yield from _compared("PostgreSQL", urls, server)


class Grown:
    """A database of so many records: a store, and a site, whose visitors have chosen there."""

    def __init__(self, url: str, size: int) -> None:
        self.store, self._visitors = SQLStore(url), iter(Random().sample(range(size // 2), ACTS))
        if (there := self.store.size()) < size:
            seed(self.store, size - there)
        self._app = site(CONSENT_DATABASE=url)
        self._sent = choice_body(self._app)
        self.works: dict[str, Callable[[str], object]] = {
            "`history`": self.store.history,
            "a look whether a visitor is known": lambda subject: self.store.knows(subject, ""),
            "`add` of a new visitor's choice": lambda _: self.store.add(make_choice(site="")),
            "`add` of a returning visitor's": lambda subject: self.store.add(
                make_choice(subject=subject, seq=3, site="")
            ),
            "a new visitor's POST": lambda _: _post(self._app, self._sent),
        }

    def subjects(self, number: int) -> list[str]:
        """Any visitors who were seeded, each but once."""
        numbers = [2 * next(self._visitors) for _ in range(number)]
        query = "SELECT subject FROM consent_records WHERE number = "
        with self.store._reading() as connection:
            return [
                subject_from_bytes(bytes(connection.exec_driver_sql(query + str(each)).scalar_one()))
                for each in numbers
            ]  # fmt: skip


def _compared(name: str, urls: dict[int, str], server: Server | None) -> Iterator[Row]:
    with ExitStack() as stack:
        grown = {size: Grown(url, size) for size, url in urls.items()}
        for each in grown.values():
            stack.enter_context(closing(each.store))
        took = dict.fromkeys(((work, size) for size in urls for work in grown[size].works), 0.0)
        for turn in range(TURNS + 1):
            for size in list(urls) if turn % 2 else list(urls)[::-1]:
                for work, act in grown[size].works.items():
                    subjects = grown[size].subjects(IN_TURN)
                    before = process_time() + server_cpu(server)
                    for subject in subjects:
                        act(subject)
                    if turn:
                        took[work, size] += process_time() + server_cpu(server) - before
    for work in grown[FEW].works:
        ratio = took[work, MANY] / took[work, FEW]
        yield Row(f"{name}: CPU of {work}, {MANY:,} records / {FEW:,}", ratio, 1.3)
        yield Row(f"{name}: microseconds of that, {MANY:,} records", 1e6 * took[work, MANY] / TURNS / IN_TURN)


def _post(app: Flask, sent: dict[str, object]) -> None:
    environ = EnvironBuilder(
        "/consent/records", method="POST", data=json.dumps(sent | {"key": new_key()}), headers=HERE,
        content_type="application/json",
    ).get_environ()  # fmt: skip
    _, status, _ = run_wsgi_app(app, environ, buffered=True)
    assert status.startswith("201"), status
