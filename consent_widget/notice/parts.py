"""The parts of a notice. Each is frozen, and has each text in every locale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..regions import Transfer
from ..text import Text
from .fields import AGREED, NOT_SHOWN, WORDING, ChangeClass

Control = Literal["always_on", "opt_in", "just_in_time"]
ConsentKind = Literal["none", "ordinary", "separate", "single_use"]
ListName = Literal["data", "circumstances", "purposes", "recipients", "disclosures", "services", "changes"]
Exemption = Literal["statistics", "appearance"]
MinorsRule = Literal["allowed", "guardian", "off"]
Role = Literal["processor", "independent"]


@dataclass(frozen=True, kw_only=True)
class Controller:
    """Who is responsible (PIPL 17(1)(1), GDPR 13(1)(a)). The first four have no default: without them a notice is not
    valid. `officer` is the person in charge of data protection.
    """

    name: Text
    address: Text
    email: Text
    phone: Text
    officer: Text | None = None
    storage_location: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph of the statement. `list` puts one of the notice's lists after it. Visitors are told when a `material`
    one changes, and not when other wording does.
    """

    id: str
    text: Text = field(metadata=WORDING)
    list: ListName | None = field(default=None, metadata=WORDING)
    material: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the statement, with a title and an anchor."""

    id: str
    title: Text = field(metadata=WORDING)
    paragraphs: tuple[Paragraph, ...] = field(metadata=WORDING)


@dataclass(frozen=True, kw_only=True)
class DataCategory:
    """A kind of personal information. `itemised = false` marks a catch-all without items: it is shown, and no purpose
    may use it (PIPL 17(1)(2)). `sensitive` is meant as in PIPL 28.
    """

    id: str
    label: Text = field(metadata=WORDING)
    description: Text = field(metadata=WORDING)
    examples: tuple[Text, ...] = ()
    sensitive: bool = False
    itemised: bool = True


@dataclass(frozen=True, kw_only=True)
class Item:
    """A labelled line: how information is obtained, or in which case the law requires to disclose it."""

    id: str
    label: Text = field(metadata=WORDING)
    description: Text


@dataclass(frozen=True, kw_only=True)
class Successor:
    """Who takes over the site, and with it the information about its visitors (PIPL 22)."""

    name: Text
    contact: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """What changed with a version, newest first (PIPL 14(2), 17(2)), and what that calls for: nothing (`editorial`),
    telling visitors (`notice`), or asking them again (`consent`). It can raise the class that the comparison of both
    versions finds (changes.py), and never lowers it. A `successor` is always announced.
    """

    version: str
    date: str
    change_class: ChangeClass
    summary: Text
    successor: Successor | None = None


@dataclass(frozen=True, kw_only=True)
class RecipientClass:
    """A kind of recipient. A `processor` acts for the site only, on its instructions (PIPL 21, GDPR 28); an
    `independent` recipient has purposes of its own (PIPL 23). `functions` lists what such providers do for the site.
    """

    id: str
    label: Text = field(metadata=WORDING)
    description: Text
    functions: tuple[Text, ...] = ()
    role: Role | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A named recipient (PIPL 23: name, contact, purpose, means and kinds of information). For each of its `purposes`
    visitors grant and withdraw it separately. `country` is an ISO 3166 code. Of a recipient abroad, `transfer` is the
    basis of the transfer (PIPL 38, GDPR 13(1)(f)); `rights` says how visitors exercise their rights there (PIPL 39).
    `known_as` is how readers of each language know the company, in place of `company`.
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
    transfer: Transfer | None = None
    known_as: Text | None = field(default=None, metadata=WORDING)
    revision: int = field(default=1, metadata=AGREED)


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie that a service sets. A trailing `*` in its name stands for any ending. With `host` it is set there, not
    on the site: visitors are told of it, and nobody but that host can delete it.
    """

    name: str
    duration: Text | None = None
    host: str | None = None


@dataclass(frozen=True, kw_only=True)
class Use:
    """From which vendor of the catalogue a service comes (catalogued.py): the vendor's id, the `parameters` of its tag,
    such as the site's number there, and the `fields` of the service that say what the catalogue says. Without `load`
    the site has the tag in its own markup; with `script` it has the vendor's script at an address of its own, such as a
    tag gateway; without `tell` it tells the vendor of choices itself. With `advanced` the
    tag is loaded before the visitor has chosen, and told to wait. `signals` says which purposes of the notice a signal
    needs besides the service, such as Google's `ad_storage`.
    """

    vendor: str
    parameters: Mapping[str, str]
    fields: tuple[str, ...] = ()
    load: bool = True
    script: str | None = None
    tell: bool = True
    advanced: bool = False
    signals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A vendor's script: it runs once all its `purposes` are granted, and its `recipient` where it has one. A service
    without a recipient acts for the site only, as a processor; abroad, its `transfer` is the basis of the transfer.

    Its cookies and its `storage` are deleted when it may no longer run: keys in local and session storage, IndexedDB
    databases and caches, by name or by how the name begins (`*`), and service workers by the path of their script.
    `known_as` is how readers of each language know the company, in place of `company`. With `storage_unknown` visitors
    read that nobody knows what it stores, in place of "none".
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
    storage_unknown: bool = field(default=False, metadata=WORDING)
    transfer: Transfer | None = None
    known_as: Text | None = field(default=None, metadata=WORDING)
    description: Text | None = field(default=None, metadata=WORDING)
    use: Use | None = field(default=None, metadata=NOT_SHOWN)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of purposes in the preference centre."""

    id: str
    label: Text = field(metadata=WORDING)
    description: Text = field(metadata=WORDING)


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """Why information is used, and whether the visitor is asked. When what it covers changes (its data, recipients,
    services, kind of consent, or `revision`), visitors are asked again; when its wording changes, they are not.

    `minors` counts once a visitor is known to be under 18 (docs/minors.md). `guardian`: a child needs their guardian's
    agreement, also where the purpose is always on (PIPL 31); a teen does not. `off`: nobody under 18 can have it, and
    no guardian can grant it. `allowed`: always on, for a child as well. A guardian reads `guardian_description` in
    place of `description`: it speaks of their child.

    `sensitive_use`: uses sensitive information for more than what the visitor asked for, which they can limit in
    California (Cal. Civ. Code 1798.121).

    `exemption`: what the site does itself, for no more than its own statistics or how it looks: on until a visitor
    objects, where the law exempts that (PECR Schedule A1). `opt_out`: on until a visitor opts out, where the law lets
    them opt out instead of asking them (the states of the US). Both are asked first everywhere else (regions.py).

    `question` is what a visitor is asked at the moment it matters; `{recipient}` in it stands for the one who receives.
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
    sensitive_use: bool = False
    exemption: Exemption | None = None
    opt_out: bool = False
    necessity: Text | None = None
    impact: Text | None = None
    minors: MinorsRule = "off"
    question: Text | None = field(default=None, metadata=WORDING)
    guardian_description: Text | None = field(default=None, metadata=WORDING)
    revision: int = field(default=1, metadata=AGREED)
