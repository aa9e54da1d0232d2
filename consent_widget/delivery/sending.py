"""Sends what one receiver waits for: in order for each subject, and several subjects at once."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Event

from ..choice.act import Choice
from ..days import now_ms
from ..errors import StoreError
from ..settings.webhooks import Receiver
from ..store.deliveries import LeaseLost, Settlement, Waiting
from ..store.receivers import LEASE, Progress
from ..store.sql import SQLStore
from . import backoff
from .batch import Batch, Item
from .line import Line, Outcome
from .message import Message, recorded, told

#: How many messages are read at a time, and how many are on their way to a receiver at once.
MOST, AT_ONCE = 200, 8
#: How often (seconds) it is looked at whether an answer is overdue.
LOOK = 1.0
#: So many records of other sites are passed over before that is written down.
OTHERS = 10_000


class Sending:
    """Sends to one receiver of one site. `stop` ends it between two messages. `before_records` is called with records
    before they are sent.
    """

    def __init__(
        self, store: SQLStore, site: str, receiver: Receiver, stop: Event,
        before_records: Callable[[Sequence[Choice]], object] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store, self._site, self.receiver, self._stop = store, site, receiver, stop
        self._before_records = before_records
        self._owner = secrets.token_urlsafe(16)
        self._idle: list[Line] = []
        #: Up to here the log has nothing more for this receiver, from its position then on.
        self._looked = self._position = 0

    def has_work(self, progress: Progress, size: int, due: set[int]) -> bool:
        """May there be anything to send now?"""
        if progress.position < self._position:  # somebody has put it back
            self._looked = 0
        self._position = progress.position
        return not progress.rests(now_ms()) and (progress.id in due or max(progress.position, self._looked) < size)

    def run(self, progress: Progress) -> int:
        """Send all that is due, and return how many messages were acknowledged. 0 where another process does that."""
        sent = 0
        held = self._store.take(progress.id, self._owner) if self._anything(progress) else None
        if held is None:
            return 0
        try:
            while not self._stop.is_set() and not held.rests(now_ms()):
                before = held.position
                batch, held = self._send_some(held)
                sent += len(batch.acknowledged)
                if not batch.read and held.position == before:
                    break
        except LeaseLost:
            pass
        finally:
            with suppress(StoreError):
                self._store.give_back(progress.id, self._owner)
        return sent

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()

    def _anything(self, progress: Progress) -> bool:
        """Is there anything for this receiver? Asked before anything is written to the database."""
        ahead = progress._replace(position=max(progress.position, self._looked))
        found, end = self._store.fresh(ahead, self._site, 1)
        if found:
            return True
        self._looked = end
        return end - progress.position > OTHERS or bool(self._store.heads(progress._replace(position=end), 1))

    def _send_some(self, held: Progress) -> tuple[Batch, Progress]:
        """Send some messages, and write down what came of them. First what waits in rows, then the log. A receiver that
        failed is asked with a single message, and not always with the same: it may be the message that it cannot take.
        """
        careful = held.failures > 0
        batch, settlement = Batch(1) if careful else Batch(), Settlement()
        batch.renew()
        position = held.position
        if not careful:
            self._send_rows(held, batch, settlement, MOST)
        if not batch.over:
            position = self._send_records(held, batch, settlement, 1 if careful else MOST)
        if careful and not batch.read:
            self._send_rows(held, batch, settlement, 1)
        settlement.receiver = self._changed(held, batch) | {"position": position}
        settlement.recovered = careful and bool(batch.acknowledged)
        return batch, self._store.settle(held.id, self._owner, settlement)

    def _send_rows(self, held: Progress, batch: Batch, settlement: Settlement, most: int) -> None:
        heads = self._store.heads(held, most)
        batch.read += len(heads)
        settlement.done = [row.id for row, choice in heads if not row.detail and choice is None]  # erased since
        items = [Item(self._message(row, choice), row) for row, choice in heads if row.detail or choice]
        self._send(held, batch, [[item] for item in items])
        settlement.done += [item.row.id for item in (*batch.acknowledged, *batch.erased) if item.row]
        settlement.failed = {
            item.row.id: backoff.wait(item.row.attempts + 1, backoff.MESSAGE, answer.wait)
            for item, answer in batch.failed
            if item.row
        }

    def _message(self, row: Waiting, choice: Choice | None) -> Message:
        if choice:
            return recorded(choice)
        return told(row.event, self._site, row.subject, row.time, json.loads(row.detail))

    def _send_records(self, held: Progress, batch: Batch, settlement: Settlement, most: int) -> int:
        """Send records of the log, and return how far that went. What is before that and was not acknowledged waits in
        rows from now on, and so does what comes after it for the same subject.
        """
        wanted = "choice.recorded" in self.receiver.events
        records, end = self._store.fresh(held, self._site, most if wanted else MOST)
        batch.read += len(records)
        self._before_records(list(records.values()))
        if not wanted:
            return end
        held_up = self._store.held_up(held.id, {choice.subject for choice in records.values()})
        chains: dict[str, list[Item]] = {}
        for number, choice in records.items():
            if choice.subject not in held_up:
                chains.setdefault(choice.subject, []).append(Item(recorded(choice), None, number, choice))
        self._send(held, batch, chains.values())
        done = {item.number for item in (*batch.acknowledged, *batch.erased)}
        failed = {item.number: answer for item, answer in batch.failed}
        held_up |= {item.choice.subject for item, _ in batch.failed if item.choice}
        left = {number: choice for number, choice in records.items() if number not in done}
        if any(choice.subject not in held_up for choice in left.values()):  # not all were tried
            end = max(max(done, default=-1), max(failed, default=-1), held.position - 1) + 1
        settlement.parked = [
            (number, choice, backoff.wait(1, backoff.MESSAGE, failed[number].wait) if number in failed else 0)
            for number, choice in left.items()
            if number < end
        ]
        return end

    def _changed(self, held: Progress, batch: Batch) -> dict[str, object]:
        """What changed about the receiver."""
        now, changed = now_ms(), dict[str, object]()
        if batch.acknowledged:
            changed |= {"acknowledged": now, "failures": 0, "wait": 0}
        if batch.failed:
            changed |= {"tried": now, "error": batch.failed[-1][1].text}
        if batch.end:
            pause = backoff.wait(held.failures + 1, backoff.RECEIVER, batch.end.wait)
            changed |= {"tried": now, "error": batch.end.text, "failures": held.failures + 1, "wait": pause}
            changed["stopped"] = batch.end.outcome is Outcome.GONE
        return changed

    def _send(self, held: Progress, batch: Batch, chains: Iterable[Sequence[Item]]) -> None:
        """Send several chains of messages at once, each of which ends at its first failure. Meanwhile the lease is
        renewed, and connections are cut whose answer is overdue.
        """
        lines, renewed = list[Line](), time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            begun = [pool.submit(self._send_chain, batch, each, lines) for each in chains]
            under_way: set[Future[None]] = set(begun)
            while under_way:
                _, under_way = wait(under_way, LOOK)
                for line in list(lines):
                    line.cut_if_overdue()
                if time.monotonic() - renewed > LEASE / 10_000 and self._store.take(held.id, self._owner):
                    renewed = time.monotonic()
                    batch.renew()
        for chain in begun:
            chain.result()  # a fault of ours is told, and not tried again without end

    def _send_chain(self, batch: Batch, items: Sequence[Item], lines: list[Line]) -> None:
        if batch.over or self._stop.is_set():
            return
        line = self._line()
        lines.append(line)
        with suppress(StoreError):  # nobody knows whether it is there: it is sent when that can be said
            for item in items:
                if batch.over or self._stop.is_set():
                    break
                if not self._store.is_there(*item.source):  # erased since it was read: a receiver may be slow
                    batch.erased.append(item)
                elif not batch.note(item, line.send(item.message)):
                    break
        lines.remove(line)
        self._idle.append(line)

    def _line(self) -> Line:
        """A connection that was used a moment ago, or a new one."""
        with suppress(IndexError):
            while not (line := self._idle.pop()).fresh:
                line.close()
            return line
        return Line(self.receiver)
