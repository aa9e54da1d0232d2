"""What a child sees who asks his guardian, and what the guardian sees: once to decide, and later to take it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ..choice.guardian_link import DAYS
from ..notice.options import Option
from .centre import about, facts, switch
from .choices import named
from .node import Node, el
from .view import Answers, View, answer, head


def grantable(options: Iterable[Option]) -> list[Option]:
    """What a guardian can agree to: what the notice keeps for adults is not, and a single use is agreed to when it
    happens, by nobody in advance.
    """
    return [option for option in options if not option.for_adults and option.purpose.consent != "single_use"]


def asking(view: View, hidden: Node, *, child: bool) -> Node:
    """The child's page: whom to send the link."""
    w = view.messages
    if not child:
        said = el("p", w["guardian_for_children"].format(age=view.child_below))
        return _section(view, w["ask_guardian"], "guardian", said, _preferences(view))
    form = el(
        "form",
        el(
            "label",
            el("b", w["guardian_address"]),
            el("input", type="email", name="address", required=True, maxlength="254", autocomplete="off"),
        ),
        el("button", w["guardian_send"]),
        hidden,
        **view.form_to("guardian"),
    )
    return _section(view, w["ask_guardian"], "guardian", el("p", w["guardian_body"]), form, _preferences(view))


def sent(view: View) -> Node:
    """Says that the link is on its way, and to nobody whether the address exists."""
    told = el("p", view.messages["guardian_sent"].format(days=DAYS), role="status")
    return _section(view, view.messages["ask_guardian"], "guardian", told, _preferences(view))


def deciding(view: View, link: str, granted: Collection[Option], hidden: Node) -> Node:
    """The guardian's page: all that he may grant, each with a switch of its own, off unless a guardian `granted` it."""
    w, options = view.messages, grantable(view.notice.options.values())
    site = view.notice.controller.name[view.locale]
    path = f"guardian/{link}"
    intro = el("p", w["guardian_asks"].format(age=view.child_below, site=site))
    notice = el("p", el("a", w["whole_notice"], href=view.url("notice")))
    if not options:
        return _section(view, w["guardian_title"], path, el("p", w["guardian_nothing"]), notice)
    form = el(
        "form",
        *(_option(view, option, Answers(lambda each: each in granted)) for option in options),
        el("p.cw-small", w["guardian_sure"]),
        el(
            "div.cw-actions",
            answer("refuse", w["reject_all"]),
            answer("save", w["save"]),
        ),
        hidden,
        **view.form_to(path),
    )
    return _section(view, w["guardian_title"], path, intro, notice, form)


def keeping(
    view: View, link: str, url: str, granted: list[Option], hidden: Callable[[], Node], *, saved: bool = False
) -> Node:
    """The guardian's way back: what he agreed to, each with its button, and erasure."""
    w, path = view.messages, f"guardian/{link}"

    def form(*parts: Node) -> Node:
        return el("form", *parts, hidden(), **view.form_to(path))

    def taken_back(option: Option) -> Node:
        label = named(option, view.locale)
        button = answer("refuse", w["withdraw"], quiet=True, aria_label=w["withdraw_one"].format(what=label))
        which = el("input", type="hidden", name="grant", value=option.key)
        return el("li", el("div", el("b", label)), form(which, button))

    return _section(
        view,
        w["guardian_title"],
        path,
        el("p.cw-said", w["guardian_saved"], role="status") if saved else None,
        el("p", w["guardian_keep"]),
        el("p", el("a.cw-link", url, href=url)),
        el("h3", w["guardian_granted"]),
        el("ul", *(taken_back(option) for option in granted)) if granted else el("p", w["agreed_to_nothing"]),
        form(answer("withdraw_all", w["withdraw_all"])) if granted else None,
        el("h3", w["guardian_erase"]),
        el("p", w["guardian_erase_body"]),
        form(answer("erase", w["guardian_erase"], quiet=True)),
    )


def erased(view: View, *, gone: bool) -> Node:
    """No record about the child is left; and, where not all is `gone`, what of it is still to be overwritten."""
    w = view.messages
    told = el("p", w["guardian_erased"], role="status")
    return _section(view, w["guardian_title"], "notice", told, None if gone else el("p", w["remainder"], role="status"))


def no_link(view: View) -> Node:
    """Says the same whatever is wrong with a link, and names nothing of it."""
    w = view.messages
    return _section(view, w["guardian_no_link"], "guardian", el("p", w["guardian_no_link_body"]))


def _option(view: View, option: Option, answers: Answers) -> Node:
    purpose, recipient = option.purpose, option.recipient
    return el(
        "div.cw-card",
        switch(option, named(option, view.locale), answers),
        el("p", purpose.description[view.locale]),
        about(view, recipient) if recipient else None,
        el("details", el("summary", view.messages["details"]), facts(view, purpose)),
    )


def _preferences(view: View) -> Node:
    return el("p", el("a", view.messages["preferences"], href=view.url("preferences")))


def _section(view: View, title: str, path: str, *parts: Node | None) -> Node:
    return el("section.cw-mine.cw-guardian", head(view, title, path), *parts)
