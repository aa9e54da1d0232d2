"""What proofs and checkpoints cost in a log of ten million records, in SQLite, and in PostgreSQL where a URL is given
(`BENCH_POSTGRESQL`: an empty database).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from consent_widget import SQLStore
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.store.tables import ENTRIES

from .row import Row

ENTRIES_AT_FIRST = int(os.environ.get("BENCH_ENTRIES", 10_000_000))
NEW, PROOFS = 100_000, 200
#: Makes the same entries as `_entry`, where that is not done as fast from here.
SERIES = (
    "INSERT INTO consent_entries SELECT n, decode(lpad(to_hex(n), 64, '0'), 'hex') "
    "FROM generate_series({first}, {last}) n"
)
KEYS = LogKeys((PrivateKey("bench.example/consent/log", 1, bytes(32)),))


def measure() -> Iterator[Row]:
    """In each database."""
    with TemporaryDirectory(prefix="bench-") as folder:
        yield from _measure("SQLite", f"sqlite:///{Path(folder) / 'log.sqlite'}")
    if url := os.environ.get("BENCH_POSTGRESQL"):
        yield from _measure("PostgreSQL", url)


def _measure(name: str, url: str) -> Iterator[Row]:
    with closing(SQLStore(url)) as store:
        _fill(store, 0, ENTRIES_AT_FIRST)
        store.sign_checkpoint(KEYS)
        _fill(store, ENTRIES_AT_FIRST, ENTRIES_AT_FIRST + NEW)
        began = perf_counter()
        store.sign_checkpoint(KEYS)
        yield Row(f"seconds for a checkpoint of {NEW:,} new entries, {name}", perf_counter() - began, 2)
        random, times, used = Random(17), [], process_time()
        for _ in range(PROOFS):
            number = random.randrange(ENTRIES_AT_FIRST)
            began = perf_counter()
            assert store.proof(number, _entry(number))
            times.append(1000 * (perf_counter() - began))
        at = f"of {ENTRIES_AT_FIRST + NEW:,} entries, {name}"
        yield Row(f"milliseconds of CPU for an inclusion proof, {at}", 1000 * (process_time() - used) / PROOFS, 10)
        yield Row(f"milliseconds for an inclusion proof, median, {at}", median(times))
        yield Row(f"milliseconds for an inclusion proof, slowest of {PROOFS}, {at}", max(times))


def _entry(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _fill(store: SQLStore, first: int, end: int) -> None:
    for start in range(first, end, 50_000):
        stop = min(start + 50_000, end)
        with store._writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(SERIES.format(first=start, last=stop - 1))
            else:
                rows = [{"number": number, "entry": _entry(number)} for number in range(start, stop)]
                connection.execute(ENTRIES.insert(), rows)
