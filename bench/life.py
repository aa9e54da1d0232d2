"""What the work with many records costs: exports, imports, `verify`, an upgrade of the first schema, `expire` that
tells everybody, and `purge`. CPU for a million records, and the memory of the process: each in one of its own.

Measured on as many as are worth waiting for (`BENCH_RECORDS`). Needs Linux.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from subprocess import DEVNULL, PIPE, run
from tempfile import TemporaryDirectory
from time import process_time

from consent_widget import SQLStore, consent_ended
from consent_widget.choice.lines import Form, Lines
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.store import importing, purging
from consent_widget.store.exporting import Which
from consent_widget.store.packed import answers_from_bytes, id_from_bytes, subject_from_bytes
from consent_widget.store.verifying import Verification

from .row import Row
from .seeding import seed
from .sites import site

RECORDS, MOST_MIB = int(os.environ.get("BENCH_RECORDS", 100_000)), 100
KEYS = LogKeys((PrivateKey("bench.example/consent/log", 1, bytes(32)),))
#: The table of the first schema, as `tests/store/earlier/09e8246.sql` has it, and its rows from those of today.
EARLIER = """CREATE TABLE consent_choices (number INTEGER NOT NULL, id VARCHAR(36) NOT NULL, "key" VARCHAR(64) NOT NULL,
subject VARCHAR(22) NOT NULL, seq INTEGER NOT NULL, time BIGINT NOT NULL, notice VARCHAR(64) NOT NULL,
locale VARCHAR(20) NOT NULL, action VARCHAR(20) NOT NULL, surface VARCHAR(20) NOT NULL, purposes TEXT NOT NULL,
valid_until INTEGER NOT NULL, actor VARCHAR(20) NOT NULL, signals TEXT NOT NULL, age_band VARCHAR(20),
site VARCHAR(32) NOT NULL, region VARCHAR(6) NOT NULL, PRIMARY KEY (number), UNIQUE (site, "key"))"""
ROWS = """INSERT INTO consent_choices
SELECT number, uuid(record.id), hex(salt || salt), name(subject), seq, time, notice, locale, action,
surface, answered(keys, answers), valid_until, actor, signals, age_band, site, region
FROM new.consent_records AS record JOIN new.consent_contexts AS context ON context.id = record.context"""


def measure() -> Iterator[Row]:
    """One after another, on the same records. Whoever would rest in between for other visitors does not."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with closing(SQLStore(f"sqlite:///{folder / 'life.sqlite'}")) as store:
            seed(store, RECORDS)
            store.sign_checkpoint(KEYS)
        for form in ("jsonl", "csv"):
            yield from _cost(f"an export of 1,000,000 records, {form}", export, folder, form, most=12)
        yield from _cost("`verify` of 1,000,000 records", verify, folder)
        yield from _cost("an import of 1,000,000 records", import_, folder)
        _make_earlier(folder)
        yield from _cost("an upgrade from 09e8246 with 1,000,000 records", upgrade, folder)
        yield from _cost("`expire` that tells everybody, 1,000,000 records", expire, folder)
        yield from _cost("`purge` of 1,000,000 records", purge, folder)


def _cost(what: str, work: Callable[..., None], folder: Path, *more: str, most: float | None = None) -> Iterator[Row]:
    arguments = ", ".join(map(repr, more))
    program = f"from bench.life import *; measured(lambda: {work.__name__}(Path({str(folder)!r}), {arguments}))"
    done = run([sys.executable, "-c", program], stdout=DEVNULL, stderr=PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, mebibytes = map(float, done.stderr.splitlines()[-1].split())
    yield Row(f"CPU seconds for {what}", seconds * 1_000_000 / RECORDS, most)
    yield Row(f"MiB of the process for that, {RECORDS:,} records", mebibytes, MOST_MIB)


def measured(work: Callable[[], None]) -> None:
    """Do it, and say what it has cost."""
    began = process_time()
    importing.sleep = purging.sleep = lambda _: None  # type: ignore[attr-defined]
    work()
    spent, status = process_time() - began, Path("/proc/self/status").read_text()
    (peak,) = re.findall(
        r"VmHWM:\s+(\d+) kB", status
    )  # ru_maxrss begins with that of the process that started this one
    print(spent, int(peak) / 1024, file=sys.stderr)


def export(folder: Path, form: Form) -> None:
    """To standard output; JSON Lines to a file, too, for the import."""
    lines = Lines(form)
    with closing(SQLStore(f"sqlite:///{folder / 'life.sqlite'}")) as store, (folder / f"life.{form}").open("w") as file:
        for part in store.lines(lines, Which()):
            file.write(part.text)


def verify(folder: Path) -> None:
    """Nothing may be found."""
    with closing(SQLStore(f"sqlite:///{folder / 'life.sqlite'}")) as store:
        check = Verification(store, KEYS.public)
        assert not list(check.run())
        assert check.records == RECORDS


def import_(folder: Path) -> None:
    """Into a new database, by the command."""
    _command(folder / "imported.sqlite", "import", str(folder / "life.jsonl"), says=f"Imported: {RECORDS} records.")


def upgrade(folder: Path) -> None:
    """A database as the first release wrote it."""
    with closing(SQLStore(f"sqlite:///{folder / 'earlier.sqlite'}")) as store:
        assert store.size() == RECORDS


def expire(folder: Path) -> None:
    """Every grant has ended, and nobody was told."""
    told = set[str]()
    consent_ended.connect(lambda app, subject, **_: told.add(subject), weak=False)
    _command(folder / "life.sqlite", "expire", says="Ended grants told: ")
    assert told


def purge(folder: Path) -> None:
    """All records are too old."""
    _command(folder / "life.sqlite", "purge", says=f"Deleted: {RECORDS} records")


def _make_earlier(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "earlier.sqlite")) as file:
        file.execute(f"ATTACH '{folder / 'life.sqlite'}' AS new")
        file.create_function("uuid", 1, id_from_bytes)
        file.create_function("name", 1, subject_from_bytes)
        file.create_function("answered", 2, lambda keys, bits: json.dumps(answers_from_bytes(json.loads(keys), bits)))
        file.execute(EARLIER)
        file.execute(ROWS)
        file.commit()


def _command(path: Path, *arguments: str, says: str) -> None:
    app = site(notice="shop", CONSENT_DATABASE=f"sqlite:///{path}")
    done = app.test_cli_runner().invoke(args=["consent", *arguments])
    assert says in done.output, done.output
