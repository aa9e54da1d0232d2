"""The bar that tells a returning visitor that the notice has changed, or is going to. It asks for no decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..notice.again import ChangedOption
from ..notice.news import News
from .again import ONE_OF_SEVERAL, again_layer, surface_of_layer
from .dates import written_date
from .node import Node, el
from .view import View, action_button, head, transfer_text


def news_bar(
    view: View, news: News, hidden: Node | None = None, *, back: str | None = None, ready: bool = True
) -> Node:
    """The bar as a tree. `hidden` holds the hidden fields of a form without a script; `back` is the page to return to,
    as a part of a query. Unless `ready`, it is hidden until its style sheet has loaded.
    """
    messages, successor = view.messages, news.successor
    title = messages[_kind(news)]
    return el(
        "section.cw-news",
        el(
            "form",
            head(view, title, "changes"),
            el("p", _text(view, news) + view.space, changes_link(view, back)),
            el("p.cw-small", messages["unseen"], role="status", hidden=True),
            el(
                "div.cw-actions",
                action_button("acknowledge", messages["seen"]),
                el("a.cw-small", messages["preferences"], href=view.url("preferences"), data_open="centre")
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


def changes_link(view: View, back: str | None = None) -> Node:
    """The link to what changed. `back` is the page that it then leads back to, as a part of a query."""
    query = f"&next={back}" if back else ""
    return el("a", view.messages["see_changes"], href=view.url("changes") + query, data_changes=True)


def news_of_script(
    view: View, news: Mapping[str, News], changed: Iterable[ChangedOption], latest: News | None,
    scope: Node | None = None,
) -> dict[str, object]:  # fmt: skip
    """For the script: the bars, and which of them to show, by the first eight digits of the digest of the notice that
    the visitor saw last. If something has `changed` its meaning, also the layer that asks again; `latest` is what the
    notice in effect changed in the version before it, `several` whose news tells of more than the layer does.
    `scope`: see `layer`.
    """
    data = _bars(view, news) | {"noted": view.messages["noted"]}
    asked = [each for each in changed if each.option.in_centre and not each.option.recipient]
    if asked and latest:
        data["again"] = again_layer(view, asked, changes=changes_link(view), scope=scope)
        data["latest"] = latest.before.digest[:8]
        data["several"] = [digest for digest, change in news.items() if surface_of_layer(change) == ONE_OF_SEVERAL]
    return data


def _bars(view: View, news: Mapping[str, News]) -> dict[str, object]:
    trees: list[Node] = []
    seen = {}
    for digest, change in news.items():
        if change.worth_telling:
            tree = news_bar(view, change)
            if tree not in trees:
                trees.append(tree)
            seen[digest] = trees.index(tree)
    return {"seen": seen, "bars": trees}


def _kind(news: News) -> str:
    if news.successor:
        return "transfer"
    return "announced" if news.announced else "news"


def _text(view: View, news: News) -> str:
    version, date = news.after.version, written_date(news.after.effective, view.locale)
    if news.successor:
        return transfer_text(view, news.successor, date)
    asks = news.change_class == "consent"
    key = "announced_body" if news.announced else "news_asking" if asks else "news_body"
    follows = ahead_text(view, news)
    return view.messages[key].format(version=version, date=date) + (view.space + follows if follows else "")


def ahead_text(view: View, news: News) -> str:
    """That another version is announced to follow the one that the news is about; empty where none is."""
    if not news.ahead:
        return ""
    date = written_date(news.ahead.effective, view.locale)
    return view.messages["another_ahead"].format(version=news.ahead.version, date=date)
