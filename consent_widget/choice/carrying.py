"""What the tables of CONSENT_CARRY_OVER and CONSENT_IAB have in common: names of another tool for what is decided here,
and what a choice that was made there may grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ..errors import ConfigurationError
from ..notice.model import Notice
from ..notice.options import Option

#: By the key of an option: the other tool's names, each of which refuses it.
Purposes: TypeAlias = "Mapping[str, tuple[str, ...]]"


def read_purposes(where: str, table: object, example: str = "statistics") -> dict[str, tuple[str, ...]]:
    """Such a table. ConfigurationError, beginning with `where`, if it is not usable."""
    named: dict[str, Any] = {}
    for key, each in table.items() if isinstance(table, Mapping) else ():
        named[key] = [each] if isinstance(each, str) else each
    if not named or not all(each and is_texts(each) and all(each) for each in named.values()):
        raise ConfigurationError(
            f"{where} must map each purpose of your notice to names of the other tool, which are texts, like "
            f'{{"analytics": ["{example}"]}}.'
        )
    return {key: tuple(each) for key, each in named.items()}


def check_purposes(where: str, keys: Iterable[str], grants: Iterable[str], notice: Notice) -> None:
    """ConfigurationError where the notice has no such option, or one that must not be granted like this."""
    for key in keys:
        if key not in notice.options:
            raise ConfigurationError(
                f"{where}: the notice has no {key} to decide about. It has: {', '.join(notice.options)}."
            )
    for key in grants:
        if not is_ordinary(notice, notice.options[key]):
            raise ConfigurationError(
                f"{where}: grants: {key} needs a consent of its own, is sensitive, or is not granted by “Accept all”. "
                "Leave it out of grants, so that visitors are asked."
            )


def is_ordinary(notice: Notice, option: Option) -> bool:
    """Does “Accept all” grant it, and is nothing sensitive in it? Nothing else is granted by what another tool says."""
    sensitive = {category.id for category in notice.data if category.sensitive}
    purpose = option.purpose
    return option.recipient is None and purpose.in_accept_all and not sensitive & set(purpose.data)


def is_texts(value: object) -> bool:
    """Is it a list of texts?"""
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)
