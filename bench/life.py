"""What exports cost: CPU for a million records of the notice `shop`, and the memory of the process that writes them.

Measured on as many as are worth waiting for (`BENCH_RECORDS`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from subprocess import DEVNULL, PIPE, run
from tempfile import TemporaryDirectory
from time import process_time

from consent_widget import SQLStore, read_notice
from consent_widget.choice.act import Choice, new_subject
from consent_widget.choice.lines import Form, Lines
from consent_widget.days import DAY
from consent_widget.store import importing
from consent_widget.store.exporting import Which

from .row import Row
from .sites import CONTROLLER

RECORDS, BATCH = int(os.environ.get("BENCH_RECORDS", 100_000)), 5_000
FORMS: tuple[Form, ...] = ("jsonl", "csv")
MIB = 1024 if sys.platform == "linux" else 1024 * 1024


def measure() -> Iterator[Row]:
    """Each form in a process of its own."""
    with TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "life.sqlite"
        _fill(path)
        for form in FORMS:
            program = f"from bench.life import export; export({str(path)!r}, {form!r})"
            done = run([sys.executable, "-c", program], stdout=DEVNULL, stderr=PIPE, text=True, check=True)
            seconds, mebibytes = map(float, done.stderr.split())
            yield Row(f"CPU seconds for an export of 1,000,000 records, {form}", seconds * 1_000_000 / RECORDS, 12)
            yield Row(f"MiB of the process that exports {RECORDS:,} records, {form}", mebibytes, 100)


def export(path: str, form: Form) -> None:
    """Write an export to standard output, and to the other what it has cost."""
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        began, lines = process_time(), Lines(form)
        for part in store.lines(lines, Which()):
            sys.stdout.write(part.text)
        print(process_time() - began, getrusage(RUSAGE_SELF).ru_maxrss / MIB, file=sys.stderr)


def _fill(path: Path) -> None:
    """Two records of each visitor."""
    importing.sleep = lambda _: None  # type: ignore[attr-defined]  # nobody else waits here
    notice, chance = read_notice("shop", CONTROLLER), Random(17)
    keys = [key for key, option in notice.options.items() if option.in_bulk]
    time, subject = 1_700_000_000_000, ""
    with closing(SQLStore(f"sqlite:///{path}")) as store:
        for start in range(0, RECORDS, BATCH):
            choices = []
            for number in range(start, min(start + BATCH, RECORDS)):
                time += chance.randrange(60_000)
                subject = subject if number % 2 else new_subject()
                choices.append(
                    Choice(
                        subject=subject, seq=number % 2 + 1, time=time, notice=notice.digest, locale="zh-CN",
                        action="save", surface="centre", purposes={key: chance.random() < 0.5 for key in keys},
                        valid_until=time // 1000 // DAY + 180, region=chance.choice(["CN", "EU"]), layout="box",
                    )
                )  # fmt: skip
            store.take_in(choices, [])
