"""A connection to Chromium by the DevTools protocol, over two pipes: no port is opened that others could use."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio import Future, StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .browsers import PageGoneError

#: A message may hold a picture of a page.
MOST_BYTES = 2**28
Listener = Callable[[str, dict[str, Any], str], None]


class PipeError(PageGoneError):
    """The browser did not do what it was told, or has gone."""


class Pipe:
    """The browser's process, and what is asked of it. `listener` gets each event: its name, parameters and session."""

    def __init__(self, process: int, reader: StreamReader, writer: StreamWriter, listener: Listener) -> None:
        self.process, self._reader, self._writer, self._listener = process, reader, writer, listener
        self._count = 0
        self._answers: dict[int, Future[dict[str, Any]]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program: str, switches: list[str], listener: Listener) -> Pipe:
        """Starts the browser, which reads at 3 and writes at 4, in a group of its own, to be ended with all of it."""
        (its_input, our_output), (our_input, its_output) = _high(os.pipe()), _high(os.pipe())
        silence = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, its_input, 3), (os.POSIX_SPAWN_DUP2, its_output, 4)]
        process = os.posix_spawn(
            program, [program, *switches], os.environ, file_actions=[*silence, *pipes], setpgroup=0
        )
        os.close(its_input)
        os.close(its_output)
        loop = asyncio.get_running_loop()
        reader = StreamReader(MOST_BYTES)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_input, "rb"))
        transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(our_output, "wb")
        )
        return cls(process, reader, StreamWriter(transport, protocol, None, loop), listener)

    async def ask(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """The result of a method. PipeError with the browser's own words where there is none."""
        answer = self.tell(method, session, **parameters)
        return await answer

    def tell(self, method: str, session: str = "", /, **parameters: Any) -> Future[dict[str, Any]]:
        """The same, without waiting for it."""
        self._count += 1
        answer = self._answers[self._count] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody has to wait for it
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        if self._reading.done():
            answer.set_exception(PipeError("The browser has ended."))
        else:
            self._writer.write(json.dumps(message).encode() + b"\0")
        return answer

    async def _read(self) -> None:
        try:
            while True:
                self._hear(json.loads((await self._reader.readuntil(b"\0"))[:-1]))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(PipeError("The browser has ended."))

    def _hear(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            return self._listener(message["method"], message.get("params", {}), message.get("sessionId", ""))
        answer = self._answers.pop(message["id"], None)
        if answer and not answer.done():
            if "error" in message:
                answer.set_exception(PipeError(message["error"]["message"]))
            else:
                answer.set_result(message["result"])

    async def ended(self, patience: float) -> bool:
        """Has the browser closed its end within so many seconds?"""
        done, _ = await asyncio.wait([self._reading], timeout=patience)
        return bool(done)

    def close(self) -> None:
        """Close our end, which ends a browser that still runs."""
        self._reading.cancel()
        with suppress(OSError):
            self._writer.close()


def _high(pair: tuple[int, int]) -> tuple[int, int]:
    """The same ends at numbers that are none of the first ones, which the browser's own take."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl  # here, as Windows has none, and no scan

    moved = tuple(fcntl(each, F_DUPFD_CLOEXEC, 10) for each in pair)
    for each in pair:
        os.close(each)
    return moved  # type: ignore[return-value]
