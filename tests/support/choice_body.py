"""The body that a browser sends when a visitor chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consent_widget.choice.act import new_key
from consent_widget.choice.submission import answers_from_form
from consent_widget.notice.model import Notice


def with_services(notice: Notice, picked: tuple[str, ...]) -> set[str]:
    """The switches that are on where the services of each purpose are left as it is."""
    return {*picked, *(key for key, option in notice.options.items() if option.service and option.purpose.id in picked)}


def choice_body(notice: Notice, action: str = "accept_all", *granted: str, **more: Any) -> dict[str, Any]:
    on = with_services(notice, granted) if action == "save" else granted
    purposes: Mapping[str, bool] = answers_from_form(notice, action, on, ())
    return {
        "key": new_key(),
        "notice": notice.digest,
        "locale": "en",
        "action": action,
        "surface": "layer",
        "purposes": purposes,
    } | more
