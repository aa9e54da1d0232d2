"""The pages of a guardian's consent: the child asks, the guardian decides, and can later withdraw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ..notice.options import Option
from ..regions import ELSEWHERE, Region
from .choices import withdraw_row
from .facts import about, details
from .node import Node, el
from .switch import switch
from .view import Answers, View, action_button, head, preferences_link


def grantable(options: Iterable[Option], region: Region = ELSEWHERE) -> list[Option]:
    """The options that a guardian can agree to: none that the notice keeps for adults or the law of the region for
    children, no single use, which nobody can agree to in advance, and no single services. Without a region: what they
    can have agreed to, and withdraw.
    """
    return [
        option
        for option in options
        if not option.for_adults
        and option.purpose.consent != "single_use"
        and option.service is None
        and not _is_closed(option, region)
    ]


def _is_closed(option: Option, region: Region) -> bool:
    """Does the law there close this to children, whoever agrees (DPDP Act 9(3), Lei 15.211/2025 art. 22)? What is not
    needed for the service may track them, unless the notice says that it is only about how the site looks.
    """
    if region.closed_to_children == "tracking":
        return not option.for_guardian
    return region.closed_to_children == "advertising" and option.purpose.gpc_opt_out


def ask_page(view: View, hidden: Node, *, child: bool) -> Node:
    """The child's page, which asks for the guardian's address. To others it says that it is for children."""
    messages = view.messages
    if not child:
        text = el("p", messages["guardian_for_children"].format(age=view.child_below))
        return _section(view, messages["ask_guardian"], "guardian", text, preferences_link(view))
    form = el(
        "form",
        el(
            "label",
            el("b", messages["guardian_address"]),
            el("input", type="email", name="address", required=True, maxlength="254", autocomplete="off"),
        ),
        el("button", messages["guardian_send"]),
        hidden,
        **view.form_to("guardian"),
    )
    return _section(
        view, messages["ask_guardian"], "guardian", el("p", messages["guardian_body"]), form, preferences_link(view)
    )


def sent_page(view: View) -> Node:
    """The page once the link is on its way. It is the same whether or not the address exists."""
    return _section(view, view.messages["ask_guardian"], "guardian", preferences_link(view))


def decide_page(view: View, link: str, granted: Collection[Option], hidden: Node) -> Node:
    """The guardian's page: a switch for every option that they can grant, on if a guardian has `granted` it before."""
    messages, options = view.messages, grantable(view.notice.options.values(), view.rules)
    site = view.notice.controller.name[view.locale]
    path = f"guardian/{link}"
    intro = el("p", messages["guardian_asks"].format(age=view.child_below, site=site))
    notice = el("p", el("a", messages["whole_notice"], href=view.url("notice")))
    if not options:
        return _section(view, messages["guardian_title"], path, el("p", messages["guardian_nothing"]), notice)
    answers = Answers(lambda option: option in granted)
    form = el(
        "form",
        *_options(view, "guardian_needed", [option for option in options if option.for_guardian], answers),
        *_options(view, "guardian_optional", [option for option in options if not option.for_guardian], answers),
        el("p.cw-small", messages["guardian_sure"]),
        el(
            "div.cw-actions",
            action_button("refuse", messages["reject_all"]),
            action_button("save", messages["save"]),
        ),
        hidden,
        **view.form_to(path),
    )
    return _section(view, messages["guardian_title"], path, intro, notice, form)


def manage_page(view: View, link: str, url: str, granted: list[Option], hidden: Callable[[], Node]) -> Node:
    """The guardian's page after a decision: what they agreed to, each with a button to withdraw it, and erasure.
    `url` is the address of this page, for them to keep.
    """
    messages, path = view.messages, f"guardian/{link}"

    def form(*parts: Node) -> Node:
        return el("form", *parts, hidden(), **view.form_to(path))

    return _section(
        view,
        messages["guardian_title"],
        path,
        el("p", messages["guardian_keep"]),
        el("p", el("a.cw-link", messages["guardian_link"], href=url)),
        el(
            "div.cw-copy",
            el("input", type="text", value=url, readonly=True, aria_label=messages["guardian_link_text"]),
            el(
                "button.cw-quiet",
                messages["copy"],
                type="button",
                data_copy=url,
                data_copied=messages["copied"],
                hidden=True,  # until our script shows it: without one the address is there to be selected
            ),
            el("span.cw-small", role="status"),
        ),
        el("h3", messages["guardian_granted"]),
        el("ul", *(withdraw_row(view, option, form) for option in granted))
        if granted
        else el("p", messages["agreed_to_nothing"]),
        form(action_button("withdraw_all", messages["withdraw_all"])) if granted else None,
        el("h3", messages["guardian_erase"]),
        el("p", messages["guardian_erase_body"]),
        form(action_button("erase", messages["guardian_erase"], quiet=True)),
    )


def erased_page(view: View, *, gone: bool) -> Node:
    """The page after the child's records were deleted. It says if not all is `gone` from the database's files yet."""
    remainder = None if gone else el("p", view.messages["remainder"], role="status")
    return _section(view, view.messages["guardian_title"], "notice", remainder)


def no_link_page(view: View) -> Node:
    """The page for a link that does not work. It does not say why, nor anything about the child."""
    messages = view.messages
    return _section(view, messages["guardian_no_link"], "guardian", el("p", messages["guardian_no_link_body"]))


def _options(view: View, heading: str, options: list[Option], answers: Answers) -> list[Node]:
    if not options:
        return []
    return [el("h3", view.messages[heading]), *(_option(view, option, answers) for option in options)]


def _option(view: View, option: Option, answers: Answers) -> Node:
    purpose, recipient = option.purpose, option.recipient
    return el(
        "div.cw-card",
        switch(view, option, answers, alone=True),
        el("p", (purpose.guardian_description or purpose.description)[view.locale]),
        about(view, recipient) if recipient else None,
        details(view, purpose, asked=True),
    )


def _section(view: View, title: str, path: str, *parts: Node | None) -> Node:
    return el("section.cw-mine.cw-guardian", head(view, title, path), *parts)
