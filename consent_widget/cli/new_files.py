"""New files for whoever runs a command: there whole or not at all. What is there already is never overwritten, and no
link is followed.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from secrets import token_hex
from typing import IO, TextIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import click

#: Opens a file by its name, to write UTF-8 into it.
Open = Callable[[str], AbstractContextManager[TextIO]]


def write_new(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a new file."""
    with new_file(path, mode) as raw:
        raw.write(text.encode())


@contextmanager
def new_file(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """A new file for bytes, which only its owner can read unless `mode` says otherwise."""
    with errors_of(path), _half(path) as half:
        with os.fdopen(_create(half, mode), "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        _name(half, path)


@contextmanager
def new_bundle(path: Path) -> Iterator[Open]:
    """A new folder for files, or a file that ends with .zip, which only its owner can read."""
    if path.suffix.lower() == ".zip":
        with new_file(path) as raw, ZipFile(raw, "w", ZIP_DEFLATED) as archive:
            yield lambda name: _entry(archive, name)
        return
    with errors_of(path), _half(path) as half:
        half.mkdir(mode=0o700)
        yield lambda name: _file_in(half, name)
        half.rename(path)  # which no system does where there are files already


def exact_output() -> TextIO:
    """The standard output, for texts that programs read: in UTF-8, with the ends of lines as they are."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    return sys.stdout


@contextmanager
def _half(path: Path) -> Iterator[Path]:
    """Where to write what gets this name once it is whole, however this ends: nobody takes half of it for all. Only a
    process that is killed leaves it behind.
    """
    if os.path.lexists(path):
        raise FileExistsError
    half = path.with_name(f".{path.name}.{token_hex(4)}")  # in containers all processes have the same number
    try:
        yield half
    finally:
        if half.is_dir():
            shutil.rmtree(half)
        else:
            half.unlink(missing_ok=True)


def _name(half: Path, path: Path) -> None:
    """Give a file its name. A link never takes the place of what is there meanwhile, as a renaming may."""
    try:
        os.link(half, path)
    except FileExistsError:
        raise
    except OSError:  # of a file system without links, such as that of a memory stick
        half.rename(path)


def _create(path: Path, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)


def _file_in(folder: Path, name: str) -> TextIO:
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return os.fdopen(_create(path, 0o600), "w", encoding="utf-8", newline="")


def _entry(archive: ZipFile, name: str) -> TextIO:
    entry = ZipInfo(name, time.localtime()[:6])
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    return TextIOWrapper(archive.open(entry, "w", force_zip64=True), "utf-8", newline="")


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Inside, what keeps this file from being written is told in one line."""
    try:
        yield
    except FileExistsError:
        kind = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "a file"
        raise click.ClickException(
            f"{path} is there already ({kind}). Name another file, or move that one away."
        ) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written ({error.strerror}).") from None
