"""Where records come from: a file, a folder or a zip file as `flask consent export` writes them, gzip, or a pipe."""

from __future__ import annotations

import io
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from gzip import GzipFile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from ..errors import ConsentError
from ..subject.importing import Line
from .record_lines import read_lines

#: How many bytes the text of a notice may have.
LONGEST_NOTICE = 1 << 22
#: The files with the records in what `export --to` has made; the first is taken where there are both.
NAMES = ("choices.jsonl", "choices.csv")
#: How files begin: the content says what it is, as names get lost and pipes have none.
ZIP, GZIP, OLD_EXCEL = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"
#: What a zip or gzip file raises that is damaged, was cut off, or is encrypted.
DAMAGED = (BadZipFile, EOFError, zlib.error, RuntimeError, NotImplementedError)
#: Opens what lies beside the records.
Beside = Callable[[str], IO[bytes]]


class RecordFile:
    """Records (JSON Lines or CSV), opened once, so that each reading is of the same file; little of it is in memory at
    a time. Close it by leaving the `with` block.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, ExitStack()
        with self._stack, self._errors():
            self._raw, self._beside = self._open()
            self._stack = self._stack.pop_all()

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def lines(self) -> Iterator[Line]:
        """The records, from the first on, with the numbers of their lines. A line that cannot be read says why; after
        one that leaves open where the next begins, there is none.
        """
        self._raw.seek(0)
        yield from read_lines(self._raw)

    def notice(self, digest: str) -> str | None:
        """The text of a notice that lies beside the records, or None."""
        try:
            with self._beside(f"notices/{digest}.json") as file:
                text = file.read(LONGEST_NOTICE + 1)
        except (KeyError, OSError, *DAMAGED):
            return None
        return text.decode("utf-8", "replace") if len(text) <= LONGEST_NOTICE else None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConsentError(f"{self._path}: cannot be read ({error.strerror or 'damaged'}).") from None
        except DAMAGED:
            raise ConsentError(
                f"{self._path}: is no whole zip file, or is encrypted. Copy it again, or unpack it and name the folder."
            ) from None

    def _open(self) -> tuple[IO[bytes], Beside]:
        keep: Callable[[Any], Any] = self._stack.enter_context
        raw: IO[bytes]
        if self._path.is_dir():
            names = [name for name in NAMES if (self._path / name).exists()]
            raw = keep((self._path / self._the(names)).open("rb"))
            return raw, lambda name: (self._path / name).open("rb")
        raw = sys.stdin.buffer if str(self._path) == "-" else keep(self._path.open("rb"))
        if not raw.seekable():  # a pipe, and records are read twice
            pipe, raw = raw, keep(TemporaryFile())  # noqa: SIM115  the stack closes it
            shutil.copyfileobj(pipe, raw)
        raw.seek(0)
        begins = raw.read(4)
        raw.seek(0)
        if begins == OLD_EXCEL:
            raise self._is_workbook()
        if begins == ZIP:
            return self._in_zip(keep(ZipFile(raw)))
        if begins[:2] == GZIP:
            raw = keep(GzipFile(fileobj=raw))
        return raw, _nothing_beside

    def _in_zip(self, archive: ZipFile) -> tuple[IO[bytes], Beside]:
        names = [PurePosixPath(name) for name in archive.namelist()]
        if PurePosixPath("xl/workbook.xml") in names:
            raise self._is_workbook()
        ours = [str(name) for name in names if name.name in NAMES]
        name = self._the(sorted(ours, key=lambda name: NAMES.index(PurePosixPath(name).name)))
        folder = PurePosixPath(name).parent  # whoever zips a folder by hand has it in the names
        if any(PurePosixPath(other).parent != folder for other in ours):
            raise ConsentError(
                f"{self._path}: holds several exports. Unpack it, and import one folder after the other."
            )
        return self._stack.enter_context(archive.open(name)), lambda beside: archive.open(str(folder / beside))

    def _the(self, names: list[str]) -> str:
        if not names:
            raise ConsentError(f"{self._path}: holds neither {' nor '.join(NAMES)}. Name the file with the records.")
        return names[0]

    def _is_workbook(self) -> ConsentError:
        return ConsentError(f"{self._path}: is a workbook. In the spreadsheet, save it as CSV UTF-8, and import that.")


def _nothing_beside(name: str) -> io.BytesIO:
    raise KeyError(name)
