"""Compares two notices. Each difference has a class: `editorial` (visitors are not told), `notice` (they are told) or
`consent` (they are asked again). Exactly the options whose fingerprint changed are asked again.
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
#: The fields that may hold lists of parts, by name. Paragraphs are in the sections, all others in the notice.
LISTS: Mapping[str, Field[Any]] = {
    **{field.name: field for field in fields(Notice)},
    **{field.name: field for field in fields(Section) if field.name == "paragraphs"},
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference: `where` it is in the notice, by which `title` the visitor knows it, and the text `before` and
    `after` in every locale (None: there was none). `asked` are the options, by key, that are asked again.
    """

    where: str
    change_class: ChangeClass
    asked: tuple[str, ...] = ()
    title: Text | None = None
    before: Text | None = None
    after: Text | None = None


def changes(before: Notice, after: Notice) -> tuple[Difference, ...]:
    """All differences, gravest class first. Order alone is no difference."""
    differences = list(_Comparison(before, after).differences())
    explained = {key for difference in differences for key in difference.asked}
    for key in asked_again(before, after):
        if key not in explained:  # no field explains it, for example a service that left: asked again all the same
            label = after.options[key].purpose.label
            differences.append(Difference(where=f"options.{key}", change_class="consent", asked=(key,), title=label))
    return tuple(sorted(differences, key=lambda difference: -RANK.index(difference.change_class)))


def asked_again(before: Notice, after: Notice) -> tuple[str, ...]:
    """The options of `after`, by key, for which decisions made under `before` do not count. Nobody is asked about a
    service: it follows its purpose, whose fingerprint changes with it. Nor about what is always on, where it is for a
    child's guardian to agree anew.
    """
    earlier = {key: option.fingerprint for key, option in before.options.items()}
    return tuple(
        key
        for key, option in after.options.items()
        if option.service is None and not option.for_guardian and earlier.get(key) != option.fingerprint
    )


def entries_since(before: Notice, after: Notice) -> tuple[Change, ...]:
    """The entries of the list of changes in `after` that are newer than `before`."""
    earlier = {before.version, *(change.version for change in before.changes)}
    return tuple(change for change in after.changes if change.version not in earlier)


def gravest(differences: Iterable[Difference], entries: Iterable[Change] = ()) -> ChangeClass:
    """The gravest class among these differences and the notice's own `entries`. A successor is always announced."""
    classes = [difference.change_class for difference in differences]
    for entry in entries:
        classes += [entry.change_class] + (["notice"] if entry.successor else [])
    return max(classes, key=RANK.index, default="editorial")


@dataclass(frozen=True)
class _Comparison:
    before: Notice
    after: Notice

    @cached_property
    def asked_again(self) -> tuple[str, ...]:
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
            asked = tuple(key for key in self.asked_again if self._touches(key, kind, was, now))
            if was and now:
                yield from self._fields(f"{kind}.{id}.", was, now, self._title(now), asked, LISTS[kind])
            else:
                yield Difference(
                    where=f"{kind}.{id}",
                    change_class="consent" if asked else _class_unless_asked(change_class(LISTS[kind]), was or now),
                    asked=asked,
                    title=self._title(now or was),
                    before=wording.whole(was, self.after.locales),
                    after=wording.whole(now, self.after.locales),
                )

    def _fields(
        self, path: str, was: Any, now: Any, title: Text | None = None, asked: tuple[str, ...] = (),
        list_field: Field[Any] | None = None,
    ) -> Iterator[Difference]:  # fmt: skip
        for field in fields(now):
            name, declared = field.name, change_class(field, list_field)
            old, new = getattr(was, name), getattr(now, name)
            if declared is None or _same(old, new) or _are_parts(old, new):
                continue
            if name == "revision":  # the same words mean something else now: show those
                old, new = (getattr(part, "description", None) or part.means for part in (was, now))
            again = asked if declared == "consent" else ()
            yield Difference(
                where=path + name,
                change_class="consent" if again else _class_unless_asked(declared, was, now),
                asked=again,
                title=title,
                before=wording.value(name, old, self.before, self.after.locales),
                after=wording.value(name, new, self.after, self.after.locales),
            )

    def _title(self, part: Any) -> Text | None:
        return wording.value("", wording.title(part), self.after, self.after.locales)

    def _touches(self, key: str, kind: str, *parts: Any) -> bool:
        """Can a change of this part (as it was, as it is) be why that option is asked again?"""
        option, versions = self.after.options[key], [part for part in parts if part]
        if kind == "purposes":
            return any(part.id == option.purpose.id for part in versions)
        if kind == "recipients":
            return option.recipient is not None and any(part.id == option.recipient.id for part in versions)
        by_service = kind == "services" and option.recipient is None
        return by_service and any(option.purpose.id in part.purposes for part in versions)


def _lists(notice: Notice) -> dict[str, dict[str, Any]]:
    """Every part, by list and id. Paragraphs form one list, so that one may move between sections."""
    lists = {name: getattr(notice, name, ()) for name in LISTS}
    lists["paragraphs"] = tuple(paragraph for section in notice.sections for paragraph in section.paragraphs)
    return {name: {part.id: part for part in parts} for name, parts in lists.items() if _are_parts(parts)}


def _are_parts(*values: object) -> bool:
    return any(isinstance(value, tuple) and value and hasattr(value[0], "id") for value in values)


def _class_unless_asked(declared: ChangeClass | None, *parts: Any) -> ChangeClass:
    """The class of a change that asks nobody again. A change of a material paragraph is always announced."""
    material = any(isinstance(part, Paragraph) and part.material for part in parts)
    return "editorial" if declared == "editorial" and not material else "notice"


def _same(old: object, new: object) -> bool:
    if isinstance(old, Text) and isinstance(new, Text):  # an added language alone is no difference
        return all(old[locale] == new[locale] for locale in old if locale in new)
    if isinstance(old, tuple) and isinstance(new, tuple):
        if all(isinstance(item, str) for item in old + new):
            return sorted(old) == sorted(new)
        return len(old) == len(new) and all(_same(*pair) for pair in zip(old, new, strict=True))
    if is_dataclass(old) and is_dataclass(new):
        return all(_same(getattr(old, field.name), getattr(new, field.name)) for field in fields(old))
    return old == new
