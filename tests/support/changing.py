"""A small notice and edits to it, as a site's owner makes them between two versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consent_widget.choice.act import new_subject
from consent_widget.choice.state import State
from consent_widget.choice.submission import make_choice, parse
from consent_widget.notice.file import notice_from
from consent_widget.notice.model import Notice

from ..conftest import CONTROLLER
from .choice_body import choice_body
from .notices import notice_table

TABLE = json.loads((Path(__file__).parent.parent / "notice/notice_changes.json").read_text("utf-8"))
NOW = 1_800_000_000_000
TODAY = NOW // 1000 // 86_400


def both(text: str) -> dict[str, str]:
    return {"zh-CN": text, "en": text}


def raw() -> dict[str, Any]:
    """The minimal notice, with a recipient of separate consent, a purpose asked just in time, and a material paragraph."""
    table = notice_table("minimal")
    table |= {"controller": deepcopy(CONTROLLER), "circumstances": [], "disclosures": [], "services": []}
    table["recipient_classes"].append(
        {
            "id": "partners",
            "role": "independent",
            "label": {"zh-CN": "合作伙伴", "en": "Partners"},
            "description": both("-"),
        }
    )
    find(table, "purposes.analytics")["retention"] = {"zh-CN": "最长十三个月。", "en": "Thirteen months at most."}
    common = {"group": "marketing", "if_refused": both("-"), "retention": both("A year."), "data": ["device_info"]}
    table["purposes"] += [
        common | {"id": "sharing", "label": both("Sharing"), "description": both("Shares."), "control": "opt_in",
                  "consent": "separate", "recipients": ["partners"]},
        common | {"id": "event", "label": both("Event"), "description": both("Invites."), "control": "just_in_time",
                  "consent": "ordinary"},
    ]  # fmt: skip
    table["recipients"] = [
        {"id": "acme", "name": "Acme", "recipient_class": "partners", "company": "Acme Inc.", "country": "US",
         "contact": "privacy@acme.example", "means": "By wire", "data": ["usage_info"], "purposes": ["sharing"]}
    ]  # fmt: skip
    find(table, "sections.about.paragraphs.about_choice")["material"] = True
    return table


def find(table: Any, path: str) -> Any:
    for name in path.split("."):
        table = next(part for part in table if part["id"] == name) if isinstance(table, list) else table[name]
    return table


def edited(*edits: Sequence[Any], version: str = "1.0.0", effective: str = "2026-11-22", **more: Any) -> Notice:
    """The notice with parts set (`path, value`), removed (`path, None`), added (`list, "+", part`) or reversed."""
    table = raw() | {"version": version, "effective": effective} | more
    for path, value, *part in edits:
        folder, _, name = path.rpartition(".")
        inside = find(table, folder) if folder else table
        if value == "+":
            find(table, path).append(part[0])
        elif value == "reversed":
            find(table, path).reverse()
        elif isinstance(inside, list):
            inside.remove(find(inside, name))
        else:
            inside[name] = value
    return notice_from(table)


def chosen(notice: Notice, choice: str) -> State | None:
    """The state after a choice such as `save analytics sharing:acme`, or `accept_all, allow event`."""
    if choice == "none":
        return None
    state = State(new_subject())
    for act in choice.split(", "):
        action, *granted = act.split()
        submission = parse(choice_body(notice, action, *granted), notice)
        state = state.after(make_choice(submission, notice, state, gpc=False, now_ms=NOW), notice)
    return state


def day(offset: int) -> str:
    """The date so many days from today."""
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()
