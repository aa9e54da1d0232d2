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


#: Runs a program until its own input ends, which it does when whoever holds the other end is gone; then it ends all.
LEASH = '"$@" </dev/null & cat >/dev/null; kill -9 $!; rm -rf "$0"; kill -9 0'


def start_on_leash(arguments: list[str], folder: Path) -> tuple[int, int]:
    """Starts a program that would not notice the end of this one: the process, and the end of a pipe to hold on to. If
    this program ends, even by force, so does that one, and its `folder` is deleted.
    """
    its_input, leash = os.pipe()  # neither is inherited by others
    try:
        silence = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (1, 2)]
        actions = [(os.POSIX_SPAWN_DUP2, its_input, 0), *silence]
        command = ["sh", "-c", LEASH, str(folder), *arguments]
        return os.posix_spawn("/bin/sh", command, os.environ, file_actions=actions, setpgroup=0), leash
    except OSError:
        os.close(leash)
        raise
    finally:
        os.close(its_input)


async def end_process(process: int, folder: Path) -> None:
    """Ends a browser with all that it has started (0: it never was), and deletes its profile."""
    if process:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            await asyncio.to_thread(os.waitpid, process, 0)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
