"""The consent managers of advertising (IAB TCF and GPP), and what a visitor's answers there mean here (`CONSENT_IAB`).

They are read and never told anything: only a registered manager may make a consent string. A refusal there counts
here; an agreement only where the site says so, and only for a visitor who has not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from ..errors import ConfigurationError
from ..notice.model import Notice
from .carrying import Purposes, check_purposes, is_texts, read_purposes

Framework = Literal["tcf", "gpp"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)
#: How each names what visitors answer, in words, and an example.
NAMES: Mapping[Framework, tuple[re.Pattern[str], str, str]] = {
    "tcf": (
        re.compile(r"(v|sf)?[1-9][0-9]{0,4}"),
        "numbers of purposes, vendors like v755, special features like sf1",
        "1",
    ),
    "gpp": (re.compile(r"[A-Z][A-Za-z]{2,40}"), "fields of a section, like SaleOptOut", "SaleOptOut"),
}


@dataclass(frozen=True, kw_only=True)
class Iab:
    """Which answers there refuse which options here, by key."""

    tcf: Purposes = field(default_factory=dict)
    gpp: Purposes = field(default_factory=dict)
    #: The options that all of their TCF answers together grant.
    grants: tuple[str, ...] = ()


def read_iab(table: object) -> Iab:
    """`CONSENT_IAB` as an Iab. ConfigurationError where a value is not usable."""
    known = {field.name for field in fields(Iab)}
    if not isinstance(table, Mapping) or not table.keys() <= known or not set(FRAMEWORKS) & table.keys():
        raise _error("must be a table with tcf, gpp or both, and if needed grants, and no more.")
    read = {
        name: read_purposes(f"CONSENT_IAB: {name}", table[name], NAMES[name][2]) for name in FRAMEWORKS if name in table
    }
    for framework, table_read in read.items():
        pattern, what, _ = NAMES[framework]
        if not all(pattern.fullmatch(name) for names_there in table_read.values() for name in names_there):
            raise _error(f"{framework}: must name {what}.")
    grants = table.get("grants", ())
    if not is_texts(grants) or not set(grants) <= read.get("tcf", {}).keys():
        raise _error("grants must be a list of keys of tcf. Who has not opted out (gpp) has agreed to nothing.")
    return Iab(**read, grants=tuple(grants))


def check_iab(iab: Iab, notice: Notice) -> None:
    """ConfigurationError where the notice has no such option, or one that cannot be granted like this."""
    check_purposes("CONSENT_IAB", [*iab.tcf, *iab.gpp], iab.grants, notice)


def _error(text: str) -> ConfigurationError:
    return ConfigurationError(f"CONSENT_IAB: {text}")
