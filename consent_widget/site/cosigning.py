"""Asks witnesses to cosign the site's log (c2sp.org/tlog-witness). Whatever they do, nobody waits for them: what one
does not answer now, it is asked with the next checkpoint.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ..days import now_ms
from ..errors import ConsentError, ProofError
from ..outgoing import ask, side_by_side
from ..plural import plural
from ..proof.checkpoint import Checkpoint
from ..proof.cosignature import timestamp_of
from ..proof.encoding import whole_number
from ..proof.key import COSIGNATURE, Signature
from ..proof.merkle import Read, consistency
from ..proof.note import Note
from ..proof.policy import Policy, Witness
from ..proof.witness import Submission, read_cosignatures

if TYPE_CHECKING:
    from ..store.sql import SQLStore

#: Seconds that a witness has for each part of an answer, and for the whole of it.
SILENCE, PATIENCE = 5.0, 15.0
#: An answer has no more bytes.
LONGEST = 64 * 1024
MOVED = " Redirects are not followed: set its new address in the policy."
#: A witness's clock is wrong by no more than so many seconds, or ours is.
CLOCKS = 3600
#: What more is said of an answer.
UNKNOWN = {
    301: MOVED,
    302: MOVED,
    307: MOVED,
    308: MOVED,
    403: " It does not know the key that signs this log: give it the public key.",
    404: " It does not witness this log: give it the public key, or mend its address in the policy.",
}
#: What is said of a witness that refuses a proof, or the size that it has named itself.
OTHERS = (
    "It has cosigned other entries than these: an older backup was restored, or a copy of this site signs with the "
    "same key. See docs/log.md, After a backup."
)


@dataclass
class Asked:
    """What came of asking one witness: what it signed, or what went wrong, in words."""

    witness: Witness
    signatures: list[Signature] = field(default_factory=list)
    trouble: str = "It has not answered in time."


class Cosigners:
    """The witnesses of a site's log. Keeps of each what size it knows, and who is still being asked."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._witnesses = tuple(each for each in policy.witnesses if each.url and each.key.type == COSIGNATURE)
        self._known: dict[str, int] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._witnesses)

    def missing(self, note: Note) -> list[Witness]:
        """The witnesses that have not cosigned a checkpoint."""
        there = {(each.name, each.key_id) for each in note.signatures}
        return [each for each in self._witnesses if (each.key.name, each.key.id) not in there]

    def ask(self, store: SQLStore) -> list[Asked]:
        """Ask those that have not cosigned the last checkpoint, all at once, and store what they signed. Takes at most
        PATIENCE. Raises StoreError and LogError.
        """
        last = store.signed_last()
        if last is None:
            return []
        note, signed = last
        size = Checkpoint.parse(note.text).size
        read, asked = store.hashes(size), [Asked(witness) for witness in self._free(self.missing(note))]
        side_by_side((partial(self._ask, each, note, signed, read) for each in asked), PATIENCE)
        signatures = [signature for each in asked for signature in each.signatures]
        if signatures and not store.closed:
            store.add_cosignatures(size, signatures, self._policy.is_cosigned)
        return asked

    def ask_and_report(self, store: SQLStore) -> None:
        """The same, for a thread that nobody waits for. What goes wrong is in the log."""
        log = logging.getLogger(__name__)
        try:
            for each in self.ask(store):
                if each.trouble:
                    log.warning("The witness %s has not cosigned the log. %s", each.witness.key.name, each.trouble)
        except ConsentError as error:
            log.error("No witness was asked. %s", error)

    def _free(self, witnesses: Iterable[Witness]) -> list[Witness]:
        """Those that are not being asked already."""
        with self._lock:
            free = [each for each in witnesses if each.key.name not in self._busy]
            self._busy |= {each.key.name for each in free}
        return free

    def _ask(self, asked: Asked, note: Note, signed: int, read: Read) -> None:
        try:
            signatures = self._signatures_of(asked.witness, note, read)
            _check_clock(signatures, signed // 1000)
            asked.signatures = signatures
            asked.trouble = ""
        except (OSError, ConsentError) as error:
            said = str(error)
            asked.trouble = said if isinstance(error, ConsentError) else f"{said[:1].upper()}{said[1:]}."
        finally:
            with self._lock:
                self._busy.discard(asked.witness.key.name)

    def _signatures_of(self, witness: Witness, note: Note, read: Read) -> list[Signature]:
        """What a witness signs: it is asked twice if it knows another size than was thought."""
        size, name = Checkpoint.parse(note.text).size, witness.key.name
        old = min(self._known.get(name, 0), size)
        for _ in range(2):
            submission = Submission(old, tuple(consistency(old, size, read)), note)
            status, answer = _post(f"{witness.url.rstrip('/')}/add-checkpoint", str(submission).encode())
            if status == 200:
                signatures = _cosignatures(answer, note, witness)
                self._known[name] = size
                return signatures
            if status == 422:
                raise ProofError(OTHERS)
            if status != 409:
                break
            sent, old = old, _size(answer)
            if old == sent:  # so it is not the size that it minds
                raise ProofError(OTHERS)
            if old > size:
                raise ProofError(
                    f"It has cosigned {plural(old, 'entry')} of this log, which has {size}: entries are gone, or "
                    "a copy of this site signs with the same key. See docs/log.md, After a backup."
                )
        raise ProofError(f"It answers with {status}.{UNKNOWN.get(status, '')}")


def _cosignatures(answer: bytes, note: Note, witness: Witness) -> list[Signature]:
    """What a witness signs."""
    try:
        return read_cosignatures(answer, note, [witness.key])
    except ProofError as error:
        raise ProofError(f"It answers with 200 and no cosignature: is its address right? {error}") from None


def _check_clock(signatures: Iterable[Signature], since: int) -> None:
    """A cosignature says when the log was like that: after the checkpoint was signed (seconds since 1970), and not
    later than now. With another time, records would seem to be dated back, or could be.
    """
    now = now_ms() // 1000
    for time in (timestamp_of(each.value) or 0 for each in signatures):
        if not since - CLOCKS <= time <= now + CLOCKS:
            off, way = (time - now, "ahead of") if time > now else (since - time, "behind")
            clocks = f"a clock that is {off // 60} minutes {way} ours: set the one that is wrong"
            raise ProofError(f"It signs with {clocks}.")


def _size(answer: bytes) -> int:
    """The size that a witness knows of a log."""
    try:
        return whole_number(answer.decode("ascii", "replace").removesuffix("\n"))
    except ProofError:
        raise ProofError("It answers with 409 and no size: is its address right?") from None


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    """The status of an answer, and its beginning."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    return ask(url, body, headers, silence=SILENCE, patience=PATIENCE, longest=LONGEST)


def cosigners_of(policy: Policy | None) -> Cosigners:
    """The witnesses that a site's settings name with their addresses."""
    return Cosigners(policy or Policy())
