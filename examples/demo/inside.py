"""What a choice does: the cookie, the records, the grants and the vendors' counts, for the drawer and for /inside."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from consent_widget import consent
from consent_widget.notice.fields import ChangeClass
from consent_widget.notice.model import Notice
from consent_widget.notice.parts import Purpose
from consent_widget.ui.dates import written_date

from .counts import Counts
from .goods import goods
from .links import to
from .profiles import Profiles
from .versions import publish_change, start_over, take_effect
from .words import locale, words

inside = Blueprint("inside", __name__)
COOKIES = ("cw", "__Host-cw")


@inside.get("/inside")
def page() -> str:
    return render_template("inside.html")


@inside.get("/inside.json")
def data() -> Response:
    response = jsonify(seen())
    response.headers["Cache-Control"] = "no-store"
    return response


@inside.post("/inside/reset")
def reset() -> AnyResponse:
    counts: Counts = current_app.extensions["counts"]
    counts.reset()
    return redirect(to("inside.page"), 303)


@inside.post("/inside/publish/<any(notice, consent):kind>")
def publish(kind: ChangeClass) -> AnyResponse:
    """Publish a changed notice; the shop's front page then shows what a returning visitor sees."""
    publish_change(current_app._get_current_object(), kind)  # type: ignore[attr-defined]
    return redirect(to("shop.home"), 303)


@inside.post("/inside/take-effect")
def begin() -> AnyResponse:
    """Let the announced notice take effect."""
    take_effect(current_app._get_current_object())  # type: ignore[attr-defined]
    return redirect(to("shop.home"), 303)


@inside.post("/inside/start-over")
def begin_again() -> AnyResponse:
    start_over(current_app._get_current_object())  # type: ignore[attr-defined]
    current_app.extensions["counts"].reset()
    session.clear()
    response = redirect(to("shop.home"), 303)
    for name in COOKIES:
        response.delete_cookie(name, secure=name.startswith("__Host-"))
    return response


@inside.app_context_processor
def for_templates() -> dict[str, object]:
    return {"seen": seen}


def seen() -> dict[str, Any]:
    """Everything that the drawer shows about this visitor, in their language."""
    notice: Notice = current_app.extensions["consent_widget"].in_effect.notice
    store = current_app.extensions["consent_widget"].store
    counts: Counts = current_app.extensions["counts"]
    history = [choice.plain() for choice in store.history(consent.subject)] if consent.subject else []
    return {
        "counts": counts.read(),
        "cookie": next((decoded(request.cookies[n], notice) for n in COOKIES if n in request.cookies), []),
        "records": [_record(choice) for choice in reversed(history)],
        "granted": {purpose.id: _granted(notice, purpose) for purpose in notice.purposes} | _answers_of_store(),
        "profile": _profile(),
        "version": notice.version,
        "announced": _announced(),
        "gpc": consent.gpc,
        "pending": consent.pending,
        "answers": [
            {
                "group": group.label[locale()],
                "purposes": [{"id": p.id, "label": p.label[locale()]} for p in notice.in_group(group.id)],
            }
            for group in notice.groups
        ],
    }


def _announced() -> str:
    """When the announced notice takes effect, as people write dates; empty where none is announced."""
    announced = current_app.extensions["consent_widget"].announced
    return written_date(announced.notice.effective, locale()) if announced else ""


def _granted(notice: Notice, purpose: Purpose) -> bool:
    """Is this purpose granted? One with separate consent: to any recipient?"""
    if purpose.consent != "separate":
        return consent.granted(purpose.id)
    return any(consent.granted(purpose.id, each.id) for each in notice.recipients if purpose.id in each.purposes)


def _answers_of_store() -> dict[str, bool]:
    """What the mail job and the monthly file to the partner would get as answers about this visitor."""
    return {
        "can_message": consent.can_message(consent.subject),
        "may_share": consent.may_share(consent.subject, "brandhaus"),
    }


def _profile() -> list[list[str]]:
    """The tags behind the recommendations, or why there are none any more."""
    profiles: Profiles = current_app.extensions["profiles"]
    say, tags, reason = words(locale())["inside"], profiles.tags(consent.subject), profiles.deleted(consent.subject)
    if tags:
        return [[say["tags"], say["comma"].join(goods(locale())[tag].name for tag in tags)]]
    return [[say["deleted"], say["reasons"][reason]]] if reason else []


def decoded(token: str, notice: Notice) -> list[list[str]]:
    """The parts of a token by name. Anybody can read a token; only the server can check its signature."""
    say = words(locale())["inside"]
    try:
        *parts, signature = token.split(".")
        version, subject, seq, digest, time, *groups = parts
        labels = {
            option.fingerprint: option.purpose.label[locale()]
            + (f" · {option.recipient.name[locale()]}" if option.recipient else "")
            for option in notice.options.values()
        }
        rows = [
            [say["version"], version],
            [say["subject"], subject],
            [say["seq"], str(int(seq, 36))],
            [say["digest"], digest],
            [say["time"], f"{datetime.fromtimestamp(int(time, 36), UTC):%Y-%m-%d %H:%M:%S} UTC"],
        ]
        for until, *answers in zip(*[iter(groups)] * 3, strict=True):
            rows.append([say["until"], str(date(1970, 1, 1) + timedelta(days=int(until, 36)))])
            for answer, tags in zip(("yes", "no"), answers, strict=True):
                named = [labels.get(tags[at : at + 4], say["earlier"]) for at in range(0, len(tags), 4)]
                rows.append([say[answer], say["comma"].join(named) or say["none"]])
        return [*rows, [say["signature"], signature]]
    except (ValueError, OverflowError, OSError):
        return [[say["unreadable"], token[:80]]]


def _record(choice: dict[str, Any]) -> dict[str, str]:
    say = words(locale())["inside"]
    time = datetime.fromisoformat(choice["time"])
    who = say["guardian"] if choice["actor"] == "guardian" else ""
    return {
        "title": f"{choice['seq']}{say['colon']}{say['actions'].get(choice['action'], choice['action'])}{who}",
        "time": f"{time:%Y-%m-%d %H:%M:%S} UTC",
        "text": json.dumps(choice, ensure_ascii=False, indent=2),
    }
