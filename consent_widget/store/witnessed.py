"""What this site, as a witness, has cosigned: the last checkpoint of each log of another operator."""

from __future__ import annotations

import sqlalchemy as sa

from ..proof.checkpoint import Checkpoint
from ..proof.cosignature import timestamp_of
from ..proof.note import Note
from ..proof.witness import Submission, WitnessKeys
from .database import Database
from .making import one_process_at_a_time
from .tables import WITNESSED

#: For so many seconds the same cosignature is given again. A checkpoint is public: whoever sends us one of somebody
#: else's must not make the database write each time.
AGAIN = 60


class Witnessed(Database):
    """Cosigns each checkpoint in the transaction that stores it: nobody is ever told of two trees of one size, or of a
    log that became smaller, whatever many processes are asked at once.
    """

    def cosign(self, submission: Submission, keys: WitnessKeys, time: int) -> str:
        """The cosignature as a line, stored before it is returned. Raises Refused (proof/witness.py). `time` is in
        seconds since 1970.
        """
        origin = submission.checkpoint.origin
        one = sa.select(WITNESSED.c.note).where(WITNESSED.c.origin == origin)
        with self._reading() as connection:
            before = _parsed(connection.execute(one).scalar())
        keys.cosign(submission, _state(before), time)  # what is refused takes no lock
        made, line = _last(before, keys)
        if before and before.text == submission.note.text and 0 <= time - made < AGAIN:
            return line
        with self._writing() as connection:
            one_process_at_a_time(connection)
            row = connection.execute(one.with_for_update()).first()
            before = _parsed(row.note if row else None)
            # a clock that went back must not say that a tree was the largest before a smaller one was
            signature = keys.cosign(submission, _state(before), max(time, _last(before, keys)[0]))
            of_log = {(key.name, key.id) for key in keys.signers(submission)}
            signatures = [each for each in submission.note.signatures if (each.name, each.key_id) in of_log]
            values = {"note": str(Note(submission.note.text, (*signatures, signature)))}
            if row:
                connection.execute(WITNESSED.update().where(WITNESSED.c.origin == origin), values)
            else:
                connection.execute(WITNESSED.insert(), {"origin": origin, **values})
        return signature.line

    def witnessed(self) -> dict[str, Note]:
        """The last checkpoint that was cosigned of each log, by its name, with the signatures of the log and of this
        witness.
        """
        with self._reading() as connection:
            return {row.origin: Note.parse(row.note) for row in connection.execute(sa.select(WITNESSED))}


def _parsed(note: str | None) -> Note | None:
    return None if note is None else Note.parse(note)


def _state(note: Note | None) -> Checkpoint | None:
    return Checkpoint.parse(note.text) if note else None


def _last(note: Note | None, keys: WitnessKeys) -> tuple[int, str]:
    """When this key cosigned a checkpoint (seconds since 1970), and the line; 0 and nothing where it did not."""
    own = keys.signing.name, keys.signing.public.id
    for each in note.signatures if note else ():
        if (each.name, each.key_id) == own and (made := timestamp_of(each.value)) is not None:
            return made, each.line
    return 0, ""
