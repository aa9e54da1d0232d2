"""What the shop learns of a visitor's taste while he lets it: the tags behind "Picked for you"."""

from __future__ import annotations

from threading import Lock

from flask import Flask

from consent_widget import consent_ended


class Profiles:
    """Tags by subject, in memory; and of each subject whose tags were deleted, why."""

    def __init__(self, app: Flask) -> None:
        self._lock = Lock()
        self._tags: dict[str, list[str]] = {}
        self._deleted: dict[str, str] = {}
        consent_ended.connect(self.forget, app)

    def add(self, subject: str, tag: str) -> None:
        """This visitor looked at this."""
        with self._lock:
            tags = self._tags.setdefault(subject, [])
            if tag not in tags:
                tags.append(tag)

    def tags(self, subject: str | None) -> list[str]:
        """What was learnt, in the order it was learnt."""
        return self._tags.get(subject or "", [])

    def deleted(self, subject: str | None) -> str | None:
        """Why there is nothing any more: `withdrawn`, `expired`, `changed` or `erased`."""
        return self._deleted.get(subject or "")

    def forget(self, app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        """The consent that the tags rest on has ended, so they go: at once, and of themselves."""
        if "personalized_recommendations" in purposes:
            with self._lock:
                if self._tags.pop(subject, None):
                    self._deleted[subject] = reason
