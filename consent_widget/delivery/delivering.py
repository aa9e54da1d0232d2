"""Sends to all receivers of an app, or of the sites of a service: until nothing is due, or for as long as it is let."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from threading import Event
from typing import NamedTuple

from flask import Flask

from ..choice.act import Choice
from ..errors import StoreError
from ..settings.webhooks import Receiver
from ..site.site import Site, current_site
from ..store import is_sql_store
from ..store.receivers import Progress
from ..store.sql import SQLStore
from ..subject.endings import announce_ended
from .sending import Sending

#: How many receivers are sent to at once.
AT_ONCE = 16
#: How often (seconds) it is looked for something to send: a choice is under way after this time at most. And how often
#: while the database is away.
LOOK, AWAY = 1.0, 5.0


class Place(NamedTuple):
    """A receiver: its site's app, the store, and what sends to it."""

    app: Flask
    store: SQLStore
    sending: Sending


class Delivering:
    """Sends to the receivers of these apps. `stop` ends it: what is under way is finished."""

    def __init__(self, apps: Iterable[Flask], stop: Event) -> None:
        self._stop = stop
        self._places: dict[tuple[int, str, str], Place] = {}
        for app in apps:
            site: Site = app.extensions["consent_widget"]
            if is_sql_store(store := site.store):
                for receiver in site.settings.webhooks:
                    sending = Sending(store, site.settings.site, receiver, stop, partial(_tell_ends, app, receiver))
                    self._places[id(store), site.settings.site, receiver.name] = Place(app, store, sending)
        self._stores = {id(place.store): place.store for place in self._places.values()}
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._under_way: dict[tuple[int, str, str], Future[int]] = {}
        #: The receivers that failed when it was looked last.
        self._failing: dict[tuple[int, str, str], bool] = {}
        #: How many messages were acknowledged, by site and receiver.
        self.sent: Counter[tuple[str, str]] = Counter()

    def once(self) -> None:
        """Send until nothing is due."""
        while self._begin() and not self._stop.is_set():
            wait(self._under_way.values())
            if not self._collect():
                break

    def watch(self) -> None:
        """Send, and go on until `stop` is set. While the database is away, it is waited for."""
        away = False
        while not self._stop.is_set():
            try:
                self._collect()
                self._begin()
            except StoreError as error:
                if not away:
                    next(iter(self._places.values())).app.logger.error("%s No messages are sent until it can.", error)
                away = True
                self._stop.wait(AWAY)
            else:
                away = False
                self._stop.wait(LOOK)

    def close(self) -> None:
        """Finish what is under way, and close all connections."""
        self._pool.shutdown()
        with suppress(StoreError):  # what was sent is written down, or comes again
            self._collect()
        for place in self._places.values():
            place.sending.close()

    def _begin(self) -> bool:
        """Begin to send wherever there may be something to send. Is anything under way?"""
        for key, store in self._stores.items():
            size, due = store.size(), store.due()
            for progress in store.progress():
                name = key, progress.site, progress.name
                place = self._places.get(name)
                if place and name not in self._under_way:
                    self._tell(place, name, progress)
                    if place.sending.has_work(progress, size, due):
                        self._under_way[name] = self._pool.submit(place.sending.run, progress)
        return bool(self._under_way)

    def _collect(self) -> int:
        """What has ended since: how many messages were acknowledged in all."""
        ended = {name: future for name, future in self._under_way.items() if future.done()}
        total = 0
        for name, future in ended.items():
            del self._under_way[name]
            total += (number := future.result())
            self.sent[name[1:]] += number
        return total

    def _tell(self, place: Place, name: tuple[int, str, str], progress: Progress) -> None:
        """Log when a receiver begins to fail, and when it works again. Nothing about anybody is logged."""
        failing = progress.stopped or progress.failures > 0
        if failing != self._failing.get(name, False):
            who = f"{progress.site}: {progress.name}" if progress.site else progress.name
            if progress.stopped:
                place.app.logger.error(
                    "Webhook %s answers 410 Gone, and is sent nothing until: flask consent deliver --resume %s",
                    who, progress.name,
                )  # fmt: skip
            elif failing:
                place.app.logger.warning("Webhook %s fails (%s), and is tried again.", who, progress.error)
            else:
                place.app.logger.warning("Webhook %s works again.", who)
            self._failing[name] = failing


def _tell_ends(app: Flask, receiver: Receiver, choices: Sequence[Choice]) -> None:
    """Before records are sent to a receiver that wants to know of ends: what did they end?"""
    if "consent.ended" not in receiver.events:
        return
    with app.app_context():
        site = current_site()
        for subject in {choice.subject for choice in choices if _may_end_something(choice)}:
            try:
                announce_ended(site, subject)
            except StoreError:
                raise
            except Exception:  # a listener's fault must not keep records from being sent
                app.logger.exception("A listener of consent_ended failed.")


def _may_end_something(choice: Choice) -> bool:
    return choice.seq > 1 and not (choice.purposes and all(choice.purposes.values()))
