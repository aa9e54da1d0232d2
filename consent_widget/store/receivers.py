"""The receivers of messages: how far each is in the log, and which process sends to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..days import now_ms
from .making import one_process_at_a_time
from .once import OnceOnly
from .rows import NEXT
from .tables import DELIVERIES, RECEIVERS, RECORDS

#: For how many milliseconds who sends to a receiver does so alone, unless they say that they go on.
LEASE = 30_000
#: A clock that was so far ahead (milliseconds) was wrong: what it wrote does not count.
AHEAD = 60_000


class Progress(NamedTuple):
    """A row of RECEIVERS: how far one receiver is."""

    id: int
    site: str
    name: str
    position: int
    failures: int
    tried: int
    wait: int
    error: str
    stopped: bool
    acknowledged: int
    owner: str
    leased: int

    def rests(self, now: int) -> bool:
        """Is nothing sent now, because of earlier failures or because the receiver wants no more?"""
        return self.stopped or (self.tried <= now + AHEAD and now < self.tried + self.wait)


class Receivers(OnceOnly):
    """The receivers of all sites."""

    def __init__(self, url: str | sa.URL, setting: str = "CONSENT_DATABASE") -> None:
        #: The ids of each site's receivers, and what these want to be told of.
        self._wanted: dict[str, Mapping[int, frozenset[str]]] = {}
        super().__init__(url, setting)

    def expect_receivers(self, site: str, events: Mapping[str, Collection[str]]) -> None:
        """At start-up: the receivers of a site by name, each with the events that it wants. A new one is told of what
        happens from now on.
        """
        if not events:
            self._wanted.pop(site, None)
            return
        with self._transaction() as connection:
            one_process_at_a_time(connection)
            known = {row.name: row.id for row in connection.execute(_of_site(site))}
            position = log_size(connection)
            for name in events:
                if name not in known:
                    row = {"site": site, "name": name, "position": position}
                    connection.execute(RECEIVERS.insert(), row)
            known = {row.name: row.id for row in connection.execute(_of_site(site))}
        self._wanted[site] = {known[name]: frozenset(each) for name, each in events.items()}

    def progress(self) -> list[Progress]:
        """How far all receivers of all sites are."""
        with self._reading() as connection:
            return [Progress(*row) for row in connection.execute(sa.select(RECEIVERS).order_by(RECEIVERS.c.id))]

    def take(self, receiver: int, owner: str) -> Progress | None:
        """Begin to send to a receiver, as the only one, for LEASE; or go on. None while another one does."""
        now = now_ms()
        free = sa.or_(
            RECEIVERS.c.owner.in_(("", owner)), RECEIVERS.c.leased + LEASE < now, RECEIVERS.c.leased > now + LEASE
        )
        mine = RECEIVERS.update().where(RECEIVERS.c.id == receiver, free).values(owner=owner, leased=now)
        with self._writing() as connection:
            if not connection.execute(mine).rowcount:
                return None
            return Progress(*connection.execute(sa.select(RECEIVERS).where(RECEIVERS.c.id == receiver)).one())

    def give_back(self, receiver: int, owner: str) -> None:
        """Stop sending to a receiver: another process need not wait for the end of LEASE."""
        mine = RECEIVERS.update().where(RECEIVERS.c.id == receiver, RECEIVERS.c.owner == owner)
        with self._writing() as connection:
            connection.execute(mine.values(owner="", leased=0))

    def resume(self, receiver: int, since: int | None = None) -> None:
        """Let a receiver be sent to at once, whatever failed before; again from the first record that was made at
        `since` (milliseconds since 1970) or later, where that is given.
        """
        values: dict[str, object] = {"stopped": False, "failures": 0, "wait": 0, "error": "", "owner": "", "leased": 0}
        with self._writing() as connection:
            if since is not None:
                first = sa.select(sa.func.min(RECORDS.c.number)).where(RECORDS.c.time >= since)
                back = connection.execute(first).scalar()
                if back is not None:
                    values["position"] = sa.case((RECEIVERS.c.position > back, back), else_=RECEIVERS.c.position)
            connection.execute(RECEIVERS.update().where(RECEIVERS.c.id == receiver).values(values))
            connection.execute(DELIVERIES.update().where(DELIVERIES.c.receiver == receiver).values(wait=0))

    def forget(self, receiver: int) -> None:
        """Drop a receiver, and all that waits for it."""
        with self._writing() as connection:
            connection.execute(DELIVERIES.delete().where(DELIVERIES.c.receiver == receiver))
            connection.execute(RECEIVERS.delete().where(RECEIVERS.c.id == receiver))


def _of_site(site: str) -> sa.Select[Any]:
    return sa.select(RECEIVERS.c.id, RECEIVERS.c.name).where(RECEIVERS.c.site == site)


def log_size(connection: sa.Connection) -> int:
    """How many entries the log has."""
    return int(connection.execute(NEXT).scalar_one())
