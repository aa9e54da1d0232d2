"""The pages of the shop. Each works after "Reject all", and with JavaScript off."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request

from consent_widget import consent, requires_consent

from .club import PARTNER
from .goods import MAX_QUANTITY, Good, goods, lines, read_basket, total
from .links import to
from .profiles import Profiles
from .words import locale

pages = Blueprint("shop", __name__)


@pages.get("/")
def home() -> str:
    picks = _picks() if consent.granted("personalized_recommendations") else []
    return render_template("home.html", shelf=_shelf(), picks=picks)


@pages.get("/product/<slug>")
def product(slug: str) -> str:
    good = goods(locale()).get(slug) or abort(404)
    if consent.subject and consent.granted("personalized_recommendations"):
        profiles: Profiles = current_app.extensions["profiles"]
        profiles.add(consent.subject, slug)
    others = [each for each in _shelf() if each.slug != slug]
    at = list(goods("en")).index(slug)
    return render_template("product.html", good=good, others=(others[at:] + others[:at])[:3], most=MAX_QUANTITY)


@pages.get("/basket")
def basket() -> str:
    return render_template("basket.html", lines=lines(), total=total(), most=MAX_QUANTITY)


@pages.get("/account")
def account() -> str:
    return render_template("account.html", bought=goods(locale())["gaiwan"], partner=PARTNER)


@pages.get("/for-you")
@requires_consent("personalized_recommendations")
def for_you() -> str:
    return render_template("for_you.html", picks=_picks())


@pages.route("/newsletter", methods=["GET", "POST"])
def newsletter() -> str | tuple[str, int]:
    """Everybody can read the newsletter here. Only visitors who agreed to such messages get it by e-mail."""
    allowed = consent.granted("marketing_messages")
    asked = request.method == "POST"
    text = render_template("newsletter.html", allowed=allowed, asked=asked)
    return (text, 403) if asked and not allowed else text


@pages.route("/event", methods=["GET", "POST"])
@requires_consent("event_eligibility", otherwise=lambda: to("shop.newsletter", refused=1))
def event() -> str | tuple[str, int]:
    """Where details are collected for an event, visitors are told who holds it, and asked. Nothing is kept."""
    sent = request.method == "POST"
    faults = [name for name in ("name", "email") if sent and not request.form.get(name, "").strip()]
    text = render_template("event.html", faults=faults, done=sent and not faults)
    return (text, 422) if faults else text


def _shelf() -> list[Good]:
    return list(goods(locale()).values())


def _picks() -> list[Good]:
    """Recommendations: what goes with the basket; without a basket, the makers' favourites."""
    basket = read_basket(request.args)
    with_it = {"teapot": "tray", "tray": "cups", "cups": "rock-tea", "rock-tea": "teapot", "gaiwan": "white-tea"}
    wanted = [with_it.get(slug, "gaiwan") for slug in basket] + ["gaiwan", "rock-tea", "cups", "white-tea", "tray"]
    return [goods(locale())[slug] for slug in dict.fromkeys(wanted) if slug not in basket][:3]
