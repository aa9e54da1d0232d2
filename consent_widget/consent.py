"""What the visitor of this request has agreed to, for views, templates and jobs of a Flask site."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from flask import Response, after_this_request, current_app, request
from werkzeug.local import LocalProxy

from . import policy
from .errors import ConfigurationError
from .policy import State

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from .publishing import News
    from .site import Site

P = ParamSpec("P")
R = TypeVar("R")


class Consent:
    """The current visitor's consent. Read from the signed cookie once, when first asked; a page
    that asks depends on the visitor, and says so to caches (`Vary: Cookie, Sec-GPC`).
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        environ = request.environ
        token = cookie_of(environ.get("HTTP_COOKIE", ""), site.cookie_name)
        self.state: State | None = site.seal.read(token)
        self.void = bool(token) and self.state is None
        self.gpc: bool = gpc_signal(environ.get("HTTP_SEC_GPC"))
        after_this_request(_varies)

    def granted(self, purpose: str, recipient: str | None = None) -> bool:
        """May the site use information for this purpose now? With separate consent: for this recipient.

        Raises ConfigurationError for a purpose that the notice does not have.
        """
        if self._site.notice.purpose(purpose) is None:
            raise ConfigurationError(f"The notice has no purpose {purpose!r}. Check the id where it is asked for.")
        return policy.permits(
            self._site.notice, self.state, purpose, gpc=self.gpc, today=policy.today(), recipient=recipient
        )

    def granted_service(self, service: str) -> bool:
        """May this vendor's tag run now?"""
        return policy.permits_service(self._site.notice, self.state, service, gpc=self.gpc, today=policy.today())

    @property
    def pending(self) -> bool:
        """Is a choice due, so that the first layer is shown?"""
        return bool(policy.unasked(self._site.notice, self.state, policy.today()))

    @property
    def news(self) -> News | None:
        """What has changed in the notice since the visitor saw it last, or is announced to him."""
        return self._site.news.get(self.state.notice) if self.state else None

    @property
    def subject(self) -> str | None:
        """The visitor's random name at this site, once a choice was made."""
        return self.state.subject if self.state else None


def cookie_of(header: str, name: str) -> str:
    """One cookie's value out of the raw header, without parsing all the others."""
    return f";{header}".replace(" ", "").partition(f";{name}=")[2].partition(";")[0]


def gpc_signal(header: str | None) -> bool:
    """Is `Sec-GPC` exactly `1`? Servers join repeated header lines with commas; one such line is enough."""
    return header is not None and "1" in (part.strip() for part in header.split(","))


def requires_consent(purpose: str, recipient: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens a view only where `purpose` is granted; else a 403 page explains and offers the choice."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if consent.granted(purpose, recipient):
                return cast(R, current_app.ensure_sync(view)(*args, **kwargs))
            from .pages import needed_page

            return needed_page(site_of(), purpose, recipient)

        return guarded  # type: ignore[return-value]

    return decorate


def site_of() -> Site:
    """The current app's site, or an error that says what is missing."""
    try:
        site: Site = current_app.extensions["consent_widget"]
        return site.now
    except KeyError:
        raise ConfigurationError("This app has no consent widget. Call ConsentWidget(app) first.") from None


def current() -> Consent:
    """The Consent of this request, made when first asked for."""
    asked = request._get_current_object().__dict__  # type: ignore[attr-defined]  # `g` may outlive a request
    if "_consent_widget" not in asked:
        asked["_consent_widget"] = Consent(site_of())
    return asked["_consent_widget"]  # type: ignore[no-any-return]


def _varies(response: Response) -> Response:
    if "Vary" in response.headers:
        response.vary.update(("Cookie", "Sec-GPC"))
    else:
        response.headers["Vary"] = "Cookie, Sec-GPC"
    return response


consent: Consent = LocalProxy(current)  # type: ignore[assignment]
