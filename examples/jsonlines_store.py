"""A store of one's own: choices as JSON lines in a file. CONSENT_STORE = JSONLinesStore("choices.jsonl")"""

import json
import os
from threading import Lock

from consent_widget import Choice, StoreError


class JSONLinesStore:
    """For one process, with any number of threads: it holds the lock and the known keys itself."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._lock = Lock()
        self._file = open(path, "a+b", buffering=0, opener=_only_ours)  # noqa: SIM115  open for as long as the store
        self._file.seek(0)
        whole, newline, _torn = self._file.read().rpartition(b"\n")
        self._file.truncate(len(whole + newline))  # killed in the middle of a line, so never acknowledged
        kept = [_choice(line) for line in whole.splitlines()]
        self._kept = {(each.site, each.key): each for each in kept}
        self._latest = {each.subject: each.seq for each in kept}

    def add(self, choice: Choice) -> Choice:
        """Keep `choice` and return it once it is on the disk; or what was kept before under its key."""
        with self._lock:
            act = choice.site, choice.key
            if act not in self._kept:
                choice = choice.placed_after(self._latest.get(choice.subject))
                end = os.fstat(self._file.fileno()).st_size
                try:
                    self._file.write(json.dumps(vars(choice)).encode() + b"\n")
                    os.fsync(self._file.fileno())
                except OSError as error:
                    self._file.truncate(end)
                    raise StoreError(f"The file cannot be written ({error}). Check the disk.") from error
                self._kept[act] = choice
                self._latest[choice.subject] = choice.seq
            return self._kept[act]

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _only_ours(path: str, flags: int) -> int:
    """A file that is new can be read by its owner only."""
    return os.open(path, flags, 0o600)


def _choice(line: bytes) -> Choice:
    said = json.loads(line)
    return Choice(**{**said, "signals": tuple(said["signals"])})
