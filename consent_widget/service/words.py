"""Errors and messages in the words of `sites.toml`: its keys instead of settings, and the commands of the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ConfigurationError, NoticeError, StoreError

#: The keys at the top of the file, and those in the table of a site.
TOP = (
    "url", "keys", "keys_file", "database", "proxies", "rate_limit", "script_days", "log_key", "log_policy",
    "log_minutes", "witness", "sites",
)  # fmt: skip
PER_SITE = (
    "origins", "notice", "controller", "layout", "theme", "locales", "region", "region_header", "cookie_name",
    "cookie_domain", "leave", "carry_over", "iab", "officer", "webhooks",
)  # fmt: skip
SETTING = re.compile(r"CONSENT_([A-Z_]+)")


@contextmanager
def errors_as_in_file(id: str = "") -> Iterator[None]:
    """Errors that are raised inside name the keys of the file instead of settings, and the site where there is one."""
    try:
        yield
    except (ConfigurationError, StoreError) as error:
        text = in_words_of_file(str(error), id)
        if isinstance(error, NoticeError):
            text = f"sites.{id}.notice: {text}"
        raise ConfigurationError(text) from None


def in_words_of_file(text: str, id: str = "") -> str:
    """A message with the keys of sites.toml instead of `CONSENT_…` settings, and with the commands of the service."""

    def name(found: re.Match[str]) -> str:
        key = found[1].lower()
        return f"sites.{id or '…'}.{key}" if key in PER_SITE else key

    return SETTING.sub(name, text).replace("flask consent", "consent-widget")
