"""The errors that other code may handle. Each message says what is wrong, then what to do."""

from __future__ import annotations

from click import ClickException


class ConsentError(Exception):
    """Root of every error this package raises on purpose."""


class ConfigurationError(ConsentError, ClickException):
    """The site is set up wrongly. Raised when it starts, or for the developer; never because of a visitor. `flask run`
    and all other commands of Flask tell it in one line, as their own errors.
    """


class NoticeError(ConfigurationError):
    """A notice is incomplete or contradicts itself. The message names the place."""


class StoreError(ConsentError):
    """The store could not store or read records. Nothing is half written; try again later."""


class StoreAway(StoreError):  # noqa: N818  a state, not a fault
    """The store has not been reached since start-up, when the log said why."""


class ProofError(ConsentError):
    """A proof, a checkpoint, a signature or a key cannot be read, or does not show what it should."""


class LogError(ConsentError):
    """The log in the database does not extend what was signed, or lacks entries. Nothing is signed until a person has
    looked.
    """


class RecordError(ConsentError):
    """A line of a file is no record that can be taken in. The message names the field and repeats nothing of it."""


class Problem(ConsentError):  # noqa: N818  the word of RFC 9457
    """A request that is refused. The answer, a problem document (RFC 9457), never repeats what was sent."""

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
    """The body is not a valid choice."""

    status = 422
    type = "invalid-payload"


class UnknownPurpose(InvalidPayload):
    """The body names a purpose or recipient that this notice does not offer."""

    type = "unknown-purpose"


class NotConsentBased(InvalidPayload):
    """The body answers for a purpose that is always on."""

    type = "not-consent-based"


class SeparateConsentRequired(InvalidPayload):
    """A purpose that needs separate consent was granted with "Accept all", or answered without a named recipient
    (PIPL 23, 29, 39).
    """

    type = "separate-consent-required"


class GuardianNeeded(Problem):
    """A child cannot grant anything alone; their guardian can (PIPL 31, GDPR 8)."""

    status = 403
    type = "guardian-needed"


class AgeNeeded(InvalidPayload):
    """The site asks how old its visitors are, and this one has not answered yet: nothing can be granted before."""

    type = "age-needed"


class NotPressed(InvalidPayload):
    """Only a person can grant. This was pressed by a script, or that cannot be ruled out."""


class Framed(Problem):
    """The page was shown inside another one, which may cover or move it: no press there can grant."""

    status = 403
    type = "framed"


class StaleNotice(Problem):
    """The visitor was shown a notice that is no longer current: ask again."""

    status = 409
    type = "stale-notice"


class StateMoved(Problem):
    """The visitor's state changed before their grant arrived: in another tab, on a page without script, by their
    guardian, or because everything was erased. They are asked again.
    """

    status = 409
    type = "state-moved"

    def __init__(self) -> None:
        super().__init__(
            "Something else was chosen since this was pressed. Show the visitor how it stands now, and ask again."
        )


class KeyReused(Problem):
    """The idempotency key was used for another act. Each act needs a new one."""

    status = 409
    type = "key-reused"


class NoReceipt(Problem):
    """There is no such receipt, or it is another visitor's: nobody is told which."""

    status = 404
    type = "no-receipt"

    def __init__(self) -> None:
        super().__init__("There is no such receipt, or it belongs to another browser.")


class ReceiptGone(Problem):
    """The record of this receipt was erased, or its time was over."""

    status = 410
    type = "receipt-gone"

    def __init__(self) -> None:
        super().__init__("The record of this receipt is gone: it was erased, or its time was over.")


class NoSuchForm(Problem):
    """A receipt cannot be written in the form that was asked for. `detail` says why, and what to take."""

    status = 404
    type = "no-such-form"


class NotAsSigned(Problem):
    """The log was signed with another entry in this record's place: one of them was changed."""

    status = 500
    type = "not-as-signed"

    def __init__(self) -> None:
        super().__init__(
            "The log does not bear out this record as it is stored. The site was told; keep your receipts."
        )


class NotInLogYet(Problem):
    """No signed checkpoint of the log covers this record yet. One is on its way."""

    status = 409
    type = "not-in-log-yet"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"No checkpoint of the log has this record yet. Ask again in {-(-retry_after // 60)} minutes.")
        self.retry_after = retry_after


class NotJSON(Problem):
    """The body cannot be read as JSON."""

    type = "not-json"


class OriginNotAllowed(Problem):
    """Pages of this origin may not write for the site's visitors."""

    status = 403
    type = "origin-not-allowed"


class UnknownSite(Problem):
    """The service has no site of that name."""

    status = 403
    type = "unknown-site"


class PayloadTooLarge(Problem):
    """The body is longer than the longest valid choice under this notice: 4 KiB, or more where the notice is long."""

    status = 413
    type = "payload-too-large"


class BodyTooSlow(Problem):
    """The body did not arrive in time."""

    status = 408
    type = "body-too-slow"


class UnsupportedMediaType(Problem):
    """The endpoint reads another type: JSON, which browsers send to another origin only after a CORS
    preflight, or forms.
    """

    status = 415
    type = "unsupported-media-type"


class RateLimited(Problem):
    """Too many choices came from one network in a short time."""

    status = 429
    type = "rate-limited"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotSaved(Problem):
    """The store does not answer. The choice is not stored, and nothing is switched on."""

    status = 503
    type = "not-saved"
    retry_after = 5
