"""`{{ consent_embed("youtube", …) }}`: a vendor's film, map, captcha or chat at its place in a page of the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from flask import request
from markupsafe import Markup

from ..errors import ConfigurationError
from ..notice.parts import Service
from ..script.facades import embedded_vendor
from ..site.site import Site
from ..subject.ids import require_service
from ..ui.node import el, html
from .request import choose_locale, site_locale
from .visitor_site import visitor_site

if TYPE_CHECKING:
    from ..vendors.model import Vendor

#: The shapes of a frame that static/style/fallback.css knows.
RATIOS = ("16/9", "4/3", "1/1", "9/16", "21/9")
#: What says by itself what it is.
UNTITLED = ("captcha", "chat")


def facade(
    service: str, address: str | None = None, /, *, title: str = "", poster: str | None = None, alt: str = "",
    ratio: str = "16/9", nonce: str | None = None, **parameters: object,
) -> Markup:  # fmt: skip
    """The content of a service of the notice, which is from the catalogue: `title` says what it shows, `parameters` (or
    an `address` of the vendor, as a visitor copies it) which content is meant. Nothing is asked of the vendor before
    the visitor presses or has agreed; without scripts there is a link, which says that it leads away. `poster` is a
    picture of the site's own, `alt` what it shows beyond the title; `ratio` is the shape of the content. `nonce` is
    that of the page's Content-Security-Policy, where the policy names style sheets by it.

    ConfigurationError names what to write where something is missing or not as the vendor writes it.
    """
    site = visitor_site()
    require_service(site.notice, service)
    found = next(each for each in site.notice.services if each.id == service)
    vendor = embedded_vendor(found)
    where = f'consent_embed("{service}", …)'
    if vendor is None or vendor.tag is None:
        raise ConfigurationError(
            f"{where}: is for a film, a map, a captcha or a chat of a vendor in the catalogue (docs/vendors.md). Gate "
            f'anything else where it stands: <iframe {{{{ consent_service("{service}") }}}} data-src="…">.'
        )
    if not title and vendor.kind not in UNTITLED:
        raise ConfigurationError(f'{where}: say what it shows, as title="…". Screen readers read it out.')
    if ratio not in RATIOS:
        raise ConfigurationError(f"{where}: ratio must be one of {', '.join(RATIOS)}.")
    values = _values(vendor, address, parameters, where)
    _check_poster(poster, where)
    data: dict[str, str | None] = {f"data_{name}": value for name, value in values.items()}
    data |= {"data_consent_embed": service, "data_title": title or None, "data_poster": poster}
    if vendor.tag.frame is None:
        inside = el("noscript", el("p", _needs_script(site, found, vendor, title)))
        shape = None if vendor.kind in UNTITLED else ratio
        return html(el("div", inside, data_ratio=shape, **data))
    fallback = _fallback(site, found, vendor, values, title, poster, alt, nonce)
    return html(el("div.cw-embed", *fallback, data_ratio=ratio, **data))


def _needs_script(site: Site, service: Service, vendor: Vendor, title: str) -> str:
    """What there is without scripts, where the content is a script itself."""
    view = site.view(choose_locale(site, None, site_locale(site)), "")
    is_captcha = vendor.kind == "captcha"
    message = view.messages["form_needs_script"] if is_captcha else view.messages["needs_script"]
    name = service.name[view.locale]
    return message.format(title=title or view.messages["open_chat"], vendor=name)


def _values(vendor: Vendor, address: str | None, parameters: Mapping[str, object], where: str) -> dict[str, str]:
    """The parameters of this element, each as the vendor writes it."""
    from ..vendors.embedded import each_parameters, read_address  # read where a notice uses the catalogue

    names = each_parameters(vendor)
    how = f'Write {names[0]}="{vendor.parameters[names[0]].example}"' if names else "It takes none"
    values: dict[str, str] = {}
    if address is not None:
        values |= read_address(vendor, address) or {}
        if not values:
            raise ConfigurationError(f"{where}: this is no address of {vendor.id} that names its content. {how}.")
    for name, given in parameters.items():
        if name not in names:
            near = get_close_matches(name, names, 1)
            meant = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(names)}." if names else ""
            raise ConfigurationError(f"{where}: {vendor.id} has no {name!r}.{meant}")
        text = "" if given is None else str(given).strip()
        if "//" in text and (read := read_address(vendor, text)):
            values |= read
        elif text and re.fullmatch(vendor.parameters[name].pattern, text, re.ASCII):
            values[name] = text
        elif text or vendor.parameters[name].default is None:
            example = vendor.parameters[name].example
            raise ConfigurationError(
                f'{where}: {name} is not as {vendor.id} writes it. For example {name}="{example}", or the address '
                "of its page."
            )
    missing = [name for name in names if name not in values and vendor.parameters[name].default is None]
    if missing or (names and not values):
        raise ConfigurationError(f"{where}: does not say what to show. {how}, or the address of the vendor's page.")
    return values


def _check_poster(poster: str | None, where: str) -> None:
    from ..vendors.addresses import host_of  # read where a notice uses the catalogue

    own = request.host.partition(":")[0].removeprefix("www.")
    host = host_of(poster or "")
    if host and not f".{host}".endswith(f".{own}"):
        raise ConfigurationError(
            f"{where}: poster must be a picture of this site, copied to its own host. Another host would learn of the "
            "visit before anybody agreed."
        )


def _fallback(
    site: Site, service: Service, vendor: Vendor, values: Mapping[str, str], title: str, poster: str | None, alt: str,
    nonce: str | None,
) -> list[object]:  # fmt: skip
    """What there is without scripts: a link to the vendor's own page, over the poster."""
    from ..vendors.embedded import built, each_parameters

    locale = choose_locale(site, None, site_locale(site))
    prefix = request.script_root + site.settings.url_prefix
    view = site.view(locale, prefix)
    names = each_parameters(vendor)
    page = vendor.embed and vendor.embed.page
    template = page if page and (not names or names[0] in values) else (vendor.tag and vendor.tag.frame) or ""
    used = service.use.parameters if service.use else {}
    text = view.messages["leads_away"].format(title=title, vendor=service.name[locale])
    picture = poster and el("img", src=poster, alt=alt)
    return [
        el("link", rel="stylesheet", href=f"{prefix}/widget.{site.assets.fallback_sheet.hash}.css", nonce=nonce),
        el("a", picture or None, el("span", text), href=built(template, {**used, **values}), rel="noreferrer"),
    ]
