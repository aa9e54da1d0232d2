"""What a site tells those who verify its log: whom they have to trust."""

from __future__ import annotations

from dataclasses import replace

from ..proof.policy import Log, Policy
from ..settings.model import Settings


def log_policy(settings: Settings, url: str = "") -> Policy | None:
    """The policy of a site's log, with its witnesses; None where the site has no key. `url` is the log's address."""
    if settings.log_key is None:
        return None
    logs = tuple(Log(key, url) for key in settings.log_key.public)
    return replace(settings.log_policy or Policy(), logs=logs)
