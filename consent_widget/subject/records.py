"""What the store remembers of a subject, read back: for answers that must not rest on a cookie."""

from __future__ import annotations

from typing import Any

from ..choice.act import Choice
from ..choice.age import Band, read_band
from ..choice.replay import Replay, replay
from ..days import today
from ..errors import ConfigurationError, NoticeError
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..site.site import Site


def require_store_methods(site: Site, *methods: str) -> Any:
    """The store, where it has these methods; else an error that says which to add."""
    for method in methods:
        if not hasattr(site.store, method):
            raise ConfigurationError(
                f"CONSENT_STORE: this asks the store for {method}(…), which it does not have. Add that method as "
                "SQLStore has it (docs/processing.md), or keep choices in CONSENT_DATABASE."
            )
    return site.store


def history(site: Site, subject: str) -> list[Choice]:
    """What a subject chose at this site, oldest first. A database may hold several sites."""
    return _here(site, require_store_methods(site, "history").history(subject))


def was_erased(site: Site, subject: str) -> bool:
    """Was a subject that had chosen erased meanwhile? A store that cannot be read back never says so."""
    return hasattr(site.store, "history") and not history(site, subject)


def replay_subject(site: Site, subject: str, choices: list[Choice] | None = None, *, uses: bool = True) -> Replay:
    """Where the recorded choices of a subject leave them now; without `uses`, as if nothing had been used up. Raises
    StoreError while the store is away.
    """
    choices = history(site, subject) if choices is None else _here(site, choices)
    once = uses and hasattr(site.store, "uses") and any(choice.action == "allow" for choice in choices)
    used = require_store_methods(site, "uses").uses(subject) if once else ()
    found = replay(choices, site.notice, lambda digest: shown_notice(site, digest), used, today=today())
    return found if site.settings.age else found._replace(state=found.state._replace(band=""))


def last_age_band(site: Site, subject: str) -> Band | None:
    """How old a subject was, by the latest record that says it."""
    bands = (read_band(choice.age_band) for choice in reversed(history(site, subject)))
    return next(filter(None, bands), None)


def _here(site: Site, choices: list[Choice]) -> list[Choice]:
    return [choice for choice in choices if choice.site == site.settings.site]


def shown_notice(site: Site, digest: str) -> Notice | None:
    """The notice of that digest as it was shown, or None where its text was not kept, or was altered since."""
    if digest == site.notice.digest:
        return site.notice
    if digest not in site.earlier:
        try:
            found = stored_notice(getattr(site.store, "notice", lambda digest: None)(digest), digest)
        except NoticeError:
            return None
        if found is None:
            return None
        site.earlier[digest] = found
    return site.earlier[digest]
