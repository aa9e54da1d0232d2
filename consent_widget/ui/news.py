"""The bar that tells a returning visitor of a changed notice. It asks for nothing but to be seen."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from ..notice.publishing import News
from .node import Node, el
from .view import View, answer, head


def bar(view: View, news: News, hidden: Node | None = None, *, next: str = "", ready: bool = True) -> Node:
    """The bar as a tree. `hidden` carries what a form without script needs, `next` is where its link leads back to;
    without `ready` it stays unseen until its style sheet is there.
    """
    w, successor = view.messages, news.successor
    title, body = w[_kind(news)], w[_body(news)]
    told = {"version": news.after.version, "date": news.after.effective}
    if successor:
        told |= {"name": successor.name[view.locale], "contact": successor.contact}
    return el(
        "section.cw-news",
        el(
            "form",
            head(view, title, "changes"),
            el("p", body.format(**told) + " ", changes_link(view, next)),
            el("p.cw-small", w["unseen"], role="status", hidden=True),
            el(
                "div.cw-actions",
                answer("acknowledge", w["seen"]),
                el("a.cw-small", w["preferences"], href=view.url("preferences"), data_open="centre")
                if successor or news.change_class == "consent"
                else None,
            ),
            hidden,
            **view.form,
        ),
        aria_label=title,
        part="news",
        lang=view.locale,
        data_notice=news.after.digest[:16],
        hidden=not ready,
    )


def changes_link(view: View, next: str = "") -> Node:
    """The way to what changed, and back."""
    back = f"&next={quote(next)}" if next else ""
    return el("a", view.messages["see_changes"], href=view.url("changes") + back, data_changes=True)


def bars(view: View, news: Mapping[str, News]) -> dict[str, object]:
    """For the script: which bar to show, by the digest that the visitor saw last."""
    trees: list[Node] = []
    seen = {}
    for digest, each in news.items():
        if each.due:
            tree = bar(view, each)
            if tree not in trees:
                trees.append(tree)
            seen[digest] = trees.index(tree)
    return {"seen": seen, "bars": trees}


def _kind(news: News) -> str:
    if news.successor:
        return "transfer"
    return "announced" if news.announced else "news"


def _body(news: News) -> str:
    if news.successor or news.announced:
        return _kind(news) + "_body"
    return "news_asking" if news.change_class == "consent" else "news_body"
