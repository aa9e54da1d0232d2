"""The page of somebody whose details were given by another: of a friend who gets a note, or a present.

The message to them has its link. It says what is known of them, where that comes from and how long it stays, and lets
them object. Of those who object only a code is kept, which serves to recognise the address and does not contain it.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, abort, current_app, render_template, request
from itsdangerous import BadSignature, URLSafeSerializer

from .links import to

friend = Blueprint("friend", __name__)


def link(kind: str, contact: str) -> str:
    """The address of the page for the person whom `contact` reaches, who gets a `note` or a `present`. It holds a code
    of the contact, and not the contact itself.
    """
    return to("friend.page", basket={}, token=_links().dumps([kind, _code(contact)]))


def has_objected(contact: str) -> bool:
    """Has the person whom it reaches asked that it is not used?"""
    return _code(contact) in _objections()


@friend.route("/friend/<token>", methods=["GET", "POST"])
def page(token: str) -> str:
    """What is known, and the button with which they object."""
    try:
        kind, code = _links().loads(token)
    except (BadSignature, ValueError):
        abort(404)
    if request.method == "POST":
        _objections().add(code)
    return render_template("friend.html", kind=kind, objected=code in _objections())


def _code(contact: str) -> str:
    plain = "".join(contact.lower().split()).encode()
    return hmac.new(str(current_app.secret_key).encode(), plain, hashlib.sha256).hexdigest()[:32]


def _links() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="friend")


def _objections() -> set[str]:
    """The codes of all who have objected. A real shop keeps them in its database."""
    codes: set[str] = current_app.extensions.setdefault("objections", set())
    return codes
