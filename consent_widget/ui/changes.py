"""What changed in the notice, before and after, for the visitor who saw the earlier one: the same tree as a page and in
the dialog.
"""

from __future__ import annotations

from ..notice.changes import Difference
from ..notice.fields import ChangeClass
from ..notice.publishing import News
from .i18n import country
from .node import Node, el
from .view import View, answer, head

HEADINGS: dict[ChangeClass, str] = {"consent": "asked_again", "notice": "told", "editorial": "wording"}
#: Fields that are codes: their words, by value. Those without words are told by their title alone.
CODES = {"control", "consent", "gpc_opt_out", "minors", "sensitive"}
UNTOLD = {"in_accept_all", "itemised", "locales", "prevailing_locale"}
VALUES = {
    "always_on": "always_on", "opt_in": "opt_in", "just_in_time": "when_needed", "none": "none", "ordinary": "ordinary",
    "separate": "separate", "single_use": "single_use", "True": "yes", "False": "no", "allowed": "yes", "off": "no",
    "guardian_assisted": "with_guardian", "guardian_consent_under_14": "with_guardian",
    "off_under_14_without_guardian": "with_guardian",
}  # fmt: skip


def what_changed(view: View, news: News, hidden: Node | None = None, *ends: Node) -> Node:
    """The differences, gravest first, and the button that says they were seen."""
    w = view.messages
    version = {"before": news.before.version, "after": news.after.version, "date": news.after.effective}
    title = w["changes"]
    return el(
        "form.cw-changes",
        el("div.cw-head", el("h2", title), *ends) if ends else head(view, title, "changes"),
        el(
            "div.cw-body",
            el("p.cw-small", w["from_to"].format(**version)),
            _transfer(view, news),
            *(el("p", change.summary[view.locale]) for change in news.entries),
            *(part for each in HEADINGS for part in _group(view, news, each)),
            el("p", el("a", w["whole_notice"], href=_whole(view, news))),
        ),
        el("div.cw-actions.cw-foot", answer("acknowledge", w["seen"])),
        hidden,
        **view.form,
    )


def _transfer(view: View, news: News) -> Node | None:
    if not news.successor:
        return None
    told = {"name": news.successor.name[view.locale], "contact": news.successor.contact}
    body = view.messages["transfer_body"].format(date=news.after.effective, **told)
    return el(
        "div.cw-card",
        el("h3", view.messages["transfer"]),
        el("p", body),
        el("p", el("a", view.messages["preferences"], href=view.url("preferences"), data_open="centre")),
    )


def _whole(view: View, news: News) -> str:
    return f"{view.path('notice')}/{news.after.version}.{view.locale}"


def _group(view: View, news: News, change_class: ChangeClass) -> list[Node]:
    found = [each for each in news.differences if each.change_class == change_class]
    if not found:
        return []
    heading, told = view.messages[HEADINGS[change_class]], [_difference(view, each) for each in found]
    if change_class == "editorial":
        return [el("details", el("summary", heading), *told)]
    return [el("h3", heading), *told]


def _difference(view: View, each: Difference) -> Node:
    w, locale = view.messages, view.locale
    kind, *place = each.where.split(".")
    field = "" if len(place) == 1 and kind != "controller" else each.where.rpartition(".")[2]
    title = each.title[locale] if each.title else w.get(kind, w["notice"])
    name = w.get(FIELDS.get(field, field), "")
    before, after = (_said(view, kind, field, text) for text in (each.before, each.after))
    sides = ((w["before"], before or w["absent"]), (w["after"], after or w["absent"]))
    return el(
        "div.cw-card",
        el("h4", f"{title} · {name}" if name else title),
        el("dl", *(el("div", el("dt", side), el("dd", text)) for side, text in sides)) if before != after else None,
        el("p", after) if after and before == after else None,
    )


#: What fields are called, where that is another word than their own.
FIELDS = {"email": "contact", "phone": "contact"}


def _said(view: View, kind: str, field: str, text: object) -> str | None:
    if text is None or field in UNTOLD:
        return None
    said: str = text[view.locale]  # type: ignore[index]
    if field == "country":
        return country(said, view.locale)
    if not field and kind in ("services", "recipients"):  # a whole one, which ends with its country
        what, _, code = said.rpartition(" · ")
        return f"{what} · {country(code, view.locale)}"
    if field == "legal_basis":
        basis = (each.lower().split(" ", 1) for each in said.split("; "))
        return view.listed(
            [view.messages[law].format(article=article) for law, article in basis if law in view.messages]
        )
    if field in CODES:
        return view.messages[VALUES[said]] if said in VALUES else None
    return said
