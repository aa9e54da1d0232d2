"""The two lists of a subject, with what the site itself knows of it (`CONSENT_COLLECTED`)."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Literal

from flask import current_app

from ..choice.act import Choice
from ..choice.collected import Collected, Shared
from ..choice.lists import Lists, Uses, make_lists
from ..choice.policy import starts_on
from ..choice.replay import Replay
from ..choice.state import State
from ..days import today
from ..site.site import Site
from .records import replay_subject

#: For so many seconds lines are taken from the site's function, and so many lines.
SECONDS, MOST_LINES = 10.0, 2_000


def lists_of(site: Site, subject: str | None, choices: Sequence[Choice] | None) -> Lists:
    """Both lists of a subject (None: a visitor who has not chosen yet), whose choices these are (None: they cannot be
    read now). A fault in the site's function costs its lines, and no more: the lists say so.
    """
    now = replay_subject(site, subject or "", list(choices)) if choices else Replay(State(""), {}, {}, {})
    on = starts_on(site.notice, site.rules, now.state.band, asks_first=site.settings.asks_first)
    uses = Uses(site.notice, choices, now, on, today())
    collected, shared, complete = _told(site, subject)
    return make_lists(site.notice, uses, choices, collected, shared, complete)


def _told(
    site: Site, subject: str | None
) -> tuple[list[Collected], list[Shared], Literal["yes", "failed", "cut"]]:  # fmt: skip
    hook, end = site.settings.collected, monotonic() + SECONDS
    collected, shared = list[Collected](), list[Shared]()
    try:
        for line in (hook(subject) or ()) if hook else ():
            if len(collected) + len(shared) >= MOST_LINES or monotonic() > end:
                return collected, shared, "cut"
            if isinstance(line, Collected):
                collected.append(line)
            elif isinstance(line, Shared):
                shared.append(line)
            else:
                raise TypeError("each line must be a Collected or a Shared")
    except Exception:
        current_app.logger.exception("CONSENT_COLLECTED: the function failed. The visitor's lists say so.")
        return collected, shared, "failed"
    return collected, shared, "yes"
