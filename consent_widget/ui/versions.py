"""The published versions of a notice, for its page."""

from __future__ import annotations

from collections.abc import Sequence

from ..notice.model import Notice
from ..notice.publishing import Version
from .node import Node, el
from .view import View


def versions_list(view: View, notice: Notice, versions: Sequence[Version]) -> Node:
    """The fingerprint of the text on this page, and the way to every version. `notice` is the one in force."""
    w, text = view.messages, f"{view.path('notice')}/{view.notice.version}.json"
    return el(
        "section.cw-versions",
        el("p.cw-small", w["text_fingerprint"] + " ", el("a", view.notice.digest, href=text)),
        el(
            "div",
            el("h3", w["versions"]),
            el("ul", *(_entry(view, each, notice) for each in reversed(versions))),
        )
        if versions
        else None,
    )


def _entry(view: View, each: Version, notice: Notice) -> Node:
    locale = view.locale if view.locale in each.notice.locales else each.notice.locales[0]
    said = view.messages["version"].format(version=each.notice.version, date=each.notice.effective)
    now = each.digest == notice.digest
    return el(
        "li",
        el("a", said, href=f"{view.path('notice')}/{each.notice.version}.{locale}"),
        el("span.cw-small", " " + view.messages["in_effect"]) if now else None,
    )
