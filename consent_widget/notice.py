"""What a site tells its visitors: one immutable, versioned document in every language it declares."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Literal

from .canonical import canonical, digest
from .text import Text

Control = Literal["always_on", "opt_in", "just_in_time"]
ConsentKind = Literal["none", "ordinary", "separate", "single_use"]
ListName = Literal["data", "circumstances", "purposes", "recipients", "disclosures", "services"]


@dataclass(frozen=True, kw_only=True)
class Controller:
    """Who is responsible (PIPL 17(1)(1), GDPR 13(1)(a)). Nothing here has a default: a notice
    that does not say who speaks is no notice.
    """

    name: Text
    address: Text
    email: Text
    phone: Text
    officer: Text | None = None
    storage_location: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph of the statement; `list` puts one of the notice's own tables behind it."""

    id: str
    text: Text
    list: ListName | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled part of the statement, with an anchor of its own."""

    id: str
    title: Text
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, kw_only=True)
class DataCategory:
    """A kind of information, itemised. A catch-all without items may not be used by a purpose
    (PIPL 17(1)(2): `itemised = false` keeps it in the text and out of the processing).
    """

    id: str
    label: Text
    description: Text
    examples: tuple[Text, ...] = ()
    sensitive: bool = False
    itemised: bool = True


@dataclass(frozen=True, kw_only=True)
class Item:
    """A labelled line: how information is obtained, or when the law has it disclosed."""

    id: str
    label: Text
    description: Text


@dataclass(frozen=True, kw_only=True)
class RecipientClass:
    """A kind of party that may receive information; `functions` list what providers do for the site."""

    id: str
    label: Text
    description: Text
    functions: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A named party. For each of its `purposes` it is granted, and withdrawn, on its own
    (PIPL 23: name, contact, purpose, means and kinds of information).
    """

    id: str
    name: Text
    recipient_class: str
    company: str
    contact: str
    country: str
    means: Text
    data: tuple[str, ...]
    purposes: tuple[str, ...]
    rights: Text | None = None
    revision: int = 1


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie or storage key that a service sets; a trailing `*` stands for any ending."""

    name: str
    duration: str = ""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A vendor's tag under its purposes, and what it leaves behind (deleted on withdrawal).
    With a `recipient` it stays shut until that recipient is granted, whatever its purposes say.
    """

    id: str
    name: Text
    company: str
    country: str
    purposes: tuple[str, ...]
    recipient: str | None = None
    hosts: tuple[str, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    storage: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """How purposes are gathered in the preference centre."""

    id: str
    label: Text
    description: Text


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """Why information is used, and whether the visitor is asked. Changing what it covers (its
    data, recipients, services, kind of consent, or `revision`) asks visitors again; changing
    its wording does not.
    """

    id: str
    group: str
    label: Text
    description: Text
    if_refused: Text
    retention: Text
    control: Control
    consent: ConsentKind
    data: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    legal_basis: Mapping[str, str] = field(default_factory=dict)
    in_accept_all: bool = False
    gpc_opt_out: bool = False
    necessity: Text | None = None
    impact: Text | None = None
    minors: str = "off"
    revision: int = 1


@dataclass(frozen=True)
class Option:
    """One thing that a visitor can grant or deny: a purpose, or a purpose towards one named recipient.

    `key` names it (`data_analytics`, `partner_sharing:acme`); `tag`, four characters, is the
    fingerprint of what is agreed to: another meaning, another tag, and so no consent.
    """

    key: str
    tag: str
    purpose: Purpose
    recipient: Recipient | None = None

    @property
    def in_bulk(self) -> bool:
        """Is it shown in the preference centre, and so part of every full answer?"""
        return self.purpose.control == "opt_in"

    @property
    def in_accept_all(self) -> bool:
        """Does one press of "Accept all" grant it? Never with separate consent."""
        return self.recipient is None and self.purpose.in_accept_all


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The whole statement. Building one checks it: what is contradictory or missing in any
    locale raises NoticeError, naming the place. `digest` identifies exactly this text.
    """

    id: str
    version: str
    effective: str
    locales: tuple[str, ...]
    title: Text
    first_layer_title: Text
    first_layer_body: Text
    controller: Controller
    groups: tuple[Group, ...]
    purposes: tuple[Purpose, ...]
    sections: tuple[Section, ...] = ()
    data: tuple[DataCategory, ...] = ()
    circumstances: tuple[Item, ...] = ()
    recipient_classes: tuple[RecipientClass, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    disclosures: tuple[Item, ...] = ()
    services: tuple[Service, ...] = ()
    prevailing_locale: str | None = None
    lifetime_days: int = 180

    def __post_init__(self) -> None:
        from .notice_check import check, filled

        for name, value in filled(self).items():
            object.__setattr__(self, name, value)
        check(self)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the whole notice: 64 hexadecimal digits."""
        return digest(plain(self))

    @cached_property
    def text(self) -> str:
        """The canonical JSON that the digest is taken over; what a store keeps for good."""
        return canonical(plain(self)).decode()

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Everything this notice lets a visitor decide, by key, in the notice's own order."""
        return {option.key: option for purpose in self.purposes for option in self._options_of(purpose)}

    def purpose(self, id: str) -> Purpose | None:
        """The purpose of that id, or None."""
        return self._purposes.get(id)

    def in_group(self, group: str) -> tuple[Purpose, ...]:
        """The purposes of a group, in order."""
        return tuple(purpose for purpose in self.purposes if purpose.group == group)

    def services_of(self, purpose: str) -> tuple[Service, ...]:
        """The services that run under a purpose."""
        return tuple(service for service in self.services if purpose in service.purposes)

    def recipients_of(self, purpose: str) -> tuple[Recipient, ...]:
        """The named recipients that are granted separately for a purpose."""
        return tuple(recipient for recipient in self.recipients if purpose in recipient.purposes)

    @cached_property
    def _purposes(self) -> Mapping[str, Purpose]:
        return {purpose.id: purpose for purpose in self.purposes}

    def _options_of(self, purpose: Purpose) -> Iterable[Option]:
        if purpose.consent in ("none", "single_use"):
            return
        meaning: dict[str, object] = {
            "purpose": purpose.id,
            "control": purpose.control,
            "consent": purpose.consent,
            "data": sorted(purpose.data),
            "recipients": sorted(purpose.recipients),
            "revision": purpose.revision,
        }
        if purpose.consent == "ordinary":
            services = sorted([s.id, s.company, s.country] for s in self.services_of(purpose.id))
            yield Option(purpose.id, _tag({**meaning, "services": services}), purpose)
        for recipient in self.recipients_of(purpose.id):
            party = {k: v for k, v in _own(recipient).items() if k not in ("name", "means", "rights")}
            tag = _tag({**meaning, "recipient": party})
            yield Option(f"{purpose.id}:{recipient.id}", tag, purpose, recipient)


def plain(value: object) -> object:
    """`value` as JSON-ready tables and lists. Fields at their default are left out, so that a
    field added to the model later changes no digest of today.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return _own(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _own(record: object) -> dict[str, object]:
    return {
        each.name: plain(getattr(record, each.name))
        for each in fields(record)  # type: ignore[arg-type]
        if each.default is MISSING or getattr(record, each.name) != each.default
    }


def _tag(meaning: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(canonical(meaning)).digest()[:3]).decode()
