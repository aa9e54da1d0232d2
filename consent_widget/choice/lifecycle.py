"""What one choice came to, for each option that it decided: given, renewed, refused or withdrawn; and how a grant ended
later. These are the events of a consent record (ISO/IEC TS 27560, 6.3.7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from ..days import DAY, day_of, iso_time
from ..notice.model import Notice
from .act import Actor, Choice
from .replay import Grant, Replay, replay
from .state import State

#: `renewed`: granted once more while it was granted. `withdrawn`: refused, or ended by the same act, while it was
#: granted. `expired`: its time ran out, or its single use is used up. `changed`: it means something else now.
Stage = Literal["given", "renewed", "refused", "withdrawn", "expired", "changed"]


class Event(NamedTuple):
    """What happened to one option, when (milliseconds since 1970), and by whom: None where nobody acted."""

    stage: Stage
    time: int
    by: Actor | None

    def plain(self) -> dict[str, object]:
        """JSON-ready, with the time in ISO 8601."""
        return {"state": self.stage, "time": iso_time(self.time), "by": self.by}


def lifecycle(
    choice: Choice,
    history: Sequence[Choice],
    notice: Notice,
    find_notice: Callable[[str], Notice | None],
    used: Mapping[Grant, int],
    now: Replay,
    current: Notice,
) -> Mapping[str, tuple[Event, ...]]:
    """The events of each option that `choice` decided, by key: first its own, then how the grant ended, if it has.

    `history` has all choices of the subject, oldest first; `notice` is the one that `choice` answered; `used` are the
    grants of a single use that are used up, and when; `now` is where all records leave the subject today.
    """

    def own(stage: Stage) -> Event:
        return Event(stage, choice.time, choice.actor)

    def end(grant: Grant) -> tuple[Event, ...]:
        if grant in used:
            return (Event("expired", used[grant], None),)
        if grant not in now.ended:
            return ()
        time = now.ended_at[grant] or max(choice.time, current.first_day * DAY * 1000)
        by = next((each.actor for each in history if each.time == time and each.seq > choice.seq), None)
        return (Event(now.ended[grant], time, by),)

    earlier = [each for each in history if each.seq < choice.seq]
    before = replay(earlier, notice, find_notice, used, today=day_of(choice.time)).state
    after = before.after(choice, notice)
    found = dict[str, tuple[Event, ...]]()
    for key, option in notice.options.items():
        answer = choice.purposes.get(key)
        was, is_ = (_granted(state, option.fingerprint, choice) for state in (before, after))
        if answer and is_:
            found[key] = (own("renewed" if was else "given"), *end(Grant(choice.id, key)))
        elif was and not is_:
            found[key] = (own("withdrawn"),)
        elif answer is not None:
            found[key] = (own("refused"),)
    return found


def _granted(state: State, fingerprint: str, choice: Choice) -> bool:
    decision = state.decisions.get(fingerprint)
    return decision is not None and decision.granted and day_of(choice.time) <= decision.until
