"""How long to wait after a failure: ever longer, never in step, and at most for some hours."""

from __future__ import annotations

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

#: The longest wait in seconds: before a receiver that failed is tried again, before a message that it refused is, and
#: that a receiver can ask for (Retry-After).
RECEIVER, MESSAGE, ASKED = 600, 6 * 3600, 6 * 3600


def wait(failures: int, longest: int, asked: int = 0) -> int:
    """Milliseconds to wait after so many failures in a row: 1 s, twice that each time, of which a random half is taken
    off; or as long as the receiver `asked` for (seconds).
    """
    own = min(longest, 2 ** min(failures - 1, 20)) * random.uniform(0.5, 1)  # noqa: S311  no secret
    return int(1000 * max(own, min(asked, ASKED)))


def retry_after(value: str | None, now: int) -> int:
    """Seconds, as the header Retry-After asks (RFC 9110, 10.2.3): a number, or a date by the clock of whoever answers,
    which says `now`. 0 where it is neither.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    return max(0, (moment(text) or now) - now)


def moment(value: str | None) -> int | None:
    """A date of HTTP as seconds since 1970. None where it is none."""
    try:
        at = parsedate_to_datetime(value or "")
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
