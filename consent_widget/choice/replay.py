"""What a subject's choices come to, one after the other: what stands now, and what has ended and why."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from ..days import DAY
from ..notice.model import Notice
from .act import Choice
from .policy import Decision, State, after

Reason = Literal["withdrawn", "expired", "changed"]


class Grant(NamedTuple):
    """One thing, granted by one choice."""

    choice: str
    key: str


class Replay(NamedTuple):
    """`state` is what was decided. `grants` are those that hold now, by the key of their option;
    `ended` are those that were not renewed, and why they hold no longer.
    """

    state: State
    grants: Mapping[str, Grant]
    ended: Mapping[Grant, Reason]


def replay(
    choices: Iterable[Choice],
    notice: Notice,
    shown: Callable[[str], Notice | None],
    used: Container[Grant] = (),
    *,
    today: int,
) -> Replay:
    """Where `choices`, oldest first, leave a subject under `notice`. Each is read under the notice that it
    answered (`shown`, by digest), so that a grant of another meaning does not count; where that text is
    gone, its refusals hold and its grants do not. Grants that are `used` up count no more. One that was given under a
    notice newer than this, which a process still runs with, has not changed: it is only not known here. Where acts are
    missing between two (a backup was restored), what was granted before them may have been withdrawn in them, and
    counts no more.
    """
    state, given, ended = State(""), dict[str, Grant](), dict[Grant, Reason]()
    newer = set[Grant]()
    for choice in choices:
        told = shown(choice.notice)
        under = told or notice
        answers = {key: yes and told is not None for key, yes in choice.purposes.items() if key in under.options}
        before = state
        if 0 < state.seq < choice.seq - 1:
            state = state._replace(decisions={tag: each for tag, each in state.decisions.items() if not each.granted})
        state = after(state, replace(choice, purposes=answers), under)
        tags, day = {option.fingerprint for option in under.options.values()}, choice.time // 1000 // DAY
        for tag in [tag for tag in given if not _granted(state, tag)]:
            ended[given.pop(tag)] = _reason(before.decisions[tag], tag in tags, day) or "withdrawn"
        for key in (key for key, yes in answers.items() if yes):
            tag, grant = under.options[key].fingerprint, Grant(choice.id, key)
            if not _granted(state, tag):  # a child's own
                continue
            given.pop(tag, None)
            ended = {each: why for each, why in ended.items() if each.key != key}
            if grant in used:
                state = state._replace(decisions={each: how for each, how in state.decisions.items() if each != tag})
            else:
                given[tag] = grant
                newer |= {grant} if under.effective > notice.effective else set()
    keys = {option.fingerprint: option.key for option in notice.options.values()}
    over = {
        tag: why
        for tag, grant in given.items()
        if (why := _reason(state.decisions[tag], tag in keys or grant in newer, today))
    }
    grants = {keys[tag]: grant for tag, grant in given.items() if tag in keys and tag not in over}
    return Replay(state, grants, ended | {given[tag]: why for tag, why in over.items()})


def _granted(state: State, tag: str) -> bool:
    return tag in state.decisions and state.decisions[tag].granted


def _reason(decision: Decision, known: bool, today: int) -> Reason | None:
    if today > decision.until:
        return "expired"
    return None if known else "changed"
