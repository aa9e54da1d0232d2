"""The notice: one immutable, versioned document in every language it declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from ..days import day_of_date
from ..errors import NoticeError
from ..text import Text, map_texts
from .canonical import canonical, digest
from .check import check, fill_in
from .fields import NOT_COMPARED, NOT_SHOWN, WORDING, WORDING_INSIDE
from .options import Option, make_options
from .parts import (
    Change,
    Controller,
    DataCategory,
    Group,
    Item,
    Purpose,
    Recipient,
    RecipientClass,
    Section,
    Service,
)
from .plain import plain


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Everything that a site tells its visitors. Building one checks it: NoticeError names the place of a
    contradiction, or of a text that is missing in a locale. It fills in each `{controller.…}` and `{records_months}` in
    the texts.

    `country` is where the site is (ISO 3166): its law decides what is asked for recipients elsewhere (abroad.py).
    `effective` is a date (YYYY-MM-DD). `prevailing_locale` is the one that counts where texts differ. `lifetime_days`
    is how long an answer is valid. A child reads `child_body` in place of `first_layer_body`. `records_months` is for
    how many months the record of a choice is kept once the choice has ended. `facts` are for the site's own use
    (facts.py): they are no part of the text, so confirming one changes no digest.
    """

    id: str = field(metadata=NOT_COMPARED)
    version: str = field(metadata=NOT_COMPARED)
    effective: str = field(metadata=NOT_COMPARED)
    locales: tuple[str, ...] = field(metadata=WORDING)
    title: Text = field(metadata=WORDING)
    first_layer_title: Text = field(metadata=WORDING)
    first_layer_body: Text = field(metadata=WORDING)
    controller: Controller = field(metadata=NOT_COMPARED)
    groups: tuple[Group, ...] = field(metadata=WORDING)
    purposes: tuple[Purpose, ...]
    sections: tuple[Section, ...] = field(default=(), metadata=WORDING)
    data: tuple[DataCategory, ...] = ()
    circumstances: tuple[Item, ...] = field(default=(), metadata=WORDING_INSIDE)
    recipient_classes: tuple[RecipientClass, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    disclosures: tuple[Item, ...] = ()
    services: tuple[Service, ...] = ()
    changes: tuple[Change, ...] = field(default=(), metadata=NOT_COMPARED)
    prevailing_locale: str | None = None
    lifetime_days: int = 180
    child_body: Text | None = field(default=None, metadata=WORDING)
    country: str | None = None
    records_months: int | None = field(default=None, metadata=NOT_COMPARED)
    facts: Mapping[str, str] = field(default_factory=dict, metadata=NOT_SHOWN)

    def __post_init__(self) -> None:
        for name, value in fill_in(self).items():
            object.__setattr__(self, name, value)
        check(self)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of `text`, as 64 hexadecimal digits: it identifies exactly this notice."""
        return digest(self.text)

    @cached_property
    def text(self) -> str:
        """The whole notice as canonical JSON (RFC 8785), as a store keeps it for good."""
        return canonical(plain(self)).decode()

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Everything that a visitor can decide, by key, in the notice's order."""
        options = make_options(self.purposes, self.recipients, self.services, self.locales[0])
        return {option.key: option for option in options}

    @cached_property
    def meanings(self) -> Mapping[str, Option]:
        """The same options, by fingerprint."""
        return {option.fingerprint: option for option in self.options.values()}

    @property
    def first_day(self) -> int:
        """The day since 1970 on which it takes effect."""
        return day_of_date(self.effective)

    def is_newer_than(self, other: Notice) -> bool:
        """Is this a later version of the same notice: by `effective`, and on the same day by `version`? There 1.10
        comes after 1.9, and 2.0-beta before 2.0. Of two different texts that have both in common, neither is newer.
        """
        return self.id == other.id and self._order > other._order

    def purpose(self, id: str) -> Purpose | None:
        """The purpose with this id, or None."""
        return self._purposes.get(id)

    def in_group(self, group: str) -> tuple[Purpose, ...]:
        """The purposes of a group, in order."""
        return tuple(purpose for purpose in self.purposes if purpose.group == group)

    def services_of(self, purpose: str) -> tuple[Service, ...]:
        """The services that need this purpose."""
        return tuple(service for service in self.services if purpose in service.purposes)

    def recipients_of(self, purpose: str) -> tuple[Recipient, ...]:
        """The named recipients that are granted separately for this purpose."""
        return tuple(recipient for recipient in self.recipients if purpose in recipient.purposes)

    def offered_in(self, locales: tuple[str, ...]) -> Notice:
        """The notice in these of its locales only, in this order. NoticeError where it does not have one of them."""
        for locale in locales:
            if locale not in self.locales:
                raise NoticeError(f"locales: there is no {locale!r}. The notice has: {', '.join(self.locales)}.")
        prevailing = self.prevailing_locale if self.prevailing_locale in locales else None
        values = {f.name: map_texts(lambda text: text.only(locales), getattr(self, f.name)) for f in fields(self)}
        return Notice(**{**values, "locales": locales, "prevailing_locale": prevailing})  # type: ignore[arg-type]

    @cached_property
    def _order(self) -> tuple[object, ...]:
        parts = re.findall(r"(\d+)|([^\d.]+)", self.version)
        return self.effective, *((2, int(number)) if number else (0, text) for number, text in parts), (1,)

    @cached_property
    def _purposes(self) -> Mapping[str, Purpose]:
        return {purpose.id: purpose for purpose in self.purposes}
