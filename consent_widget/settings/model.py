"""The site's configuration: every `CONSENT_…` key, checked once at start-up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ..choice.account import AccountHook
from ..choice.age import Age
from ..choice.closing import Closing, read_closing
from ..choice.collected import CollectedHook
from ..choice.earlier import CarryOver, read_carry_over
from ..choice.iab import Iab, read_iab
from ..notice.model import Notice
from ..proof.log_keys import LogKeys
from ..proof.policy import Policy
from ..proof.witness import WitnessKeys
from ..regions import CODE, UNKNOWN
from ..store.protocol import Store
from ..ui.theme import read_theme
from .checks import (
    COOKIE_NAME,
    DOMAIN,
    SITE,
    URL_PREFIX,
    empty_or,
    is_leave_table,
    is_origin,
    is_text_or_path,
    is_texts,
    is_whole_number,
    is_yes_or_no,
    matches,
    names_headers,
    names_hosts,
    names_policies,
    one_of,
)
from .log_key import MAKE, public_keys
from .setting import setting, setting_of
from .told import HIDDEN, as_it_is, kind_of, scheme_of
from .webhooks import Receiver, read_webhooks, told_of_receivers

Layout = Literal["box", "bar", "modal"]
Render = Literal["server", "cached", "script"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field for each key: `CONSENT_NOTICE` is `notice`, and so on."""

    notice: str | Path | Notice | Mapping[str, object] = setting(
        'The notice: `"minimal"`, `"shop"`, a path to a TOML or JSON file (looked for beside the app, then in the '
        "working directory), a table as such a file has it, or a `Notice` made in Python.",
        (
            lambda value: isinstance(value, (str, Path, Notice, Mapping)),
            "must be a name, a path, a table or a Notice.",
        ),
        default="minimal",
        told=lambda _: "(visitors read it)",
    )
    #: Checked with the notice that it becomes a part of.
    controller: Mapping[str, object] = setting(
        "Who the site is: `name`, `address`, `email`, `phone`, and where the notice speaks of them `officer` and "
        "`storage_location`. Each a text, or one for each locale. Needed unless the notice file has a `[controller]`.",
        default={},
        default_text="none",
        told=as_it_is,
    )
    #: Checked where they are collected (keys.py).
    keys: tuple[bytes, ...] = setting(
        "A list of keys that sign the cookie, oldest first: the last one signs, all verify. Texts or bytes.",
        default=(),
        default_text="Flask's `SECRET_KEY` (after `SECRET_KEY_FALLBACKS`)",
    )
    #: Checked when the store is opened.
    database: str | None = setting(
        "An SQLAlchemy URL.",
        default=None,
        default_text="`consent.sqlite` in the app's instance folder",
        told=scheme_of,
    )
    store: Store | None = setting(
        "A store of your own instead: any object with `add(choice)`, see `consent_widget.Store`.",
        (lambda value: isinstance(value, Store), "must have a method add(choice). See consent_widget.Store."),
        default=None,
        default_text="none",
        told=kind_of,
    )
    url_prefix: str = setting(
        "Where the widget's own URLs live.",
        (matches(URL_PREFIX), "must start with / and not end with it, like /consent."),
        default="/consent",
        told=as_it_is,
    )
    layout: Layout = setting(
        "How the first layer looks: `box`, `bar` or `modal`.",
        one_of(Layout),
        default="box",
        told=as_it_is,
    )
    render: Render = setting(
        "Who draws the first layer: `server`; `cached`, for pages that caches keep for all visitors; or `script`.",
        one_of(Render),
        default="server",
        told=as_it_is,
    )
    locale: Callable[[], object] | None = setting(
        "A function that returns the locale of the current request: a text, a Babel `Locale`, or None.",
        (callable, "must be a function that returns the locale of the request."),
        default=None,
        default_text="the host's Flask-Babel, then the page's `<html lang>` (by script), then `Accept-Language`, "
        "then English",
        told=as_it_is,
    )
    cookie_name: str = setting(
        "The cookie's name, which tells it apart from that of another app on the same host. On HTTPS `__Host-` comes "
        "before it.",
        (matches(COOKIE_NAME), "must be a name of letters, digits, - and _ (at most 40), like shop-consent."),
        (
            lambda value: not value.startswith("__"),
            "must not begin with __: the prefix that browsers protect, __Host-, is added where it holds (HTTPS, and no "
            "CONSENT_COOKIE_DOMAIN).",
        ),
        default="cw",
        told=as_it_is,
    )
    cookie_domain: str | None = setting(
        "A parent domain, such as `shop.example`, whose subdomains share the choice.",
        (matches(DOMAIN), "must be a domain, like shop.example."),
        default=None,
        default_text="this host only (`__Host-` cookie on HTTPS)",
        told=as_it_is,
    )
    origins: tuple[str, ...] = setting(
        "Other sites whose pages may use this widget by script tag, each as `https://www.shop.example`.",
        (is_texts, "must be a list of texts."),
        (
            lambda value: all(map(is_origin, value)),
            "each must be a scheme and a host, like https://www.shop.example, and no more: no path, and no port if "
            "it is the scheme's default port.",
        ),
        default=(),
        default_text="none",
        parse=tuple,
        told=as_it_is,
    )
    leave: Mapping[str, Any] | None = setting(
        "Shows a notice before links lead to other sites: `{}`, or a table with `affiliates` (hosts that need none, "
        "with their subdomains, as the site's own has none) and `policies` (hosts to the addresses of their privacy "
        "policies).",
        (is_leave_table, "must be a table with affiliates, policies, or neither."),
        (names_hosts, "hosts must be written plainly, like pay.shop.example (IDN: xn--…)."),
        (names_policies, "policies must map each host to an http(s) address."),
        default=None,
        default_text="none",
        told=as_it_is,
    )
    age: Age | None = setting(
        "How old visitors are, and what follows for minors: a table with `child_below` (13 to 18), `ask`, `account`, "
        "`send` and (needed with it) `url`, or `{}` for the defaults.",
        default=None,
        default_text="off",
        told=as_it_is,
    )
    account: AccountHook | None = setting(
        "Lets choices follow the account: a function that returns what your site calls the account that is signed in "
        "(its number, say, which never changes), or None.",
        (callable, "must be a function that returns the account that is signed in, or None."),
        default=None,
        default_text="off: a choice belongs to a browser",
        told=as_it_is,
    )
    collected: CollectedHook | None = setting(
        "Makes the visitor's two lists (双清单): what was collected from them, and with whom it was shared. A function "
        "that is given their subject, or None, and returns what your site knows of them, as `Collected` and `Shared`.",
        (callable, "must be a function of a subject that returns a list of Collected and Shared."),
        default=None,
        default_text="off",
        told=as_it_is,
    )
    close_account: Closing | None = setting(
        "Where visitors close their account (注销), beside their choices and lists: a table with `url`, and if needed "
        "`working_days`, within which it is done (15 or fewer).",
        default=None,
        default_text="none",
        parse=read_closing,
        told=as_it_is,
    )
    carry_over: CarryOver | None = setting(
        "The consent tool that the site had before, whose refusals count here: a table with `tool`, `purposes` (from "
        "your purposes to that tool's categories), and if needed `grants`, `since` and `key`.",
        default=None,
        default_text="none",
        parse=read_carry_over,
        told=as_it_is,
    )
    iab: Iab | None = setting(
        "The consent manager of the advertising on your pages, whose refusals count here: a table with `tcf` or `gpp` "
        "(each from your purposes to names there), and if needed `grants`.",
        default=None,
        default_text="none",
        parse=read_iab,
        told=as_it_is,
    )
    webhooks: tuple[Receiver, ...] = setting(
        "Your own systems that are told what visitors choose: a table of receivers by name, each with `url`, `secret` "
        "and if needed `events` and `unencrypted`.",
        default=(),
        default_text="none",
        parse=read_webhooks,
        told=told_of_receivers,
    )
    site: str = setting(
        "This site's id, where several share a host or a database: tokens of another site are void here, each record "
        "names its site, and on a host that is none of its origins the cookie has a name of its own.",
        (empty_or(SITE), "must be lower-case letters, digits and -, at most 32, like shop."),
        default="",
        default_text="none",
        told=as_it_is,
    )
    theme: Mapping[str, object] = setting(
        "The widget's colours: `ink`, `paper`, `muted`, `accent`, `on_accent`, `line`, and a table `dark` of the same.",
        default={},
        default_text="its own",
        parse=read_theme,
        told=as_it_is,
    )
    locales: tuple[str, ...] = setting(
        "Of the notice's languages, those that are offered, in this order.",
        (is_texts, "must be a list of texts."),
        default=(),
        default_text="all",
        parse=tuple,
        told=as_it_is,
    )
    region: str | Callable[[], object] = setting(
        "Where the visitors are (ISO 3166: `CN`, `EU`, `UK`, `US-CA`), or a function that returns it for the current "
        "request, or None where nobody knows.",
        (
            lambda value: callable(value) or empty_or(CODE)(value),
            "must be a code of ISO 3166, like CN, EU, UK, US or US-CA, or a function that returns one.",
        ),
        default="",
        default_text="not said",
        told=as_it_is,
    )
    region_header: tuple[str, ...] = setting(
        "Instead of `CONSENT_REGION`: the header in which your proxy says the visitor's country, such as "
        "`CF-IPCountry`, or a list of two, the second for the part of the country.",
        (names_headers, "must be the name of a header, like CF-IPCountry, or a list of one or two of them."),
        default=(),
        default_text="none",
        parse=lambda value: (value,) if isinstance(value, str) else tuple(value),
        told=as_it_is,
    )
    rate_limit: int = setting(
        "Choices a minute that one network (IPv4 /24, IPv6 /48) may send to one process; `0` for no limit.",
        (is_whole_number, "must be a whole number of choices a minute, or 0 for no limit."),
        default=60,
        told=as_it_is,
    )
    script_days: int = setting(
        "Days for which scripts of earlier releases are still served under their hash, after others took their place; "
        "`0` for none.",
        (is_whole_number, "must be a whole number of days, or 0."),
        default=180,
        told=as_it_is,
    )
    gate_html: bool = setting(
        "Makes the tags and embeds of known vendors in the HTML of the app's responses inert until they are granted: "
        "those of the notice's services, and all others of the catalogue.",
        (is_yes_or_no, "must be True or False."),
        default=False,
        told=as_it_is,
    )
    guard: bool = setting(
        "Holds back what scripts in the page ask of hosts of services that are not granted, and tells the developer in "
        "the console.",
        (is_yes_or_no, "must be True or False."),
        default=False,
        told=as_it_is,
    )
    officer: Callable[[], object] | None = setting(
        "Opens the officer's page: a function that says for the current request whether an officer is signed in. It "
        "returns their name for the log, True, or False.",
        (callable, "must be a function that returns the officer's name, True or False for the request."),
        default=None,
        default_text="closed",
        told=kind_of,
    )
    #: Read with the folders of the app.
    log_key: LogKeys | None = setting(
        "The private key that signs the log of all records (`flask consent log-key`), or the path of a file with it. "
        "It holds the log's name, so nothing else is needed to publish [the log](log.md).",
        (is_text_or_path, f"must be a text or a path. {MAKE}"),
        default=None,
        default_text="none: no checkpoint is signed",
        told=public_keys,
    )
    #: Read with the folders of the app.
    log_policy: Policy | None = setting(
        "The witnesses that cosign the log, and how many of them it takes: the lines `witness`, `group` and `quorum` "
        "of a [policy](log.md#witnesses), or the path of a file with them.",
        (is_text_or_path, "must be a text or a path. See docs/log.md."),
        default=None,
        default_text="none",
        told=lambda policy: policy.text,
    )
    log_minutes: int = setting(
        "After how many minutes the choices that came meanwhile are signed, at the next request; `0` for only by "
        "`flask consent checkpoint`.",
        (is_whole_number, "must be a whole number of minutes, or 0."),
        default=10,
        told=as_it_is,
    )
    #: Read with the folders of the app.
    witness: WitnessKeys | None = setting(
        "Makes this site a [witness](log.md#be-a-witness) of other operators' logs: its private key "
        "(`flask consent witness-key`) and, a line each, the public keys of those logs; or the path of such a file.",
        (is_text_or_path, "must be a text or a path. See docs/log.md."),
        default=None,
        default_text="none",
        told=lambda keys: [str(key) for key in (keys.signing.public, *keys.logs)],
    )
    scripted_grants: bool = setting(
        "Lets scripts press the granting buttons, for your own tests; the records then carry the signal `scripted`.",
        (is_yes_or_no, "must be True or False."),
        default=False,
        told=as_it_is,
    )

    @property
    def fixed_region(self) -> str | None:
        """The region that all visitors are in; empty where the site says nothing. None where each has their own."""
        return None if callable(self.region) or self.region_header else self.region

    @property
    def asks_first(self) -> bool:
        """Is nothing on before an answer, whatever the law of a region allows? So it is where minors may be among the
        visitors, and where somebody may have refused already: in an earlier tool, or in that of the advertising.
        """
        return bool(self.age or self.carry_over or self.iab)

    @property
    def common_region(self) -> str:
        """The region whose rules hold for everybody, or for everybody of whom nobody knows where they are."""
        return UNKNOWN if self.fixed_region is None else self.fixed_region


#: The fields of Settings by their keys: `CONSENT_NOTICE`, and so on.
SETTINGS = {f"CONSENT_{field.name.upper()}": field for field in fields(Settings)}


def told(settings: Settings) -> dict[str, object]:
    """The settings by their keys, JSON-ready and without a secret. None is one that is not set."""
    values = {name: (getattr(settings, field.name), setting_of(field).told) for name, field in SETTINGS.items()}
    return {name: value if value is None else say(value) if say else HIDDEN for name, (value, say) in values.items()}
