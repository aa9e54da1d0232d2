"""What a durable choice costs in fsyncs, and that each comes before the answer: from the server's own system calls."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from .row import Row
from .sites import HERE, choice_body, site

CHOICES = 1_000
CALLS = "fsync,fdatasync,pwrite64,sendto,sendmsg,write"
CALL = re.compile(r"(\d+)\s+[\d:.]+ (?:<\.\.\. )?(\w+)(.*)")
SERVER = "from bench.durable import serve; serve()"


def measure() -> Iterator[Row]:
    """With one client, and with sixteen at once."""
    if not shutil.which("strace"):
        raise SystemExit("durable needs strace. Install it, for example: sudo apt-get install strace")
    for clients in (1, 16):
        with TemporaryDirectory(prefix="bench-") as folder:
            trace = Path(folder) / "trace"
            _run(trace, clients)
            fsyncs, answers, early = _read(trace)
        assert answers == CHOICES, f"{answers} choices were acknowledged, not {CHOICES}"
        yield Row(f"fsyncs a durable choice, {clients} client{'s' * (clients > 1)}", fsyncs / CHOICES, 1.05)
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


def _run(trace: Path, clients: int) -> None:
    watch = ["strace", "-f", "-y", "-tt", "-s", "16", "-e", f"trace={CALLS}", "-o", str(trace)]
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


def _send(port: int, bodies: list[str]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    for body in bodies:
        connection.request("POST", "/consent/records", body, {**HERE, "Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()


def _read(trace: Path) -> tuple[int, int, int]:
    """Fsyncs, answers, and answers that came too early: when their thread had completed no fsync since its
    last answer, or had written to the log after it. The first thread only starts up.
    """
    fsyncs = answers = early = 0
    durable: dict[str, bool] = {}
    lines = trace.read_text("utf-8", "replace").splitlines()
    main = lines[0].split()[0]
    for line in lines:
        if not (call := CALL.match(line)):
            continue
        thread, name, rest = call.groups()
        if name == "pwrite64" and "-wal>" in rest:
            durable[thread] = False
        elif name in ("fsync", "fdatasync") and rest.endswith("= 0"):
            durable[thread] = True
            fsyncs += thread != main
        elif '"HTTP/1.1 201' in rest:
            answers += 1
            early += not durable.pop(thread, False)
    return fsyncs, answers, early
