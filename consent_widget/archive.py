"""What the store remembers of a subject, read back: for answers that must not rest on a cookie."""

from __future__ import annotations

import json
from typing import Any

from .age import Band, read_band
from .choice import Choice
from .errors import ConfigurationError, NoticeError
from .history import Standing, fold
from .notice import Notice
from .notice_file import notice_from
from .policy import today
from .site import Site


def able(site: Site, *methods: str) -> Any:
    """The store, where it has these methods; else an error that says which to add."""
    for method in methods:
        if not hasattr(site.store, method):
            raise ConfigurationError(
                f"CONSENT_STORE: this asks the store for {method}(…), which it does not have. Add that method as "
                "SQLStore has it (docs/processing.md), or keep choices in CONSENT_DATABASE."
            )
    return site.store


def standing(site: Site, subject: str, choices: list[Choice] | None = None) -> Standing:
    """Where the recorded choices of a subject leave him now. Raises StoreError while the store is away."""
    if choices is None:
        choices = able(site, "history").history(subject)
    once = hasattr(site.store, "uses") and any(choice.action == "allow" for choice in choices)
    used = able(site, "uses").uses(subject) if once else ()
    found = fold(choices, site.notice, lambda digest: shown(site, digest), used, today=today())
    return found if site.settings.age else found._replace(state=found.state._replace(band=""))


def last_band(site: Site, subject: str) -> Band | None:
    """How old a subject was, by the latest record that says it."""
    bands = (read_band(choice.age_band) for choice in reversed(able(site, "history").history(subject)))
    return next(filter(None, bands), None)


def shown(site: Site, digest: str) -> Notice | None:
    """The notice of that digest as it was shown, or None where its text was not kept."""
    if digest == site.notice.digest:
        return site.notice
    if digest not in site.earlier:
        text = getattr(site.store, "notice", lambda digest: None)(digest)
        try:
            site.earlier[digest] = notice_from(json.loads(text or "{}"))
        except NoticeError:
            return None
    return site.earlier[digest]
