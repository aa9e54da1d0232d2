"""Start-up: from the settings to a site that is ready, or to an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from ..choice.account import AccountNames
from ..choice.form_proof import FormProofs
from ..choice.guardian_link import GuardianLinks
from ..choice.receipt_mark import ReceiptMarks
from ..choice.token import TokenSigner
from ..days import DAY
from ..errors import StoreError
from ..notice.again import changed_options
from ..notice.model import Notice
from ..notice.news import make_news
from ..notice.publishing import (
    Version,
    versions_before,
)
from ..regions import region_of
from ..script.bundle import built_files
from ..settings.model import Settings
from ..store import is_sql_store
from ..store.protocol import ShowingsStore, Store
from .assets import Assets, make_assets
from .away import AwayStore, Reopening
from .draft import published_versions, read_site_notice
from .limit import Limit
from .log_signer import make_signer
from .needs import require_what_settings_need
from .regional import RegionalAssets
from .releases import Releases
from .showings import Showings
from .shown_notices import notices_to_show
from .site import Site

if TYPE_CHECKING:
    from ..script.known import Known
    from ..store.sql import SQLStore

#: Letters to guardians a day: from one child, and to one address.
LETTERS_A_DAY = 5


def make_site(app: Flask, settings: Settings) -> Site:
    """The site that the settings describe. While its database is away, it works without, and follows once that is back:
    what happens to a database takes no shop down.
    """
    draft = read_site_notice(settings)
    store = settings.store
    if store is None:  # not by its truth: a store may be an empty list
        store = _default_store(app, settings.database)
    require_what_settings_need(settings, draft, store)
    if not is_sql_store(store):
        return _site_with_store(app, settings, store, draft)
    trouble = store.trouble
    try:
        if trouble is None:
            return _site_with_store(app, settings, store, draft)
    except StoreError as error:
        trouble = error
    if not store.trouble_logged:
        app.logger.error("%s Until it can, choices are answered with 503.", trouble)
        store.trouble_logged = True

    def reopen() -> None:
        if store.trouble:
            store.open()
            app.logger.warning("The database can be used now.")
        app.extensions["consent_widget"] = _site_with_store(app, settings, store, draft)

    away = AwayStore(store, trouble)
    site = _make_site(settings, built_files(app.debug), away, _limits(settings), None, [draft], ())
    return replace(site, reopen=Reopening(reopen, app.logger))


def _site_with_store(app: Flask, settings: Settings, store: Store, draft: Notice) -> Site:
    versions: tuple[Version, ...] = ()
    if is_sql_store(store):
        versions = published_versions(store, draft, settings.site)
        store.expect_receivers(settings.site, {each.name: each.events for each in settings.webhooks})
    notices = notices_to_show(app, draft, versions)
    counter = Showings(store, settings.site) if settings.officer and isinstance(store, ShowingsStore) else None
    site = _make_site(settings, built_files(app.debug), store, _limits(settings), counter, notices, versions)
    if not app.debug:  # scripts that are being worked on are not released
        by_script = settings.render == "script"
        site.releases.begin((body, each.notice) for each in site.in_turn for body in each.assets.hashed(by_script))
    return site


def _limits(settings: Settings) -> tuple[Limit, Limit]:
    of_site = f" of {settings.site}" if settings.site else ""
    return (
        Limit(settings.rate_limit, name=f"choices{of_site}"),
        Limit(LETTERS_A_DAY, DAY, of=str, name=f"letters to guardians{of_site}"),
    )


def _make_site(
    settings: Settings, built: Mapping[str, str], store: Store, limits: tuple[Limit, Limit],
    showings: Showings | None, notices: Sequence[Notice], versions: tuple[Version, ...],
) -> Site:  # fmt: skip
    """`notices` holds the one in effect, then those that are announced."""
    notice, *announced = notices
    news = make_news(notice, announced[0] if announced else None, versions)
    before = versions_before(notice, versions)
    changed = changed_options(notice, before)
    latest = news.get(before[-1].digest[:8]) if before else None
    region = settings.common_region

    def make(settings: Settings, region: str) -> Assets:
        return make_assets(built, notice, settings, news, latest, changed.values(), region)

    if is_sql_store(store):
        store.keep_notice(notice.digest, notice.text)
    return Site(
        settings=settings,
        notice=notice,
        assets=make(settings, region),
        region=region,
        rules=region_of(region),
        regional=RegionalAssets(make),
        token_signer=TokenSigner(settings.keys, settings.site),
        guardian_links=GuardianLinks(settings.keys, settings.site),
        proofs=FormProofs(settings.keys, settings.site),
        receipt_marks=ReceiptMarks(settings.keys, settings.site),
        store=store,
        limit=limits[0],
        letters=limits[1],
        showings=showings,
        releases=Releases(store, settings.site, settings.script_days),
        versions=versions,
        news=news,
        latest_news=latest,
        changed=changed,
        accounts=AccountNames(settings.keys, settings.site) if settings.account else None,
        signer=make_signer(settings, store),
        known=_known(notice) if settings.gate_html else None,
        announced=_make_site(settings, built, store, limits, showings, announced, versions) if announced else None,
    )


def _known(notice: Notice) -> Known:
    from ..script.known import Known  # and with it the catalogue

    return Known(notice)


def _default_store(app: Flask, database: str | None) -> SQLStore:
    from ..store.sql import SQLStore
    from ..store.sqlite import file_url

    if database:
        return SQLStore(database)
    folder = Path(app.instance_path)
    with suppress(OSError):  # the log says that there is no such folder
        folder.mkdir(parents=True, exist_ok=True)
    return SQLStore(file_url(folder / "consent.sqlite"))
