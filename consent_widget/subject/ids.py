"""Ids that the site's own code asks about must be those of its notice. A typing error is found at once while the site
is developed or tested. In production notices and code change at different moments, and no visitor gets a 500 for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from difflib import get_close_matches

from flask import current_app

from ..errors import ConfigurationError, ConsentError
from ..notice.model import Notice
from ..notice.parts import Purpose, Recipient
from ..site.draft import read_site_notice
from ..site.site import Site


def is_in_effect(site: Site, require: Callable[[Notice], object]) -> bool:
    """Has the notice in effect what `require` demands of it? If not, it counts as not granted, and the log says so once
    in each process. In debug mode and in tests the ConfigurationError of `require` is raised, unless another notice
    of the site has it: the draft, an announced one, or one of before.
    """
    try:
        require(site.notice)
        return True
    except ConfigurationError as error:
        if (current_app.debug or current_app.testing) and not _is_in_another(site, require):
            raise
        if str(error) not in site.reported:
            site.reported.add(str(error))
            current_app.logger.error(
                "%s %s is in effect, and the code asks for something else: it counts as not granted. %s",
                site.notice.id, site.notice.version, error,
            )  # fmt: skip
        return False


def _is_in_another(site: Site, require: Callable[[Notice], object]) -> bool:
    notices = [version.notice for version in site.versions]
    with suppress(ConsentError):
        notices.append(read_site_notice(site.settings))
    for notice in notices:
        with suppress(ConfigurationError):
            require(notice)
            return True
    return False


def require_purpose(notice: Notice, purpose: str, recipient: str | None = None) -> Purpose:
    """The purpose with this id, or ConfigurationError where no visitor could ever grant what is asked about."""
    found = notice.purpose(purpose)
    if found is None:
        raise _unknown(f"The notice has no purpose {purpose!r}.", purpose, (each.id for each in notice.purposes))
    if recipient is None and found.consent == "separate":
        raise ConfigurationError(f"{purpose!r} is granted to each recipient alone. Say which recipient is meant.")
    named = [each.id for each in notice.recipients_of(purpose)]
    if recipient is not None and recipient not in named:
        raise _unknown(f"The notice names no recipient {recipient!r} for {purpose!r}.", recipient, named)
    return found


def require_recipient(notice: Notice, recipient: str) -> Recipient:
    """The recipient with this id, or ConfigurationError."""
    found = next((each for each in notice.recipients if each.id == recipient), None)
    if found is None:
        named = (each.id for each in notice.recipients)
        raise _unknown(f"The notice names no recipient {recipient!r}.", recipient, named)
    return found


def require_service(notice: Notice, service: str) -> None:
    """ConfigurationError unless the notice has a service with this id."""
    services = [each.id for each in notice.services]
    if service not in services:
        raise _unknown(f"The notice has no service {service!r}.", service, services)


def _unknown(what: str, id: str, ids: Iterable[str]) -> ConfigurationError:
    """The error about an id that the notice does not have; it names the most similar one that it has."""
    nearest = get_close_matches(id, list(ids), 1)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return ConfigurationError(f"{what} Check the id where it is asked for.{hint}")
