"""What this site, as a witness, has cosigned: the last checkpoint of each log of another operator."""

from __future__ import annotations

import sqlalchemy as sa

from ..proof.checkpoint import Checkpoint
from ..proof.note import Note
from ..proof.witness import Submission, WitnessKeys
from .database import Database
from .making import one_process_at_a_time
from .tables import WITNESSED


class Witnessed(Database):
    """Cosigns each checkpoint in the transaction that stores it: nobody is ever told of two trees of one size, or of a
    log that became smaller, whatever many processes are asked at once.
    """

    def cosign(self, submission: Submission, keys: WitnessKeys, time: int) -> str:
        """The cosignature as a line, stored before it is returned. Raises Refused (proof/witness.py). `time` is in
        seconds since 1970.
        """
        origin = submission.checkpoint.origin
        with self._writing() as connection:
            one_process_at_a_time(connection)
            row = connection.execute(sa.select(WITNESSED).where(WITNESSED.c.origin == origin).with_for_update()).first()
            latest = Checkpoint.parse(Note.parse(row.note).text) if row else None
            signature = keys.cosign(submission, latest, time)
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
