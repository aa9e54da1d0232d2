"""What receivers of messages have still to be told: the log from where each of them is, and a few rows beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from ..choice.act import Choice
from ..choice.replay import Grant, Replay
from ..days import now_ms
from ..errors import StoreError
from .database import UNHURRIED
from .packed import subject_from_bytes, subject_to_bytes
from .receivers import AHEAD, Progress, Receivers, log_size
from .rows import to_choices
from .tables import CONTEXTS, DELIVERIES, RECEIVERS, RECORDS

#: Is a record, or a row, still there? Made once, as it is asked before each message.
RECORD = sa.select(RECORDS.c.number).where(RECORDS.c.number == sa.bindparam("id"))
ROW = sa.select(DELIVERIES.c.id).where(DELIVERIES.c.id == sa.bindparam("id"))


class LeaseLost(StoreError):  # noqa: N818  it is nobody's fault
    """Another process sends to this receiver now."""


class Waiting(NamedTuple):
    """A row of DELIVERIES: one message that waits beside the log."""

    id: int
    receiver: int
    subject: str
    number: int
    event: str
    time: int
    detail: str
    attempts: int
    tried: int
    wait: int


@dataclass
class Settlement:
    """What came of some messages: rows to delete, rows that failed (with the wait), records that wait from now on, and
    what changed about the receiver.
    """

    done: list[int] = field(default_factory=list)
    failed: dict[int, int] = field(default_factory=dict)
    #: Number, record, wait: 0 where it was not tried.
    parked: list[tuple[int, Choice, int]] = field(default_factory=list)
    receiver: dict[str, object] = field(default_factory=dict)
    #: The receiver works again: what waited for that need not wait longer.
    recovered: bool = False


class Deliveries(Receivers):
    """What receivers wait for."""

    def __init__(self, url: str | sa.URL, setting: str = "CONSENT_DATABASE") -> None:
        super().__init__(url, setting)
        self.in_erasure.append(self._forget_removed)

    def due(self) -> set[int]:
        """The receivers with rows whose time has come."""
        with self._reading() as connection:
            return set(connection.execute(sa.select(DELIVERIES.c.receiver).where(_due()).distinct()).scalars())

    def heads(self, progress: Progress, most: int) -> list[tuple[Waiting, Choice | None]]:
        """Of each subject the first row that waits, where its time has come, with its record where it is of one: None
        if that is gone. Those that were tried least come first.
        """
        other = DELIVERIES.alias()
        earlier = sa.exists().where(
            other.c.receiver == DELIVERIES.c.receiver,
            other.c.subject == DELIVERIES.c.subject,
            sa.tuple_(other.c.number, other.c.id) < sa.tuple_(DELIVERIES.c.number, DELIVERIES.c.id),
        )
        reached = DELIVERIES.c.number <= progress.position  # all before it in the log was sent, or waits in a row
        query = sa.select(DELIVERIES).where(DELIVERIES.c.receiver == progress.id, reached, _due(), ~earlier)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(DELIVERIES.c.attempts, DELIVERIES.c.id).limit(most)).all()
            heads = [Waiting(*row) for row in rows]
            numbers = {head.number for head in heads if not head.detail}
            found = _records(connection, RECORDS.c.number.in_(numbers)) if numbers else {}
        return [(head, None if head.detail else found.get(head.number)) for head in heads]

    def is_there(self, number: int, row: int | None) -> bool:
        """Is a record still in the log; or, for a message of something else, the row that waits? Both go with an
        erasure.
        """
        query, id = (RECORD, number) if row is None else (ROW, row)
        with self._reading() as connection:
            return connection.execute(query, {"id": id}).first() is not None

    def fresh(self, progress: Progress, site: str, most: int) -> tuple[dict[int, Choice], int]:
        """The next records of a site by number, and where to go on after them."""
        with self._reading(UNHURRIED) as connection:
            size = log_size(connection)
            found = _records(connection, *_ahead(progress.position, site), RECORDS.c.number < size, most=most)
        return found, max(found) + 1 if len(found) == most else max(size, progress.position)

    def held_up(self, receiver: int, subjects: Collection[str]) -> set[str]:
        """Those of some subjects who have rows that wait."""
        query = sa.select(DELIVERIES.c.subject).where(
            DELIVERIES.c.receiver == receiver, DELIVERIES.c.subject.in_(subjects)
        )
        with self._reading() as connection:
            return set(connection.execute(query.distinct()).scalars()) if subjects else set()

    def settle(self, receiver: int, owner: str, what: Settlement) -> Progress:
        """Write down what came of some messages, in one transaction, and go on; LeaseLost where another process sends
        by now.
        """
        now = now_ms()
        mine = RECEIVERS.update().where(RECEIVERS.c.id == receiver, RECEIVERS.c.owner == owner)
        of_receiver = DELIVERIES.update().where(DELIVERIES.c.receiver == receiver)
        with self._writing() as connection:
            if not connection.execute(mine.values(leased=now, **what.receiver)).rowcount:
                raise LeaseLost("Another process sends to this receiver now.")
            if what.done:
                connection.execute(DELIVERIES.delete().where(DELIVERIES.c.id.in_(what.done)))
            for id, wait in what.failed.items():
                failed = {"attempts": DELIVERIES.c.attempts + 1, "tried": now, "wait": wait}
                connection.execute(of_receiver.where(DELIVERIES.c.id == id).values(failed))
            if what.parked:
                rows = [
                    {"receiver": receiver, "subject": choice.subject, "number": number, "event": "choice.recorded",
                     "time": choice.time, "attempts": 1 if wait else 0, "tried": now if wait else 0, "wait": wait}
                    for number, choice, wait in what.parked
                ]  # fmt: skip
                connection.execute(DELIVERIES.insert(), rows)
            if what.recovered:
                connection.execute(of_receiver.values(wait=0))
            return Progress(*connection.execute(sa.select(RECEIVERS).where(RECEIVERS.c.id == receiver)).one())

    def backlog(self, progress: Progress, *, records: bool = True) -> tuple[int, int, int, int | None]:
        """What a receiver waits for: messages in all, of those the ones that it did not take, of how many subjects
        these are, and the time of the oldest (milliseconds since 1970). `records`: does it want records?
        """
        beside = sa.select(sa.func.count(), sa.func.min(DELIVERIES.c.time)).where(DELIVERIES.c.receiver == progress.id)
        subjects = sa.func.count(sa.distinct(DELIVERIES.c.subject))
        refused = beside.where(DELIVERIES.c.attempts > 0).with_only_columns(sa.func.count(), subjects)
        ahead = _ahead(progress.position, progress.site)
        in_log = sa.select(sa.func.count(), sa.func.min(RECORDS.c.time)).where(*ahead)
        with self._reading(UNHURRIED) as connection:
            waiting, oldest = connection.execute(beside).one()
            number, of = connection.execute(refused).one()
            more, first = connection.execute(in_log).one() if records else (0, None)
        return waiting + more, number, of, min(filter(None, (oldest, first)), default=None)

    def claim_and_queue_ends(self, site: str, results: Mapping[str, Replay]) -> list[Grant]:
        """As claim_ends for these subjects, and tell the site's receivers in the same transaction: by one message for
        each subject and reason.
        """
        ends = {grant: time for result in results.values() for grant, time in result.ended_at.items()}

        def queue(connection: sa.Connection, claimed: Sequence[Grant]) -> None:
            new = set(claimed)
            for subject, result in results.items():
                for reason in sorted({result.ended[grant] for grant in new.intersection(result.ended)}):
                    grants = [grant for grant, ended in result.ended.items() if ended == reason and grant in new]
                    detail = {
                        "purposes": [grant.key for grant in grants],
                        "reason": reason,
                        "receipts": sorted({grant.choice for grant in grants}),
                    }
                    time = max(ends[grant] for grant in grants) or now_ms()
                    self._queue(connection, "consent.ended", [(site, subject)], time, detail)

        return self.claim_ends(ends, queue)

    def _forget_removed(self, connection: sa.Connection, removed: Sequence[tuple[int, Choice]]) -> None:
        """In the transaction that deletes these records: of subjects who have no others, nothing waits any more but
        that they were erased. (What waited of others, and is gone, is left out when its turn comes.)
        """
        sites = {choice.subject: choice.site for _, choice in removed}
        now_removed = Counter(choice.subject for _, choice in removed)
        of_them = RECORDS.c.subject.in_([subject_to_bytes(subject) for subject in sites])
        there = sa.select(RECORDS.c.subject, sa.func.count()).where(of_them).group_by(RECORDS.c.subject)
        numbers = {subject_from_bytes(name): number for name, number in connection.execute(there)}
        gone = [(site, subject) for subject, site in sites.items() if numbers[subject] == now_removed[subject]]
        connection.execute(DELIVERIES.delete().where(DELIVERIES.c.subject.in_([subject for _, subject in gone])))
        self._queue(connection, "subject.erased", gone, now_ms(), {})

    def _queue(
        self, connection: sa.Connection, event: str, subjects: Iterable[tuple[str, str]], time: int,
        detail: Mapping[str, object],
    ) -> None:  # fmt: skip
        rows = [
            {"receiver": receiver, "subject": subject, "number": 0, "event": event, "time": time,
             "detail": json.dumps(detail)}
            for site, subject in subjects
            for receiver, events in self._wanted.get(site, {}).items()
            if event in events
        ]  # fmt: skip
        if rows:
            number = log_size(connection)
            connection.execute(DELIVERIES.insert(), [row | {"number": number} for row in rows])


def _due() -> sa.ColumnElement[bool]:
    """Has the time of a row come? It has, too, where a clock that was ahead said when it was tried."""
    now = now_ms()
    return sa.or_(DELIVERIES.c.tried + DELIVERIES.c.wait <= now, DELIVERIES.c.tried > now + AHEAD)


def _ahead(position: int, site: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The records of a site from a place in the log on."""
    return RECORDS.c.number >= position, RECORDS.c.context.in_(sa.select(CONTEXTS.c.id).where(CONTEXTS.c.site == site))


def _records(connection: sa.Connection, *which: sa.ColumnElement[bool], most: int | None = None) -> dict[int, Choice]:
    rows = connection.execute(sa.select(RECORDS).where(*which).order_by(RECORDS.c.number).limit(most)).all()
    return dict(zip((row.number for row in rows), to_choices(connection, rows), strict=True))
