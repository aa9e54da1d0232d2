"""`flask consent audit`: one zip file for an auditor. The same records and period make the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from importlib.resources import files as resources
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import click

from ..days import DAY, iso_date
from ..proof.verify_page import SCRIPT
from ..site.site import current_site
from ..subject.auditing import Files, audited
from .new_files import new_file
from .period import in_days, period
from .sites import in_app
from .words import in_words

#: What a folder of scan reports may hold: as `consent-widget scan` writes them.
REPORTS = (".json", ".html", ".txt")
LARGEST_REPORT = 64 << 20
#: What the README says of the log, by language.
LOG = {"en": "{log}; entries: {entries}", "zh": "{log}，共 {entries} 条"}
NO_LOG = {
    "en": "no checkpoint is signed (CONSENT_LOG_KEY is not set)",
    "zh": "没有已签名的检查点（未设置 CONSENT_LOG_KEY）",
}


@click.command()
@in_days
@click.option("--samples", default=20, show_default=True, type=click.IntRange(0, 1000), help="How many records.")
@click.option("--word", default="", help="A word that the auditor makes up, and says only now: it picks the records.")
@click.option("--scans", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="A folder with reports of consent-widget scan, to be added.")  # fmt: skip
@click.option("--to", "target", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.zip",
              help="The new file.")  # fmt: skip
@in_app
def audit(since: datetime, until: datetime, samples: int, word: str, scans: Path | None, target: Path) -> None:
    """Write one file for an auditor.

    It holds the notices, counts, some records with their proofs, the state of the log and a program that verifies them,
    the settings without secrets, and a README that says what each shows. The period is of whole days (UTC).
    """
    first, end = (ms // 1000 // DAY for ms in period(since, until))
    files, said = audited(current_site(), first, end, samples, word)
    files[SCRIPT.name] = SCRIPT.read_bytes()
    files |= dict(_reports(scans)) if scans else {}
    files |= _readmes({**said, "period": f"{iso_date(first)} – {iso_date(end - 1)} (UTC)"})
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    with new_file(target) as raw:
        _write(raw, {**files, "SHA256SUMS": sums.encode()})
    click.echo(f"Wrote {target}. Records: {said['records']}; with proofs: {said['samples']}.")
    click.echo(f"SHA-256 {sha256(target.read_bytes()).hexdigest()}")


def _readmes(said: Mapping[str, str]) -> Files:
    """What each file shows, in both languages. A value is in a table, so that it has one line."""
    words = {name: " ".join(value.split()).replace("|", "¦") for name, value in said.items()}
    texts = {
        language: (resources(__package__) / f"audit.{language}.md").read_text("utf-8") for language in ("en", "zh")
    }
    log = {language: (text if words["entries"] else in_words(NO_LOG[language])) for language, text in LOG.items()}
    told = {language: words | {"log": text.format_map(words)} for language, text in log.items()}
    told["zh"]["records"] = words["records"].replace("under 10", "不足 10")
    return {f"README.{language}.md": text.format_map(told[language]).encode() for language, text in texts.items()}


def _reports(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        is_report = path.suffix.lower() in REPORTS and not path.name.startswith(".")  # Macintoshes add ._report.json
        if is_report and path.is_file() and not path.is_symlink():
            if not path.name.isprintable():
                raise click.ClickException(f"{folder}: has a file whose name cannot be written. Give it another one.")
            if path.stat().st_size > LARGEST_REPORT:
                raise click.ClickException(f"{path}: is too large for a report of a scan. Move it away.")
            yield f"scans/{path.name}", path.read_bytes()


def _write(raw: IO[bytes], files: Files) -> None:
    """A zip file without a time, and not compressed: how that comes out depends on the library."""
    with ZipFile(raw, "w", ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, content)
