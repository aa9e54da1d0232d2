"""What a visitor can decide under a notice, and the fingerprint of what they agree to."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from .canonical import canonical
from .fields import agreed
from .parts import Purpose, Recipient, Service


@dataclass(frozen=True)
class Option:
    """One thing that a visitor can grant or deny: a purpose, or a purpose towards one named recipient.

    `key` names it (`data_analytics`, `partner_sharing:acme`). `fingerprint`, four characters, is a hash of what is
    agreed to: when that changes, so does the fingerprint, and earlier decisions no longer count.
    """

    key: str
    fingerprint: str
    purpose: Purpose
    recipient: Recipient | None = None

    @property
    def in_bulk(self) -> bool:
        """Has it a switch in the preference centre, and so a place in every full answer?"""
        return self.purpose.control == "opt_in"

    @property
    def on_its_own(self) -> bool:
        """Is it granted alone, never together with something else?"""
        return self.recipient is not None or self.purpose.consent == "single_use"

    @property
    def in_accept_all(self) -> bool:
        """Does "Accept all" grant it? Never where separate consent is needed."""
        return self.recipient is None and self.purpose.in_accept_all

    @property
    def for_adults(self) -> bool:
        """Is it off for everybody who is known to be under 18, whoever grants it?"""
        return self.purpose.minors == "off"


def option_key(purpose: str, recipient: str | None = None) -> str:
    """The key of the option for a purpose, or for a purpose towards a recipient. Both are given by id."""
    return f"{purpose}:{recipient}" if recipient else purpose


def make_options(
    purposes: Sequence[Purpose], recipients: Sequence[Recipient], services: Sequence[Service], locale: str
) -> Iterator[Option]:
    """The options of a notice, in its order. The means of a recipient are hashed in `locale` only, so that an added
    language asks nobody again.
    """
    for purpose in purposes:
        if purpose.consent == "none":
            continue
        meaning = {"purpose": purpose.id, **{name: _in_order(value) for name, value in agreed(purpose).items()}}
        if purpose.consent != "separate":
            vendors = sorted(_vendor(service) for service in services if purpose.id in service.purposes)
            yield Option(purpose.id, _fingerprint({**meaning, "services": vendors}), purpose)
        for recipient in recipients:
            if purpose.id in recipient.purposes:
                fingerprint = _fingerprint({**meaning, "recipient": _recipient(recipient, locale)})
                yield Option(option_key(purpose.id, recipient.id), fingerprint, purpose, recipient)


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
