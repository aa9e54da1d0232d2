"""A site whose database was away when it started: it serves, and refusals count in the page, but nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from logging import Logger
from threading import Thread
from time import monotonic
from typing import Any, NoReturn

from ..choice.act import Choice
from ..errors import ConsentError, StoreAway, StoreError
from ..store.protocol import Store

#: How many seconds pass between two attempts, and how many after one that a person has to see to.
PAUSE, LONG_PAUSE = 1.0, 60.0


class AwayStore:
    """In the place of a store that is away, with the same methods. Each raises StoreAway at once, also once the
    database is back: which notice is published has to be read before anybody answers it.
    """

    def __init__(self, store: Store, cause: StoreError) -> None:
        self._store = store
        self._cause = cause

    @property
    def behind(self) -> Store:
        """The store that is away."""
        return self._store

    def add(self, choice: Choice) -> NoReturn:
        """StoreAway."""
        raise StoreAway(str(self._cause))

    def __getattr__(self, name: str) -> Any:
        getattr(self._store, name)  # AttributeError for what this store cannot do
        return self._refuse

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise StoreAway(str(self._cause))


class Reopening:
    """Makes the site anew in the background, again and again until its database is there. Each request calls it, so
    that it works in every process (fork).
    """

    def __init__(self, work: Callable[[], None], logger: Logger) -> None:
        self._work = work
        self._logger = logger
        self._next = monotonic() + PAUSE
        self._thread: Thread | None = None

    def __call__(self) -> None:
        """Try once more, unless that is happening or has just failed."""
        if monotonic() < self._next or (self._thread and self._thread.is_alive()):
            return
        self._thread = Thread(target=self._try, daemon=True)
        self._thread.start()

    def _try(self) -> None:
        try:
            self._work()
        except StoreError:
            self._next = monotonic() + PAUSE
        except ConsentError as error:
            self._next = monotonic() + LONG_PAUSE
            self._logger.error("The database is there, and this site cannot use it yet. %s", error)
