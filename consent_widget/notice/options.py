"""What a visitor can decide under a notice, and the fingerprint of what they agree to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import islice
from typing import Any

from .canonical import canonical
from .fields import agreed
from .parts import Purpose, Recipient, Service

#: How many options a notice has at most. A token with decisions on all of them fits into a cookie (choice/token.py).
MAX_OPTIONS = 200


@dataclass(frozen=True)
class Option:
    """One thing that a visitor can grant or deny: a purpose, a purpose towards one named recipient, or a purpose as far
    as one service goes. What is always on is an option only where a child's guardian has to agree to it.

    `key` names it (`data_analytics`, `partner_sharing:acme`, `marketing@youtube`). `fingerprint`, four characters, is a
    hash of what is agreed to: when that changes, so does the fingerprint, and earlier decisions no longer count. Nobody
    is asked about a service: while it has no answer of its own, its purpose's counts.
    """

    key: str
    fingerprint: str
    purpose: Purpose
    recipient: Recipient | None = None
    service: Service | None = None

    @property
    def data(self) -> tuple[str, ...]:
        """The kinds of information that it is about, by id."""
        return self.recipient.data if self.recipient else self.purpose.data

    @cached_property
    def in_centre(self) -> bool:
        """Has it a switch in the preference centre?"""
        return self.purpose.control == "opt_in"

    @cached_property
    def in_bulk(self) -> bool:
        """Has it a place in every full answer? A service has none: it follows its purpose."""
        return self.in_centre and self.service is None

    @cached_property
    def is_asked(self) -> bool:
        """Does the site ask about it by itself? Never about one recipient or one service alone."""
        return self.in_bulk and self.recipient is None

    @cached_property
    def for_guardian(self) -> bool:
        """Is it on for everybody but a child, for whom their guardian decides?"""
        return self.purpose.consent == "none"

    @cached_property
    def on_its_own(self) -> bool:
        """Is it granted alone, never together with something else?"""
        return self.recipient is not None or self.purpose.consent == "single_use"

    @cached_property
    def in_accept_all(self) -> bool:
        """Does "Accept all" grant it? Never where separate consent is needed."""
        return self.recipient is None and self.service is None and self.purpose.in_accept_all

    @cached_property
    def for_adults(self) -> bool:
        """Is it off for everybody who is known to be under 18, whoever grants it?"""
        return self.purpose.minors == "off"


def option_key(purpose: str, recipient: str | None = None) -> str:
    """The key of the option for a purpose, or for a purpose towards a recipient. Both are given by id."""
    return f"{purpose}:{recipient}" if recipient else purpose


def service_key(purpose: str, service: str) -> str:
    """The key of the option for a purpose as far as one service goes. Both are given by id."""
    return f"{purpose}@{service}"


def make_options(
    purposes: Sequence[Purpose], recipients: Sequence[Recipient], services: Sequence[Service], locale: str
) -> Iterator[Option]:
    """The options of a notice, in its order. The means of a recipient are hashed in `locale` only, so that an added
    language asks nobody again.
    """
    options = list(_main_options(purposes, recipients, services, locale))
    yield from options
    yield from islice(_service_options(purposes, services), max(0, MAX_OPTIONS - len(options)))


def _service_options(purposes: Sequence[Purpose], services: Sequence[Service]) -> Iterator[Option]:
    """A service can be decided alone under each purpose of ordinary consent. One with a recipient is decided by that.
    Whatever changes here also changes the fingerprint of the purpose, so that a refused service never starts unasked.
    """
    for service in services:
        for purpose in purposes:
            if purpose.consent == "ordinary" and service.recipient is None and purpose.id in service.purposes:
                meaning = {**_meaning(purpose), "service": _vendor(service)}
                yield Option(service_key(purpose.id, service.id), _fingerprint(meaning), purpose, service=service)


def _main_options(
    purposes: Sequence[Purpose], recipients: Sequence[Recipient], services: Sequence[Service], locale: str
) -> Iterator[Option]:
    for purpose in purposes:
        meaning = _meaning(purpose)
        if purpose.consent == "none":
            if purpose.minors == "guardian":
                yield Option(purpose.id, _fingerprint(meaning), purpose)
            continue
        if purpose.consent != "separate":
            vendors = sorted(_vendor(service) for service in services if purpose.id in service.purposes)
            yield Option(purpose.id, _fingerprint({**meaning, "services": vendors}), purpose)
        for recipient in recipients:
            if purpose.id in recipient.purposes:
                fingerprint = _fingerprint({**meaning, "recipient": _recipient(recipient, locale)})
                yield Option(option_key(purpose.id, recipient.id), fingerprint, purpose, recipient)


def _meaning(purpose: Purpose) -> dict[str, object]:
    return {"purpose": purpose.id, **{name: _in_order(value) for name, value in agreed(purpose).items()}}


def _in_order(value: Any) -> Any:
    return sorted(value) if isinstance(value, tuple) else value


def _vendor(service: Service) -> list[str]:
    names = [value for name, value in agreed(service).items() if name != "purposes"]
    return [service.id, *(name for name in names if name is not None)]


def _recipient(recipient: Recipient, locale: str) -> dict[str, object]:
    """Hashed as in the first release: without fields at their default, lists in the notice's order."""
    defaults = {field.name: field.default for field in fields(recipient)}
    values = {name: value for name, value in agreed(recipient).items() if value != defaults[name]}
    return {"id": recipient.id, **values, "means": recipient.means[locale]}


def _fingerprint(meaning: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(canonical(meaning)).digest()[:3]).decode()
