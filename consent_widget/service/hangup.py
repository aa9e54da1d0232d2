"""What a process does when it is told to read its files again (SIGHUP)."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from threading import Thread

from ..errors import ConsentError

LOG = logging.getLogger(__name__)


def on_hangup(work: Callable[[], None]) -> None:
    """Do `work` in a thread of its own after each SIGHUP; once if it comes several times meanwhile. Whatever `work`
    raises is logged, and ends nothing. Call this in the main thread, before others start.

    The signal is blocked, and the thread waits for it: so none is lost that comes before a new process is ready.
    """
    if not hasattr(signal, "SIGHUP"):  # Windows has none
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])  # in threads and processes that start from here, too
    Thread(target=_wait, args=(work,), daemon=True).start()


def _wait(work: Callable[[], None]) -> None:
    while True:
        signal.sigwait([signal.SIGHUP])
        try:
            work()
        except ConsentError as error:
            LOG.error("Not reloaded, the service goes on as it was: %s", error)
        except Exception:
            LOG.exception("Not reloaded, the service goes on as it was.")
