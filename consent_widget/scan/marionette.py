"""A connection to Firefox by the protocol that it speaks itself (Marionette): WebDriver's commands as JSON."""

from __future__ import annotations

import asyncio
import json
from asyncio import Future, StreamReader, StreamWriter
from contextlib import suppress
from pathlib import Path
from typing import Any

from .browsers import PageGoneError

#: Seconds until Firefox has answered.
ANSWER = 15
#: A message may hold a picture of a page.
MOST_BYTES = 2**28


class MarionetteError(PageGoneError):
    """Firefox did not do what it was told, or has gone."""


class Marionette:
    """What is asked of a Firefox. `turn` is held by whoever needs several answers of one window."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._count = 0
        self._answers: dict[int, Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())
        self.turn = asyncio.Lock()

    @classmethod
    async def connect(cls, file: Path) -> Marionette:
        """Waits until Firefox listens at a port of this computer, which it writes into the `file`."""
        while True:
            try:
                port = int(file.read_text("utf-8"))
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MOST_BYTES)
                await _message(reader)  # its greeting
            except (OSError, ValueError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)
            else:
                return cls(reader, writer)

    async def ask(self, name: str, patience: float = ANSWER, /, **parameters: Any) -> Any:
        """The value of a command. MarionetteError where there is none within so many seconds."""
        self._count += 1
        answer = self._answers[self._count] = asyncio.get_running_loop().create_future()
        message = json.dumps([0, self._count, name, parameters]).encode()
        if self._reading.done():
            raise MarionetteError("Firefox has ended.")
        self._writer.write(b"%d:%s" % (len(message), message))
        try:
            value = await asyncio.wait_for(answer, patience)
        except TimeoutError:
            raise MarionetteError(f"{name}: no answer") from None
        return value["value"] if isinstance(value, dict) and value.keys() == {"value"} else value

    async def _read(self) -> None:
        with suppress(asyncio.IncompleteReadError, OSError, ValueError):
            while True:
                _, number, error, value = await _message(self._reader)
                answer = self._answers.pop(number, None)
                if answer and not answer.done():
                    if error:
                        answer.set_exception(MarionetteError(error["message"]))
                    else:
                        answer.set_result(value)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(MarionetteError("Firefox has ended."))

    def close(self) -> None:
        """Close the connection."""
        self._reading.cancel()
        self._writer.close()


async def _message(reader: StreamReader) -> Any:
    length = int((await reader.readuntil(b":"))[:-1])
    return json.loads(await reader.readexactly(length))
