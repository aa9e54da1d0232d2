"""What one setting means, what it may hold, and what an error about it says: stated once, with its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field
from typing import Any, NamedTuple

from ..errors import ConfigurationError


class Rule(NamedTuple):
    """A value has to pass `check`; `remedy` says what to write instead."""

    check: Callable[[Any], bool]
    remedy: str


@dataclass(frozen=True)
class Setting:
    """One setting."""

    #: As docs/configuration.md says it, in Markdown; more may follow there.
    meaning: str
    #: The default in words, where its value does not say it.
    default: str
    #: In this order: a rule may rely on those before it.
    rules: tuple[Rule, ...]
    #: Makes the field's value of the configured one, after the rules have passed. May raise ConfigurationError.
    parse: Callable[[Any], Any]
    #: What of the field's value others may read, such as an auditor. None where it may hold a secret.
    told: Callable[[Any], object] | None

    def read(self, name: str, value: object) -> Any:
        """The field's value, or ConfigurationError with the first remedy that is needed."""
        for check, remedy in self.rules:
            if not check(value):
                raise ConfigurationError(f"{name}: {remedy}")
        return self.parse(value)


def setting(
    meaning: str, *rules: tuple[Callable[[Any], bool], str], default: Any, default_text: str = "",
    parse: Callable[[Any], Any] = lambda value: value, told: Callable[[Any], object] | None = None,
) -> Any:  # fmt: skip
    """A field of Settings, for one `CONSENT_…` key. Unless it says what of it may be `told`, nothing is."""
    described = Setting(meaning, default_text or f"`{default}`", tuple(Rule(*rule) for rule in rules), parse, told)
    metadata = {"setting": described}
    if isinstance(default, dict):  # an empty one, which each Settings gets for itself
        return field(default_factory=dict, metadata=metadata)
    return field(default=default, metadata=metadata)


def setting_of(field: Field[Any]) -> Setting:
    """What a field of Settings says about its setting."""
    described: Setting = field.metadata["setting"]
    return described
