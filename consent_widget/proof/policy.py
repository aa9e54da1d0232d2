"""Whom a verifier trusts: which logs, and how many of which witnesses (c2sp.org/tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import ProofError
from ..plural import plural
from .checkpoint import Checkpoint, opened
from .key import COSIGNATURE, MLDSA, PublicKey
from .note import Note

#: The quorum that needs no witness.
NONE = "none"
NOT_ALLOWED = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
SPACES = re.compile(r"[ \t]+")
DECIMAL = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class Log:
    """A log whose checkpoints are accepted. Its key has its name."""

    key: PublicKey
    url: str = ""


@dataclass(frozen=True)
class Witness:
    """Somebody who cosigns checkpoints. The name counts in this policy only."""

    name: str
    key: PublicKey
    url: str = ""


@dataclass(frozen=True)
class Group:
    """Counts as one witness when `least` of its members, witnesses or groups, have cosigned."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A checkpoint is accepted if one of the logs signed it, and the witness or group `quorum` cosigned it."""

    logs: tuple[Log, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    #: Each names only witnesses and groups before it.
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    @property
    def text(self) -> str:
        """The file."""
        lines = [
            *(("log", str(each.key), each.url) for each in self.logs),
            *(("witness", each.name, str(each.key), each.url) for each in self.witnesses),
            *(("group", each.name, str(each.least), *each.members) for each in self.groups),
            ("quorum", self.quorum),
        ]
        return "".join(" ".join(filter(None, line)) + "\n" for line in lines)

    @staticmethod
    def parse(data: bytes | str) -> Policy:
        """The policy in a file; ProofError names the line that is wrong."""
        raw = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        if NOT_ALLOWED.search(raw):
            raise ProofError("The policy has control characters in it.")
        reader = _Reader()
        for number, line in enumerate(raw.decode(errors="surrogateescape").split("\n"), 1):
            words = SPACES.split(line.strip(" \t"))
            if words[0] and not words[0].startswith("#"):
                try:
                    reader.read(*words)
                except ProofError as error:
                    raise ProofError(f"Line {number} of the policy: {error}") from None
        if reader.quorum is None:
            raise ProofError("The policy has no line that says the quorum.")
        return Policy(tuple(reader.logs), tuple(reader.witnesses), tuple(reader.groups), reader.quorum)

    def accept(self, note: Note) -> Checkpoint:
        """The checkpoint in a note, if this policy accepts it. Else ProofError says what is missing."""
        checkpoint = opened(note, (each.key for each in self.logs))
        if not self.is_cosigned(note):
            raise ProofError(
                f"The checkpoint lacks cosignatures: of {plural(len(self.witnesses), 'witness')}, "
                f"{len(note.signers(each.key for each in self.witnesses))} have cosigned it, and the quorum "
                f"{self.quorum} is not reached."
            )
        return checkpoint

    def is_cosigned(self, note: Note) -> bool:
        """Have enough witnesses cosigned a checkpoint? ProofError where a cosignature is wrong."""
        cosigners = note.signers(each.key for each in self.witnesses)
        have = {NONE} | {each.name for each in self.witnesses if each.key in cosigners}
        for group in self.groups:
            if sum(member in have for member in group.members) >= group.least:
                have.add(group.name)
        return self.quorum in have


class _Reader:
    """What was read of a policy so far."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        #: Names that are defined, and those of them that are no member of a group yet.
        self._names: set[str] = set()
        self._free: set[str] = set()

    def read(self, kind: str, *words: str) -> None:
        """Read one line."""
        if kind == "log" and len(words) in (1, 2):
            self.logs.append(Log(self._new_key(words[0], (each.key for each in self.logs)), *words[1:]))
        elif kind == "witness" and len(words) in (2, 3):
            key = self._new_key(words[1], (each.key for each in self.witnesses))
            if key.type not in (COSIGNATURE, MLDSA):
                raise ProofError("this is not the key of a witness.")
            self._define(words[0])
            self.witnesses.append(Witness(words[0], key, *words[2:]))
        elif kind == "group" and len(words) > 2:
            name, least, *members = words
            self._join(members)
            self._define(name)
            self.groups.append(Group(name, _least(least, len(members)), tuple(members)))
        elif kind == "quorum" and len(words) == 1 and self.quorum is None:
            if words[0] not in {NONE, *self._names}:
                raise ProofError("no line before defines the quorum.")
            self.quorum = words[0]
        else:
            raise ProofError("is none of log, witness, group or (once) quorum with what each needs.")

    def _new_key(self, text: str, others: Iterable[PublicKey]) -> PublicKey:
        key = PublicKey.parse(text)
        if key.key in {each.key for each in others}:
            raise ProofError("this key stands there twice.")
        return key

    def _define(self, name: str) -> None:
        if name in {NONE, *self._names}:
            raise ProofError("this name is taken.")
        self._names.add(name)
        self._free.add(name)

    def _join(self, members: Sequence[str]) -> None:
        if len(set(members)) < len(members) or not self._free.issuperset(members):
            raise ProofError("each member must be defined before, and be in one group only, once.")
        self._free.difference_update(members)


def _least(text: str, members: int) -> int:
    least = {"any": 1, "all": members}.get(text) or (int(text) if DECIMAL.fullmatch(text) else 0)
    if not 1 <= least <= members:
        raise ProofError(f"say any, all, or a number from 1 to {members}.")
    return least
