"""The site's configuration: every `CONSENT_…` key, checked once at start-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from ..choice.age import Age, read_age
from ..errors import ConfigurationError
from ..notice.model import Notice
from ..store.protocol import Store
from ..ui.theme import check_theme

Layout = Literal["box", "bar", "modal"]
Render = Literal["server", "script"]
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field for each key: `CONSENT_NOTICE` is `notice`, and so on."""

    #: The notice: `"minimal"`, `"shop"`, a path to a TOML or JSON file, or a Notice. [`"minimal"`]
    notice: str | Path | Notice = "minimal"
    #: Who the site is: name, address, email, phone (and officer, storage_location), each a text or one for
    #: each locale. Needed unless the notice file says it.
    controller: Mapping[str, object] = field(default_factory=dict)
    #: Keys that sign the cookie, oldest first; the last one signs, all verify. [Flask's SECRET_KEY]
    keys: tuple[str, ...] = ()
    #: Where choices are kept: an SQLAlchemy URL. [`consent.sqlite` in the app's instance folder]
    database: str | None = None
    #: A store of your own, instead of a database: any object with `add(choice)`.
    store: Store | None = None
    #: Where the widget's own pages live. [`/consent`]
    url_prefix: str = "/consent"
    #: How the first layer looks: `box`, `bar` or `modal`. [`box`]
    layout: Layout = "box"
    #: Who draws the first layer: `server` (there with the page's first paint, works without scripts) or
    #: `script` (for pages that are cached whole). [`server`]
    render: Render = "server"
    #: A function that returns the locale of the current request. [the host's Flask-Babel, then Accept-Language]
    locale: Callable[[], str | None] | None = None
    #: A parent domain that shares the choice between its subdomains. [this host only]
    cookie_domain: str | None = None
    #: Other sites whose pages may use this widget by script tag, each as `https://www.shop.example`. [none]
    origins: tuple[str, ...] = ()
    #: A notice before links to other sites: `affiliates` are hosts that need none, `policies` maps hosts to their
    #: privacy policies. [none]
    leave: Mapping[str, Any] | None = None
    #: How old visitors are, and what follows for minors: a table with `child_below` (13 to 16; the region's), `ask`
    #: (True), `account` (a function: the band of who is signed in), `send` (sends guardians their links) and with it
    #: `url`. [off]
    age: Age | None = None
    #: This site's id, where several keep their choices in one database or live on one host: tokens of another site
    #: are void here, and each record names its site. Needs `origins`, the site's own among them. [none]
    site: str = ""
    #: The site's colours: `ink`, `paper`, `muted`, `accent`, `on_accent`, `line`, and a table `dark` of them. [ours]
    theme: Mapping[str, object] = field(default_factory=dict)
    #: Of the notice's languages, those that are offered, in this order. [all]
    locales: tuple[str, ...] = ()
    #: Where the visitors are, as `CN`, `EU`, `UK` or `US-CA`: stands on each record. In the US nobody is asked again
    #: for 365 days after a refusal (Civ. Code 1798.135(c)(4)). [not said]
    region: str = ""
    #: Choices a minute that one network may send; 0 for no limit. [60]
    rate_limit: int = 60
    #: Let scripts press the granting buttons, for a site's own tests; records then say so. [False]
    scripted_grants: bool = False


def read(config: Mapping[str, Any]) -> Settings:
    """The settings in a Flask config. Unknown keys and unusable values are errors that name the key."""
    known = {f"CONSENT_{each.name.upper()}": each.name for each in fields(Settings)}
    for key in config:
        if key.startswith("CONSENT_") and key not in known:
            raise ConfigurationError(f"{key}: no such setting. There are: {', '.join(sorted(known))}.")
    given = {name: config[key] for key, name in known.items() if config.get(key) is not None}
    keys = given.pop("keys", None) or [*(config.get("SECRET_KEY_FALLBACKS") or ()), config.get("SECRET_KEY")]
    if isinstance(keys, str):
        keys = [keys]
    for name in ("origins", "locales"):
        given[name] = _texts(f"CONSENT_{name.upper()}", given.pop(name, ()))
    if "age" in given:
        given["age"] = read_age(given["age"], str(given.get("region", "")))
    settings = Settings(**given, keys=tuple(key for key in keys if key))
    _check(settings)
    return settings


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise ConfigurationError(f"{key}: must be a list of texts.")
    return tuple(value)


def _check(settings: Settings) -> None:
    if not settings.keys:
        raise ConfigurationError(
            "CONSENT_KEYS: none set, and no SECRET_KEY either. Make one with `flask consent keygen` and keep it secret."
        )
    for name, allowed in (("layout", get_args(Layout)), ("render", get_args(Render))):
        if getattr(settings, name) not in allowed:
            raise ConfigurationError(f"CONSENT_{name.upper()}: must be one of {', '.join(allowed)}.")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", settings.url_prefix):
        raise ConfigurationError("CONSENT_URL_PREFIX: must start with / and not end with it, like /consent.")
    if type(settings.scripted_grants) is not bool:
        raise ConfigurationError("CONSENT_SCRIPTED_GRANTS: must be True or False.")
    if settings.cookie_domain is not None and not re.fullmatch(
        r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", str(settings.cookie_domain)
    ):
        raise ConfigurationError("CONSENT_COOKIE_DOMAIN: must be a domain, like shop.example.")
    for origin in settings.origins:
        if not ORIGIN.fullmatch(origin) or re.fullmatch(r"http://.*:80|https://.*:443", origin):
            raise ConfigurationError(
                "CONSENT_ORIGINS: each must be a scheme and a host, like https://www.shop.example, and no more: "
                "no path, and no port that goes without saying."
            )
    if settings.leave is not None:
        _check_leave(settings.leave)
    if settings.site and not (isinstance(settings.site, str) and SITE.fullmatch(settings.site)):
        raise ConfigurationError("CONSENT_SITE: must be lower-case letters, digits and -, at most 32, like shop.")
    if settings.site and not settings.origins:
        raise ConfigurationError("CONSENT_SITE: needs CONSENT_ORIGINS, the site's own origin among them.")
    if settings.region and not (
        isinstance(settings.region, str) and re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", settings.region)
    ):
        raise ConfigurationError("CONSENT_REGION: must be a code of ISO 3166, like CN, EU, UK, US or US-CA.")
    if not isinstance(settings.notice, (str, Path, Notice)):
        raise ConfigurationError("CONSENT_NOTICE: must be a name, a path, or a Notice.")
    check_theme(settings.theme)
    if type(settings.rate_limit) is not int or settings.rate_limit < 0:
        raise ConfigurationError("CONSENT_RATE_LIMIT: must be a whole number of choices a minute, or 0 for no limit.")
    if settings.locale is not None and not callable(settings.locale):
        raise ConfigurationError("CONSENT_LOCALE: must be a function that returns the locale of the request.")
    if settings.store is not None and not isinstance(settings.store, Store):
        raise ConfigurationError("CONSENT_STORE: must have a method add(choice). See consent_widget.Store.")


def _check_leave(leave: Mapping[str, Any]) -> None:
    if not isinstance(leave, Mapping) or not leave.keys() <= {"affiliates", "policies"}:
        raise ConfigurationError("CONSENT_LEAVE: must be a table with affiliates, policies, or neither.")
    affiliates, policies = leave.get("affiliates", ()), leave.get("policies", {})
    hosts = [*(affiliates if isinstance(affiliates, (list, tuple)) else [None]), *policies]
    if not all(isinstance(host, str) and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host) for host in hosts):
        raise ConfigurationError("CONSENT_LEAVE: hosts must be written plainly, like pay.shop.example (IDN: xn--…).")
    if not all(isinstance(url, str) and url.startswith(("https://", "http://")) for url in policies.values()):
        raise ConfigurationError("CONSENT_LEAVE: policies must map each host to an http(s) address.")
