"""What a durable choice costs in fsyncs, and that each comes before the answer: from the server's own system calls."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from uuid import UUID

from consent_widget.choice.act import record_id

from .row import Row
from .sites import HERE, choice_body, site

CHOICES = 1_000
CALLS = "fsync,fdatasync,pwrite64,sendto,sendmsg,write"
BYTE = re.compile(r"\\x([0-9a-f]{2})")
ID = re.compile(rb'"receipt": {"id": "([0-9a-f-]{36})"')
WAL = "".join(f"\\x{each:02x}" for each in b"-wal") + ">"
CALL = re.compile(r"(\d+)\s+[\d:.]+ (?:<\.\.\. )?(\w+)(.*)")
SERVER = "from bench.durable import serve; serve()"


def measure() -> Iterator[Row]:
    """With one client, and with sixteen at once."""
    if not shutil.which("strace"):
        raise SystemExit("durable needs strace. Install it, for example: sudo apt-get install strace")
    for clients in (1, 16):
        with TemporaryDirectory(prefix="bench-") as folder:
            trace = Path(folder) / "trace"
            ids = _run(trace, clients)
            fsyncs, answers, early = _read(trace, ids)
        assert answers == CHOICES, f"{answers} choices were acknowledged, not {CHOICES}"
        most = 1.01 if clients == 1 else 0.4
        yield Row(f"fsyncs a durable choice, {clients} client{'s' * (clients > 1)}", fsyncs / CHOICES, most)
        yield Row(f"answers 201 written before their fsync, of {CHOICES}, {clients} at once", early, 0)


def serve() -> None:
    """The server under observation: prints its port, then serves until its standard input ends."""
    import logging

    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, site(), threaded=True)
    print(server.port, flush=True)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def _run(trace: Path, clients: int) -> set[bytes]:
    """Records choices, and returns the ids of their records."""
    watch = ["strace", "-f", "-y", "-tt", "-xx", "-s", "4200", "-e", f"trace={CALLS}", "-o", str(trace)]
    app = site()
    bodies = [dumps(choice_body(app, ("accept_all", "reject_all")[n % 2])) for n in range(CHOICES)]
    command = [*watch, sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())  # type: ignore[union-attr]
        threads = [Thread(target=_send, args=(port, bodies[n::clients])) for n in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.stdin.close()  # type: ignore[union-attr]
    return {UUID(record_id("", loads(body)["key"])).bytes for body in bodies}


def _send(port: int, bodies: list[str]) -> None:
    """Each choice is sent until it is stored, as the script does: strace makes the server slow."""
    connection = HTTPConnection("127.0.0.1", port)
    for body in bodies:
        for _ in range(50):
            connection.request("POST", "/consent/records", body, {**HERE, "Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status in (200, 201):
                break
    connection.close()


def _read(trace: Path, ids: set[bytes]) -> tuple[int, int, int]:
    """Fsyncs, answers, and answers that came too early: before an fsync of the log, once the page of the log that holds
    the id of their record was written. The first thread only starts up.
    """
    fsyncs, early = 0, 0
    written, durable, answered = set[bytes](), set[bytes](), set[bytes]()
    lines = trace.read_text("utf-8", "replace").splitlines()
    main = lines[0].split()[0]
    for line in lines:
        if not (call := CALL.match(line)):
            continue
        thread, name, rest = call.groups()
        if name == "pwrite64" and WAL in rest:
            page = _content(rest)
            written |= {id for id in ids - durable if id in page}
        elif name in ("fsync", "fdatasync") and rest.endswith("= 0"):
            durable |= written
            fsyncs += thread != main
        elif name in ("sendto", "sendmsg", "write") and (told := ID.search(_content(rest))):
            id = UUID(told[1].decode()).bytes
            early += id not in durable
            answered.add(id)
    return fsyncs, len(answered & ids), early


def _content(call: str) -> bytes:
    """What a call writes, which strace prints as \\x7b\\x22…"""
    return bytes.fromhex("".join(BYTE.findall(call.partition('"')[2])))
