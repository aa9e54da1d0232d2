"""The programs of browsers: which one is there, and its end, after which nothing of it stays on the machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from .observed import CannotLookError


def find_program(program: str, names: tuple[str, ...], missing: str) -> str:
    """The path of the program that was named, or else of the first of `names` that the machine has."""
    if not hasattr(os, "posix_spawn"):
        raise CannotLookError("The scan runs on Linux and macOS.")
    found = next(filter(None, map(shutil.which, (program,) if program else names)), None)
    if not found:
        raise CannotLookError(f"There is no program {program!r}." if program else missing)
    return found


async def end_process(process: int, folder: Path) -> None:
    """Ends a browser with all that it has started (0: it never was), and deletes its profile."""
    if process:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            await asyncio.to_thread(os.waitpid, process, 0)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
