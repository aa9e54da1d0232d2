"""Messages on their way to a receiver, several at once, and what came of them so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from ..choice.act import Choice
from ..store.deliveries import Waiting
from ..store.receivers import LEASE
from .line import Answer, Outcome
from .message import Message

#: After so many failures in a row it is the receiver that fails, and not the messages.
IN_A_ROW = 8


@dataclass(frozen=True)
class Item:
    """One message: of a row that waits, or of a record of the log."""

    message: Message
    row: Waiting | None = None
    number: int = -1
    choice: Choice | None = None

    @property
    def source(self) -> tuple[int, int | None]:
        """The number of its record; or, where it is of none, the row that has its text."""
        if self.row is None:
            return self.number, None
        return self.row.number, self.row.id if self.row.detail else None


@dataclass
class Batch:
    """Threads share it."""

    #: How many failures in a row are the receiver's.
    limit: int = IN_A_ROW
    acknowledged: list[Item] = field(default_factory=list)
    #: What was erased before its turn came: it was sent to nobody.
    erased: list[Item] = field(default_factory=list)
    failed: list[tuple[Item, Answer]] = field(default_factory=list)
    #: Why nothing more is sent for now: the answer that made it sure.
    end: Answer | None = None
    #: How many messages there were to send.
    read: int = 0
    _in_a_row: int = 0
    #: Monotonic time (seconds) up to which no other process can have begun to send.
    _until: float = 0
    _lock: Lock = field(default_factory=Lock)

    def renew(self) -> None:
        """The lease was renewed: a third of it is for sending, the rest for answers to what is under way."""
        self._until = time.monotonic() + LEASE / 3000

    @property
    def over(self) -> bool:
        """Is nothing more to be sent? A process that was stopped for long finds that another has gone on."""
        return self.end is not None or time.monotonic() > self._until

    def note(self, item: Item, answer: Answer) -> bool:
        """Take an answer down. Was it an acknowledgement? A receiver that asks for time (Retry-After) gets it."""
        with self._lock:
            if answer.outcome is Outcome.ACKNOWLEDGED:
                self.acknowledged.append(item)
                self._in_a_row = 0
                return True
            self._in_a_row += 1
            if answer.outcome is not Outcome.GONE:
                self.failed.append((item, answer))
            if self.end is None and (answer.outcome is Outcome.GONE or answer.wait or self._in_a_row >= self.limit):
                self.end = answer
            return False
