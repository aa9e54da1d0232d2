"""`@requires_consent`: a view that opens only with the visitor's consent."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from flask import current_app

from ..errors import ConfigurationError
from ..notice.model import Notice
from ..site.draft import read_site_notice
from ..site.site import Site
from ..subject.ids import require_purpose
from .consent import consent
from .needed import needed_page
from .visitor_site import visitor_site

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

P = ParamSpec("P")
R = TypeVar("R")
#: The attribute of a view with what it requires: pairs of a purpose and a recipient.
REQUIRED = "_consent_required"


def requires_consent(
    purpose: str, recipient: str | None = None, *, otherwise: Callable[[], str] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens a view only if `purpose` is granted; otherwise a 403 page explains and offers the choice. A visitor who
    refuses there goes on to the path that `otherwise` returns: the way on this site that needs no consent. Registering
    the view raises ConfigurationError if the notice has no such purpose, or names no such recipient for it.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if consent.granted(purpose, recipient):
                return cast(R, current_app.ensure_sync(view)(*args, **kwargs))
            return needed_page(visitor_site(), purpose, recipient, otherwise() if otherwise else None)

        setattr(guarded, REQUIRED, (*getattr(view, REQUIRED, ()), (purpose, recipient)))
        return guarded  # type: ignore[return-value]

    return decorate


class CheckedViews(dict[str, Any]):
    """An app's views by endpoint, each checked when it is registered, in whichever order and by whichever blueprint.
    What a view requires must be in a notice of the site, or nobody could ever open it: then ConfigurationError stops
    start-up.
    """

    def __init__(self, site: Site, views: Mapping[str, Any]) -> None:
        super().__init__()
        self._site = site
        for endpoint, view in views.items():
            self[endpoint] = view

    def __setitem__(self, endpoint: str, view: Any) -> None:
        for purpose, recipient in required_by(view):
            _check(self._site, endpoint, purpose, recipient)
        super().__setitem__(endpoint, view)


def required_by(view: Any) -> set[tuple[str, str | None]]:
    """What a view requires: by itself, or by a method of its class (`MethodView`)."""
    methods = (method for part in getattr(view, "view_class", object).__mro__ for method in vars(part).values())
    return {each for part in (view, *methods) for each in getattr(part, REQUIRED, ())}


def _check(site: Site, endpoint: str, purpose: str, recipient: str | None) -> None:
    errors = []
    for notice in _notices(site):
        try:
            require_purpose(notice, purpose, recipient)
            return
        except ConfigurationError as error:
            errors.append(error)
    if site.reopen:  # nobody knows which notice is published
        return
    raise ConfigurationError(f"@requires_consent of the view {endpoint!r}: {errors[0]}")


def _notices(site: Site) -> Iterator[Notice]:
    """The notice in effect, those that are announced, and the draft: the app has to start before that is published."""
    current: Site | None = site
    while current:
        yield current.notice
        current = current.announced
    yield read_site_notice(site.settings)
