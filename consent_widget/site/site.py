"""What a site knows, whoever asks: its notice, its store, its keys and its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from flask import current_app

from ..choice.account import AccountNames
from ..choice.earlier import LONGEST
from ..choice.form_proof import FormProofs
from ..choice.guardian_link import GuardianLinks
from ..choice.policy import undecided
from ..choice.receipt_mark import ReceiptMarks
from ..choice.token import MAX_TOKEN_LENGTH, TokenSigner
from ..days import today
from ..errors import ConfigurationError
from ..notice.again import ChangedOption
from ..notice.model import Notice
from ..notice.news import News
from ..notice.publishing import Version
from ..regions import Region, region_of
from ..script.body import Body
from ..settings.model import Settings
from ..store.protocol import Store
from ..ui.printed import Printed
from ..ui.view import View
from .assets import Assets
from .double_press import DoublePresses
from .limit import Limit
from .log_signer import LogSigner
from .regional import RegionalAssets
from .releases import Releases
from .showings import Showings

if TYPE_CHECKING:
    from ..script.known import Known

#: So many regions of visitors are remembered: more than there are countries and states of the US.
MOST_REGIONS = 400


@dataclass(frozen=True)
class Site:
    """One app's widget, ready to serve."""

    settings: Settings
    notice: Notice
    assets: Assets
    store: Store
    token_signer: TokenSigner
    guardian_links: GuardianLinks
    proofs: FormProofs
    receipt_marks: ReceiptMarks
    #: Choices, by network.
    limit: Limit
    #: Letters to guardians, by child and by address: a child could send any number, and an address could get any.
    letters: Limit
    #: How often the first layer is given; None where nobody looks at that.
    showings: Showings | None
    #: Scripts of the releases before, and beside, this one.
    releases: Releases
    #: Every published version of the notice, oldest first.
    versions: tuple[Version, ...]
    #: What changed, by the first eight digits of the digest of the notice that the visitor saw.
    news: Mapping[str, News]
    #: What the notice in effect changed in the version before it.
    latest_news: News | None
    #: The options that mean something else than in the first version, by key.
    changed: Mapping[str, ChangedOption]
    #: Where the visitors are that this is about, and the rules there.
    region: str
    rules: Region
    #: The bytes for other regions.
    regional: RegionalAssets
    #: How accounts are named, where choices follow them (CONSENT_ACCOUNT).
    accounts: AccountNames | None = None
    #: Signs the log of all records by itself, where that is set up.
    signer: LogSigner | None = None
    #: Whom the app's own pages are looked through for, where they are (CONSENT_GATE_HTML).
    known: Known | None = None
    #: The site with the announced notice, which takes over on the day when that takes effect.
    announced: Site | None = None
    #: While the database has not been reached since start-up: tries once more, in the background.
    reopen: Callable[[], None] | None = None
    #: Gives idempotency keys to forms that send none.
    double_presses: DoublePresses = field(default_factory=DoublePresses)
    #: The same site for visitors of other regions, by code and rules.
    others: dict[tuple[str, Region], Site] = field(default_factory=dict)
    #: The widget's HTML, by all that it depends on (web/shown.py).
    printed: dict[Hashable, Printed] = field(default_factory=dict)
    #: What code has asked for that the notice does not have, as the log has said.
    reported: set[str] = field(default_factory=set)
    #: What pages with other notices need, by digest.
    assets_cache: dict[str, Assets] = field(default_factory=dict)
    #: Notices of earlier days that were read from the store, by digest.
    notice_cache: dict[str, Notice] = field(default_factory=dict)
    #: Whether any choice of this site answered a notice of the database, by its digest.
    answered: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def max_body_bytes(self) -> int:
        """The most bytes that a choice may take, under this notice or the announced one: 4 KiB, or as many as naming
        every option (a form names it twice) and sending the longest token takes, or what an earlier consent tool left.
        """
        left = 3 * LONGEST if self.settings.carry_over else 0
        own = max(4096, left, 700 + MAX_TOKEN_LENGTH + sum(2 * len(key) + 14 for key in self.notice.options))
        return max(own, self.announced.max_body_bytes) if self.announced else own

    @cached_property
    def service_cookies(self) -> re.Pattern[str]:
        """Finds a cookie of a service, or what looks like one, in a raw Cookie header after a semicolon. Each byte is a
        character there. Finds nothing where services have no cookies.
        """
        names = {cookie.name.removesuffix("*") for service in self.notice.services for cookie in service.cookies}
        found = (re.escape(name.encode().decode("latin-1")) for name in names)
        return re.compile(rf";[ \t]*(?:{'|'.join(found)})" if names else "(?!)")

    @property
    def in_effect(self) -> Site:
        """The site as it is today: an announced notice takes effect without a restart."""
        return self.announced.in_effect if self.announced and self.announced.notice.first_day <= today() else self

    def in_region(self, code: str) -> Site:
        """The site as visitors of this region see it, under the rules of today."""
        rules = region_of(code)
        if code == self.region and rules is self.rules:
            return self
        if (code, rules) not in self.others:
            if len(self.others) >= MOST_REGIONS:
                self.others.clear()
            settings = replace(self.settings, age=self.settings.age and self.settings.age.under(rules))
            assets = self.regional.of(settings, code)
            self.others[code, rules] = replace(
                self, region=code, rules=rules, settings=settings, assets=assets, printed={}, assets_cache={}
            )
        return self.others[code, rules]

    @property
    def all_assets(self) -> tuple[Assets, ...]:
        """The bytes for these visitors first, then those for others: a hash names one of them, whoever asks."""
        return self.assets, *self.regional.made

    @property
    def varies_by(self) -> tuple[str, ...]:
        """On which headers of a request it depends in which region its visitor is; `*` where only the site knows."""
        if self.settings.render == "cached":
            return ()
        return ("*",) if callable(self.settings.region) else self.settings.region_header

    @property
    def in_turn(self) -> tuple[Site, ...]:
        """The site itself, then those with the announced notices."""
        return self, *(self.announced.in_turn if self.announced else ())

    @cached_property
    def notices(self) -> Mapping[str, Notice]:
        """The notice in effect and all that were ever published, by version."""
        return {each.version: each for each in (self.notice, *(version.notice for version in self.versions))}

    @cached_property
    def texts(self) -> Mapping[str, Body]:
        """The canonical texts of the `notices`, by version."""
        return {version: Body(notice.text.encode(), "application/json") for version, notice in self.notices.items()}

    def notice_acknowledged(self, digest: object) -> Notice:
        """The notice whose change is acknowledged: the announced one if `digest` is its own, or begins its own with 16
        characters or more; else the one in effect.
        """
        if self.announced and isinstance(digest, str) and len(digest) >= 16:
            announced = self.announced.notice
            return announced if announced.digest.startswith(digest) else self.notice
        return self.notice

    def view(self, locale: str, prefix: str = "") -> View:
        """The notice in a locale, with links under `prefix`; without it, for the script, relative to where that is."""
        return View(
            self.notice, locale, prefix, region=self.region, age=self.settings.age, asks_first=self.settings.asks_first
        )

    @cached_property
    def asks_new_visitors(self) -> bool:
        """Is there anything to ask a visitor who has not chosen yet?"""
        return bool(undecided(self.notice, None, 0))


def current_site() -> Site:
    """The current app's site, with the notice that is in effect today. What a visitor is shown depends on their region,
    too: see `visitor_site` in the room `web`.
    """
    try:
        site: Site = current_app._get_current_object().extensions["consent_widget"]  # type: ignore[attr-defined]
        if site.reopen:
            site.reopen()
        return site.in_effect
    except KeyError:
        raise ConfigurationError("This app has no consent widget. Call ConsentWidget(app) first.") from None
