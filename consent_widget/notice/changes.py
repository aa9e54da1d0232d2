"""What is different between two notices, and what each difference calls for: nothing (`editorial`), telling
(`notice`), or asking again (`consent`). Asked again is exactly what has another tag, by construction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, get_args

from ..text import Text
from . import wording
from .fields import ChangeClass, change_class
from .model import Notice
from .parts import Change, Paragraph, Section

RANK: tuple[ChangeClass, ...] = get_args(ChangeClass)
#: The fields that hold what a notice lists, by name. Paragraphs stand in its sections.
LISTS: Mapping[str, Field[Any]] = {each.name: each for each in (*fields(Section), *fields(Notice))}


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
    found = list(_Comparison(before, after).differences())
    told = {key for each in found for key in each.asked}
    for key in asked_again(before, after):
        if key not in told:  # a tag that grew by something unknown here: still agrees with the policy
            label = after.options[key].purpose.label
            found.append(Difference(where=f"options.{key}", change_class="consent", asked=(key,), title=label))
    return tuple(sorted(found, key=lambda each: -RANK.index(each.change_class)))


def asked_again(before: Notice, after: Notice) -> tuple[str, ...]:
    """The options, by key, on which no decision that was made under `before` holds under `after`."""
    was = {key: option.fingerprint for key, option in before.options.items()}
    return tuple(key for key, option in after.options.items() if was.get(key) != option.fingerprint)


def since(before: Notice, after: Notice) -> tuple[Change, ...]:
    """What `after` itself says about its changes since `before`."""
    known = {before.version, *(change.version for change in before.changes)}
    return tuple(change for change in after.changes if change.version not in known)


def gravest(differences: Iterable[Difference], said: Iterable[Change] = ()) -> ChangeClass:
    """The gravest class of these differences, or a graver one that the notice itself claims."""
    found = [each.change_class for each in differences]
    for change in said:
        found += [change.change_class] + (["notice"] if change.successor else [])
    return max(found, key=RANK.index, default="editorial")


def lines(differences: Iterable[Difference]) -> list[str]:
    """The differences as lines to read in a terminal: class, place, what is asked again, and both texts."""
    told = []
    for each in differences:
        asked = f"  asks again: {', '.join(each.asked)}" if each.asked else ""
        told.append(f"{each.change_class:<10}{each.where}{asked}")
        for locale in each.before or each.after or ():
            for sign, text in (("-", each.before), ("+", each.after)):
                told += [f"    {sign} [{locale}] {text[locale]}"] if text else []
    return told


@dataclass(frozen=True)
class _Comparison:
    before: Notice
    after: Notice

    @cached_property
    def again(self) -> tuple[str, ...]:
        return asked_again(self.before, self.after)

    def differences(self) -> Iterator[Difference]:
        old, new = _lists(self.before), _lists(self.after)
        for kind in {**new, **old}:
            yield from self._list(kind, old.get(kind, {}), new.get(kind, {}))
        yield from self._fields("controller.", self.before.controller, self.after.controller)
        yield from self._fields("", self.before, self.after, self.after.title)

    def _list(self, kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
        for id in {**new, **old}:
            was, now = old.get(id), new.get(id)
            asked = tuple(key for key in self.again if self._touches(key, kind, was, now))
            if was and now:
                yield from self._fields(f"{kind}.{id}.", was, now, self._title(now), asked, LISTS[kind])
            else:
                yield Difference(
                    where=f"{kind}.{id}",
                    change_class="consent" if asked else _announced(change_class(LISTS[kind]), was or now),
                    asked=asked,
                    title=self._title(now or was),
                    before=wording.whole(was, self.before, self.after.locales),
                    after=wording.whole(now, self.after, self.after.locales),
                )

    def _fields(
        self, path: str, was: Any, now: Any, title: Text | None = None, asked: tuple[str, ...] = (),
        list_of: Field[Any] | None = None,
    ) -> Iterator[Difference]:  # fmt: skip
        for field in fields(now):
            name, declared = field.name, change_class(field, list_of)
            old, new = getattr(was, name), getattr(now, name)
            if declared is None or _same(old, new) or _are_parts(old, new):
                continue
            if name == "revision":  # the site says that the same words mean something else
                old, new = (getattr(part, "description", None) or part.means for part in (was, now))
            again = asked if declared == "consent" else ()
            yield Difference(
                where=path + name,
                change_class="consent" if again else _announced(declared, was, now),
                asked=again,
                title=title,
                before=wording.value(name, old, self.before, self.after.locales),
                after=wording.value(name, new, self.after, self.after.locales),
            )

    def _title(self, part: Any) -> Text | None:
        return wording.value("", wording.title(part), self.after, self.after.locales)

    def _touches(self, key: str, kind: str, *parts: Any) -> bool:
        """Can a change of this part, as it was or as it is, be why that option is asked again?"""
        option, there = self.after.options[key], [part for part in parts if part]
        if kind == "purposes":
            return any(part.id == option.purpose.id for part in there)
        if kind == "recipients":
            return option.recipient is not None and any(part.id == option.recipient.id for part in there)
        return kind == "services" and option.recipient is None and any(option.purpose.id in p.purposes for p in there)


def _lists(notice: Notice) -> dict[str, dict[str, Any]]:
    """Every part by list and id. Paragraphs count by themselves, so that one may move between sections."""
    lists = {name: getattr(notice, name, ()) for name in LISTS}
    lists["paragraphs"] = tuple(paragraph for section in notice.sections for paragraph in section.paragraphs)
    return {name: {part.id: part for part in parts} for name, parts in lists.items() if _are_parts(parts)}


def _are_parts(*values: object) -> bool:
    return any(isinstance(each, tuple) and each and hasattr(each[0], "id") for each in values)


def _announced(declared: ChangeClass | None, *parts: Any) -> ChangeClass:
    """The class of a change after which nobody is asked again."""
    material = any(isinstance(part, Paragraph) and part.material for part in parts)
    return "editorial" if declared == "editorial" and not material else "notice"


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
