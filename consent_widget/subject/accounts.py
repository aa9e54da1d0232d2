"""The choices of an account: they are recorded under a subject of its own, and hold on every device where somebody is
signed in to it. What was chosen in a browser before its visitor signed in belongs to that browser's subject.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from ..choice.account import AccountNames, Reference
from ..choice.act import Choice
from ..choice.policy import lifetime
from ..choice.replay import replay
from ..choice.state import Decision
from ..days import today
from ..errors import ConfigurationError
from ..site.site import Site, current_site
from .records import require_store_methods, shown_notice


class TakenOver(NamedTuple):
    """What a browser's visitor chose last, as answers of the account; through which day they are valid; and in which
    language they read the notice, empty where it has that no more.
    """

    answers: Mapping[str, bool]
    until: int
    locale: str


def taken_over(site: Site, browser: Sequence[Choice], account: Sequence[Choice]) -> TakenOver:
    """What was chosen in a browser later than for the account. For each option the most recent explicit choice counts,
    wherever it was made; silence changes nothing, and ends no refusal. `browser` and `account` are the records of both.

    A grant counts only if it stands by the records of the browser. A single use is not taken over: it was agreed to
    once, in that browser. Nor is what the visitor confirmed there in spite of their browser's opt-out signal: where the
    signal is sent, it counts.
    """
    timed = [*_timed(browser), *_timed(account)]
    in_order = [choice for _, choice in sorted(timed, key=lambda each: each[0])]
    joint = _decisions(site, [replace(choice, seq=number) for number, choice in enumerate(in_order, 1)])
    own, before = _decisions(site, browser), _decisions(site, account)
    answers = dict[str, bool]()
    for key, option in site.notice.options.items():
        now, was, here = (decisions.get(option.fingerprint) for decisions in (joint, before, own))
        if now and now.granted:
            if not (was and was.granted) and here and here.granted and option.purpose.consent != "single_use":
                answers[key] = True
        elif (was and was.granted) or (now and not was):
            answers[key] = False
    for key, option in site.notice.options.items():  # an answer to a purpose is one to its services, unless they differ
        if option.service and option.purpose.id in answers and (now := joint.get(option.fingerprint)):
            answers[key] = now.granted
    untils = [joint[site.notice.options[key].fingerprint].until for key, granted in answers.items() if granted]
    last = next((choice.locale for choice in reversed(browser) if choice.purposes), "")
    return TakenOver(
        answers,
        min(untils, default=today() + lifetime(site.notice, site.region, False)),
        last if last in site.notice.locales else "",
    )


def _timed(choices: Sequence[Choice]) -> list[tuple[int, Choice]]:
    """The choices of one subject, which are in their order, each with a time that is not before the one of its
    predecessor: a clock that went back, or runs behind in another process, must not move a refusal before the grant
    that it ended.
    """
    return list(zip(accumulate((choice.time for choice in choices), max), choices, strict=True))


def _decisions(site: Site, choices: Sequence[Choice]) -> Mapping[str, Decision]:
    """The valid decisions that these choices come to, by fingerprint."""
    state = replay(choices, site.notice, lambda digest: shown_notice(site, digest), today=today()).state
    return {tag: each for tag, each in state.decisions.items() if today() <= each.until}


def account_names(site: Site) -> AccountNames:
    """How accounts are named at this site. ConfigurationError where choices do not follow accounts."""
    if site.accounts is None:
        raise ConfigurationError("Choices follow no account here. Set CONSENT_ACCOUNT (docs/accounts.md).")
    return site.accounts


def subject_of(reference: Reference) -> str | None:
    """The subject of an account, by what your own function (`CONSENT_ACCOUNT`) calls it; None before its first choice.
    For jobs: `processing.can_message(processing.subject_of(customer.id))`.
    """
    site = current_site()
    names = account_names(site).of(reference)
    linked = require_store_methods(site, "linked").linked(names)
    return linked.subject if linked else None
