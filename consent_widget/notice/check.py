"""Checks once, when a notice is built, that it is complete and does not contradict itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..errors import NoticeError
from ..text import Text, map_texts
from .abroad import check_parties
from .before_answer import check_before_answer
from .options import MAX_OPTIONS

if TYPE_CHECKING:
    from .model import Notice
    from .parts import Purpose, Use

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PLACEHOLDER = re.compile(r"\{(controller\.[a-z_]+|records_months)\}")


def fill_in(notice: Notice) -> dict[str, object]:
    """The notice's fields, with each `{controller.…}` in their texts replaced by that field of the controller, and
    `{records_months}` by that number.
    """
    values = {
        f"controller.{field.name}": value
        for field in fields(notice.controller)
        if (value := getattr(notice.controller, field.name)) is not None
    }
    if notice.records_months is not None:
        values["records_months"] = Text(dict.fromkeys(notice.locales, str(notice.records_months)))
    return {
        field.name: map_texts(lambda text: text.filled(values), getattr(notice, field.name))
        for field in fields(notice)
        if field.name != "controller"
    }


def check(notice: Notice) -> None:
    """Raise NoticeError at the first fault, or for all faulty texts: where it is, and how to correct it."""
    for locale in notice.locales:
        if not LOCALE.fullmatch(locale):
            raise NoticeError(f"locales: {locale!r} is not a language tag. Use one like 'en' or 'zh-CN'.")
    if not notice.locales:
        raise NoticeError("locales: none declared. Name at least one, for example ['zh-CN', 'en'].")
    if notice.prevailing_locale not in (None, *notice.locales):
        raise NoticeError("prevailing_locale: not one of the notice's locales. Declare it there or leave it out.")
    _check_date("effective", notice.effective)
    for number, change in enumerate(notice.changes):
        _check_date(f"changes.{number}.date", change.date)
    for place, day in notice.facts.items():
        if day:
            _check_date(f"facts.{place}", day)
    if not 1 <= notice.lifetime_days <= 395:
        raise NoticeError("lifetime_days: must be between 1 and 395. 180 suits every law this notice knows of.")
    if notice.records_months is not None and not 1 <= notice.records_months <= 240:
        raise NoticeError("records_months: must be between 1 and 240. 36 is three years after a choice has ended.")
    if notice.country is not None and not COUNTRY.fullmatch(notice.country):
        raise NoticeError("country: not a code of ISO 3166. Write it like CN or DE.")
    _check_texts(notice)
    _check_ids(notice)
    _check_references(notice)
    for purpose in notice.purposes:
        _check_purpose(notice, purpose)
    check_parties(notice, notice.country or "")
    fingerprints = [option.fingerprint for option in notice.options.values()]
    if len(fingerprints) > MAX_OPTIONS:
        raise NoticeError(
            f"purposes: visitors would decide {len(fingerprints)} things, and a cookie holds {MAX_OPTIONS}. Name fewer."
        )
    for option in notice.options.values():
        if fingerprints.count(option.fingerprint) > 1:
            raise NoticeError(f"purposes.{option.key}: its fingerprint meets another's by chance. Raise its revision.")


def _check_date(where: str, value: object) -> None:
    """Only YYYY-MM-DD, so that dates compare as texts."""
    try:
        if not isinstance(value, str) or date.fromisoformat(value).isoformat() != value:
            raise ValueError
    except ValueError:
        raise NoticeError(f"{where}: not a date. Write it as YYYY-MM-DD, for example 2026-11-22.") from None


def texts_in(value: object, where: str = "") -> Iterator[tuple[str, Text]]:
    """Every text of a notice, or of a part of it, with its place, as errors name it."""
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from texts_in(item, f"{where}.{getattr(item, 'id', index)}")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name), f"{where}.{field.name}".lstrip("."))


def _check_texts(notice: Notice) -> None:
    """Name every faulty text at once: whoever translates a notice wants the whole list."""
    faults = [f"{where}: {fault}" for where, text in texts_in(notice) for fault in _faults(text, notice.locales)]
    if len(faults) == 1:
        raise NoticeError(faults[0])
    if faults:
        raise NoticeError(f"{len(faults)} texts are missing or wrong:\n" + "\n".join(f"  {each}" for each in faults))


def _faults(text: Text, locales: tuple[str, ...]) -> Iterator[str]:
    if not text:
        yield f"is missing. Write it for {' and '.join(map(repr, locales))}."
        return
    if missing := [locale for locale in locales if not text.get(locale, "").strip()]:
        yield f"no text for {' and '.join(map(repr, missing))}. Write it, or drop that locale from the notice."
    for name in dict.fromkeys(name for locale in locales for name in PLACEHOLDER.findall(text.get(locale, ""))):
        place = "where controller.name is set, " if name.startswith("controller.") else ""
        yield f"speaks of {name}, which is not set. Set it {place}or drop the words."
    for locale in text:
        if locale not in locales:
            yield f"has a text for {locale!r}, which the notice does not declare in locales."


def _check_ids(notice: Notice) -> None:
    lists = {field.name: getattr(notice, field.name) for field in fields(notice)}
    lists["paragraphs"] = tuple(paragraph for section in notice.sections for paragraph in section.paragraphs)
    for name, items in lists.items():
        seen: set[str] = set()
        for item in items if isinstance(items, tuple) and name not in ("locales", "changes") else ():
            if not ID.fullmatch(item.id):
                raise NoticeError(f"{name}.{item.id}: an id is lower-case letters, digits and _, at most 40.")
            if item.id in seen:
                raise NoticeError(f"{name}.{item.id}: this id is used twice. Ids are unique and never change.")
            seen.add(item.id)


def _check_references(notice: Notice) -> None:
    declared = {
        "group": {group.id for group in notice.groups},
        "data": {category.id for category in notice.data},
        "recipients": {kind.id for kind in notice.recipient_classes},
        "recipient_class": {kind.id for kind in notice.recipient_classes},
        "purposes": {purpose.id for purpose in notice.purposes},
        "recipient": {recipient.id for recipient in notice.recipients},
    }
    for name in ("purposes", "recipients", "services"):
        for item in getattr(notice, name):
            for field, ids in declared.items():
                value = getattr(item, field, None)
                for id in (value,) if isinstance(value, str) else value or ():
                    if id not in ids:
                        raise NoticeError(f"{name}.{item.id}.{field}: there is no {id!r} in this notice.")
    separate = {purpose.id for purpose in notice.purposes if purpose.consent == "separate"}
    for service in notice.services:
        if service.recipient is None and separate & set(service.purposes):
            raise NoticeError(f"services.{service.id}: separate consent is given to a named recipient. Name it here.")
        recipient = next((r for r in notice.recipients if r.id == service.recipient), None)
        if recipient and not set(service.purposes) <= set(recipient.purposes):
            raise NoticeError(f"services.{service.id}: its recipient does not list the same purposes. Add them there.")
        if service.use:
            _check_use(notice, service.id, service.use)


def _check_use(notice: Notice, service: str, use: Use) -> None:
    """What the notice says of the tag of a service from the catalogue."""
    if use.advanced and not any(purpose.control == "always_on" for purpose in notice.purposes):
        raise NoticeError(
            f"services.{service}.advanced: loads the tag before the visitor has chosen, and no purpose of this notice "
            "is always_on. Describe there what is sent by then, and why it may be; or leave it out."
        )
    ids = {purpose.id for purpose in notice.purposes}
    for name, purposes in use.signals.items():
        for id in purposes:
            if id not in ids:
                raise NoticeError(f"services.{service}.signals.{name}: there is no {id!r} in this notice.")


def _check_purpose(notice: Notice, purpose: Purpose) -> None:
    where = f"purposes.{purpose.id}"
    if (purpose.control == "always_on") != (purpose.consent == "none"):
        raise NoticeError(f"{where}: always_on goes with consent 'none', and nothing else does.")
    if purpose.in_accept_all and (purpose.control, purpose.consent) != ("opt_in", "ordinary"):
        raise NoticeError(f'{where}: only an ordinary opt_in can be part of "Accept all" (PIPL 14, 23).')
    if purpose.minors == "allowed" and purpose.consent != "none":
        raise NoticeError(f"{where}.minors: no child can agree alone (PIPL 31). Say 'guardian' or 'off'.")
    if purpose.sensitive_use and purpose.control == "always_on":
        raise NoticeError(f"{where}.sensitive_use: visitors cannot limit what is always on. Make it an opt_in.")
    if purpose.consent == "single_use" and purpose.control != "just_in_time":
        raise NoticeError(f"{where}: a single use is asked for just_in_time, never in advance.")
    if (purpose.necessity is None) != (purpose.impact is None):
        raise NoticeError(f"{where}: sensitive information needs both necessity and impact (PIPL 30).")
    check_before_answer(notice, purpose)
    categories = {category.id: category for category in notice.data}
    for used in purpose.data:
        if not categories[used].itemised:
            raise NoticeError(f"{where}.data: {used!r} is a catch-all. Itemise it before any purpose uses it.")
        if categories[used].sensitive and purpose.control == "just_in_time" and purpose.necessity is None:
            raise NoticeError(f"{where}: uses sensitive {used!r}. Tell its necessity and impact (PIPL 30).")
