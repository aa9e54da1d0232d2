"""The accounts of two minors, and the mail to a guardian, which the demo shows instead of sending it."""

from __future__ import annotations

from threading import Lock

from flask import Blueprint, Flask, redirect, session
from werkzeug.wrappers import Response

from consent_widget import Choice, choice_recorded, consent

from .addresses import Addresses
from .links import to

child = Blueprint("child", __name__, url_prefix="/account/child")


@child.post("/sign-in/<any(child, teen):band>")
def sign_in(band: str) -> Response:
    session["band"] = band
    return redirect(to("shop.account", _anchor="child"), 303)


@child.post("/sign-out")
def sign_out() -> Response:
    """Back to an account of an adult: only an account can say that a browser is not the child's any more."""
    session["band"] = "adult"
    return redirect(to("shop.account", _anchor="child"), 303)


class GuardianMail:
    """The link for each child's guardian, in memory. The address is not stored."""

    def __init__(self, app: Flask) -> None:
        self._lock = Lock()
        self._links: dict[str, str] = {}
        choice_recorded.connect(self._remove_used, app)

    def send(self, address: str, link: str, locale: str) -> None:
        """A real shop would e-mail the link."""
        with self._lock:
            self._links[consent.subject or ""] = link

    def link(self) -> str | None:
        """The link that was sent last to the guardian of this visitor, until they have decided by it."""
        return self._links.get(consent.subject or "")

    def _remove_used(self, app: Flask, choice: Choice) -> None:
        if choice.actor == "guardian":
            with self._lock:
                self._links.pop(choice.subject, None)


def age_setting(mail: GuardianMail, at: Addresses | None) -> dict[str, object]:
    """CONSENT_AGE: visitors are not asked for their age. The account of a signed-in visitor says it."""
    return {
        "child_below": 14,
        "ask": False,
        "account": lambda: session.get("band"),
        "send": mail.send,
        "url": (at or Addresses.at(8000)).shop,
    }
