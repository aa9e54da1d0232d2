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
from ..days import DAY, today
from ..errors import ConfigurationError, NoticeError, StoreError
from ..notice.again import changed_options
from ..notice.changes import changes
from ..notice.diff import lines
from ..notice.model import Notice
from ..notice.news import make_news
from ..notice.publishing import (
    Version,
    as_published,
    check_unaltered,
    loaded_as,
    notices_in_effect,
    versions_before,
)
from ..regions import region_of
from ..script.bundle import built_files
from ..settings.model import Settings
from ..store import is_sql_store
from ..store.protocol import ShowingsStore, Store
from ..ui.i18n import catalogue_of, has_catalogue
from .assets import Assets, make_assets
from .away import AwayStore, Reopening
from .draft import published_versions, read_site_notice
from .limit import Limit
from .log_signer import make_signer
from .regional import RegionalAssets
from .releases import Releases
from .showings import Showings
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
    _check_age(settings, draft, store)
    _check_account(settings, store)
    if not is_sql_store(store):
        if settings.webhooks:
            raise ConfigurationError(
                "CONSENT_WEBHOOKS: messages are sent from the database of CONSENT_DATABASE. With a store of your own, "
                "send them from there, or from the signal choice_recorded."
            )
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


def _check_age(settings: Settings, notice: Notice, store: Store) -> None:
    if settings.age is None:
        return
    if notice.child_body is None:
        raise ConfigurationError(
            "CONSENT_AGE: the notice has nothing written for children. Add child_body, a text for each locale."
        )
    for purpose in notice.purposes:
        if purpose.control == "always_on" and purpose.minors == "off":
            raise NoticeError(
                f"purposes.{purpose.id}.minors: always on, and off for minors. With CONSENT_AGE say which: 'guardian' "
                "(a child needs their guardian's agreement first) or 'allowed' (it goes on without)."
            )
    if not hasattr(store, "history"):
        raise ConfigurationError(
            "CONSENT_AGE: what guardians decide is read back from the store. Add history(subject) to CONSENT_STORE, "
            "or keep choices in CONSENT_DATABASE."
        )


def _check_account(settings: Settings, store: Store) -> None:
    missing = [name for name in ("history", "linked", "link", "last_act") if not hasattr(store, name)]
    if settings.account and missing:
        raise ConfigurationError(
            f"CONSENT_ACCOUNT: what an account has chosen is read back from the store. Add {', '.join(missing)} to "
            "CONSENT_STORE (see AccountStore in consent_widget.store.protocol), or keep choices in CONSENT_DATABASE."
        )


def _default_store(app: Flask, database: str | None) -> SQLStore:
    from ..store.sql import SQLStore
    from ..store.sqlite import file_url

    if database:
        return SQLStore(database)
    folder = Path(app.instance_path)
    with suppress(OSError):  # the log says that there is no such folder
        folder.mkdir(parents=True, exist_ok=True)
    return SQLStore(file_url(folder / "consent.sqlite"))
