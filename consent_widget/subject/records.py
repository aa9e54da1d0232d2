"""A subject's records, read back from the store: for answers that must not depend on a cookie."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from ..choice.act import Choice, new_subject
from ..choice.age import Band, read_band
from ..choice.replay import Replay, replay
from ..choice.state import State
from ..days import today
from ..errors import ConfigurationError, NoticeError
from ..notice.canonical import digest as sha256
from ..notice.file import stored_notice
from ..notice.model import Notice
from ..site.site import Site
from ..store.protocol import KnowingStore

DIGEST = re.compile("[0-9a-f]{64}")


def require_store_methods(site: Site, *methods: str) -> Any:
    """The store, if it has these methods; otherwise ConfigurationError says which one to add."""
    for method in methods:
        if not hasattr(site.store, method):
            raise ConfigurationError(
                f"CONSENT_STORE: this asks the store for {method}(…), which it does not have. Add that method as "
                "SQLStore has it (docs/processing.md), or keep choices in CONSENT_DATABASE."
            )
    return site.store


def read_history(site: Site, subject: str) -> list[Choice]:
    """A subject's choices at this site, oldest first. A database may hold the choices of several sites."""
    return _of_site(site, require_store_methods(site, "history").history(subject))


class History:
    """A subject's choices at this site, oldest first: read from the store when first asked for, and only once.
    Empty without a subject, and where the store cannot be read back. Raises StoreError while the store is unavailable.
    """

    def __init__(self, site: Site, subject: str) -> None:
        self._site = site
        self._subject = subject
        self._readable = bool(subject) and hasattr(site.store, "history")

    @cached_property
    def choices(self) -> list[Choice]:
        """The choices."""
        return read_history(self._site, self._subject) if self._readable else []

    @property
    def erased(self) -> bool:
        """Were the records of this subject, who has chosen before, erased? False where nobody can tell: the store
        cannot be read back, or another host of the same domain may have them in a database of its own.
        """
        return self.unknown and not self._site.settings.cookie_domain

    @property
    def unknown(self) -> bool:
        """Are there no records of this subject, although the store can be read back?"""
        if "choices" in self.__dict__ or not isinstance(self._site.store, KnowingStore):
            return self._readable and not self.choices
        return self._readable and not self._site.store.knows(self._subject, self._site.settings.site)

    @property
    def age_band(self) -> Band | None:
        """The age band by the latest record that names one."""
        bands = (read_band(choice.age_band) for choice in reversed(self.choices))
        return next(filter(None, bands), None)

    def find(self, id: str) -> Choice | None:
        """The choice of this id, or None."""
        return choice_of(self.choices, id)


def choice_of(choices: Iterable[Choice], id: str) -> Choice | None:
    """The choice of this id among some, or None."""
    return next((choice for choice in choices if choice.id == id), None)


def replay_subject(site: Site, subject: str, choices: list[Choice] | None = None, *, uses: bool = True) -> Replay:
    """The state of a subject after all their recorded choices. With `uses=False`, single-use grants count as if none
    had been used. Raises StoreError while the store is unavailable.
    """
    choices = read_history(site, subject) if choices is None else _of_site(site, choices)
    once = uses and hasattr(site.store, "uses") and any(choice.action == "allow" for choice in choices)
    used = require_store_methods(site, "uses").uses(subject) if once else ()
    return replay(choices, site.notice, lambda digest: shown_notice(site, digest), used, today=today())


def by_the_store(site: Site, state: State) -> State | None:
    """The state of a visitor where the store can be asked, from what their token says: None where their records were
    erased. What was chosen later counts, so no older token brings back what was withdrawn; and no token of before a
    single use brings that back. Raises StoreError. One look-up by key, where nothing is newer.
    """
    if not hasattr(site.store, "history"):
        return state
    history = History(site, state.subject)
    last_act = getattr(site.store, "last_act", None)
    last = last_act(state.subject) if last_act else max((each.seq for each in history.choices), default=None)
    if last is None:
        return None if state.seq and history.erased else state
    if last < state.seq or (last == state.seq and not grants_single_use(site, state)):
        return state
    return replay_subject(site, state.subject).state.heeding(state)


def grants_single_use(site: Site, state: State) -> bool:
    """Does this state grant anything for a single use? Whether that is used up is known to the store alone."""
    single = (each for each in site.notice.options.values() if each.purpose.consent == "single_use")
    return bool(state.decisions) and any(
        option.fingerprint in state.decisions and state.decisions[option.fingerprint].granted for option in single
    )


def state_after_erasure(state: State) -> State:
    """The state of an erased visitor who goes on: a new subject, of whom only being a child is still known."""
    return State(new_subject(), band=state.band if state.band == "child" else "")


def shown_notice(site: Site, digest: str) -> Notice | None:
    """The notice with this digest, as it was shown; None if its text was not stored or has been altered."""
    if digest == site.notice.digest:
        return site.notice
    if digest not in site.notice_cache:
        try:
            notice = stored_notice(getattr(site.store, "notice", lambda digest: None)(digest), digest)
        except NoticeError:
            return None
        if notice is None:
            return None
        site.notice_cache[digest] = notice
    return site.notice_cache[digest]


def answered_notice(site: Site, digest: str) -> Notice | None:
    """The notice with this digest, if visitors of this site answered it: a database may hold other sites' notices."""
    notice = shown_notice(site, digest) if DIGEST.fullmatch(digest) else None
    if notice is None or notice is site.notice:
        return notice
    if digest not in site.answered:
        has_answered = getattr(site.store, "has_answered", lambda digest, site: True)
        site.answered[digest] = has_answered(digest, site.settings.site)
    return notice if site.answered[digest] else None


def text_of_notice(site: Site, digest: str) -> str | None:
    """The exact text (canonical JSON) under a digest; None if it was not stored or has been altered."""
    if digest == site.notice.digest:
        return site.notice.text
    text: str | None = getattr(site.store, "notice", lambda digest: None)(digest)
    return text if text is not None and sha256(text) == digest else None


def _of_site(site: Site, choices: list[Choice]) -> list[Choice]:
    return [choice for choice in choices if choice.site == site.settings.site]
