"""What an auditor is shown of a site: its notices, how often what was chosen, and records that it could not pick.

The same database, settings and period give the same files, byte for byte.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from itertools import islice
from platform import python_version
from typing import TYPE_CHECKING

from ..choice.rounded import Rounded, rounded
from ..choice.tally import BY_SURFACE
from ..choice.written import as_cell
from ..days import DAY, iso_date
from ..errors import ConfigurationError
from ..proof.checkpoint import Checkpoint
from ..proof.entry import canonical_record
from ..settings.model import told
from ..site.log_policy import log_policy
from ..site.site import Site
from ..store import is_sql_store
from ..store.exporting import Counted, Which
from .records import shown_notice, text_of_notice

if TYPE_CHECKING:
    from ..store.sql import SQLStore

#: Content by name. A name may have folders in it.
Files = dict[str, bytes]
#: Whose versions are told.
PACKAGES = ("consent_widget", "Flask", "SQLAlchemy", "cryptography", "itsdangerous", "psycopg")
#: How many places of the log are tried for each record that is wanted: most may be of another time or site.
TRIES = 50


def audited(site: Site, first: int, end: int, samples: int, word: str = "") -> tuple[Files, Mapping[str, str]]:
    """The files about the days from `first` on and before `end` (since 1970), and what their README says of them. The
    auditor's `word` picks the samples: of the root alone a site could try as many as it likes before it signs one.
    """
    if not is_sql_store(site.store):
        raise ConfigurationError("An audit needs the records in CONSENT_DATABASE. CONSENT_STORE keeps no log of them.")
    store = site.store
    which = Which(DAY * 1000 * first, DAY * 1000 * end, site.settings.site)
    counts, number = _counts(site, store.counted(which))
    files = _notices(site) | {"counts.csv": counts}
    log, origin, size = _log(site, store, which, samples, word)
    files |= log | {"settings.json": _json(told(site.settings)), "about.json": _json(_about(store))}
    return files, {
        "controller": " / ".join(
            dict.fromkeys(str(site.notice.controller.name.get(each)) for each in site.notice.locales)
        ),
        "site": site.settings.site or "–",
        "records": str(_shown(rounded(number))),
        "samples": str(sum(name.endswith(".json") for name in log)),
        "most": str(samples),
        "word": word or "–",
        "tries": str(TRIES * samples),
        "log": origin,
        "entries": size,
        "version": version("consent_widget"),
    }


def _notices(site: Site) -> Files:
    """Every notice that was answered or published, and which were published when."""
    published = {each.digest: each for each in site.versions}
    digests = {*site.store.answered(site.settings.site), *published, site.notice.digest}  # type: ignore[attr-defined]
    texts = {digest: text_of_notice(site, digest) for digest in sorted(digests)}
    rows = []
    for digest in texts:
        notice, at = shown_notice(site, digest), published.get(digest)
        when = datetime.fromtimestamp(at.published / 1000, UTC).isoformat(timespec="seconds") if at else ""
        told_of = (notice.id, notice.version, notice.effective) if notice else ("", "", "")
        rows.append((*told_of, when, digest, "" if texts[digest] else "text lost"))
    files = {f"notices/{digest}.json": text.encode() for digest, text in texts.items() if text is not None}
    header = ("id", "version", "effective", "published", "digest", "remark")
    return files | {"versions.csv": _table(header, sorted(rows, key=lambda row: (row[2], row[3], row[4])))}


def _counts(site: Site, counted: Iterable[Counted]) -> tuple[bytes, int]:
    """How often what was chosen, by month, as a table in which no number tells of fewer than ten; and the exact number
    of all records.
    """
    numbers, versions, all = Counter[tuple[str, str, str, str]](), dict[str, str](), 0
    for day, said, number in counted:
        all += number
        month, digest = iso_date(day)[:7], said["notice"]
        if digest not in versions:
            notice = shown_notice(site, digest)
            versions[digest] = notice.version if notice else digest[:8]
        numbers[month, "action", BY_SURFACE.get(said["surface"], said["action"]), ""] += number
        numbers[month, "version", versions[digest], ""] += number
        numbers[month, "language", said["locale"], ""] += number
        numbers[month, "region", said["region"], ""] += number
        for key, granted in said["purposes"].items():
            numbers[month, "purpose", key, "agreed" if granted else "refused"] += number
    header = ("month", "what", "value", "answer", "number")
    return _table(header, [(*key, _shown(rounded(number))) for key, number in sorted(numbers.items())]), all


def _log(site: Site, store: SQLStore, which: Which, samples: int, word: str) -> tuple[Files, str, str]:
    """The state of the log, whom to trust, and records with their proofs; what the log is called, its size."""
    note, policy = store.checkpoint_for(0), log_policy(site.settings)
    if note is None or policy is None:
        return {}, "", ""
    checkpoint = Checkpoint.parse(note.text)
    files = {"log/checkpoint": str(note).encode(), "log/policy": policy.text.encode("utf-8", "surrogateescape")}
    root = note.text.split("\n")[2]
    seed = f"{root}/{word}" if word else root
    for number in _sample(store, which, seed, checkpoint.size, samples):
        for record in store.records(number, number + 1):  # none, where it was erased meanwhile
            if proof := store.prove(record):
                files[f"records/{number}.json"] = canonical_record(record.choice)
                files[f"records/{number}.tlog-proof"] = proof.text.encode()
    return files, checkpoint.origin, str(checkpoint.size)


def _sample(store: SQLStore, which: Which, seed: str, size: int, most: int) -> set[int]:
    """The numbers of some records; of all, where there are no more."""
    all = store.numbers(which, 0, size, most + 1)
    if len(all) <= most:
        return set(all)
    found = set[int]()
    for place in islice(_places(seed, size), TRIES * most):
        found.update(store.numbers(which, place, size, 1) or all[:1])
        if len(found) == most:
            break
    return found


def _places(seed: str, size: int) -> Iterator[int]:
    """Places in a log that nobody can choose, who cannot choose the seed."""
    number = 0
    while size:
        yield int.from_bytes(sha256(f"{seed}/{number}".encode()).digest()) % size
        number += 1


def _about(store: SQLStore) -> Mapping[str, object]:
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "not installed"
    return {"python": python_version(), "packages": packages, "database": store.kind, "schema": store.revision()}


def _shown(number: Rounded) -> str | int:
    return "under 10" if number.few else number.tens


def _table(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([as_cell(cell) for cell in row] for row in rows)
    return table.getvalue().encode()


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
