"""Witnesses: what a log sends to them, and when they cosign (c2sp.org/tlog-witness)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ProofError
from .checkpoint import Checkpoint
from .encoding import decoded, encoded, whole_number
from .key import COSIGNATURE, PRIVATE, PrivateKey, PublicKey, Signature
from .merkle import EMPTY, check_consistency
from .note import Note
from .tlog_proof import MOST_HASHES

#: A request has no more bytes: 63 hashes, and a note with sixteen signatures of the largest kind.
MOST_BYTES = 128 * 1024
#: The type of an answer that says the size which the witness knows.
SIZE = "text/x.tlog.size"


class Refused(ProofError):  # noqa: N818  an answer, not a fault
    """A checkpoint that is not cosigned: with which status of HTTP, and if it is 409, which size is known here."""

    def __init__(self, status: int, detail: str, size: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.size = status, size


@dataclass(frozen=True)
class Submission:
    """A checkpoint that a log wants to have cosigned, with the proof that it extends one of `old` entries."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (f"old {self.old}", *map(encoded, self.hashes), "")) + str(self.note)

    @staticmethod
    def parse(body: bytes) -> Submission:
        """The submission in the body of a request. Refused with 400 where it is none."""
        try:
            above, gap, note = body.decode().partition("\n\n")
            old, *hashes = above.split("\n")
            if not gap or not old.startswith("old ") or len(hashes) > MOST_HASHES:
                raise ProofError("A line `old <size>`, at most 63 hashes, an empty line and a checkpoint are needed.")
            submission = Submission(
                whole_number(old.removeprefix("old ")), tuple(decoded(line, 32) for line in hashes), Note.parse(note)
            )
            Checkpoint.parse(submission.note.text)
        except (ProofError, UnicodeError) as error:
            raise Refused(400, "The body is not UTF-8." if isinstance(error, UnicodeError) else str(error)) from None
        return submission

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says. Nothing in it counts before its signature is checked."""
        return Checkpoint.parse(self.note.text)


@dataclass(frozen=True)
class WitnessKeys:
    """Who cosigns, and which logs: the keys that each may sign its checkpoints with."""

    signing: PrivateKey
    logs: tuple[PublicKey, ...]

    @staticmethod
    def parse(text: str) -> WitnessKeys:
        """The keys of a text, one a line: the witness's private key, and the public ones of the logs. Or ProofError."""
        lines = [line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#")]
        own = [PrivateKey.parse(line) for line in lines if line.startswith(PRIVATE)]
        logs = tuple(PublicKey.parse(line) for line in lines if not line.startswith(PRIVATE))
        if len(own) != 1 or own[0].type != COSIGNATURE:
            raise ProofError("One private key of a witness is needed. Make one with: flask consent witness key")
        if not logs or any(key.type == COSIGNATURE for key in logs):
            raise ProofError("The public key of each log is needed, as its policy says it behind `log`.")
        return WitnessKeys(own[0], logs)

    def signers(self, submission: Submission) -> list[PublicKey]:
        """The keys of its log that signed a checkpoint. Refused unless that log is known here, and one has."""
        keys = [key for key in self.logs if key.name == submission.checkpoint.origin]
        if not keys:
            raise Refused(404, "This log is not witnessed here.")
        try:
            signers = submission.note.signers(keys)
        except ProofError as error:
            raise Refused(403, str(error)) from None
        if not signers:
            raise Refused(403, "No key that is known here for this log has signed.")
        return signers

    def cosign(self, submission: Submission, latest: Checkpoint | None, time: int) -> Signature:
        """The cosignature of a checkpoint at a time (seconds since 1970), where `latest` is the last one that was
        cosigned for this log. Refused unless it holds all that the latest holds. Whoever calls this stores it before
        anybody else can ask.
        """
        new, known = submission.checkpoint, latest.size if latest else 0
        if submission.old > new.size:
            raise Refused(400, "The old size is larger than the checkpoint's.")
        if submission.old != known:
            raise Refused(409, f"{known}\n", known)
        try:
            check_consistency(known, new.size, latest.root if latest else EMPTY, new.root, submission.hashes)
            if not new.size and new.root != EMPTY:
                raise ProofError("A log without entries has the root of an empty tree.")
        except ProofError as error:
            raise Refused(422, str(error)) from None
        return self.signing.sign(submission.note.text, time)


def read_cosignatures(answer: bytes, note: Note, keys: Sequence[PublicKey]) -> list[Signature]:
    """The cosignatures in a witness's answer that these keys made for the note; ProofError where there is none."""
    try:
        lines = answer.decode()
    except UnicodeError:
        raise ProofError("The answer is not UTF-8.") from None
    signed = Note.parse(f"{note.text}\n{lines}")
    if signed.text != note.text:  # an empty line in the answer would make what is above it a part of the text
        raise ProofError("The answer has more than lines of signatures.")
    signers = {(key.name, key.id) for key in signed.signers(keys)}
    found = [each for each in signed.signatures if (each.name, each.key_id) in signers]
    if not found:
        raise ProofError("The answer has no cosignature by the witness's key.")
    return found
