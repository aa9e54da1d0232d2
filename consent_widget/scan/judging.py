"""What a scan is given: the address of a site, and the notice that it is compared with."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from ..errors import NoticeError
from ..notice.file import notice_from
from ..notice.model import Notice
from .observed import CannotLookError, Observations

#: One's own computer, where hardly any site has a certificate.
OWN_COMPUTER = re.compile(r"(?:[\w-]+\.)*localhost(?=[:/?#]|$)|127(?:\.\d+){3}(?=[:/?#]|$)", re.IGNORECASE)


def checked(url: str) -> str:
    """The address, if it is one of the web; `shop.example` stands for HTTPS, `localhost:8000` for HTTP."""
    if "://" not in url and not url.startswith(("data:", "javascript:", "about:")):
        url = f"{'http' if OWN_COMPUTER.match(url) else 'https'}://{url}"
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        right = False
    if not right:
        raise CannotLookError("This is no address of a site. Say one such as https://www.shop.example/.")
    return url


def notice_of(seen: Observations, given: Notice | None) -> tuple[Notice | None, Observations]:
    """The notice to compare with: the one that was given, or else the one that the site publishes."""
    if given:
        return given, seen
    if seen.notice is not None:
        try:
            return notice_from(seen.notice), seen
        except NoticeError as error:
            raise CannotLookError(
                f"The notice of the site cannot be read ({error}). Say --notice and its file."
            ) from None
    return None, replace(seen, notes=(*seen.notes, ("no_notice", "")))
