"""Choices that visitors made in the consent tool that a site had before (`CONSENT_CARRY_OVER`): what they mean here.

A refusal always counts. A cookie is no proof of an agreement, so one counts only where the site says that a purpose
here means the same as one there, and only for as long as an agreement given here would last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from ..days import day_of_date, iso_date
from ..errors import ConfigurationError
from ..notice.model import Notice
from .carrying import Purposes, check_purposes, is_ordinary, is_texts, read_purposes
from .earlier_tools import TOOLS, Said, Tool, decoded

#: How much of a tool's cookies is read, in characters.
LONGEST = 8192
#: How many cookies of one name are read.
TWINS = 8
#: How a cookie or storage key may be named in the setting.
KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}\*?")


@dataclass(frozen=True, kw_only=True)
class CarryOver:
    """The earlier tool, and how its categories map to what this notice asks about."""

    tool: str
    #: By the key of an option: the tool's categories or services that refuse it, each.
    purposes: Purposes
    #: The options that an agreement there grants here.
    grants: tuple[str, ...] = ()
    #: No agreement from before this day counts, and one without a date counts as given on it (days since 1970).
    since: int | None = None
    #: The name of the tool's cookie or storage key, where the site had changed it.
    key: str = ""

    @property
    def known_tool(self) -> Tool:
        """What is known of the tool."""
        return TOOLS[self.tool]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of its cookies and storage keys; a trailing `*` stands for any ending."""
        first, *others = self.known_tool.keys
        return (self.key or first, *others)

    def find(self, text: str) -> dict[str, list[str]]:
        """The tool's values in a text like a Cookie header, by the tool's own names. There may be several of a name.
        Nothing where they are longer than any tool's are.
        """
        found: dict[str, list[str]] = {}
        length = 0
        for pair in text.split(";"):
            name, equals, value = pair.partition("=")
            name = name.strip(" \t")
            for key, own in zip(self.keys, self.known_tool.keys, strict=True):
                if equals and _is_like(name, key):
                    length += len(value)
                    found.setdefault(name if own.endswith("*") else own, []).append(value.strip(" \t"))
        if length > LONGEST:
            return {}
        return {name: [decoded(value) for value in values] for name, values in found.items()}

    def read(self, found: Mapping[str, list[str]]) -> Said | None:
        """What the visitor chose. Where there are several cookies of a name (the tool was at several paths or domains),
        a refusal in any of them counts, and an agreement only if it is in all. More than TWINS were set by no tool, and
        say nothing.
        """
        most = max(map(len, found.values()), default=0)
        if most > TWINS:
            return None
        each = ({name: values[min(at, len(values) - 1)] for name, values in found.items()} for at in range(most))
        return _strictest([said for said in map(self.known_tool.read, each) if said])

    def counts_from(self, said: Said, today: int) -> int | None:
        """The day from which an agreement counts; None where nobody knows."""
        day = self.since if said.day is None else said.day
        return None if day is None else min(day, today)


def answers_here(carry: CarryOver, notice: Notice, said: Said, today: int, *, may_grant: bool) -> dict[str, bool]:
    """What an earlier choice means under this notice, by the keys of its options. `may_grant` is False for a visitor
    who is not known to be grown up, at a site that has to know.
    """
    day = carry.counts_from(said, today)
    young = day is not None and day >= (carry.since or 0) and today <= day + notice.lifetime_days
    answers = {}
    for key, names in carry.purposes.items():
        given, option = [said.of(name) for name in names], notice.options.get(key)
        if option and False in given:
            answers[key] = False
        elif option and may_grant and young and key in carry.grants and all(given) and is_ordinary(notice, option):
            answers[key] = True
    return answers


def signals_of(carry: CarryOver, said: Said) -> tuple[str, ...]:
    """What the record says about where a choice came from: `carried:klaro`, and `chosen:2026-05-03` if the tool said
    when.
    """
    day = () if said.day is None else (f"chosen:{iso_date(said.day)}",)
    return (f"carried:{carry.tool}", *day)


def source_of(signals: Iterable[str]) -> tuple[str, str]:
    """The earlier tool that a record names, and the day of the choice there; empty where it names none."""
    named = dict(signal.split(":", 1) for signal in signals if ":" in signal)
    tool = named.get("carried", "")
    return TOOLS[tool].name if tool in TOOLS else tool, named.get("chosen", "")


def read_carry_over(table: object) -> CarryOver:
    """`CONSENT_CARRY_OVER` as a CarryOver. ConfigurationError where a value is not usable."""
    names = [field.name for field in fields(CarryOver)]
    if not isinstance(table, Mapping) or not {"tool", "purposes"} <= table.keys() <= set(names):
        raise _error(f"must be a table with tool and purposes, and if needed: {', '.join(names[2:])}.")
    if not isinstance(table["tool"], str) or table["tool"] not in TOOLS:
        raise _error(f"tool must be one of {', '.join(TOOLS)}.")
    purposes = read_purposes("CONSENT_CARRY_OVER: purposes", table["purposes"])
    grants, key = table.get("grants", ()), table.get("key", "")
    if not is_texts(grants) or not set(grants) <= purposes.keys():
        raise _error("grants must be a list of keys of purposes.")
    for granted in grants:
        users = [other for other, each in purposes.items() if set(each) & set(purposes[granted])]
        if len(purposes[granted]) != 1 or users != [granted]:
            raise _error(
                f"grants: {granted} does not map one to one. What was agreed to there must be one category, which "
                "stands for nothing else here. Leave it out of grants, so that visitors are asked."
            )
    several = TOOLS[table["tool"]].keys[0].endswith("*")
    if not isinstance(key, str) or (key and not (KEY.fullmatch(key) and several == key.endswith("*"))):
        raise _error("key must be the name of the tool's cookie, with * at its end where the tool has several.")
    return CarryOver(
        tool=table["tool"],
        purposes=purposes,
        grants=tuple(grants),
        since=_since(table.get("since")),
        key=key,
    )


def check_carry_over(carry: CarryOver, notice: Notice) -> None:
    """ConfigurationError where the notice has no such option, or one that cannot be granted like this."""
    check_purposes("CONSENT_CARRY_OVER", carry.purposes, carry.grants, notice)


def _strictest(said: list[Said]) -> Said | None:
    if not said:
        return None
    names = {name for each in said for name in each.answers}
    every = {name: [each.of(name) for each in said] for name in names}
    answers = {name: all(given) for name, given in every.items() if False in given or None not in given}
    others = [each.others for each in said]
    days = [each.day for each in said if each.day is not None]
    rest = False if False in others else None if None in others else True
    return Said(answers, rest, min(days, default=None))


def _is_like(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _since(value: object) -> int | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    try:
        return None if value is None else day_of_date(str(value))
    except ValueError:
        raise _error("since must be a day, like 2026-05-01.") from None


def _error(text: str) -> ConfigurationError:
    return ConfigurationError(f"CONSENT_CARRY_OVER: {text}")
