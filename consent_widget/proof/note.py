"""Signed notes: a text, and who signed it (c2sp.org/signed-note)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ProofError
from .key import VERIFIABLE, PrivateKey, PublicKey, Signature

#: A note has no more bytes, and no more signatures.
MOST_BYTES, MOST_SIGNATURES = 1_000_000, 100
#: What is told of a file that was signed, and then saved by an editor, sent by mail or checked out by git.
CHANGED = "A program has changed its line ends or first bytes: it has to be as it was downloaded."
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Note:
    """A text, which ends with a newline, and its signatures. Nothing in the text counts before `signers` is asked."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(each.line for each in self.signatures)

    @staticmethod
    def parse(data: bytes | str) -> Note:
        """The note, or ProofError."""
        try:
            raw = data.encode() if isinstance(data, str) else data
            whole = raw.decode()
        except (UnicodeError, AttributeError):  # a database that was altered may have a number there
            raise ProofError("The note is not text in UTF-8.") from None
        if is_changed(whole):
            raise ProofError(CHANGED)
        if len(raw) > MOST_BYTES or CONTROL.search(whole):
            raise ProofError("The note is too long, or has control characters in it.")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise ProofError("The note is cut off: a text, an empty line and lines with signatures are needed.")
        signatures = lines[:-1].split("\n")
        if len(signatures) > MOST_SIGNATURES:
            raise ProofError(f"The note has more than {MOST_SIGNATURES} signatures.")
        return Note(f"{text}\n", tuple(map(Signature.parse, signatures)))

    @staticmethod
    def sign(text: str, keys: Iterable[PrivateKey]) -> Note:
        """A text with a signature of each key."""
        if not text.endswith("\n") or CONTROL.search(text):
            raise ProofError("A text can be signed if it ends with a newline, and has no other control characters.")
        return Note(text, tuple(key.sign(text) for key in keys))

    def signed_also(self, signatures: Iterable[Signature]) -> Note:
        """The note with more signatures. Each takes the place of an earlier one by the same key."""
        both = {(each.name, each.key_id): each for each in (*self.signatures, *signatures)}
        return Note(self.text, tuple(both.values()))

    def signers(self, keys: Iterable[PublicKey]) -> list[PublicKey]:
        """Those of the keys that signed the note, each once. ProofError if a signature by one of them is wrong: then
        nothing in the note counts. Signatures by other keys do not matter, and keys of other types find nothing.
        """
        known = {(key.name, key.id): key for key in keys if key.type in VERIFIABLE}
        found: dict[PublicKey, None] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            if not key.verifies(self.text, signature.value):
                raise ProofError(f"The signature by {key.name} is wrong: the note was altered, or the line is forged.")
            found[key] = None
        return list(found)


def is_changed(text: str) -> bool:
    """Has a program made another text of what was signed, without a change that anybody sees?"""
    return text.startswith("\ufeff") or "\r\n" in text
