"""Which notices visitors see: the published ones, where any is. The log says where the notice file holds another."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from ..days import today
from ..notice.changes import changes
from ..notice.diff import lines
from ..notice.model import Notice
from ..notice.publishing import Version, as_published, check_unaltered, loaded_as, notices_in_effect
from ..ui.i18n import catalogue_of, has_catalogue


def notices_to_show(app: Flask, draft: Notice, versions: Sequence[Version]) -> tuple[Notice, ...]:
    """The notice in effect, then those that are announced. `draft` is what the notice file holds."""
    draft = _follow_published(app, draft, versions)
    check_unaltered(draft, versions)
    notices = tuple(loaded_as(each, draft) for each in notices_in_effect(draft, versions, today()))
    if notices[0].is_newer_than(draft):
        app.logger.warning(
            "%s %s is published and in effect, and is newer than %s, which the notice file holds. Visitors see the "
            "published one: bring the file up to date, so that code and notice fit.",
            draft.id, notices[0].version, draft.version,
        )  # fmt: skip
    elif versions and draft.digest not in {version.digest for version in versions}:
        app.logger.warning(
            "%s %s is a draft: visitors see %s, which is published. To publish the draft: flask consent publish",
            draft.id, draft.version, notices[0].version,
        )  # fmt: skip
    _warn_of_missing_catalogues(app, notices)
    return notices


def _follow_published(app: Flask, draft: Notice, versions: Sequence[Version]) -> Notice:
    published = as_published(draft, versions)
    if published is not draft:
        app.logger.warning(
            "%s %s keeps the text that is published, although the catalogue of vendors says something else now:\n%s\n"
            "To tell visitors, raise version and publish it.",
            draft.id, draft.version, "\n".join(lines(changes(published, draft))),
        )  # fmt: skip
    return published


def _warn_of_missing_catalogues(app: Flask, notices: Sequence[Notice]) -> None:
    for locale in dict.fromkeys(locale for notice in notices for locale in notice.locales):
        if not has_catalogue(locale):
            app.logger.warning(
                "%s: the widget's own messages are not translated, and are shown in %s instead. To translate them, "
                "add a catalogue %s to the translations of consent_widget.",
                locale, catalogue_of(locale), locale.replace("-", "_"),
            )  # fmt: skip
