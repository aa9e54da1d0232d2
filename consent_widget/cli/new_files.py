"""New files for whoever runs a command. What is there already is never overwritten, and no link is followed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import click

#: Opens a file by its name, to write UTF-8 into it.
Open = Callable[[str], AbstractContextManager[TextIO]]


def write_new(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a new file."""
    with errors_of(path), _open_new(path, mode) as opened:
        opened.write(text)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file for bytes, which only its owner can read. It is deleted again where it cannot be finished."""
    with errors_of(path):
        file = _create(path, 0o600)
        with _deleting(path.unlink), os.fdopen(file, "wb") as raw:
            yield raw


@contextmanager
def new_bundle(path: Path) -> Iterator[Open]:
    """A new folder for files, or a file that ends with .zip, which only its owner can read. It is deleted again where
    it cannot be finished.
    """
    with errors_of(path):
        if path.suffix.lower() == ".zip":
            with new_file(path) as raw, ZipFile(raw, "w", ZIP_DEFLATED) as archive:
                yield lambda name: _entry(archive, name)
        else:
            path.mkdir(mode=0o700)
            with _deleting(lambda: shutil.rmtree(path)):
                yield lambda name: _file_in(path, name)


@contextmanager
def _deleting(delete: Callable[[], object]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        delete()
        raise


def _create(path: Path, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)


def _open_new(path: Path, mode: int) -> TextIO:
    return os.fdopen(_create(path, mode), "w", encoding="utf-8", newline="")


def _file_in(folder: Path, name: str) -> TextIO:
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return _open_new(path, 0o600)


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
