"""Which of the site's own systems are told what visitors choose (`CONSENT_WEBHOOKS`)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .checks import HOST, SITE

#: What a receiver can be told of.
Event = Literal["choice.recorded", "consent.ended", "subject.erased"]
EVENTS: tuple[Event, ...] = get_args(Event)
#: An address that needs no escapes: nothing in it ends a line of a request.
PLAIN = re.compile(r"[!-~]+")
#: Before the key, in base64, as Standard Webhooks writes a secret; how many bytes such a key has; and how many secrets
#: may be in use at once.
PREFIX, FEWEST, MOST, AT_ONCE = "whsec_", 24, 64, 3
#: From the specification's own examples: everybody knows it.
PUBLIC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAKE = "Make one with: flask consent keygen --webhook"


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """One system of the site's own. Neither its secrets nor its address, which may hold one, are part of its `repr`."""

    name: str
    url: str = field(repr=False)
    #: Keys that sign, the newest first: every message has a signature with each.
    secrets: tuple[bytes, ...] = field(repr=False)
    events: tuple[Event, ...] = EVENTS
    #: May messages go over a network of the site's own without TLS?
    unencrypted: bool = False

    @property
    def tls(self) -> bool:
        """Is the connection encrypted?"""
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """Its host, without a port."""
        return urlsplit(self.url).hostname or ""


def read_webhooks(table: object) -> tuple[Receiver, ...]:
    """`CONSENT_WEBHOOKS` as receivers. ConfigurationError where a value is not usable; no message shows a secret, or an
    address.
    """
    if not isinstance(table, Mapping):
        raise ConfigurationError('CONSENT_WEBHOOKS: must be a table of receivers by name, like {"crm": {"url": …}}.')
    return tuple(_receiver(name, values) for name, values in table.items())


def told_of_receivers(receivers: tuple[Receiver, ...]) -> object:
    """What others may read of these: which they are, on which hosts, and what they are told of."""
    return {each.name: {"host": each.host, "events": list(each.events)} for each in receivers}


def _receiver(name: object, values: object) -> Receiver:
    if not isinstance(name, str) or not SITE.fullmatch(name):
        raise ConfigurationError(
            "CONSENT_WEBHOOKS: a receiver's name is lower-case letters, digits and -, at most 32, like crm."
        )
    where = f"CONSENT_WEBHOOKS: {name}"
    if not isinstance(values, Mapping):
        raise ConfigurationError(f"{where}: must be a table with url and secret.")
    known = {"secret", *(each.name for each in fields(Receiver))} - {"name", "secrets"}
    if unknown := [str(key) for key in values if key not in known]:
        raise ConfigurationError(f"{where}.{unknown[0]}: no such key. There are: {', '.join(sorted(known))}.")
    unencrypted = values.get("unencrypted", False)
    if type(unencrypted) is not bool:
        raise ConfigurationError(f"{where}.unencrypted: must be True or False.")
    url = values.get("url")
    _check_url(f"{where}.url", url, unencrypted=unencrypted)
    return Receiver(
        name=name,
        url=str(url),
        secrets=_secrets(f"{where}.secret", values.get("secret")),
        events=_events(f"{where}.events", values.get("events", EVENTS)),
        unencrypted=unencrypted,
    )


def _check_url(where: str, url: object, *, unencrypted: bool) -> None:
    try:
        parts = urlsplit(url) if isinstance(url, str) and PLAIN.fullmatch(url) else None
        usable = parts and parts.scheme in ("https", "http") and (parts.port is None or parts.port > 0)
    except ValueError:  # a port, or an address in brackets, that is none
        usable = False
    if not usable or not parts or not parts.hostname or parts.fragment or "#" in parts.geturl():
        raise ConfigurationError(f"{where}: must be where the receiver is, like https://crm.shop.example/consent.")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"{where}: leave out the user and the password. The signature says who sends.")
    if not _is_host(parts.hostname):
        raise ConfigurationError(f"{where}: write the host plainly, like crm.shop.example (IDN: xn--…).")
    if parts.scheme == "http" and not unencrypted and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"{where}: must begin with https://, or everybody on the way reads what visitors chose. On a network of "
            "your own, such as that between two containers, say unencrypted = true."
        )


def _is_host(host: str) -> bool:
    return _address(host) or (HOST.fullmatch(host) is not None and max(map(len, host.split("."))) <= 63)


def _address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Is this host, by a name or an address, the machine itself?"""
    return host == "localhost" or (_address(host) and ip_address(host).is_loopback)


def _secrets(where: str, value: object) -> tuple[bytes, ...]:
    listed = value if isinstance(value, (list, tuple)) else [value]
    secrets = [each for each in listed if isinstance(each, str)]
    if not 1 <= len(listed) <= AT_ONCE or len(secrets) < len(listed):
        raise ConfigurationError(f"{where}: must be a secret that begins with {PREFIX}, or a list of them. {MAKE}")
    if PUBLIC in secrets:
        raise ConfigurationError(f"{where}: this one stands in documentation, so everybody knows it. {MAKE}")
    return tuple(_key(where, each) for each in secrets)


def _key(where: str, secret: str) -> bytes:
    begin, prefix, text = secret.partition(PREFIX)
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True) if prefix and not begin else b""
    except (binascii.Error, ValueError):
        key = b""
    if not FEWEST <= len(key) <= MOST:
        raise ConfigurationError(
            f"{where}: a secret is {PREFIX} and then {FEWEST} to {MOST} random bytes in base64. {MAKE}"
        )
    return key


def _events(where: str, value: object) -> tuple[Event, ...]:
    named = list(value) if isinstance(value, (list, tuple)) else []
    if not named or any(each not in EVENTS for each in named):
        raise ConfigurationError(f"{where}: must be a list of one or more of {', '.join(EVENTS)}.")
    return tuple(each for each in EVENTS if each in named)
