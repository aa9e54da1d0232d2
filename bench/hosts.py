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
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from .databases import database, server_cpu, written_ahead
from .trouble import trouble
from .web_host import Client, Host, body_of, clients

#: How many seconds each number of clients is measured.
SECONDS = 6.0
CLIENTS = (1, 16, 64, 256)


def load(kind: str, processes: int) -> None:
    """Print what these processes do with new visitors' choices."""
    with TemporaryDirectory(prefix="bench-") as name, database(kind, Path(name)) as (url, server), ExitStack() as stack:
        hosts, sent = [Host(url) for _ in range(processes)], body_of(Path(name), flask=False)
        for host in hosts:
            host.start(Path(name))
            stack.callback(host.end)
        asyncio.run(_measure(sent, hosts, 16, 2.0))
        for number in CLIENTS:
            web, at_server, wal = sum(host.cpu() for host in hosts), server_cpu(server), written_ahead(url, server)
            times, refused, seconds = asyncio.run(_measure(sent, hosts, number, SECONDS))
            web, at_server = sum(host.cpu() for host in hosts) - web, server_cpu(server) - at_server
            count = len(times)
            print(
                f"{kind}, {processes} processes, {number} clients: {count / seconds:.0f} a second, "
                f"p50 {1000 * times[count // 2]:.1f} ms, p99 {1000 * times[count * 99 // 100]:.1f} ms; "
                f"CPU a choice: web {1e6 * web / count:.0f} µs, database {1e6 * at_server / count:.0f} µs; "
                f"{(written_ahead(url, server) - wal) / count:.0f} bytes written ahead; {refused} refused; "
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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the hosts and the database end, too
    if sys.argv[1] == "load":
        load(sys.argv[2], int(sys.argv[3]))
    else:
        trouble()
