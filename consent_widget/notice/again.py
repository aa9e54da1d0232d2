"""What visitors who chose under an earlier version are asked again, and since which version it means something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .model import Notice
from .options import Option
from .parts import Change


@dataclass(frozen=True)
class ChangedOption:
    """An option that has meant what it means now only since the version `since`. `is_new`: it did not exist before."""

    option: Option
    since: str
    is_new: bool


def changed_options(notice: Notice, earlier: Sequence[Notice]) -> Mapping[str, ChangedOption]:
    """The options of `notice` whose meaning is not that of the first version, by key. `earlier` are the versions before
    it, oldest first. So whichever versions a visitor has skipped, what they have to be told of an option is known.
    """
    found = (_changed(option, notice, earlier) for option in notice.options.values() if option.service is None)
    return {changed.option.key: changed for changed in found if changed}


def _changed(option: Option, notice: Notice, earlier: Sequence[Notice]) -> ChangedOption | None:
    since = notice.version
    for version in reversed(earlier):
        before = version.options.get(option.key)
        if before is None or before.fingerprint != option.fingerprint:
            return ChangedOption(option, since, is_new=before is None)
        since = version.version
    return None


def opens_no_more(earlier: Notice, notice: Notice) -> bool:
    """May a page that knows only `earlier` still run what its visitors agreed to? Only if all that it can open means
    the same under `notice`: nothing was withdrawn, nothing changed, and nothing that was always on needs an answer.
    """
    meanings = {key: option.fingerprint for key, option in notice.options.items()}
    always = {purpose.id for purpose in notice.purposes if purpose.control == "always_on"}
    return all(meanings.get(key) == option.fingerprint for key, option in earlier.options.items()) and all(
        purpose.id in always for purpose in earlier.purposes if purpose.control == "always_on"
    )


def by_version(notice: Notice, changed: Iterable[ChangedOption]) -> Mapping[str, list[ChangedOption]]:
    """The changed options by the version that changed them, oldest first."""
    versions = {change.version: None for change in reversed(notice.changes)}
    groups: dict[str, list[ChangedOption]] = {version: [] for version in versions}
    for each in changed:
        groups.setdefault(each.since, []).append(each)
    return {version: group for version, group in groups.items() if group}


def told_of(notice: Notice, version: str) -> list[Change]:
    """What the notice's own list of changes says of a version, except of its wording."""
    return [entry for entry in notice.changes if entry.version == version and entry.change_class != "editorial"]
