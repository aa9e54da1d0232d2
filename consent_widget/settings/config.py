"""The settings in a Flask config: each by itself, then those that speak of each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..choice.age import read_age
from ..errors import ConfigurationError
from ..notice.file import find_notice
from ..regions import region_of
from ..store import is_sql_store
from .keys import signing_keys
from .log_key import read_log_keys, read_log_policy, read_witness_keys
from .model import SETTINGS, Settings
from .setting import setting_of

#: How alike two names must be for one to be a slip of the other: all begin alike.
NEAR = 0.9


def read_settings(config: Mapping[str, Any], folders: Iterable[Path] = ()) -> Settings:
    """The settings in a Flask config. Unknown keys and unusable values are errors that name the key. A notice without
    an absolute path is looked for in these `folders`.
    """
    for name in config:
        if name.startswith("CONSENT_") and name not in SETTINGS:
            near = get_close_matches(name, SETTINGS, 1, NEAR)
            instead = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(SETTINGS))}."
            raise ConfigurationError(f"{name}: no such setting. {instead}")
    configured = {name: config[name] for name in SETTINGS if config.get(name) is not None}
    configured["CONSENT_KEYS"] = signing_keys(config)
    values = {SETTINGS[name].name: setting_of(SETTINGS[name]).read(name, value) for name, value in configured.items()}
    if "age" in values:
        values["age"] = read_age(values["age"])
    folders = list(folders)
    for name, read_file in (
        ("log_key", read_log_keys),
        ("log_policy", read_log_policy),
        ("witness", read_witness_keys),
    ):
        if name in values:
            values[name] = read_file(values[name], folders)
    if isinstance(values.get("notice"), (str, Path)):
        values["notice"] = find_notice(values["notice"], folders)
    settings = Settings(**values)
    if settings.age:
        settings = replace(settings, age=settings.age.under(region_of(settings.common_region)))
    if (settings.log_key or settings.witness) and settings.store is not None and not is_sql_store(settings.store):
        name = "CONSENT_LOG_KEY" if settings.log_key else "CONSENT_WITNESS"
        raise ConfigurationError(f"{name}: the log is in CONSENT_DATABASE. CONSENT_STORE keeps none: unset one.")
    for name in ("SESSION_COOKIE_NAME", "REMEMBER_COOKIE_NAME"):
        if config.get(name) == settings.cookie_name:
            raise ConfigurationError(f"CONSENT_COOKIE_NAME: is that of another cookie of this app ({name}).")
    if settings.region and settings.region_header:
        raise ConfigurationError("CONSENT_REGION_HEADER: leave out either this or CONSENT_REGION, which says it too.")
    if settings.site and not settings.origins:
        raise ConfigurationError("CONSENT_SITE: needs CONSENT_ORIGINS, the site's own origin among them.")
    return settings
