"""The notice that a site's settings name, whether published or not, and the versions of it that are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..choice.earlier import check_carry_over
from ..choice.iab import check_iab
from ..errors import ConfigurationError, NoticeError
from ..notice.abroad import check_parties
from ..notice.file import notice_from, read_notice
from ..notice.model import Notice
from ..notice.publishing import Version
from ..settings.model import Settings

if TYPE_CHECKING:
    from ..store.sql import SQLStore


def read_site_notice(settings: Settings, source: str | Path | None = None) -> Notice:
    """The notice in `source`, or else the one that the settings name, in the languages that the settings offer.
    A notice that does not say in which country the site is must obey the law of the region (see check_parties), and
    each has what other tools decide (CONSENT_CARRY_OVER, CONSENT_IAB).
    """
    notice = source or settings.notice
    if isinstance(notice, Mapping):
        notice = notice_from(notice, settings.controller)
    elif not isinstance(notice, Notice):
        notice = read_notice(notice, settings.controller)
    if settings.carry_over:
        check_carry_over(settings.carry_over, notice)
    if settings.iab:
        check_iab(settings.iab, notice)
    if notice.country is None:
        check_parties(notice, settings.fixed_region or "")
    try:
        return notice.offered_in(settings.locales) if settings.locales else notice
    except NoticeError as error:
        raise ConfigurationError(f"CONSENT_LOCALES: cannot be offered ({error}).") from None


def published_versions(store: SQLStore, notice: Notice, site: str) -> tuple[Version, ...]:
    """All published versions of a site's notice, oldest first. NoticeError if the site has published notices, but none
    under this notice's id.
    """
    versions = store.versions(notice.id, site)
    other_ids = () if versions else store.published_ids(site)
    if other_ids:
        raise NoticeError(
            f"id: {notice.id!r} is new, and this site has published notices as {', '.join(map(repr, other_ids))}. Keep "
            "that id. If two sites share this database, tell them apart by CONSENT_SITE."
        )
    return versions
