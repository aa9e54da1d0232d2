"""The parts that a notice is made of: each frozen, each text in every locale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..text import Text
from .fields import AGREED, WORDING, ChangeClass

Control = Literal["always_on", "opt_in", "just_in_time"]
ConsentKind = Literal["none", "ordinary", "separate", "single_use"]
ListName = Literal["data", "circumstances", "purposes", "recipients", "disclosures", "services", "changes"]
MinorsRule = Literal[
    "allowed", "guardian_assisted", "guardian_consent_under_14", "off_under_14_without_guardian", "off"
]


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
    """A paragraph of the statement; `list` puts one of the notice's own tables behind it. Visitors are
    told when a `material` one changes; other wording changes in silence.
    """

    id: str
    text: Text = field(metadata=WORDING)
    list: ListName | None = field(default=None, metadata=WORDING)
    material: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled part of the statement, with an anchor of its own."""

    id: str
    title: Text = field(metadata=WORDING)
    paragraphs: tuple[Paragraph, ...] = field(metadata=WORDING)


@dataclass(frozen=True, kw_only=True)
class DataCategory:
    """A kind of information, itemised. A catch-all without items may not be used by a purpose
    (PIPL 17(1)(2): `itemised = false` keeps it in the text and out of the processing).
    """

    id: str
    label: Text = field(metadata=WORDING)
    description: Text = field(metadata=WORDING)
    examples: tuple[Text, ...] = ()
    sensitive: bool = False
    itemised: bool = True


@dataclass(frozen=True, kw_only=True)
class Item:
    """A labelled line: how information is obtained, or when the law has it disclosed."""

    id: str
    label: Text = field(metadata=WORDING)
    description: Text


@dataclass(frozen=True, kw_only=True)
class Successor:
    """Who takes the site over, and with it the information about its visitors (PIPL 22)."""

    name: Text
    contact: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became different with a version, and what that calls for: nothing (`editorial`), telling
    (`notice`), or asking again about what is affected (`consent`). Newest first (PIPL 14(2), 17(2)).
    It can raise what changes.py finds, and never lowers it. A `successor` is always told.
    """

    version: str
    date: str
    change_class: ChangeClass
    summary: Text
    successor: Successor | None = None


@dataclass(frozen=True, kw_only=True)
class RecipientClass:
    """A kind of party that may receive information; `functions` list what providers do for the site."""

    id: str
    label: Text = field(metadata=WORDING)
    description: Text
    functions: tuple[Text, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A named party. For each of its `purposes` it is granted, and withdrawn, on its own
    (PIPL 23: name, contact, purpose, means and kinds of information).
    """

    id: str
    name: Text
    recipient_class: str = field(metadata=AGREED)
    company: str = field(metadata=AGREED)
    contact: str = field(metadata=AGREED)
    country: str = field(metadata=AGREED)
    means: Text = field(metadata=AGREED)
    data: tuple[str, ...] = field(metadata=AGREED)
    purposes: tuple[str, ...] = field(metadata=AGREED)
    rights: Text | None = None
    revision: int = field(default=1, metadata=AGREED)


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie or storage key that a service sets; a trailing `*` stands for any ending."""

    name: str
    duration: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """A vendor's tag under its purposes, and what it leaves behind (deleted on withdrawal).
    With a `recipient` it stays shut until that recipient is granted, whatever its purposes say.
    """

    id: str
    name: Text = field(metadata=WORDING)
    company: str = field(metadata=AGREED)
    country: str = field(metadata=AGREED)
    purposes: tuple[str, ...] = field(metadata=AGREED)
    recipient: str | None = field(default=None, metadata=AGREED)
    hosts: tuple[str, ...] = field(default=(), metadata=WORDING)
    cookies: tuple[Cookie, ...] = ()
    storage: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """How purposes are gathered in the preference centre."""

    id: str
    label: Text = field(metadata=WORDING)
    description: Text = field(metadata=WORDING)


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """Why information is used, and whether the visitor is asked. Changing what it covers (its
    data, recipients, services, kind of consent, or `revision`) asks visitors again; changing
    its wording does not.

    `minors` says what becomes of it once a visitor is known to be under 18, where it rests on consent: `off` is for
    adults alone, not even a guardian can grant it; for all others a child needs his guardian, and from 14 (or
    whatever age the site's law says) one decides for himself.
    """

    id: str
    group: str = field(metadata=WORDING)
    label: Text = field(metadata=WORDING)
    description: Text = field(metadata=WORDING)
    if_refused: Text
    retention: Text
    control: Control = field(metadata=AGREED)
    consent: ConsentKind = field(metadata=AGREED)
    data: tuple[str, ...] = field(default=(), metadata=AGREED)
    recipients: tuple[str, ...] = field(default=(), metadata=AGREED)
    legal_basis: Mapping[str, str] = field(default_factory=dict)
    in_accept_all: bool = field(default=False, metadata=WORDING)
    gpc_opt_out: bool = False
    necessity: Text | None = None
    impact: Text | None = None
    minors: MinorsRule = "off"
    revision: int = field(default=1, metadata=AGREED)
