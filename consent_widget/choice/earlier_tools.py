"""What other consent tools leave in a visitor's browser, and how each writes a choice.

A reader gets the values by the name of the cookie or storage key, and says what the visitor chose; None where they have
chosen nothing: a notice that was only closed, or a tool that agreed by itself (Cookiebot's `implied`, a CookieYes
without an `action`). Nothing here is signed: anybody can write such a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from ..days import day_of

Values = Mapping[str, str]


class Said(NamedTuple):
    """What a visitor chose in the earlier tool: agreed or refused by its own names of categories or services."""

    answers: Mapping[str, bool]
    #: What holds for every other name; None where nothing is known of it.
    others: bool | None = None
    #: The day of the choice since 1970, as the tool wrote it.
    day: int | None = None

    def of(self, name: str) -> bool | None:
        """The answer to one name. `category.service` is refused where a known category does not list the service."""
        if name in self.answers:
            return self.answers[name]
        category, dot, _ = name.partition(".")
        return False if dot and category in self.answers else self.others


@dataclass(frozen=True)
class Tool:
    """An earlier tool."""

    #: As visitors may know it.
    name: str
    #: The cookies and storage keys it leaves. A trailing `*` stands for any ending.
    keys: tuple[str, ...]
    read: Callable[[Values], Said | None]


def _vanilla(values: Values) -> Said | None:
    """Version 3: `categories` are those agreed to, `services` has all that were offered. Version 2 has no `services`,
    its older releases `level` instead of `categories`.
    """
    table = _json(values["cc_cookie"])
    agreed = table.get("categories", table.get("level"))
    if not isinstance(agreed, list):
        return None
    services = table.get("services")
    dates = ("lastConsentTimestamp", "consentTimestamp", "last_consent_update", "consent_date")
    day = next((day for name in dates if (day := _day(table.get(name))) is not None), None)
    granted = {name for name in agreed if isinstance(name, str)}
    if not isinstance(services, dict):
        return Said(dict.fromkeys(granted, True), others=False, day=day)
    answers = {name: name in granted for name in (*services, *granted)}
    for category, listed in services.items():
        for service in listed if isinstance(listed, list) else ():
            answers[f"{category}.{service}"] = True
    return Said(answers, day=day)


def _klaro(values: Values) -> Said | None:
    return _said(_flags(_json(values["klaro"])))


def _tarteaucitron(values: Values) -> Said | None:
    """`!gtag=true!youtube=false!vimeo=wait`: who waits has not been asked, or has not answered."""
    pairs = (part.partition("=") for part in values["tarteaucitron"].split("!"))
    return _said({name: value == "true" for name, _, value in pairs if value in ("true", "false")})


def _osano(values: Values) -> Said | None:
    """One answer to everything. `dismiss` is neither yes nor no."""
    status = values["cookieconsent_status"]
    return Said({}, others=status == "allow") if status in ("allow", "deny") else None


def _django(values: Values) -> Said | None:
    """`optional=-1|social=2013-06-04T03:17:01.421395`: refused, or agreed to the cookies declared until then. The
    choice itself came later, so that day makes no choice look younger than it is.
    """
    groups = [part.partition("=") for part in values["cookie_consent"].split("|")]
    days = {name: _day(value) for name, _, value in groups}
    refused = {name for name, _, value in groups if value == "-1"}
    answers = {name: name not in refused for name, day in days.items() if name and (day is not None or name in refused)}
    return _said(answers, min((day for day in days.values() if day is not None), default=None))


def _cookiebot(values: Values) -> Said | None:
    """`{stamp:'…',necessary:true,…,method:'explicit',utc:1687287902728}`. Stamp 0: asked, no answer; -1: not asked."""
    text = values["CookieConsent"].replace("'", "")
    pairs = _pairs(text.strip("{}"))
    if pairs.get("method", "explicit") != "explicit" or pairs.get("stamp") in ("0", "-1"):
        return None
    answers = {name: value == "true" for name, value in pairs.items() if value in ("true", "false")}
    return _said(answers, _day(pairs.get("utc")))


def _onetrust(values: Values) -> Said | None:
    """`groups=C0001:1,C0002:0`. The tool writes it before anybody has answered: `interactionCount`, and the cookie
    OptanonAlertBoxClosed with the day, say that somebody has. (`datestamp` is that of the last page.)
    """
    fields = dict(parse_qsl(values.get("OptanonConsent", "")))
    closed = values.get("OptanonAlertBoxClosed")
    if closed is None and fields.get("interactionCount", "0") in ("0", ""):
        return None
    answers = {name: value == "1" for name, value in _pairs(fields.get("groups", "")).items() if value in ("0", "1")}
    if fields.get("AwaitingReconsent") == "true":
        answers = {name: granted for name, granted in answers.items() if not granted}
    return _said(answers, _day(closed))


def _cookieyes(values: Values) -> Said | None:
    """`consent:yes,action:yes,necessary:yes,analytics:no`. Without `action:yes` nobody has pressed anything."""
    pairs = _pairs(values["cookieyes-consent"])
    if pairs.get("action") != "yes":
        return None
    agreed = {"yes"} if pairs.get("consent") == "yes" else set()
    known = {name: value in agreed for name, value in pairs.items() if value == "no" or value in agreed}
    own = ("consentid", "consent", "action", "lastRenewedDate")
    return _said(
        {name: granted for name, granted in known.items() if name not in own}, _day(pairs.get("lastRenewedDate"))
    )


def _complianz(values: Values) -> Said | None:
    """One cookie for each category. Where nobody is asked it allows by itself; then no banner was dismissed."""
    ends = {name.rpartition("_")[2]: value for name, value in values.items()}
    closed = ends.get("banner-status") == "dismissed"
    return _said(
        {name: value == "allow" for name, value in ends.items() if value == "deny" or (value == "allow" and closed)}
    )


def _axeptio(values: Values) -> Said | None:
    table = _json(values["axeptio_cookies"])
    return _said(_flags(table), _day(table.get("$$date"))) if table.get("$$completed") is True else None


def _c15t(values: Values) -> Said | None:
    """`c.necessary:1,c.marketing:1,i.t:1756684800000,i.y:custom` (what is refused may be left out), or
    `{"consents":{…},"consentInfo":{"time":…}}`.
    """
    if values["c15t"].startswith("{"):
        table = _json(values["c15t"])
        info = table.get("consentInfo")
        return _said(_flags(table.get("consents")), _day(info.get("time"))) if isinstance(info, dict) else None
    fields = _pairs(values["c15t"])
    if "i.t" not in fields:
        return None
    answers = {name[2:]: value == "1" for name, value in fields.items() if name.startswith("c.")}
    return Said(answers, others=False, day=_day(fields["i.t"])) if answers else None


def _iubenda(values: Values) -> Said | None:
    """`{"timestamp":"…","purposes":{"1":true,"4":false}}`, or `{"consent":true,…}` where it asks about all at once."""
    tables = [_json(value) for name, value in values.items() if re.fullmatch(r"_iub_cs-\d+", name)]
    if not tables:
        return None
    table, purposes = tables[0], tables[0].get("purposes")
    consent = table.get("consent")
    others = consent if isinstance(consent, bool) and not isinstance(purposes, dict) else None
    return _said(_flags(purposes), _day(table.get("timestamp")), others)


TOOLS: Mapping[str, Tool] = MappingProxyType({
    "vanilla-cookieconsent": Tool("CookieConsent", ("cc_cookie",), _vanilla),
    "klaro": Tool("Klaro", ("klaro",), _klaro),
    "tarteaucitron": Tool("tarteaucitron", ("tarteaucitron",), _tarteaucitron),
    "osano": Tool("Cookie Consent", ("cookieconsent_status",), _osano),
    "django-cookie-consent": Tool("django-cookie-consent", ("cookie_consent",), _django),
    "cookiebot": Tool("Cookiebot", ("CookieConsent",), _cookiebot),
    "onetrust": Tool("OneTrust", ("OptanonConsent", "OptanonAlertBoxClosed"), _onetrust),
    "cookieyes": Tool("CookieYes", ("cookieyes-consent",), _cookieyes),
    "complianz": Tool("Complianz", ("cmplz_*",), _complianz),
    "axeptio": Tool("Axeptio", ("axeptio_cookies",), _axeptio),
    "c15t": Tool("c15t", ("c15t",), _c15t),
    "iubenda": Tool("iubenda", ("_iub_cs-*",), _iubenda),
})  # fmt: skip


def _said(answers: Mapping[str, bool], day: int | None = None, others: bool | None = None) -> Said | None:
    return Said(answers, others, day) if answers or others is not None else None


def _pairs(text: str) -> dict[str, str]:
    """`name:value,name:value`."""
    return dict(part.partition(":")[::2] for part in text.split(","))


def _json(text: str) -> Mapping[str, Any]:
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}


def _flags(table: object) -> dict[str, bool]:
    return {name: value for name, value in table.items() if isinstance(value, bool)} if isinstance(table, dict) else {}


def _day(value: object) -> int | None:
    """The day of an ISO 8601 time, or of milliseconds since 1970."""
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return None
    if re.fullmatch(r"\d{10,14}", value, re.ASCII):
        return day_of(int(value))
    try:
        time = datetime.fromisoformat(value)
        return day_of(int(time.replace(tzinfo=time.tzinfo or UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        return None


def decoded(value: str) -> str:
    """A value as its tool wrote it: without the quotes of a cookie and its percent-encoding."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return unquote(value, errors="replace")
