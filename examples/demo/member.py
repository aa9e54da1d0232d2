"""The shop's own account, in which everybody is the same example member: a choice follows it to a second browser, and
the two lists say what the shop knows of its member.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, request

from consent_widget import Collected, Shared

from .links import to

member = Blueprint("member", __name__)
COOKIE, NAME = "member", "lin"


def signed_in() -> str | None:
    """What the shop calls the account that is signed in (`CONSENT_ACCOUNT`)."""
    return NAME if request.cookies.get(COOKIE) == NAME else None


def known(subject: str | None) -> Iterator[Collected | Shared]:
    """What the shop knows of its member (`CONSENT_COLLECTED`). A real one asks its own tables."""
    if signed_in() is None:
        return
    at_checkout = {"zh-CN": "您下单时填写", "en": "Entered at the checkout"}
    bought = date(2026, 11, 7)
    yield Collected(what="order_info", purpose="service_delivery", how=at_checkout, first=bought, last=bought, times=1)
    yield Collected(what="contact_info", purpose="service_delivery", how=at_checkout, first=bought, times=1)
    yield Shared(
        recipient={"zh-CN": "山路快递", "en": "Mountain Road Couriers"}, contact="privacy@couriers.example",
        data=("contact_info",), purpose="service_delivery", means={"zh-CN": "面单", "en": "On the parcel’s label"},
        first=bought, times=1,
    )  # fmt: skip


@member.post("/account/sign-in")
def sign_in() -> Response:
    response = Response(status=303, headers={"Location": to("shop.account")})
    response.set_cookie(COOKIE, NAME, httponly=True, samesite="Lax")
    return response


@member.post("/account/sign-out")
def sign_out() -> Response:
    response = Response(status=303, headers={"Location": to("shop.account")})
    response.delete_cookie(COOKIE)
    return response
