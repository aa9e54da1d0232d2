"""A receiver, what sends to it, and a clock that can be put forward and back."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import time

import pytest

from consent_widget import SQLStore
from consent_widget.delivery import sending as sending_module
from consent_widget.delivery.sending import Sending
from consent_widget.settings.webhooks import read_webhooks
from consent_widget.store import deliveries, receivers
from consent_widget.store.receivers import Progress
from consent_widget.testing.stores import make_choice

from ..support.receiving import Receiving, receiving


@pytest.fixture
def crm() -> Iterator[Receiving]:
    with receiving() as receiver:
        yield receiver


class Clock:
    """The server's clock."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> int:
        return int((time() + self.ahead) * 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (deliveries, receivers, sending_module):
        monkeypatch.setattr(module, "now_ms", clock)
    return clock


OPEN: list[Sending] = []


@pytest.fixture(autouse=True)
def _connections_are_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


class Sender:
    """One process that sends to the receiver of a site."""

    def __init__(self, store: SQLStore, crm: Receiving, site: str = "shop", **config: object) -> None:
        self.store, self.site, self.stop = store, site, Event()
        (self.receiver,) = read_webhooks(crm.config(**config))
        store.expect_receivers(site, {"crm": self.receiver.events})
        self.sending = Sending(store, site, self.receiver, self.stop)
        OPEN.append(self.sending)

    @property
    def progress(self) -> Progress:
        (found,) = (each for each in self.store.progress() if each.site == self.site)
        return found

    def run(self) -> int:
        """As Delivering does it: where there may be something to send."""
        work = self.sending.has_work(self.progress, self.store.size(), self.store.due())
        return self.sending.run(self.progress) if work else 0


def choose(store: SQLStore, *subjects: str, acts: int = 1, site: str = "shop") -> None:
    """Some visitors choose in turn, so many times each."""
    made = {subject: len(store.history(subject)) for subject in subjects}
    for act in range(1, acts + 1):
        for subject in subjects:
            store.add(make_choice(subject=subject, seq=made[subject] + act, site=site))
