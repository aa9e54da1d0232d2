"""Checkpoints: how many entries a log has, and the root of their tree, in three lines (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ProofError
from .encoding import decoded, encoded, whole_number
from .key import PublicKey
from .note import CONTROL, Note


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log. `extensions` are further lines, which nobody verifies."""

    #: The log's name, which is its address without the scheme.
    origin: str
    #: How many entries it has.
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, encoded(self.root), *self.extensions))

    @staticmethod
    def parse(text: str) -> Checkpoint:
        """The checkpoint of a text, or ProofError."""
        origin, *lines = text.removesuffix("\n").split("\n")
        if len(lines) < 2 or not all((origin, *lines)) or CONTROL.search(text) or not text.endswith("\n"):
            raise ProofError("A checkpoint has three lines: the log's name, its size, and the root of its tree.")
        return Checkpoint(origin, whole_number(lines[0]), decoded(lines[1], 32), tuple(lines[2:]))


def opened(note: Note, keys: Iterable[PublicKey]) -> Checkpoint:
    """The checkpoint in a note that was signed by one of these keys of its log; ProofError where none has."""
    checkpoint = Checkpoint.parse(note.text)
    if not note.signers(key for key in keys if key.name == checkpoint.origin):
        raise ProofError("The checkpoint is not signed by a known key of its log.")
    return checkpoint
