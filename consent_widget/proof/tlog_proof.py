"""A proof in one text file that an entry is in a log, to be verified offline (c2sp.org/tlog-proof@v1)."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ProofError
from .checkpoint import Checkpoint
from .encoding import decoded, encoded, whole_number
from .merkle import check_inclusion
from .note import CHANGED, Note, is_changed
from .policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
#: A tree has no more levels.
MOST_HASHES = 63


@dataclass(frozen=True)
class Proof:
    """That the entry of this number is in the tree of the checkpoint. `extra` is what the proof itself does not cover:
    here the salt and the record, from which anybody makes the entry.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    @property
    def text(self) -> str:
        """The file."""
        extra = [] if self.extra is None else [f"extra {encoded(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(encoded, self.hashes), ""]
        return "\n".join(lines) + f"\n{self.checkpoint}"

    @staticmethod
    def parse(data: bytes | str) -> Proof:
        """The proof in a file, or ProofError."""
        try:
            text = data if isinstance(data, str) else data.decode()
        except UnicodeError:
            raise ProofError("The proof is not UTF-8.") from None
        if is_changed(text):
            raise ProofError(CHANGED)
        above, gap, checkpoint = text.partition("\n\n")
        header, *lines = above.split("\n")
        if header != HEADER or not gap:
            raise ProofError(f"This is not a proof: it begins with {HEADER}, and holds a checkpoint.")
        extra = decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise ProofError("The proof does not say the number of its entry.")
        index = whole_number(lines.pop(0).removeprefix("index "))
        if len(lines) > MOST_HASHES:
            raise ProofError("The proof has more hashes than any tree has levels.")
        return Proof(index, tuple(decoded(line, 32) for line in lines), Note.parse(checkpoint), extra)

    def check(self, leaf: bytes, policy: Policy) -> Checkpoint:
        """The checkpoint, if the policy accepts it and the entry of this leaf hash is in its tree. Else ProofError."""
        checkpoint = policy.accept(self.checkpoint)
        check_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint
