"""The end of a browser: nothing of it stays on the machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path


async def end_process(process: int, folder: Path) -> None:
    """Ends a browser with all that it has started (0: it never was), and deletes its profile."""
    if process:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            await asyncio.to_thread(os.waitpid, process, 0)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
