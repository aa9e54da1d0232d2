"""What a site tells those who verify its log: whom they have to trust."""

from __future__ import annotations

from dataclasses import replace

from ..proof.policy import Log, Policy
from ..settings.model import Settings


def log_policy(settings: Settings) -> Policy | None:
    """The policy of a site's log, with its witnesses; None where the site has no key. A key that signs no more, perhaps
    because it was stolen, is not in it.
    """
    keys = settings.log_key
    if keys is None:
        return None
    logs = tuple(Log(key.public, f"https://{keys.origin}") for key in reversed(keys.signing))
    return replace(settings.log_policy or Policy(), logs=logs)
