"""What was acknowledged is on the disk: a real server, killed in the middle of a thousand choices."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.notice.model import Notice
from consent_widget.proof.entry import canonical_record, commitment

from ..conftest import CONTROLLER, KEY
from ..support.choice_body import choice_body

pytestmark = pytest.mark.slow
CHOICES, CLIENTS, KILLED_AFTER = 1000, 8, 500
SERVER = """
import json, logging, sys
from flask import Flask
from werkzeug.serving import make_server
from consent_widget import ConsentWidget

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask("host")
app.config.update(json.loads(sys.argv[1]))
ConsentWidget(app)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


def test_no_acknowledged_choice_is_lost_when_the_server_is_killed(minimal: Notice, tmp_path: Path) -> None:
    database = tmp_path / "consent.sqlite"
    actions = ("accept_all", "reject_all", "save")
    bodies = [choice_body(minimal, actions[number % 3], "analytics") for number in range(CHOICES)]

    with serving(database) as (process, port):
        acknowledged = send(bodies, port, killing=process)
        assert process.wait(10) == -signal.SIGKILL

    kept = records(database)
    assert KILLED_AFTER <= len(acknowledged) < CHOICES
    assert acknowledged.items() <= kept.items()
    assert len(kept) <= len(acknowledged) + CLIENTS  # and nothing else but what was on its way

    with serving(database) as (_, port):
        acknowledged |= send([body for body in bodies if record_id("", str(body["key"])) not in acknowledged], port)

    assert records(database) == acknowledged
    assert acknowledged.keys() == {record_id("", str(body["key"])) for body in bodies}


@contextmanager
def serving(database: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    config = {
        "CONSENT_KEYS": [KEY],
        "CONSENT_CONTROLLER": CONTROLLER,
        "CONSENT_RATE_LIMIT": 0,
        "CONSENT_DATABASE": f"sqlite:///{database}",
    }
    command = [sys.executable, "-c", SERVER, json.dumps(config)]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=root) as process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def send(
    bodies: list[dict[str, object]], port: int, killing: subprocess.Popen[str] | None = None
) -> dict[object, object]:
    """The receipts' ids by what they should be, of what was acknowledged. Kills after enough of them."""
    waiting: SimpleQueue[dict[str, object]] = SimpleQueue()
    for body in bodies:
        waiting.put(body)
    acknowledged: dict[object, object] = {}
    lock = threading.Lock()

    def client() -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            while True:
                try:
                    body = waiting.get_nowait()
                    receipt = post(connection, body)
                except (Empty, OSError, HTTPException):
                    return
                with lock:
                    acknowledged[record_id("", str(body["key"]))] = receipt
                    if killing and len(acknowledged) == KILLED_AFTER:
                        os.kill(killing.pid, signal.SIGKILL)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return acknowledged


def post(connection: HTTPConnection, body: dict[str, object]) -> object:
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/consent/records", json.dumps(body), headers)
    with connection.getresponse() as response:
        told = json.loads(response.read())
    assert response.status in (200, 201)
    return told["receipt"]["id"]


def records(database: Path) -> dict[object, object]:
    """The ids of what is stored, after SQLite has found the file sound, and the log is whole and fits."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SQLStore(f"sqlite:///{database}")) as store:
        stored, entries = list(store.records()), list(store.entries())
    assert [number for number, _ in entries] == [record.number for record in stored] == [*range(len(stored))]
    assert [entry for _, entry in entries] == [commitment(each.salt, canonical_record(each.choice)) for each in stored]
    return {each.choice.id: each.choice.id for each in stored}
