"""Reads a subject's records in order: which grants hold now, and why the others have ended."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from ..days import DAY, day_of
from ..notice.model import Notice
from .act import Choice
from .state import Decision, State

Reason = Literal["withdrawn", "expired", "changed"]


class Grant(NamedTuple):
    """One option, by its key, granted by one choice, by its id."""

    choice: str
    key: str


class Replay(NamedTuple):
    """`state` is where the records leave the subject. `grants` hold now, by the key of their option. `ended` have
    ended and were not granted again, each with the reason.

    `ended_at` says when (milliseconds since 1970) an act ended them, or their time ran out. A grant that is off because
    its meaning changed can come back with that meaning, and end again: whoever was told before then is told again.
    """

    state: State
    grants: Mapping[str, Grant]
    ended: Mapping[Grant, Reason]
    ended_at: Mapping[Grant, int]


def replay(
    choices: Iterable[Choice],
    notice: Notice,
    find_notice: Callable[[str], Notice | None],
    used: Container[Grant] = (),
    *,
    today: int,
) -> Replay:
    """Replays `choices`, oldest first, as they stand under `notice`.

    Each choice is read under the notice that it answered (`find_notice`, by digest). If that notice's text is lost,
    only its refusals count. A grant counts only if the option still means the same today. A grant under a notice that
    is no older than `notice` has not ended, because this process cannot judge it. `used` are the grants of a single use
    that are used up. Where records are missing between two (a backup was restored), all grants before the gap end: the
    missing records may have withdrawn them. What a service had by its purpose ends where it is refused by name, and
    what was granted to it alone lives on where its purpose is granted.
    """
    state, active, ended = State(""), dict[str, Grant](), dict[Grant, Reason]()
    ended_at, unknown_here, seen = dict[Grant, int](), set[Grant](), dict[str, Notice]()
    granted_under = dict[Grant, Notice]()
    for choice in choices:
        answered_notice = find_notice(choice.notice)
        under = answered_notice or notice
        seen[under.digest] = under
        answers = {
            key: granted and answered_notice is not None
            for key, granted in choice.purposes.items()
            if key in under.options
        }
        before = state
        if 0 < state.seq < choice.seq - 1:
            state = state.without_grants()
        state = state.after(replace(choice, purposes=answers), under, seen.values())
        offered, day = {option.fingerprint for option in under.options.values()}, day_of(choice.time)
        for fingerprint in [name for name in active if not _is_granted(state, name)]:
            grant = active.pop(fingerprint)
            offers = fingerprint in offered or granted_under[grant].is_newer_than(under)
            ended[grant] = _why_ended(before.decisions[fingerprint], offers, day) or "withdrawn"
            ended_at[grant] = choice.time if ended[grant] == "withdrawn" else 0
        for key in [key for key, granted in answers.items() if granted]:
            fingerprint, grant = under.options[key].fingerprint, Grant(choice.id, key)
            if not _is_granted(state, fingerprint):  # a child's own grant
                continue
            active.pop(fingerprint, None)
            ended = {earlier: reason for earlier, reason in ended.items() if earlier.key != key}
            if grant in used:
                state = state.without(fingerprint)
            else:
                active[fingerprint], granted_under[grant] = grant, under
                if under.digest != notice.digest and not notice.is_newer_than(under):
                    unknown_here.add(grant)
        followed, following = _following(before, under), _following(state, under)
        ended = {grant: reason for grant, reason in ended.items() if grant.key not in following.values()}
        for fingerprint, key in followed.items():
            general = active.get(under.options[under.options[key].purpose.id].fingerprint)
            if general and fingerprint in state.decisions and not _is_granted(state, fingerprint):
                ended[Grant(general.choice, key)] = "withdrawn"
                ended_at[Grant(general.choice, key)] = choice.time
    keys = {option.fingerprint: option.key for option in notice.options.values()}
    grants = dict[str, Grant]()
    for fingerprint, grant in active.items():
        until = state.decisions[fingerprint].until
        reason = _why_ended(state.decisions[fingerprint], fingerprint in keys or grant in unknown_here, today)
        if reason:
            ended[grant] = reason
            ended_at[grant] = (until + 1) * DAY * 1000 if reason == "expired" and fingerprint in keys else 0
        elif fingerprint in keys:
            grants[keys[fingerprint]] = grant
    ended = {grant: reason for grant, reason in ended.items() if reason != "changed" or grant.key not in grants}
    return Replay(state, grants, ended, {grant: ended_at.get(grant, 0) for grant in ended})


def _following(state: State, notice: Notice) -> dict[str, str]:
    """The services that are granted by their purpose alone: the key of each by its fingerprint."""
    return {
        option.fingerprint: option.key
        for option in notice.options.values()
        if option.service
        and option.fingerprint not in state.decisions
        and _is_granted(state, notice.options[option.purpose.id].fingerprint)
    }


def _is_granted(state: State, fingerprint: str) -> bool:
    return fingerprint in state.decisions and state.decisions[fingerprint].granted


def _why_ended(decision: Decision, offered: bool, today: int) -> Reason | None:
    if today > decision.until:
        return "expired"
    return None if offered else "changed"
