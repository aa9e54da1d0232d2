"""Ids that the site's own code asks about must be those of its notice: a typing error is found at once."""

from __future__ import annotations

from ..errors import ConfigurationError
from ..notice.parts import Purpose, Recipient
from ..site.site import Site


def require_purpose(site: Site, purpose: str, recipient: str | None = None) -> Purpose:
    """The purpose with this id, or ConfigurationError where no visitor could ever grant what is asked about."""
    found = site.notice.purpose(purpose)
    if found is None:
        raise ConfigurationError(f"The notice has no purpose {purpose!r}. Check the id where it is asked for.")
    if recipient is None and found.consent == "separate":
        raise ConfigurationError(f"{purpose!r} is granted to each recipient alone. Say which recipient is meant.")
    if recipient is not None and recipient not in (each.id for each in site.notice.recipients_of(purpose)):
        raise ConfigurationError(
            f"The notice names no recipient {recipient!r} for {purpose!r}. Check the id where it is asked for."
        )
    return found


def require_recipient(site: Site, recipient: str) -> Recipient:
    """The recipient with this id, or ConfigurationError."""
    found = next((each for each in site.notice.recipients if each.id == recipient), None)
    if found is None:
        raise ConfigurationError(f"The notice names no recipient {recipient!r}. Check the id where it is asked for.")
    return found


def require_service(site: Site, service: str) -> None:
    """ConfigurationError unless the notice has a service with this id."""
    if service not in (each.id for each in site.notice.services):
        raise ConfigurationError(f"The notice has no service {service!r}. Check the id where it is asked for.")
