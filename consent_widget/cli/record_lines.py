"""Lines of records, as `flask consent export` writes them and as others do: read one by one, whatever is in them.

A text is what its first bytes say: JSON Lines where it begins with an object, else a table (CSV) that is separated by
what its header is. It may be in UTF-8, or in UTF-16 with its mark, as PowerShell writes the output of programs.
"""

from __future__ import annotations

import codecs
import csv
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from itertools import chain, dropwhile
from typing import IO, Any
from zipfile import BadZipFile

from ..choice.lines import PROOFS
from ..choice.written import FIELDS, from_cell, read_answers
from ..errors import RecordError
from ..subject.importing import Line

#: How many characters a line may have.
LONGEST_LINE = 1 << 16
#: What stands for bytes that are no text.
NO_TEXT = "\ufffd"


def read_lines(raw: IO[bytes]) -> Iterator[Line]:
    """The records from here on, with the numbers of their lines."""
    texts = dropwhile(lambda line: isinstance(line[1], str) and not line[1].strip(), _texts(raw))
    for number, text in texts:
        if isinstance(text, RecordError):
            yield Line(number, {}, str(text))
            return
        if text.startswith("["):
            yield Line(number, {}, "Begins a list. Write each object on a line of its own, without the list around.")
            return
        of_its_form = _json_lines if text.lstrip().startswith("{") else _csv_lines
        yield from of_its_form(chain([(number, text)], texts))


def _texts(raw: IO[bytes]) -> Iterator[tuple[int, str | RecordError]]:
    """The lines, with their ends and numbers. After one that is too long, or damaged, there is none."""
    number = 0
    try:
        with _text_of(raw) as file:
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    yield number, RecordError("Is too long for a record, and the rest of the file is not read.")
                    return
                yield number, _checked(line)
    except (OSError, EOFError, UnicodeError, BadZipFile, zlib.error):
        yield number + 1, RecordError("Cannot be read: the file is damaged, or was cut off. Copy it again.")


@contextmanager
def _text_of(raw: IO[bytes]) -> Iterator[TextIOWrapper]:
    """The bytes as text, by their first ones."""
    start = raw.read(3)
    raw.seek(0)
    encoding = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    file = TextIOWrapper(raw, encoding, "replace", newline="")
    try:
        yield file
    finally:
        with suppress(ValueError):  # which would close the file below it
            file.detach()


def _checked(line: str) -> str | RecordError:
    if NO_TEXT in line:
        return RecordError("Is not in UTF-8, or damaged. Save the file as UTF-8.")
    return RecordError("Has a NUL character. Save the file as UTF-8.") if "\0" in line else line


def _json_lines(texts: Iterator[tuple[int, str | RecordError]]) -> Iterator[Line]:
    for number, text in texts:
        if isinstance(text, RecordError):
            yield Line(number, {}, str(text))
        elif text.strip():
            yield _from_json(number, text)


def _from_json(number: int, text: str) -> Line:
    try:
        row = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
        if not isinstance(row, dict):
            raise RecordError("Is no JSON object.")
        _check_names("fields", row)
    except RecordError as error:
        return Line(number, {}, str(error))
    except (ValueError, RecursionError):
        cut = "" if text.endswith(("\n", "\r")) else " The file ends in it: was it cut off?"
        return Line(number, {}, f"Is no JSON.{cut}")
    return Line(number, {name: value for name, value in row.items() if name not in PROOFS})


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise RecordError("Says a field twice.")
    return row


def _no_number(_: str) -> Any:
    raise RecordError("Has NaN or Infinity, which are no JSON.")


def _csv_lines(texts: Iterator[tuple[int, str | RecordError]]) -> Iterator[Line]:
    latest = ""

    def strings() -> Iterator[str]:
        nonlocal latest
        for _, text in texts:
            if isinstance(text, RecordError):
                raise text
            latest = text
            yield text

    begins, first = next(texts)
    before, texts = begins - 1, chain([(begins, first)], texts)
    try:
        reader = csv.reader(strings(), delimiter=_separator(str(first)), strict=True)
        header = next(reader)
        _check_names("columns", header)
        if len(set(header)) != len(header):
            raise RecordError("Names a column twice.")
        while True:
            begins = before + reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if cells and not latest.endswith(("\n", "\r")):
                raise RecordError("Has no end. Was the file cut off? If not, end its last line, and try again.")
            if cells and len(cells) != len(header):
                yield Line(begins, {}, f"Has {len(cells)} cells, and the first line has {len(header)}.")
            elif any(cells):  # a spreadsheet writes empty rows as well
                yield _from_cells(begins, dict(zip(header, cells, strict=True)))
    except RecordError as error:
        yield Line(begins, {}, str(error))
    except csv.Error:
        yield Line(begins, {}, "Is no CSV (RFC 4180): a quote is open, or stands where none may.")


def _separator(header: str) -> str:
    """A comma; in countries where that is in numbers, a spreadsheet takes a semicolon; and “Unicode text” has tabs."""
    return next((each for each in ",;\t" if each in header), ",")


def _check_names(what: str, names: Iterable[str]) -> None:
    """RecordError says which places have no field of a record. Their names are not repeated: without a header they are
    somebody's record.
    """
    if wrong := [str(place) for place, name in enumerate(names, 1) if name not in FIELDS and name not in PROOFS]:
        raise RecordError(
            f"Of its {what}, these are no fields of a record: {', '.join(wrong[:20])}. Take them out. There are: "
            f"{', '.join(FIELDS)}."
        )


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
