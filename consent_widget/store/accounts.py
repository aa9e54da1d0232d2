"""Links of accounts: which subject the choices of an account are recorded under."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ..choice.account import Linked
from ..days import now_ms
from .choices import LATEST
from .database import ConflictError, Database
from .packed import subject_to_bytes
from .tables import ACCOUNTS

LINK = sa.select(ACCOUNTS.c.subject, ACCOUNTS.c.time).where(ACCOUNTS.c.account == sa.bindparam("account"))


class Accounts(Database):
    """Links of accounts."""

    def linked(self, names: Sequence[bytes]) -> Linked | None:
        """The subject of the account that has one of these names, or None. See AccountStore."""
        with self._reading() as connection:
            found = ((name, connection.execute(LINK, {"account": name}).first()) for name in names)
            name, row = next(((name, row) for name, row in found if row), (b"", None))
        if row is None:
            return None
        if name != names[0]:
            self._rename(name, names[0])
        return Linked(row.subject, row.time)

    def link(self, name: bytes, subject: str) -> Linked:
        """Link an account to a subject, unless it is linked already. Returns the link that counts."""
        since = now_ms()
        try:
            with self._writing() as connection:
                connection.execute(ACCOUNTS.insert(), {"account": name, "subject": subject, "time": since})
            return Linked(subject, since)
        except ConflictError:
            earlier = self.linked([name])
            if earlier is None:
                raise
            return earlier

    def last_act(self, subject: str) -> int | None:
        """The highest `seq` that is stored for a subject, or None."""
        with self._reading() as connection:
            return connection.execute(LATEST, {"subject": subject_to_bytes(subject)}).scalar()

    def _rename(self, old: bytes, new: bytes) -> None:
        """Keep a link under the name that the newest key gives. Another process may have done so at this moment."""
        try:
            with self._writing() as connection:
                connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.account == old).values(account=new))
        except ConflictError:
            return
