"""Checks of configured values. Each takes a value of any type and says whether it may be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
URL_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
COOKIE_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443")


def matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """Is it a text of this form?"""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def empty_or(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """Is it an empty text, or one of this form?"""
    return lambda value: value == "" or matches(pattern)(value)


def one_of(choices: Any) -> tuple[Callable[[object], bool], str]:
    """The rule that a value is one of those of a Literal."""
    names = get_args(choices)
    return lambda value: value in names, f"must be one of {', '.join(names)}."


def is_texts(value: object) -> bool:
    """Is it a list of texts?"""
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


def is_text_or_path(value: object) -> bool:
    """Is it a text, or a path?"""
    return isinstance(value, (str, Path))


def is_yes_or_no(value: object) -> bool:
    """Is it True or False?"""
    return type(value) is bool


def is_whole_number(value: object) -> bool:
    """Is it a whole number, 0 or more? True and False are none."""
    return type(value) is int and value >= 0


def is_origin(value: object) -> bool:
    """Is it an origin as browsers write it, without the scheme's default port?"""
    return matches(ORIGIN)(value) and not matches(DEFAULT_PORT)(value)


def names_headers(value: object) -> bool:
    """Is it the name of a header, or a list of one or two of them?"""
    names = [value] if isinstance(value, str) else value
    return isinstance(names, (list, tuple)) and 1 <= len(names) <= 2 and all(map(matches(HEADER), names))


def is_leave_table(value: object) -> bool:
    """Is it a table with no other keys than those of CONSENT_LEAVE?"""
    return isinstance(value, Mapping) and value.keys() <= {"affiliates", "policies"}


def names_hosts(leave: Mapping[str, object]) -> bool:
    """Are all hosts in the table of CONSENT_LEAVE host names?"""
    affiliates, policies = leave.get("affiliates", ()), leave.get("policies", {})
    return is_texts(affiliates) and isinstance(policies, Mapping) and all(map(matches(HOST), [*affiliates, *policies]))  # type: ignore[misc]


def names_policies(leave: Mapping[str, Mapping[str, object]]) -> bool:
    """Are all policies in the table of CONSENT_LEAVE addresses?"""
    return all(
        isinstance(url, str) and url.startswith(("https://", "http://")) for url in leave.get("policies", {}).values()
    )
