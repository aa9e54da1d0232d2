"""What the shop learns about a visitor's taste while they allow it: the tags behind "Picked for you"."""

from __future__ import annotations

from threading import Lock

from flask import Flask

from consent_widget import consent_ended


class Profiles:
    """Tags by subject, in memory; and the reason for each subject whose tags were deleted."""

    def __init__(self, app: Flask) -> None:
        self._lock = Lock()
        self._tags: dict[str, list[str]] = {}
        self._deleted: dict[str, str] = {}
        consent_ended.connect(self.forget, app)

    def add(self, subject: str, tag: str) -> None:
        """Note that this visitor looked at a product with this tag."""
        with self._lock:
            tags = self._tags.setdefault(subject, [])
            if tag not in tags:
                tags.append(tag)

    def tags(self, subject: str | None) -> list[str]:
        """The tags of this visitor, oldest first."""
        return self._tags.get(subject or "", [])

    def deleted(self, subject: str | None) -> str | None:
        """Why the tags were deleted: `withdrawn`, `expired`, `changed` or `erased`; else None."""
        return self._deleted.get(subject or "")

    def forget(self, app: Flask, subject: str, purposes: tuple[str, ...], reason: str) -> None:
        """Deletes the tags at once when the consent that they rest on has ended."""
        if "personalized_recommendations" in purposes:
            with self._lock:
                if self._tags.pop(subject, None):
                    self._deleted[subject] = reason
