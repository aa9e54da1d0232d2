"""Signing in with the account of a partner, the Teahouse Club, which is as fictional as the shop."""

from __future__ import annotations

from flask import Blueprint, render_template

from consent_widget import requires_consent

from .links import to

club = Blueprint("club", __name__)
PARTNER = "teahouse_club"


@club.get("/account/club")
@requires_consent("federated_login", PARTNER, otherwise=lambda: to("shop.account", refused=1))
def sign_in() -> str:
    return render_template("club.html")
