"""What can go wrong, as one tree: each message says what is wrong and then what to do."""

from __future__ import annotations


class ConsentError(Exception):
    """Root of every error this package raises on purpose."""


class ConfigurationError(ConsentError):
    """The site is set up wrongly. Raised at start-up, never on a visitor's request."""


class NoticeError(ConfigurationError):
    """A notice is incomplete or contradicts itself. The message names the place in it."""


class StoreError(ConsentError):
    """The store could not keep a record durably. Nothing was half written; try again later."""


class Problem(ConsentError):  # noqa: N818  the word of RFC 9457
    """A request that is refused, told as an RFC 9457 problem document. Never echoes what was sent."""

    status = 400
    type = "bad-request"
    retry_after: int | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def document(self) -> dict[str, object]:
        """The problem as JSON-ready values: `type` is stable, `detail` is for people."""
        return {
            "type": f"urn:consent_widget:{self.type}",
            "title": self.type.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }


class InvalidPayload(Problem):
    """The body is not a choice."""

    status = 422
    type = "invalid-payload"


class UnknownPurpose(InvalidPayload):
    """A purpose or recipient that this notice does not offer."""

    type = "unknown-purpose"


class NotConsentBased(InvalidPayload):
    """Somebody tried to switch a purpose that is always on."""

    type = "not-consent-based"


class SeparateConsentRequired(InvalidPayload):
    """A purpose that needs a consent of its own was granted in bulk (PIPL 23, 29, 39)."""

    type = "separate-consent-required"


class GuardianNeeded(Problem):
    """A child agrees to nothing alone: a guardian can (PIPL 31, GDPR 8)."""

    status = 403
    type = "guardian-needed"


class AgeNeeded(InvalidPayload):
    """Where a site asks how old its visitors are, nothing can be agreed to before that is answered."""

    type = "age-needed"


class NotPressed(InvalidPayload):
    """Only a person's own press grants, and this was a script's, or nobody can tell whose it was."""


class Framed(Problem):
    """Inside another page, which may cover or move it, no press grants."""

    status = 403
    type = "framed"


class StaleNotice(Problem):
    """The visitor was shown a notice that is no longer the current one: ask again."""

    status = 409
    type = "stale-notice"


class StateMoved(Problem):
    """The visitor's choices have changed since they pressed: in another tab, on a page without scripts, by their
    guardian, or because everything was erased. What was pressed grants something, so they are asked again.
    """

    status = 409
    type = "state-moved"

    def __init__(self) -> None:
        super().__init__(
            "Something else was chosen since this was pressed. Show the visitor how it stands now, and ask again."
        )


class KeyReused(Problem):
    """One idempotency key stands for one act; this one already stands for another."""

    status = 409
    type = "key-reused"


class NotJSON(Problem):
    """The body cannot be read as JSON."""

    type = "not-json"


class OriginNotAllowed(Problem):
    """The request comes from a place that may not write for this site's visitors."""

    status = 403
    type = "origin-not-allowed"


class UnknownSite(Problem):
    """A service of many sites was asked for one that it does not have."""

    status = 403
    type = "unknown-site"


class PayloadTooLarge(Problem):
    """A choice never needs more than 2 KiB."""

    status = 413
    type = "payload-too-large"


class BodyTooSlow(Problem):
    """The connection stalled, or the sender wants to keep others waiting."""

    status = 408
    type = "body-too-slow"


class UnsupportedMediaType(Problem):
    """Each endpoint reads one type: JSON, which browsers cannot send across sites unasked, or plain forms."""

    status = 415
    type = "unsupported-media-type"


class RateLimited(Problem):
    """Too many choices from one place in a short time."""

    status = 429
    type = "rate-limited"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotSaved(Problem):
    """The store is away. The choice is not saved and nothing is switched on."""

    status = 503
    type = "not-saved"
    retry_after = 5
