"""The records of the visitor of this request, as the pages and the download show them."""

from __future__ import annotations

from collections import defaultdict

from ..choice.act import Choice
from ..choice.policy import decision, signal_stops
from ..choice.state import State
from ..days import iso_date, iso_moment, today
from ..notice.model import Notice
from ..site.site import Site
from ..subject.records import choice_of, read_history, replay_subject, shown_notice
from ..ui.choices import CurrentDecision, HistoryEntry
from .consent import consent


def own_history(site: Site) -> list[Choice] | None:
    """The visitor's choices, oldest first; None where the store cannot be read back. A visitor without a cookie costs
    the same work, so that nobody can tell by the time.
    """
    return read_history(site, consent.subject or "") if hasattr(site.store, "history") else None


def own_state(site: Site, choices: list[Choice] | None) -> State | None:
    """The visitor's state by their records, or by their cookie where the store cannot be read back."""
    return consent.state if choices is None else replay_subject(site, consent.subject or "", choices).state


def acts_of(site: Site, choices: list[Choice]) -> list[HistoryEntry]:
    """The choices of one subject, each with the notice that it answered and the times when its grants were used up."""
    used: dict[str, list[int]] = defaultdict(list)
    can_tell = bool(choices) and hasattr(site.store, "uses")
    for grant, time in (site.store.uses(choices[0].subject) if can_tell else {}).items():  # type: ignore[attr-defined]
        used[grant.choice].append(time)
    notices = {choice.notice: shown_notice(site, choice.notice) for choice in choices}
    return [
        HistoryEntry(
            choice,
            notices[choice.notice],
            used[choice.id],
            _address(site, notices[choice.notice]),
            site.receipt_marks.named(choice.id),
        )
        for choice in choices
    ]


def decisions_of(site: Site, state: State | None) -> list[CurrentDecision]:
    """What the visitor has decided about each option, with their browser's opt-out signal applied."""
    stands = []
    for option in site.notice.options.values():
        if found := decision(option, state, today()):
            off = signal_stops(option, state, today(), gpc=consent.gpc)
            stands.append(CurrentDecision(option, found.granted and not off, found.until, off))
    return stands


def as_file(site: Site, locale: str, stands: list[CurrentDecision], acts: list[HistoryEntry]) -> dict[str, object]:
    """Everything that is stored about this visitor, JSON-ready."""
    return {
        "controller": site.notice.controller.name.get(locale),
        "subject": consent.subject,
        **({"account": {"linked_since": iso_moment(since)}} if (since := account_since()) else {}),
        "now": {stand.option.key: {"granted": stand.granted, "until": iso_date(stand.until)} for stand in stands},
        "choices": [
            {
                **act.choice.plain(),
                "notice_version": act.notice.version if act.notice else None,
                "used": [iso_moment(ms) for ms in act.used],
            }
            for act in acts
        ],
    }


def own_receipt(site: Site, name: str) -> tuple[Choice | None, list[Choice]]:
    """The choice whose receipt has this name, if it is the visitor's, and all choices of theirs."""
    id, _ = site.receipt_marks.read(name)
    history = own_history(site) or []
    return choice_of(history, id), history


def is_gone(site: Site, name: str) -> bool:
    """Has this site given out the receipt of this name, and has nobody its record any more? False where the store
    cannot tell: an address that we do not know is nobody's.
    """
    id, was_given = site.receipt_marks.read(name)
    return was_given and hasattr(site.store, "find") and not site.store.find(id, site.settings.site)


def account_since() -> int:
    """Since when these are choices of the account that is signed in (milliseconds since 1970); 0 if they are not."""
    return consent.account.since if consent.account else 0


def _address(site: Site, notice: Notice | None) -> str:
    """By what this very notice can be asked for: its version, where that is published with this text, or its digest."""
    if notice is None:
        return ""
    published = site.notices.get(notice.version)
    return notice.version if published and published.digest == notice.digest and site.versions else notice.digest
