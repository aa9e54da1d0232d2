"""The two lists of one visitor: what was collected from them, and with whom it was shared (双清单, MIIT 2021; also the
copy of GDPR 15). From the notice, their records, and what the site itself knows (collected.py).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..notice.model import Notice
from ..notice.options import Option, option_key, service_key
from ..notice.parts import DataCategory, Purpose, Recipient, RecipientClass, Service
from .act import Choice
from .collected import Collected, Shared
from .policy import decision
from .replay import Replay

#: `starts_on`: on until a first answer, where the law of the region allows that. `unknown`: the records cannot be read.
Stand = Literal["always_on", "granted", "refused", "ended", "undecided", "starts_on", "unknown"]

#: Where several recipients are asked about alone, which answer is told of their purpose.
FIRST: tuple[Stand, ...] = ("unknown", "always_on", "granted", "starts_on", "ended", "refused", "undecided")


@dataclass(frozen=True)
class Use:
    """One purpose that information is used for, and how the visitor stands to it: by which choice (its id), and when
    that was (milliseconds since 1970); `until` is the day through which a grant is valid.
    """

    purpose: Purpose
    stand: Stand
    choice: str = ""
    time: int = 0
    until: int = 0


@dataclass(frozen=True)
class CollectedRow:
    """A kind of information of the notice, or one that only the site names (`category` is None)."""

    category: DataCategory | None
    uses: tuple[Use, ...]
    lines: tuple[Collected, ...]


@dataclass(frozen=True)
class SharedRow:
    """Somebody who receives information: named in the notice, a kind of recipients, or named by the site alone."""

    party: Recipient | Service | RecipientClass | None
    uses: tuple[Use, ...]
    data: tuple[DataCategory, ...]
    lines: tuple[Shared, ...]


@dataclass(frozen=True)
class Lists:
    """Both lists. `choices` are the visitor's own records, or None where they cannot be read now. `complete` says
    whether the site's own lines are all there: `failed` where its function failed, `cut` where it took too long or had
    too many.
    """

    collected: tuple[CollectedRow, ...]
    shared: tuple[SharedRow, ...]
    choices: Sequence[Choice] | None
    complete: Literal["yes", "failed", "cut"] = "yes"


class Uses:
    """How a visitor stands to each purpose, and to it towards one recipient or service. `choices` are their records
    (None: they cannot be read) and `now` where those leave them; `on` are the options that are on before an answer.
    """

    def __init__(
        self, notice: Notice, choices: Sequence[Choice] | None, now: Replay, on: Container[str], today: int
    ) -> None:
        self._notice, self._now, self._on, self._today = notice, now, on, today
        self._choices = None if choices is None else {choice.id: choice for choice in choices}

    def of(self, purpose: str, party: Recipient | Service | None = None) -> Use | None:
        """How they stand to a purpose, towards this party if one is named. None for an unknown purpose."""
        declared = self._notice.purpose(purpose)
        if declared is None:
            return None
        if isinstance(party, Service):  # its own answer comes before the purpose's
            option = self._notice.options.get(service_key(purpose, party.id))
            own = self._of(declared, option) if option else None
            return own if own and own.stand not in ("undecided", "starts_on") else self.of(purpose)
        if party is None and declared.consent == "separate":  # agreed to for each recipient alone
            theirs = filter(None, (self.of(purpose, each) for each in self._notice.recipients_of(purpose)))
            return min(theirs, key=lambda use: FIRST.index(use.stand), default=Use(declared, "undecided"))
        key = option_key(purpose, party.id if party and declared.consent == "separate" else None)
        return self._of(declared, self._notice.options.get(key))

    def _of(self, purpose: Purpose, option: Option | None) -> Use:
        if option is None or purpose.control == "always_on":
            return Use(purpose, "always_on" if purpose.control == "always_on" else "undecided")
        if self._choices is None:
            return Use(purpose, "unknown")
        answered = [each for each in self._choices.values() if option.key in each.purposes]
        stands = decision(option, self._now.state, self._today)
        if grant := self._now.grants.get(option.key):
            choice = self._choices[grant.choice]
            return Use(purpose, "granted", choice.id, choice.time, stands.until if stands else choice.valid_until)
        if stands and not stands.granted:
            last = next((each for each in reversed(answered) if not each.purposes[option.key]), None)
            was = any(each.purposes[option.key] for each in answered)
            stand: Stand = "ended" if was else "refused"
            return Use(purpose, stand, last.id if last else "", last.time if last else 0)
        ended = [grant for grant in self._now.ended if grant.key == option.key and grant.choice in self._choices]
        if ended:
            last_grant = max(ended, key=lambda each: self._choices[each.choice].seq)  # type: ignore[index]
            return Use(purpose, "ended", last_grant.choice, self._now.ended_at[last_grant])
        on = not self._now.state.decisions and option.key in self._on
        return Use(purpose, "starts_on" if on else "undecided")


def make_lists(
    notice: Notice, uses: Uses, choices: Sequence[Choice] | None, collected: Sequence[Collected],
    shared: Sequence[Shared], complete: Literal["yes", "failed", "cut"],
) -> Lists:  # fmt: skip
    """Both lists, with a row for each kind of information and each recipient that the notice names, whether or not the
    site says anything of it.
    """
    kinds = {each.id: each for each in notice.data if each.itemised}
    own = [line for line in collected if not _names(line.what, kinds)]
    return Lists(
        (
            *(
                CollectedRow(
                    kind,
                    _known(uses.of(each.id) for each in notice.purposes if kind.id in each.data),
                    tuple(line for line in collected if line.what == kind.id),
                )
                for kind in kinds.values()
            ),
            *(CollectedRow(None, _known([uses.of(line.purpose)]), (line,)) for line in own),
        ),
        tuple(_shared(notice, uses, shared)),
        choices,
        complete,
    )


def _shared(notice: Notice, uses: Uses, lines: Sequence[Shared]) -> Iterator[SharedRow]:
    named = {each.recipient_class for each in notice.recipients}
    kinds = [kind for kind in notice.recipient_classes if kind.id not in named]
    every: list[Recipient | Service | RecipientClass] = [*notice.recipients, *notice.services, *kinds]
    parties = {party.id: party for party in every}
    for party in parties.values():
        if isinstance(party, RecipientClass):
            theirs = _known(uses.of(each.id) for each in notice.purposes if party.id in each.recipients)
        else:
            theirs = _known(uses.of(id, party) for id in party.purposes)
        ids = party.data if isinstance(party, Recipient) else [id for use in theirs for id in use.purpose.data]
        own = tuple(line for line in lines if line.recipient == party.id)
        if theirs or own:
            yield SharedRow(party, theirs, tuple(each for each in notice.data if each.id in ids), own)
    for line in lines:
        if not _names(line.recipient, parties):
            data = tuple(each for each in notice.data if each.id in line.data)
            yield SharedRow(None, _known([uses.of(line.purpose)]), data, (line,))


def _names(words: object, parts: Mapping[str, object]) -> bool:
    return isinstance(words, str) and words in parts


def _known(uses: Iterator[Use | None] | Sequence[Use | None]) -> tuple[Use, ...]:
    return tuple(use for use in uses if use)
