"""`@requires_consent`: a view that opens only with the visitor's consent."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from flask import current_app

from ..site.site import current_site
from .consent import consent
from .needed import needed_page

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

P = ParamSpec("P")
R = TypeVar("R")


def requires_consent(
    purpose: str, recipient: str | None = None, *, otherwise: Callable[[], str] | None = None
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Opens a view only if `purpose` is granted; otherwise a 403 page explains and offers the choice. A visitor who
    refuses there goes on to the path that `otherwise` returns: the way on this site that needs no consent.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if consent.granted(purpose, recipient):
                return cast(R, current_app.ensure_sync(view)(*args, **kwargs))
            return needed_page(current_site(), purpose, recipient, otherwise() if otherwise else None)

        return guarded  # type: ignore[return-value]

    return decorate
