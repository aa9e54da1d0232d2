"""A store of one's own: choices as lines of JSON in a file. Use it with CONSENT_STORE = JSONLinesStore("choices.jsonl")."""

import json
import os
from threading import Lock

from consent_widget import Choice, StoreError


class JSONLinesStore:
    """For one process with any number of threads: the lock and the known keys are its own."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._lock, self._file = Lock(), open(path, "a+b", buffering=0)
        self._file.seek(0)
        whole, newline, _torn = self._file.read().rpartition(b"\n")
        self._file.truncate(len(whole + newline))  # a crash in the middle of a line: that choice was not acknowledged
        self._kept = {said["key"]: Choice(**said) for said in map(json.loads, whole.splitlines())}

    def add(self, choice: Choice) -> Choice:
        """Keep `choice` and return it once it is on the disk; or the choice that was kept by its key before."""
        with self._lock:
            if choice.key not in self._kept:
                end = os.fstat(self._file.fileno()).st_size
                try:
                    self._file.write(json.dumps(vars(choice)).encode() + b"\n")
                    os.fsync(self._file.fileno())
                except OSError as error:
                    self._file.truncate(end)
                    raise StoreError(f"The file cannot be written ({error}). Check the disk.") from error
                self._kept[choice.key] = choice
            return self._kept[choice.key]

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
