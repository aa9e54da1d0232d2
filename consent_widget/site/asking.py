"""What a site asks of its visitors: how old they are, a choice, or only what has changed since their last one."""

from __future__ import annotations

from ..choice import policy
from ..choice.policy import choice_due, locked, undecided
from ..choice.state import State
from ..days import today
from ..notice.again import ChangedOption
from .site import Site


def asks_age(site: Site, band: str) -> bool:
    """Does the widget have to ask how old the visitor is? `band` is their age band, or empty if unknown."""
    return bool(site.settings.age and site.settings.age.ask and not band)


def starts_on(site: Site, band: str) -> frozenset[str]:
    """The options that are on before the first answer of a visitor of this age band."""
    return policy.starts_on(site.notice, site.rules, band, asks_first=site.settings.asks_first)


def is_pending(site: Site, state: State | None, band: str, *, gpc: bool = False) -> bool:
    """Must a visitor in this state and of this age band be asked for something? `gpc`: their browser sends the opt-out
    signal.
    """
    if state is None:
        return site.asks_new_visitors
    off = locked(site.notice, band, gpc=gpc)
    return choice_due(site.notice, state, today(), asks_age=asks_age(site, band), locked=off)


def asked_again(site: Site, state: State | None, band: str, *, gpc: bool) -> tuple[ChangedOption, ...]:
    """All that this visitor must be asked, where they have chosen before and it has changed since. Empty where they
    must be asked about anything else, too.
    """
    asked = undecided(site.notice, state, today(), locked(site.notice, band, gpc=gpc)) if state else ()
    changed = tuple(site.changed[option.key] for option in asked if option.key in site.changed)
    return changed if len(changed) == len(asked) else ()


def stage_of_layer(site: Site, band: str) -> str:
    """What the first layer is about: `"age"`, `"child"` (what a child has to know), or `""` (the choice)."""
    return "age" if asks_age(site, band) else "child" if site.settings.age and band == "child" else ""
