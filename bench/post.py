"""What a durable POST of a choice costs the web server, beside the barest Flask view with the same commit.

The floor is a view that reads JSON, stores one row with a unique id by the same group commit (`store/group.py`), and
answers 201 in JSON. Both run on granian with 16 threads and have 16 clients; they take turns.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from math import sqrt
from pathlib import Path
from secrets import token_urlsafe
from statistics import median
from tempfile import TemporaryDirectory
from threading import local
from time import monotonic, sleep
from typing import Any

from flask import Flask, request
from sqlalchemy import make_url

from consent_widget.store.group import Group, Take

from .databases import database
from .row import Row
from .sites import choice_body, site
from .web_host import Host

#: So many turns, so many choices in each, and so many clients. A turn of the floor takes 0.3 s of CPU, counted in 0.01.
TURNS, CHOICES, CLIENTS = int(os.environ.get("BENCH_TURNS", 15)), 800, 16
HEAD = (
    "POST /consent/records HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


def measure() -> Iterator[Row]:
    """The web server's CPU; the database's own is not in it."""
    sent = choice_body(site(), "reject_all")
    for kind in ("sqlite", "postgresql"):
        with (
            TemporaryDirectory(prefix="bench-") as name,
            database(kind, Path(name)) as (url, _),
            ExitStack() as stack,
            ThreadPoolExecutor(CLIENTS) as threads,
        ):
            hosts = {
                "floor": Host(url, flask=True, app="bench.post:floor", threads=CLIENTS),
                "ours": Host(url, flask=True, threads=CLIENTS),
            }
            for host in hosts.values():
                host.start(Path(name))
                stack.callback(host.end)
                _spent(host, threads, sent)
            took = [{name: _spent(host, threads, sent) for name, host in hosts.items()} for _ in range(TURNS)]
        ratios = sorted(turn["ours"] / turn["floor"] for turn in took)
        ours, barest = (1e6 * median(turn[name] for turn in took) for name in ("ours", "floor"))
        place = max(round(TURNS / 2 - 0.98 * sqrt(TURNS)), 0)  # the median's interval, 95 %, by order
        between = f"{ratios[place]:.2f} to {ratios[-1 - place]:.2f}; {ours:.0f} and {barest:.0f} µs"
        what = f"{kind}: CPU of a POST, {CLIENTS} clients / the barest Flask POST with the same commit ({between})"
        yield Row(what, median(ratios), 1.8)


def floor() -> Flask:
    """The barest site."""
    url = make_url(os.environ["BENCH_DATABASE"])
    store = _in_sqlite(f"{url.database}-floor") if url.get_backend_name() == "sqlite" else _in_postgresql(url)
    app = Flask("floor")

    @app.post("/consent/records")
    def record() -> tuple[dict[str, str], int]:
        sent = request.get_json()
        row = {"id": sent["key"].encode(), "subject": sent["key"].encode(), "body": json.dumps(sent)}
        assert store.add(row)
        return {"stored": sent["key"]}, 201

    @app.get("/consent/health")
    def health() -> dict[str, str]:
        return {}

    return app


def _in_sqlite(path: str) -> Group:
    own = local()

    def work(_patience: float, take: Take) -> list[bool]:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(path, isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
                own.connection.execute(f"PRAGMA {pragma}")
            own.connection.execute("CREATE TABLE IF NOT EXISTS choice (n INTEGER PRIMARY KEY, id UNIQUE, body)")
        own.connection.execute("BEGIN IMMEDIATE")
        rows = take()
        for row in rows:
            own.connection.execute("INSERT INTO choice (id, body) VALUES (:id, :body)", row)
        own.connection.execute("COMMIT")
        return [True] * len(rows)

    return Group(work, monotonic)


def _in_postgresql(url: Any) -> Group:
    import psycopg

    connection = psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True)
    connection.execute("CREATE TABLE choice (n bigserial PRIMARY KEY, id bytea UNIQUE, body text)")

    def work(_patience: float, take: Take) -> list[bool]:
        rows = take()
        values = [row["id"] for row in rows], [row["body"] for row in rows]
        connection.execute("INSERT INTO choice (id, body) SELECT * FROM unnest(%s::bytea[], %s::text[])", values)
        return [True] * len(rows)

    return Group(work, monotonic)


def _spent(host: Host, threads: ThreadPoolExecutor, sent: dict[str, Any]) -> float:
    """Seconds of CPU for one choice."""
    bodies = [json.dumps(sent | {"key": token_urlsafe(20)}).encode() for _ in range(CHOICES)]
    before = host.cpu()
    list(threads.map(lambda place: _post(host.port, bodies[place::CLIENTS]), range(CLIENTS)))
    return (host.cpu() - before) / CHOICES


def _post(port: int, bodies: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
        for body in bodies:
            while True:
                connection.sendall((HEAD % len(body)).encode() + body)
                length, status = 0, answers.readline().split()[1]
                while line := answers.readline().strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                answers.read(length)
                if status == b"201":
                    break
                assert status == b"503", status  # the disk stands still, where others use it: sent again, as pages do
                sleep(0.2)
