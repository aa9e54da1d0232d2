"""Services that a notice takes from the catalogue of vendors: `use = "ga4"`, what its tag needs to know, and whatever
the site says in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..errors import NoticeError
from ..text import Text
from ..vendors.catalogue import read_vendor, similar_ids, vendor_ids
from ..vendors.lifetimes import lifetime_text
from ..vendors.model import Cookie, Vendor

#: What an entry says of the vendor and its tag, and not of the service.
OF_THE_TAG = ("use", "as", "load", "script", "tell", "advanced", "signals")
#: Where a site has the vendor's script itself: a path, or an address. Nothing in it ends an attribute.
SCRIPT = re.compile(r"(https://[a-z0-9.-]+(:[0-9]{1,5})?)?/(?!/)[A-Za-z0-9_.~!$*+,;=:@%/?&()-]*")
HOW = 'Write it as the vendor shows it, for example {name} = "{example}".'


def catalogued(entry: Mapping[str, Any], locales: Sequence[str], purposes: Collection[str]) -> dict[str, Any]:
    """The entry of a service with `use`, as if it were written out: its id is the vendor's, or what `as` says. What the
    entry has itself stays; a text is completed by the languages that it lacks. NoticeError where the catalogue does not
    have the vendor, or where a parameter is missing or wrong.
    """
    vendor = _vendor(entry)
    where = f"services.{entry.get('as', vendor.id)}"
    own = {name: value for name, value in entry.items() if name not in (*OF_THE_TAG, *vendor.parameters)}
    if "purposes" not in own and vendor.purpose not in purposes:
        raise NoticeError(
            f"{where}.purposes: is missing. Say what it is for, as a list of purposes of this notice: "
            f"{', '.join(purposes)}."
        )
    parameters = _parameters(entry, vendor, where)
    given: dict[str, Any] = {
        "id": entry.get("as", vendor.id),
        "name": _text(vendor.name, locales),
        "description": _text(vendor.description, locales),
        "company": vendor.company,
        "country": vendor.country,
        "purposes": [vendor.purpose],
        "hosts": [_filled(host, parameters) for host in vendor.hosts],
        "cookies": [_cookie(cookie, parameters, locales) for cookie in vendor.cookies or ()],
        "storage": [key.name for key in vendor.storage or ()],
        "storage_unknown": vendor.storage_unknown and not {"cookies", "storage"} & own.keys(),
    }
    if vendor.known_as and "company" not in own:
        given["known_as"] = dict.fromkeys(locales, vendor.company) | _text(vendor.known_as, locales)
    for name in ("name", "description"):
        if isinstance(own.get(name), Mapping):
            given[name] |= own.pop(name)
    from_here = given.keys() | {"known_as"}  # also where it has none: what is published may have one
    said = [name for name in sorted(from_here) if name not in own and name not in ("id", "purposes")]
    use = {"vendor": vendor.id, "parameters": parameters, "fields": said}
    use |= {name: entry[name] for name in OF_THE_TAG[2:] if name in entry}
    _check_script(use, where)
    _check_calls(use, vendor, where)
    return {**given, **own, "use": use}


def _vendor(entry: Mapping[str, Any]) -> Vendor:
    id = entry["use"]
    if id in vendor_ids():
        return read_vendor(id)
    similar = similar_ids(id) if isinstance(id, str) else []
    meant = f" Did you mean {' or '.join(map(repr, similar))}?" if similar else ""
    raise NoticeError(
        f"services.use: the catalogue has no vendor {id!r}.{meant} docs/vendors.md lists them all, and so does "
        "`flask consent vendors`; of any other, describe the service yourself (id, name, company, country)."
    )


def _parameters(entry: Mapping[str, Any], vendor: Vendor, where: str) -> dict[str, str]:
    """What the tag needs to know. Only what fits its pattern passes: it becomes part of an address or of a call."""
    values: dict[str, str] = {}
    for name, parameter in vendor.parameters.items():
        if parameter.each:
            if name in entry:
                raise NoticeError(
                    f"{where}.{name}: differs from one place in a page to the next, so it stands there: "
                    f'{{{{ consent_embed("{entry.get("as", vendor.id)}", {name}="{parameter.example}") }}}}.'
                )
            continue
        how = HOW.format(name=name, example=parameter.example)
        value = entry.get(name, parameter.default)
        if value is None:
            raise NoticeError(f"{where}.{name}: is missing. {how}")
        if isinstance(value, int) and not isinstance(value, bool):  # many are numbers, and quotes are easily forgotten
            value = str(value)
        if not isinstance(value, str) or not re.fullmatch(parameter.pattern, value, re.ASCII):
            raise NoticeError(f"{where}.{name}: is not what {vendor.id} gives out. {how}")
        values[name] = value
    return values


def _check_script(use: Mapping[str, Any], where: str) -> None:
    script = use.get("script")
    if script is not None and not (isinstance(script, str) and SCRIPT.fullmatch(script)):
        raise NoticeError(
            f"{where}.script: is no address. Say where your site has the vendor's script, as a path such as "
            '"/metrics/?id=…", or with https:// and the host.'
        )


def _check_calls(use: Mapping[str, Any], vendor: Vendor, where: str) -> None:
    """NoticeError where the entry asks for what the vendor has no calls for."""
    if use.get("advanced") and not any(call.on == "before" for call in vendor.calls):
        raise NoticeError(
            f"{where}.advanced: no call tells {vendor.id} to wait for the visitor's choice, so it cannot be loaded "
            "before. Leave it out."
        )
    for name in use.get("signals", ()):
        if name not in vendor.signals:
            known = ", ".join(vendor.signals) or "none"
            raise NoticeError(f"{where}.signals.{name}: is not a signal of {vendor.id}, which has: {known}.")


def _text(text: Text, locales: Sequence[str]) -> dict[str, str]:
    """The text in those of the notice's languages that the catalogue speaks. What is missing, the site has to write."""
    spoken = {locale: text.get(locale) or text.get(_speech(locale)) for locale in locales}
    return {locale: words for locale, words in spoken.items() if words}


def _speech(locale: str) -> str:
    """The language of the catalogue that a locale's readers read: simplified characters, or English."""
    language, _, more = locale.partition("-")
    simplified = language == "zh" and more.partition("-")[0] in ("", "Hans", "SG", "MY")
    return "zh-CN" if simplified else language


def _cookie(cookie: Cookie, parameters: Mapping[str, str], locales: Sequence[str]) -> dict[str, Any]:
    told = {"name": _filled(cookie.name, parameters), "duration": _text(lifetime_text(cookie.lifetime), locales)}
    return told | ({"host": cookie.host} if cookie.host else {})


def _filled(template: str, parameters: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        template = template.replace(f"{{{name}}}", value)
    return template
