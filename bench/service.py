"""What the service takes with fifty sites: CPU to start it, and memory of each of its processes."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep

from .row import Row

SITES, ROUNDS, WORKERS = 50, 3, 2
TOP = 'url = "https://consent.example"\nkeys = ["a-key-for-the-benchmarks-0123456789"]\n'
SITE = """
[sites.site-{n}]
origins = ["https://www.site-{n}.example"]
notice = "minimal"
controller = {{ name = "Site {n}", address = "{n} Road", email = "privacy@site-{n}.example", phone = "+{n}" }}
"""
#: Pages of memory, and ticks of the processor in a second.
PAGE, TICKS = 4096, 100


def measure() -> Iterator[Row]:
    """Needs Linux: its `/proc` says what a process took."""
    one, many = ([_started(count) for _ in range(ROUNDS)] for count in (1, SITES))
    first = median(each[0] for each in many)
    yield Row(f"service: CPU of the first process, {SITES} sites / 1 site", first / median(each[0] for each in one), 3)
    yield Row("service: CPU of each further process / of the first", median(each[1] for each in many) / first, 0.1)
    yield Row(f"service: memory of a process with {SITES} sites, MB", median(each[2] for each in many), 70)
    yield Row(
        f"service: memory that {SITES} sites add, MB", median(m[2] - o[2] for m, o in zip(many, one, strict=True))
    )


def _started(count: int) -> tuple[float, float, float]:
    """CPU seconds of the first process and of one of the others, and the memory of that, in MB, once all answer."""
    with TemporaryDirectory(prefix="bench-") as folder:
        config = Path(folder) / "sites.toml"
        config.write_text(TOP + "".join(SITE.format(n=n) for n in range(count)), "utf-8")
        with _running(config) as process:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            return _cpu(process.pid), max(map(_cpu, children)), max(map(_memory, children))


@contextmanager
def _running(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "consent_widget.service.command", "serve", "--config", str(config)]
    command += ["--port", str(port), "--workers", str(WORKERS)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
                break
            except OSError:
                sleep(0.05)
        yield process
        process.terminate()


def _cpu(pid: int | str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int | str) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
