"""What is different between two notices, and what each difference calls for: nothing (`editorial`), telling
(`notice`), or asking again (`consent`). Asked again is exactly what has another tag, by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args

from .notice import Notice
from .parts import Change, ChangeClass, Cookie, Paragraph
from .text import Text

RANK: tuple[ChangeClass, ...] = get_args(ChangeClass)
#: Fields that are wording, or how things are arranged. A change of any other field is told.
EDITORIAL: Mapping[str, frozenset[str]] = {
    "notice": frozenset({"title", "first_layer_title", "first_layer_body", "locales"}),
    "groups": frozenset({"label", "description"}),
    "sections": frozenset({"title"}),
    "paragraphs": frozenset({"text", "list"}),
    "data": frozenset({"label", "description"}),
    "circumstances": frozenset({"label", "description"}),
    "recipient_classes": frozenset({"label"}),
    "disclosures": frozenset({"label"}),
    "purposes": frozenset({"group", "label", "description", "in_accept_all"}),
    "services": frozenset({"name", "hosts"}),
}
#: Fields that make up the tags of options (Notice.options).
TAGGED: Mapping[str, frozenset[str]] = {
    "purposes": frozenset({"control", "consent", "data", "recipients", "revision"}),
    "recipients": frozenset({"recipient_class", "company", "contact", "country", "data", "purposes", "revision"}),
    "services": frozenset({"company", "country", "purposes"}),
}
#: Lists of ids: the part of the notice that each names.
NAMED = {"data": "data", "recipients": "recipient_classes", "recipient_class": "recipient_classes",
         "purposes": "purposes", "recipient": "recipients", "group": "groups"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is different: `where` in the notice, under which `title` the visitor knows it, and its text
    `before` and `after` in every locale (None: was not there). `asked` are the options that are asked again.
    """

    where: str
    change_class: ChangeClass
    asked: tuple[str, ...] = ()
    title: Text | None = None
    before: Text | None = None
    after: Text | None = None


def changes(before: Notice, after: Notice) -> tuple[Difference, ...]:
    """Everything that is different, gravest first. Order alone is no difference."""
    again = asked_again(before, after)
    found = [*_own(before, after), *_controller(before, after)]
    for kind, parts in _parts(before).items():
        found += _lists(before, after, kind, parts, _parts(after)[kind], again)
    told = {key for each in found for key in each.asked}
    for key in again:
        if key not in told:  # a tag that grew by something unknown here: still agrees with the policy
            purpose = after.options[key].purpose
            found.append(Difference(where=f"purposes.{key}", change_class="consent", asked=(key,), title=purpose.label))
    return tuple(sorted(found, key=lambda each: -RANK.index(each.change_class)))


def asked_again(before: Notice, after: Notice) -> tuple[str, ...]:
    """The options, by key, on which no decision that was made under `before` holds under `after`."""
    return tuple(
        key
        for key, option in after.options.items()
        if key not in before.options or before.options[key].tag != option.tag
    )


def since(before: Notice, after: Notice) -> tuple[Change, ...]:
    """What `after` itself says about its changes since `before`."""
    known = {before.version, *(change.version for change in before.changes)}
    return tuple(change for change in after.changes if change.version not in known)


def change_class(before: Notice, after: Notice) -> ChangeClass:
    """The gravest class of all differences, or a graver one that the notice itself claims."""
    found = [each.change_class for each in changes(before, after)]
    for change in since(before, after):
        found += [change.change_class, *(["notice"] if change.successor else [])]  # type: ignore[list-item]
    return max(found, key=RANK.index, default="editorial")


def lines(differences: Iterable[Difference]) -> list[str]:
    """The differences as lines to read in a terminal: class, place, what is asked again, and both texts."""
    told = []
    for each in differences:
        asked = f"  asks again: {', '.join(each.asked)}" if each.asked else ""
        told.append(f"{each.change_class:<10}{each.where}{asked}")
        for locale in {**(each.before or {}), **(each.after or {})}:
            for sign, text in (("-", each.before), ("+", each.after)):
                told += [f"    {sign} [{locale}] {text[locale]}"] if text and locale in text else []
    return told


def _own(before: Notice, after: Notice) -> Iterator[Difference]:
    for name in ("title", "first_layer_title", "first_layer_body", "locales", "prevailing_locale", "lifetime_days"):
        yield from _field(before, after, "notice", name, before, after, name, after.title)


def _controller(before: Notice, after: Notice) -> Iterator[Difference]:
    for each in fields(after.controller):
        place = f"controller.{each.name}"
        yield from _field(before, after, "controller", each.name, before.controller, after.controller, place, None)


def _parts(notice: Notice) -> dict[str, dict[str, Any]]:
    """Every part by kind and id. Paragraphs count by themselves, so that one may move between sections."""
    kinds = ("purposes", "recipients", "services", "recipient_classes", "data", "circumstances", "disclosures",
             "sections", "groups")  # fmt: skip
    parts = {kind: {part.id: part for part in getattr(notice, kind)} for kind in kinds}
    return parts | {"paragraphs": {part.id: part for section in notice.sections for part in section.paragraphs}}


def _lists(
    before: Notice, after: Notice, kind: str, old: Mapping[str, Any], new: Mapping[str, Any], again: tuple[str, ...]
) -> Iterator[Difference]:
    for id in {**new, **old}:
        was, now = old.get(id), new.get(id)
        where, title = f"{kind}.{id}", _title(now or was)
        asked = tuple(key for key in again if _touches(after, key, kind, was, now))
        if was is None or now is None:
            yield Difference(
                where=where,
                change_class="consent" if asked else _class(kind, "", was or now),
                asked=asked,
                title=title,
                before=_whole(was, before, after),
                after=_whole(now, after, after),
            )
            continue
        for each in fields(now):
            tagged = each.name in TAGGED.get(kind, ())
            yield from _field(
                before, after, kind, each.name, was, now, f"{where}.{each.name}", title, asked if tagged else ()
            )


def _field(
    before: Notice, after: Notice, kind: str, name: str, was: Any, now: Any, where: str, title: Text | None,
    asked: tuple[str, ...] = (),
) -> Iterator[Difference]:  # fmt: skip
    old, new = getattr(was, name), getattr(now, name)
    if name in ("id", "paragraphs") or _same(old, new):
        return
    if name == "revision":  # the site says that the words mean something else now
        old, new = (getattr(each, "description", None) or each.means for each in (was, now))
    grave = max(_class(kind, name, was), _class(kind, name, now), key=RANK.index)
    yield Difference(
        where=where,
        change_class="consent" if asked else grave,
        asked=asked,
        title=title,
        before=_text(name, old, before, after),
        after=_text(name, new, after, after),
    )


def _class(kind: str, name: str, part: Any) -> ChangeClass:
    if isinstance(part, Paragraph) and part.material:
        return "notice"
    wording = EDITORIAL.get(kind, frozenset())
    whole = kind in ("groups", "sections", "paragraphs")
    return "editorial" if name in wording or (whole and not name) else "notice"


def _touches(notice: Notice, key: str, kind: str, *parts: Any) -> bool:
    """Can a change of this part, as it was or as it is, be why that option is asked again?"""
    option, there = notice.options[key], [part for part in parts if part]
    if kind == "purposes":
        return any(part.id == option.purpose.id for part in there)
    if kind == "recipients":
        return option.recipient is not None and any(part.id == option.recipient.id for part in there)
    return kind == "services" and option.recipient is None and any(option.purpose.id in p.purposes for p in there)


def _same(old: object, new: object) -> bool:
    if isinstance(old, Text) and isinstance(new, Text):  # a further language alone changes nothing that was said
        return all(old[locale] == new[locale] for locale in old if locale in new)
    if isinstance(old, tuple) and isinstance(new, tuple):
        if all(isinstance(each, str) for each in old + new):
            return sorted(old) == sorted(new)
        return len(old) == len(new) and all(_same(*pair) for pair in zip(old, new, strict=True))
    if is_dataclass(old) and is_dataclass(new):
        return all(_same(getattr(old, each.name), getattr(new, each.name)) for each in fields(old))
    return old == new


def _title(part: Any) -> Text | None:
    return getattr(part, "label", None) or getattr(part, "name", None) or getattr(part, "title", None)


def _whole(part: Any, notice: Notice, after: Notice) -> Text | None:
    """A part as one text: what it is called and what it says."""
    if part is None:
        return None
    said = [getattr(part, name, None) for name in ("label", "name", "title", "text", "description")]
    if hasattr(part, "company"):
        said += [part.company, part.country]
    texts = [_text("", each, notice, after) for each in said if each]
    return Text({locale: " · ".join(text[locale] for text in texts if text) for locale in after.locales})


def _text(name: str, value: object, notice: Notice, after: Notice) -> Text | None:
    """A field's value in every locale of the later notice."""
    if value is None or value in ((), {}):
        return None
    say = _saying(name, notice)
    return Text({locale: say(value, locale) for locale in after.locales})


def _saying(name: str, notice: Notice) -> Callable[[Any, str], str]:
    named = {part.id: _title(part) for part in getattr(notice, NAMED[name])} if name in NAMED else {}

    def say(value: Any, locale: str) -> str:
        if isinstance(value, Text):
            return value.get(locale) or next(iter(value.values()))
        if isinstance(value, Cookie):
            return say(value.name, locale) + (f" ({say(value.duration, locale)})" if value.duration else "")
        if isinstance(value, Mapping):
            return "; ".join(f"{key.upper()} {item}" for key, item in value.items())
        if isinstance(value, tuple):
            return ("、" if locale.startswith("zh") else ", ").join(say(each, locale) for each in value)
        found = named.get(value) if isinstance(value, str) else None
        return say(found, locale) if found else str(value)

    return say
