"""Do the proxies that are in front of the service fit what its configuration says? If not, the log says so, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

LOG = logging.getLogger(__name__)


class Proxies:
    """`count` proxies of the operator's own: that many values of `X-Forwarded-For`, `-Proto` and `-Host` are theirs."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._fits = True

    def check(self, environ: Mapping[str, Any]) -> None:
        """Look at the head of a request (WSGI), unless one has not fitted before."""
        if self._fits and (remedy := self._remedy(environ)):
            self._fits = False
            LOG.warning("proxies = %d does not fit what arrives: %s", self._count, remedy)

    def _remedy(self, environ: Mapping[str, Any]) -> str:
        hops = _values(environ, "FOR")
        if hops and not self._count:
            return (
                "a proxy says who the visitor is (X-Forwarded-For), and is not believed. Its visitors count as one "
                "network for the rate limit. Set proxies = 1 if it is yours, or have it send no such header."
            )
        if hops < self._count:
            return (
                f"X-Forwarded-For has {hops} value{'' if hops == 1 else 's'}. All visitors count as one network for "
                "the rate limit. Set proxies to the number of your own proxies, each of which has to add one value."
            )
        if self._count and not _values(environ, "PROTO"):
            return (
                "no proxy says whether the visitor came by HTTPS (X-Forwarded-Proto). Then cookies are made for plain "
                "HTTP. Have the proxy set that header."
            )
        return ""


def _values(environ: Mapping[str, Any], name: str) -> int:
    header = environ.get(f"HTTP_X_FORWARDED_{name}", "")
    return len(header.split(",")) if header else 0
