"""From the basket to the thanks: an address, an identity check where goods go abroad, and a note to a friend.

Nothing that is typed here is stored. What an order needs is always on, but for a child: nobody is asked for a child's
name and address before their guardian has agreed to the order and to its payment.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from consent_widget import consent, requires_consent

from .friend import has_objected, link
from .goods import lines, total
from .links import to

checkout = Blueprint("checkout", __name__, url_prefix="/checkout")
#: The recipient in the notice that checks identities for the shop.
CHECKER = "proofmark"


@checkout.get("")
@requires_consent("service_delivery")
@requires_consent("payment_processing")
def page() -> str:
    return _page([])


@checkout.post("")
@requires_consent("service_delivery")
@requires_consent("payment_processing")
def order() -> str | tuple[str, int] | Response:
    """An order that goes nowhere. Details of another person are accepted only if that person was told."""
    faults = _missing("name", "phone", "address")
    if "someone_else" in request.form:
        faults += _missing("told") or (["objected"] if has_objected(request.form.get("phone", "")) else [])
    if faults:
        return _page(faults), 422
    present = link("present", request.form["phone"]) if "someone_else" in request.form else None
    return redirect(to("checkout.thanks", basket={}, card=present), 303)


@checkout.route("/identity", methods=["GET", "POST"])
@requires_consent("identity_verification", CHECKER, otherwise=lambda: to("checkout.page", refused=1))
def identity() -> str | tuple[str, int] | Response:
    """Opens once the visitor has agreed to the check. Without it they can still order, within the country."""
    faults = _missing("number") if request.method == "POST" else []
    if request.method == "POST" and not faults:
        return redirect(to("checkout.page", delivery="abroad"), 303)
    text = render_template("identity.html", faults=faults)
    return (text, 422) if faults else text


@checkout.get("/thanks")
def thanks() -> str:
    return render_template("thanks.html")


@checkout.get("/note")
@requires_consent("contact_messages", otherwise=lambda: to("checkout.thanks", refused=1))
def note() -> str:
    return render_template("note.html", faults=[], form={})


@checkout.post("/note")
def send_note() -> str | tuple[str, int] | Response:
    """One consent, one message: the store makes sure of it, however often the form is sent. Who asked for no more such
    messages gets none.
    """
    faults = _missing("friend", "words") or (["objected"] if has_objected(request.form["friend"]) else [])
    if faults:
        return render_template("note.html", faults=faults, form=request.form), 422
    if not consent.use("contact_messages"):
        return render_template("note_done.html", sent=False), 403
    return redirect(to("checkout.note_sent", card=link("note", request.form["friend"])), 303)


@checkout.get("/note/sent")
def note_sent() -> str:
    return render_template("note_done.html", sent=True)


def _page(faults: list[str]) -> str:
    abroad = request.args.get("delivery") == "abroad" and consent.granted("identity_verification", CHECKER)
    basket = {"lines": lines(), "total": total()}
    return render_template("checkout.html", faults=faults, form=request.form, abroad=abroad, checker=CHECKER, **basket)


def _missing(*names: str) -> list[str]:
    return [name for name in names if not request.form.get(name, "").strip()]
