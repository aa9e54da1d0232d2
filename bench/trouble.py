"""Four hosts on one PostgreSQL: one is killed, another's clock is wrong, the database restarts twice. What nothing may
lose, and nothing doubles: `python -m bench.hosts trouble`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.store.verifying import Verification

from .databases import database
from .web_host import Client, Host, body_of


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
