"""The keys that sign: which settings they come from, and which texts are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..choice.token import SHORTEST_KEY
from ..errors import ConfigurationError

MAKE = "Make one with: flask consent keygen"
#: From Flask's own documentation: everybody knows them.
PUBLIC = (
    b'_5#y2L"F4Q8z\n\xec]/',
    b"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
)


def signing_keys(config: Mapping[str, Any]) -> tuple[bytes, ...]:
    """All keys of a Flask config, oldest first: CONSENT_KEYS, else Flask's own. ConfigurationError names the setting
    where there is none, or where one of them protects nothing.
    """
    names = ("CONSENT_KEYS",) if config.get("CONSENT_KEYS") else ("SECRET_KEY_FALLBACKS", "SECRET_KEY")
    keys = [(name, key) for name in names for key in _listed(name, config.get(name)) if key]
    if not keys:
        raise ConfigurationError(f"CONSENT_KEYS: none set, and no SECRET_KEY either. {MAKE} (and keep it secret).")
    return tuple(_checked(name, key) for name, key in keys)


def _listed(name: str, value: object) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    if value is None or isinstance(value, (str, bytes)):
        return [value]
    raise ConfigurationError(f"{name}: must be a list of keys, each a text or bytes. {MAKE}")


def _checked(name: str, key: object) -> bytes:
    instead = f'{MAKE}, and set it as CONSENT_KEYS = ["…"] or as {name}.' if name != "CONSENT_KEYS" else MAKE
    if not isinstance(key, (str, bytes)):
        raise ConfigurationError(f"{name}: every key must be a text or bytes. {instead}")
    plain = key.encode() if isinstance(key, str) else key
    if len(key) < SHORTEST_KEY and plain not in PUBLIC:
        raise ConfigurationError(
            f"{name}: every key needs {SHORTEST_KEY} characters or more, or choices could be forged. {instead}"
        )
    if b"keygen" in plain or plain in PUBLIC:
        raise ConfigurationError(f"{name}: this key stands in the documentation, so everybody knows it. {instead}")
    return plain
