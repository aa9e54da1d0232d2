"""Files of records, as `flask consent export` writes them and as others do: read line by line, whatever is in them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from ..choice.lines import PROOFS
from ..choice.written import FIELDS, from_cell, read_answers
from ..errors import ConsentError, RecordError
from ..subject.importing import Line

#: How many bytes a line, and the text of a notice, may have.
LONGEST_LINE, LONGEST_NOTICE = 1 << 16, 1 << 22
BOM, OTHER_BOMS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
#: The ends of the files' names, and of their forms.
FORMS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


class RecordFile:
    """A file of records (JSON Lines or CSV), or a folder or zip file as `export --to` makes it. Each reading begins
    anew; little of it is in memory at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as (name, _):
            self.form = name

    def lines(self) -> Iterator[Line]:
        """The records, with the numbers of their lines. A line that cannot be read says why; after one that leaves open
        where the next begins, there is none.
        """
        with self._opened() as (form, raw):
            yield from _json_lines(raw) if form == "jsonl" else _csv_lines(raw)

    def notice(self, digest: str) -> str | None:
        """The text of a notice that lies beside the records, or None."""
        with ExitStack() as stack:
            try:
                text = self._beside(stack, f"notices/{digest}.json").read(LONGEST_NOTICE + 1)
            except (KeyError, OSError, BadZipFile):
                return None
        return text.decode("utf-8", "replace") if len(text) <= LONGEST_NOTICE else None

    @contextmanager
    def _opened(self) -> Iterator[tuple[str, IO[bytes]]]:
        with ExitStack() as stack:
            try:
                if self._path.is_dir() or self._path.suffix.lower() == ".zip":
                    yield self._in_bundle(stack)
                else:
                    yield self._form(self._path.suffix), stack.enter_context(self._path.open("rb"))
            except OSError as error:
                raise ConsentError(f"{self._path}: cannot be read ({error.strerror}).") from None
            except BadZipFile:
                raise ConsentError(f"{self._path}: is no whole zip file. Copy it again.") from None

    def _in_bundle(self, stack: ExitStack) -> tuple[str, IO[bytes]]:
        for form in ("jsonl", "csv"):
            try:
                return form, self._beside(stack, f"choices.{form}")
            except (KeyError, FileNotFoundError):
                continue
        raise ConsentError(
            f"{self._path}: holds neither choices.jsonl nor choices.csv. Name the file with the records."
        )

    def _beside(self, stack: ExitStack, name: str) -> IO[bytes]:
        if self._path.is_dir():
            return stack.enter_context((self._path / name).open("rb"))
        if self._path.suffix.lower() != ".zip":
            raise KeyError(name)
        return stack.enter_context(stack.enter_context(ZipFile(self._path)).open(name))

    def _form(self, suffix: str) -> str:
        if suffix.lower() not in FORMS:
            raise ConsentError(
                f"{self._path}: the end of its name does not say what it is. Name it .jsonl or .csv, or name a .zip "
                "file or a folder that export --to has made."
            )
        return FORMS[suffix.lower()]


def _json_lines(raw: IO[bytes]) -> Iterator[Line]:
    for number, text in _texts(raw):
        if isinstance(text, RecordError):
            yield Line(number, {}, str(text))
        elif text.strip():
            yield _from_json(number, text)


def _from_json(number: int, text: str) -> Line:
    try:
        row = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except RecordError as error:
        return Line(number, {}, str(error))
    except (ValueError, RecursionError):
        cut = "" if text.endswith("\n") else " The file ends in it: was it cut off?"
        return Line(number, {}, f"Is no JSON.{cut}")
    if not isinstance(row, dict):
        return Line(number, {}, "Is no JSON object.")
    return Line(number, {name: value for name, value in row.items() if name not in PROOFS})


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise RecordError("Says a field twice.")
    return row


def _no_number(_: str) -> Any:
    raise RecordError("Has NaN or Infinity, which are no JSON.")


def _csv_lines(raw: IO[bytes]) -> Iterator[Line]:
    latest = ""

    def texts() -> Iterator[str]:
        nonlocal latest
        for _, text in _texts(raw):
            if isinstance(text, RecordError):
                raise text
            latest = text
            yield text

    reader, begins = csv.reader(texts(), strict=True), 1
    try:
        header = next(reader, [])
        _check_header(header)
        while True:
            begins = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if cells and not latest.endswith(("\n", "\r")):
                raise RecordError("Has no end. Was the file cut off? If not, end its last line, and try again.")
            if cells and len(cells) != len(header):
                yield Line(begins, {}, f"Has {len(cells)} cells, and the first line has {len(header)}.")
            elif cells:
                yield _from_cells(begins, dict(zip(header, cells, strict=True)))
    except RecordError as error:
        yield Line(begins, {}, str(error))
    except csv.Error:
        yield Line(begins, {}, "Is no CSV (RFC 4180): a quote is open, or stands where none may.")


def _check_header(header: list[str]) -> None:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise RecordError("Is not separated by commas. Save it as CSV with commas.")
    if unknown := [name for name in header if name not in FIELDS and name not in PROOFS]:
        raise RecordError(f"{len(unknown)} of its columns are no fields of a record. There are: {', '.join(FIELDS)}.")
    if len(set(header)) != len(header):
        raise RecordError("Names a column twice.")


def _from_cells(number: int, cells: dict[str, str]) -> Line:
    row: dict[str, object] = {name: from_cell(cell) for name, cell in cells.items() if cell and name not in PROOFS}
    try:
        if isinstance(answers := row.get("purposes"), str):
            row["purposes"] = read_answers(answers)
        if isinstance(signals := row.get("signals"), str):
            row["signals"] = json.loads(signals) if signals.startswith("[") else signals.split()
    except (ValueError, RecursionError):
        return Line(number, {}, "purposes or signals are no JSON.")
    return Line(number, row)


def _texts(raw: IO[bytes]) -> Iterator[tuple[int, str | RecordError]]:
    """The lines, with their ends and numbers. After one that is too long there is none."""
    number = 0
    while line := raw.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1 and line.startswith(OTHER_BOMS):
            yield number, RecordError("Is in UTF-16. Save the file as UTF-8.")
            return
        if len(line) > LONGEST_LINE:
            yield number, RecordError("Is too long for a record, and the rest of the file is not read.")
            return
        try:
            text = line.removeprefix(BOM if number == 1 else b"").decode()
        except UnicodeDecodeError:
            yield number, RecordError("Is not in UTF-8. Save the file as UTF-8.")
            continue
        yield number, RecordError("Has a NUL character.") if "\0" in text else text
