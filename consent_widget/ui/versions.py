"""The published versions of a notice, for its page."""

from __future__ import annotations

from collections.abc import Sequence

from ..notice.model import Notice
from ..notice.publishing import Version
from .dates import written_date
from .node import Node, el
from .view import View


def versions_list(view: View, notice: Notice, versions: Sequence[Version]) -> Node:
    """Links to every version, and the fingerprint of the text on this page. `notice` is the one in effect."""
    messages, text = view.messages, f"{view.path('notice')}/{view.version or view.notice.version}.json"
    return el(
        "section.cw-versions",
        el(
            "div",
            el("h3", messages["versions"]),
            el("ul", *(_entry(view, version, notice) for version in reversed(versions))),
        )
        if versions
        else None,
        el(
            "details",
            el("summary", messages["technical"]),
            el("p", messages["text_fingerprint"] + view.space, el("a", view.notice.digest, href=text)),
        ),
    )


def _entry(view: View, version: Version, notice: Notice) -> Node:
    locale = view.locale if view.locale in version.notice.locales else version.notice.locales[0]
    date = written_date(version.notice.effective, view.locale)
    name = view.messages["version_from"].format(version=version.notice.version, date=date)
    is_current = version.digest == notice.digest
    return el(
        "li",
        el("a", name, href=f"{view.path('notice')}/{version.notice.version}.{locale}"),
        el("span.cw-small", view.space + view.messages["in_effect"]) if is_current else None,
    )
