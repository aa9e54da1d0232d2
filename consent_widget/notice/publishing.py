"""Published notices: which may be published, and which is in effect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..days import iso_date, today
from ..errors import NoticeError
from .changes import asked_again, changes, entries_since, gravest
from .diff import lines
from .fields import ChangeClass
from .model import Notice
from .parts import Change

IN_A_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
#: For how many days a change should be announced; the tool insists on one only.
DAYS_AHEAD = 14


@dataclass(frozen=True)
class Version:
    """A notice as it was published, and when (milliseconds since 1970). It never changes."""

    notice: Notice
    digest: str
    published: int


def check_publishable(notice: Notice, versions: Sequence[Version], *, unannounced: bool = False) -> None:
    """Raise NoticeError where `notice` may not be published after `versions` (of the same id, oldest first). A change
    that visitors are told of takes effect on a later day, so that they learn of it before; unless it is published
    `unannounced`, which is for what cannot wait.
    """
    named = f"{notice.id} {notice.version}"
    if not IN_A_PATH.fullmatch(notice.version):
        raise NoticeError("version: becomes part of an address. Use letters, digits, dots, _ and -, at most 40.")
    check_unaltered(notice, versions)
    if not versions and notice.first_day > today():
        raise NoticeError(
            f"effective: {notice.effective} lies ahead (UTC), and no version is published that would stay in effect "
            "until then. Publish the one that visitors see now first."
        )
    if not versions or any(version.digest == notice.digest for version in versions):
        return
    last = versions[-1].notice
    for locale in last.locales:
        if locale not in notice.locales:
            raise NoticeError(
                f"locales: {locale!r} is dropped.\n    - {', '.join(last.locales)}\n    + {', '.join(notice.locales)}\n"
                f"{last.id} {last.version} speaks it to visitors who agreed in it. Keep its texts."
            )
    if notice.effective < last.effective:
        raise NoticeError(
            f"effective: {named} would begin before {last.version}, on {last.effective}. Set a later date."
        )
    if not notice.is_newer_than(last) and notice.id == last.id:
        raise NoticeError(
            f"version: {notice.version} would begin on the same day as {last.version}, and does not come after it. Set "
            "a later date, or a version that comes after it (1.10 comes after 1.9, and 2.0 after 2.0-beta)."
        )
    _check_log(last, notice)
    claimed = any(change.change_class == "consent" for change in entries_since(last, notice))
    if claimed and not asked_again(last, notice):
        raise NoticeError(
            "changes: claims the class consent, but nothing would be asked again. "
            "Raise the revision of the purposes that are to be asked, or claim notice."
        )
    if not unannounced:
        _check_announced(last, notice)


def remark_on_day(notice: Notice, first_answer: int | None) -> str | None:
    """What to tell whoever is about to publish a notice whose day lies back, although nobody had answered it by then.
    `first_answer` is the day of the first choice under it (None: there is none).
    """
    day, now = notice.first_day, today()
    if day >= now or (first_answer is not None and first_answer <= day):
        return None
    records = f"the first choice under it is of {iso_date(first_answer)}" if first_answer else "no choice is under it"
    return (
        f"effective: {notice.effective} lies {now - day} days back, and {records}. Visitors would read that this "
        "text has been in force since then. If they did not see it then, set effective to the day on which you publish "
        f"it, {iso_date(now)}."
    )


def _check_announced(last: Notice, notice: Notice) -> None:
    found = gravest(changes(last, notice), entries_since(last, notice))
    if found != "editorial" and notice.first_day <= today():
        raise NoticeError(
            f"effective: {notice.effective} has come (UTC), and this change is of the class {found}: visitors are to "
            "learn of it before it takes effect. Set effective to a later day, such as "
            f"{iso_date(today() + DAYS_AHEAD)}, and it is announced until then. If it cannot wait, publish it with "
            "--unannounced."
        )


def _check_log(last: Notice, notice: Notice) -> None:
    """A list of changes keeps its entries and gains this version's only: visitors may have skipped versions."""
    earlier, now = ({_claim(change): change for change in edition.changes} for edition in (last, notice))
    for claim, change in earlier.items():
        if claim not in now:
            raise NoticeError(
                f"changes: what {last.version} said of {change.version} is gone, or has another class or successor. "
                "Keep it: visitors who have not been here since are told of it, too."
            )
    for claim, change in now.items():
        if claim not in earlier and change.version != notice.version:
            raise NoticeError(
                f"changes: the entry for {change.version} is new. Give it the version it comes with, {notice.version}."
            )


def _claim(change: Change) -> tuple[str, ChangeClass, str | None]:
    return change.version, change.change_class, change.successor.contact if change.successor else None


def check_unaltered(notice: Notice, versions: Sequence[Version]) -> None:
    """Raise NoticeError, with the difference, where this version is published with another text."""
    for version in versions:
        if version.notice.version == notice.version and version.digest != notice.digest:
            differences = lines(changes(version.notice, notice))
            differences = differences or ["    only its order, its date or its own list of changes"]
            raise NoticeError(
                f"{notice.id} {notice.version} is published, and a published version never changes. This one differs:\n"
                + "\n".join(differences)
                + "\n"
                + (
                    "Raise version (and set effective), or take back what was changed."
                    if as_published(notice, versions).digest != version.digest
                    else "That comes from the catalogue of vendors, not from your file, and visitors keep reading what "
                    "is published. Raise version (and set effective) to publish what the catalogue says now."
                )
            )


def as_published(notice: Notice, versions: Sequence[Version]) -> Notice:
    """The notice; where this version of it is published, with what it takes from the catalogue of vendors as it was
    then. So a release of ours with a newer catalogue neither changes a published text nor stops a site.
    """
    published = next((each.notice for each in versions if each.notice.version == notice.version), None)
    then = {service.id: service for service in published.services} if published else {}
    services = tuple(
        replace(each, **{field: getattr(then[each.id], field) for field in each.use.fields})
        if each.use and each.id in then
        else each
        for each in notice.services
    )
    return notice if services == notice.services else replace(notice, services=services)


def loaded_as(notice: Notice, draft: Notice) -> Notice:
    """The published notice, with what its text does not have: how the draft says that vendors' tags are loaded."""
    used = {service.id: service.use for service in draft.services if service.use}
    services = tuple(replace(each, use=used.get(each.id, each.use)) for each in notice.services)
    return replace(notice, services=services) if used else notice


def notices_in_effect(draft: Notice, versions: Sequence[Version], day: int) -> tuple[Notice, ...]:
    """The notice to show on `day` (since 1970), and after it those announced for later days.

    Without published versions it is the draft, which is the notice in the site's settings. Otherwise it is the latest
    published one that has taken effect, and the draft is not shown.
    """
    if not versions:
        return (draft,)
    current = max((n for n, version in enumerate(versions) if version.notice.first_day <= day), default=0)
    return tuple(version.notice for version in versions[current:])


def versions_before(notice: Notice, versions: Sequence[Version]) -> tuple[Notice, ...]:
    """The published versions before this one, oldest first. None where it is not published."""
    published = [version.digest for version in versions]
    at = published.index(notice.digest) if notice.digest in published else 0
    return tuple(version.notice for version in versions[:at])
