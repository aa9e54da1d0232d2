"""Choices that nobody has pressed in the widget: what an account says about an age, what the browser's signal ends, and
what was chosen in an earlier tool, or in this browser before its visitor signed in.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..choice.act import ServerSurface, new_key
from ..choice.actions import Action
from ..choice.submission import Submission
from ..site.site import Site
from .request import choose_locale


def unpressed(
    site: Site, action: Action, surface: ServerSurface, purposes: Mapping[str, bool], locale: str | None = None
) -> Submission:
    """Such a choice as if it had been sent: under the notice in effect, and in the language of this request, or in
    `locale`.
    """
    return Submission(
        key=new_key(),
        notice=site.notice.digest,
        locale=choose_locale(site, locale),
        action=action,
        surface=surface,
        purposes=purposes,
    )
