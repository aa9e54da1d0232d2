"""One app's widget, ready to serve: everything that does not depend on the visitor, made at start-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app, request

from ..choice.form_proof import FormProofs
from ..choice.guardian_link import GuardianLinks
from ..choice.policy import choice_due
from ..choice.state import State
from ..choice.token import TokenSigner
from ..days import DAY, today
from ..errors import ConfigurationError, NoticeError
from ..notice.file import read_notice
from ..notice.model import Notice
from ..notice.publishing import News, Version, begins, check_unaltered, in_force, make_news
from ..regions import region_of
from ..script import bundle as script
from ..script.bundle import Body, Script
from ..script.style import make_style
from ..settings.model import Settings
from ..store.protocol import Store
from ..store.sql import SQLStore
from ..ui.changes import what_changed
from ..ui.i18n import negotiate
from ..ui.needed import question
from ..ui.statement import statement
from ..ui.view import View, closing
from .double_press import DoublePresses
from .limit import Limit

#: Letters a day from one child, and to one address.
LETTERS = 5


@dataclass(frozen=True)
class Site:
    """Notice, seal, store, and the bytes to send, by locale."""

    settings: Settings
    notice: Notice
    token_signer: TokenSigner
    guardian_links: GuardianLinks
    proofs: FormProofs
    store: Store
    limit: Limit
    #: Letters to guardians, by child and by address: both can be had in any number, and a letter box fills.
    letters: Limit
    scripts: Mapping[str, Script]
    payloads: Mapping[str, Body]
    statements: Mapping[str, Body]
    questions: Mapping[str, Body]
    changes: Mapping[tuple[str, str], Body]
    sheet: Body
    layer_sheet: str
    news_sheet: str
    versions: tuple[Version, ...]
    news: Mapping[str, News]
    #: The site with the announced notice, which takes over on that day.
    announced: Site | None = None
    #: Keys of forms that bring none.
    double_presses: DoublePresses = field(default_factory=DoublePresses)
    #: Notices of earlier days, by digest, once they were read.
    earlier: dict[str, Notice] = field(default_factory=dict)

    @cached_property
    def largest(self) -> int:
        """How many bytes the fullest answer to this notice, or the announced one, may take: 2 KiB, or more where many
        are named in it.
        """
        own = max(2048, 700 + sum(len(key) + 13 for key in self.notice.options))
        return max(own, self.announced.largest) if self.announced else own

    @property
    def withdraw_at(self) -> str:
        """Where a choice of this request's visitor can be changed: on the site's own pages, where those keep it."""
        origin = request.headers.get("Origin")
        there = origin in self.settings.origins and origin != f"{request.scheme}://{request.host}"
        return f"{origin}/" if there else request.url_root.rstrip("/") + f"{self.settings.url_prefix}/preferences"

    @property
    def in_effect(self) -> Site:
        """The site as it is today: an announced notice takes effect without a restart."""
        return self.announced.in_effect if self.announced and begins(self.announced.notice) <= today() else self

    def published(self, version: str) -> Notice | None:
        """The notice of a version: the one in force, or any that was ever published."""
        known = {each.notice.version: each.notice for each in self.versions}
        return known.get(version) or (self.notice if version == self.notice.version else None)

    def acknowledged(self, digest: object) -> Notice:
        """The notice whose change is acknowledged: the announced one by its digest, else the one in force."""
        later = self.announced.notice if self.announced else None
        found = later and isinstance(digest, str) and len(digest) >= 16 and later.digest.startswith(digest)
        return later if later and found else self.notice

    @property
    def at_home(self) -> bool:
        """Is this request on the site's own domain? Not so on the host of a service that several sites share."""
        return not self.settings.site or f"{request.scheme}://{request.host}" in self.settings.origins

    @property
    def cookie_name(self) -> str:
        """`__Host-cw` on HTTPS: no subdomain and no plain-text page can plant it. `cw` elsewhere. On a shared host
        each site has its own, so that nothing links its visitors to those of another.
        """
        name = "cw" if self.cookie_domain or not request.is_secure else "__Host-cw"
        return name if self.at_home else f"{name}-{self.settings.site}"

    @property
    def cookie_domain(self) -> str | None:
        """The parent domain that shares the choice; none on a shared host."""
        return self.settings.cookie_domain if self.at_home else None

    def asks_age(self, band: str) -> bool:
        """Does the widget have to ask how old the visitor is, of whom so much is known?"""
        return bool(self.settings.age and self.settings.age.ask and not band)

    def pending(self, state: State | None, band: str) -> bool:
        """Must a visitor in this state and of this age group be asked for something?"""
        return choice_due(self.notice, state, today(), asks_age=self.asks_age(band))

    def stage(self, band: str) -> str:
        """What the first layer is about: the age, what a child has to know, or (empty) the choice itself."""
        return "age" if self.asks_age(band) else "child" if self.settings.age and band == "child" else ""

    @property
    def home(self) -> str:
        """Where the site's own pages begin."""
        return request.script_root + "/" if self.at_home else self.settings.origins[0] + "/"

    def view(self, locale: str) -> View:
        """The notice in a locale, with links under the path where this request found the app (SCRIPT_NAME)."""
        prefix = request.script_root + self.settings.url_prefix
        return View(self.notice, locale, prefix, region=self.settings.region, age=self.settings.age)

    def locale(self, wish: str | None = None) -> str:
        """The locale for this request: what is asked for, the site's own choice, then the browser's."""
        own = self.settings.locale() if self.settings.locale else _babel_locale()
        return negotiate(self.notice.locales, wish, own, accept=request.accept_languages)


def current_site() -> Site:
    """The current app's site, or an error that says what is missing."""
    try:
        site: Site = current_app.extensions["consent_widget"]
        return site.in_effect
    except KeyError:
        raise ConfigurationError("This app has no consent widget. Call ConsentWidget(app) first.") from None


def make_site(app: Flask, settings: Settings) -> Site:
    """Everything of a site, or ConfigurationError."""
    draft = notice_of(settings)
    store = SQLStore(settings.database or _default_database(app)) if settings.store is None else settings.store
    versions = published(store, draft, settings.site) if isinstance(store, SQLStore) else ()
    check_unaltered(draft, versions)
    _check_age(settings, draft, store)
    reign = in_force(draft, versions, today())
    if versions and draft.digest not in {each.digest for each in versions}:
        app.logger.warning(
            "%s %s is a draft: visitors see %s, which is published. To publish the draft: flask consent publish",
            draft.id, draft.version, reign[0].version,
        )  # fmt: skip
    limits = Limit(settings.rate_limit), Limit(LETTERS, DAY, of=str)
    return _site(settings, script.built(app.debug), store, limits, reign, versions)


def _site(
    settings: Settings, made: Mapping[str, str], store: Store, limits: tuple[Limit, Limit],
    reign: Sequence[Notice], versions: tuple[Version, ...],
) -> Site:  # fmt: skip
    notice, *later = reign
    news = make_news(notice, later[0] if later else None, versions)
    style = make_style(made, notice, settings, bool(news))
    views = {locale: View(notice, locale, region=settings.region, age=settings.age) for locale in notice.locales}
    wanted = {
        "names": True,
        "store": bool(settings.origins),
        "writeToken": bool(settings.origins),
        "ask": any(purpose.control == "just_in_time" for purpose in notice.purposes),
        "service": bool(notice.services),
        "groups": any(len(notice.in_group(each.id)) > 1 for each in notice.groups) or bool(notice.recipients),
        "leave": settings.leave is not None,
        "age": settings.age is not None,
        "news": bool(news),
    }
    drawn = settings.render == "server" and not settings.origins
    linked = {name: made[f"{name}.js"] for name, needed in wanted.items() if needed}
    data = {locale: script.payload(view, settings, news) for locale, view in views.items()}
    if isinstance(store, SQLStore):
        store.keep_notice(notice.digest, notice.text)
    return Site(
        settings=settings,
        notice=notice,
        token_signer=TokenSigner(settings.keys, settings.site),
        guardian_links=GuardianLinks(settings.keys, settings.site),
        proofs=FormProofs(settings.keys, settings.site),
        store=store,
        limit=limits[0],
        letters=limits[1],
        scripts={locale: script.make_script(made, each, style, linked, drawn) for locale, each in data.items()},
        payloads={locale: _json(each) for locale, each in data.items()},
        statements={locale: _json([style.statement, statement(view, closing(view))]) for locale, view in views.items()},
        questions={
            f"{key}.{locale}": _json(question(view, option))
            for locale, view in views.items()
            for key, option in notice.options.items()
        },
        changes={
            (digest, locale): _json(what_changed(view, each, None, closing(view)))
            for digest, each in news.items()
            for locale, view in views.items()
        },
        sheet=Body(style.page.encode(), "text/css"),
        layer_sheet=style.layer,
        news_sheet=style.news,
        versions=versions,
        news=news,
        announced=_site(settings, made, store, limits, later, versions) if later else None,
    )


def _check_age(settings: Settings, notice: Notice, store: Store) -> None:
    if settings.age is None:
        return
    if notice.child_body is None:
        raise ConfigurationError(
            "CONSENT_AGE: the notice has nothing written for children. Add child_body, a text for each locale."
        )
    if not hasattr(store, "history"):
        raise ConfigurationError(
            "CONSENT_AGE: what guardians decide is read back from the store. Add history(subject) to CONSENT_STORE, "
            "or keep choices in CONSENT_DATABASE."
        )


def notice_of(settings: Settings, source: str | Path | None = None) -> Notice:
    """The notice in `source`, or the one that the settings name: in the languages that they offer."""
    notice = source or settings.notice
    if not isinstance(notice, Notice):
        notice = read_notice(notice, settings.controller)
    for each in notice.recipients if region_of(settings.region).rights_abroad else ():
        if not each.country.startswith("CN") and each.rights is None:
            raise NoticeError(
                f"recipients.{each.id}.rights: is missing. It is abroad ({each.country}), so visitors must be told how "
                "to exercise their rights there (PIPL 39)."
            )
    try:
        return notice.offered_in(settings.locales) if settings.locales else notice
    except NoticeError as error:
        raise ConfigurationError(f"CONSENT_LOCALES: cannot be offered ({error}).") from None


def published(store: SQLStore, notice: Notice, site: str) -> tuple[Version, ...]:
    """All published versions of a site's notice, oldest first. NoticeError where it goes by another id than they do."""
    versions = store.versions(notice.id, site)
    known = () if versions else store.published_ids(site)
    if known:
        raise NoticeError(
            f"id: {notice.id!r} is new, and this site has published notices as {', '.join(map(repr, known))}. Keep "
            "that id. If two sites share this database, tell them apart by CONSENT_SITE."
        )
    return versions


def _json(data: object) -> Body:
    return Body(script.compact(data).encode(), "application/json")


def _default_database(app: Flask) -> str:
    folder = Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'consent.sqlite'}"


def _babel_locale() -> str | None:
    if "babel" not in current_app.extensions:
        return None
    from flask_babel import get_locale

    found = get_locale()
    return str(found) if found else None
