"""What others have seen of the site's log: its last checkpoint, as each witness keeps it. A database that was restored
from a backup is behind that, and a copy of the site that signs with the same key is beside it.
"""

from __future__ import annotations

import logging
from functools import partial
from hashlib import sha256

from ..errors import ProofError
from ..outgoing import ask, side_by_side
from ..proof.checkpoint import opened
from ..proof.log_keys import LogKeys
from ..proof.note import MOST_BYTES, Note
from ..proof.policy import Policy, Witness
from .cosigning import PATIENCE, SILENCE


def seen_by_witnesses(policy: Policy | None, keys: LogKeys) -> dict[str, Note]:
    """The checkpoints of this log that its witnesses show, by where they are. Only those that a key of the log has
    signed: whatever else a witness says proves nothing. Takes at most PATIENCE, and says nothing of those who do not
    answer, or do not show what they keep (c2sp.org/tlog-witness does not ask for it).
    """
    seen: dict[str, Note] = {}
    asked = [each for each in (policy.witnesses if policy else ()) if each.url]
    side_by_side((partial(_ask, each, keys, seen) for each in asked), PATIENCE)
    return dict(seen)


def _ask(witness: Witness, keys: LogKeys, seen: dict[str, Note]) -> None:
    url = f"{(witness.url or '').rstrip('/')}/{sha256(keys.origin.encode()).hexdigest()}/checkpoint"
    try:
        status, answer = ask(url, None, {}, silence=SILENCE, patience=PATIENCE, longest=MOST_BYTES + 1)
        note = Note.parse(answer)
        if status == 200 and opened(note, keys.public).origin == keys.origin:
            seen[f"the witness {witness.key.name}"] = note
    except (OSError, ValueError, ProofError) as error:
        logging.getLogger(__name__).debug("The witness %s shows nothing: %s", witness.key.name, type(error).__name__)
