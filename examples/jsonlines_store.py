"""A store of your own: choices as JSON lines in a file. CONSENT_STORE = JSONLinesStore("choices.jsonl")"""

import json
import os
from threading import Lock

from consent_widget import Choice, StoreError


class JSONLinesStore:
    """For one process with any number of threads: the lock and all choices are in its memory."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._lock = Lock()
        self._file = open(path, "a+b", buffering=0, opener=_only_for_owner)  # noqa: SIM115  stays open
        self._file.seek(0)
        whole, newline, _torn = self._file.read().rpartition(b"\n")
        self._file.truncate(len(whole + newline))  # a torn line was never acknowledged: the process ended while writing
        #: All choices by id, and the latest `seq` of each subject.
        self._choices: dict[str, Choice] = {}
        self._latest: dict[str, int] = {}
        for line in whole.splitlines():
            self._remember(_read(line))

    def add(self, choice: Choice) -> Choice:
        """Store `choice` and return it once it is on the disk. If one of this id was stored before, it is a retry:
        return that one.
        """
        with self._lock:
            stored = self._choices.get(choice.id)
            if stored is not None:
                return stored
            choice = choice.placed_after(self._latest.get(choice.subject))
            end = os.fstat(self._file.fileno()).st_size
            try:
                self._file.write(json.dumps(vars(choice)).encode() + b"\n")
                os.fsync(self._file.fileno())
            except OSError as error:
                self._file.truncate(end)
                raise StoreError(f"The file cannot be written ({error}). Check the disk.") from error
            self._remember(choice)
            return choice

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _remember(self, choice: Choice) -> None:
        self._choices[choice.id] = choice
        self._latest[choice.subject] = choice.seq


def _only_for_owner(path: str, flags: int) -> int:
    """Opens the file; a new one can be read by its owner only."""
    return os.open(path, flags, 0o600)


def _read(line: bytes) -> Choice:
    row = json.loads(line)
    return Choice(**{**row, "signals": tuple(row["signals"])})
