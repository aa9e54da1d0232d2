"""Finds out in the background whether something works, so that who asks never waits for what hangs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread

from ..errors import StoreError

#: How many seconds an answer may take.
SECONDS = 0.8


class Probe:
    """Runs `work` in a thread, and never twice at once."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget the thread that is running: in a copy of the process (fork), it is not there."""
        self._lock = Lock()
        self._running: Future[object] | None = None

    def result(self) -> None:
        """Return once the work is done, or raise what it raised; StoreError if that takes too long."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                Thread(target=self._run, args=[self._running], daemon=True).start()
            running = self._running
        try:
            running.result(SECONDS)
        except TimeoutError:
            raise StoreError("The database does not answer. See to its server, or to its disk.") from None

    def _run(self, answer: Future[object]) -> None:
        try:
            answer.set_result(self._work())
        except BaseException as error:
            answer.set_exception(error)
