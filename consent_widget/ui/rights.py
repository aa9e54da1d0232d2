"""Links and words that the law of the visitor's region asks for: opting out in California, and where to complain."""

from __future__ import annotations

from .i18n import messages
from .locales import language
from .node import Node, el
from .view import View, has_opt_outs


def offers_opt_out(view: View) -> bool:
    """Is there anything to opt out of: sale and sharing, or in California the use of sensitive information?"""
    return has_opt_outs(view.notice) or limits_sensitive_use(view)


def limits_sensitive_use(view: View) -> bool:
    """Can the use of sensitive information be limited on the page of the opt-out (Cal. Civ. Code 1798.121)?"""
    return view.rules.privacy_choices and any(option.purpose.sensitive_use for option in view.notice.options.values())


def opt_out_link(view: View) -> Node:
    """The link to the opt-out; in California the one link for both rights, with its icon (11 CCR 7015)."""
    href = view.url("do-not-share")
    if not view.rules.privacy_choices:
        return el("a", view.messages["do_not_share"], href=href)
    icon = el("span.cw-options", aria_hidden="true")
    return el(
        "a", icon, *statutory(view, "privacy_choices"), href=href, data_press=view.messages["do_not_share_button"]
    )


def statutory(view: View, key: str) -> list[Node]:
    """Words that the law prescribes in English: they stay English in a page of another language, with a translation."""
    english, translated = messages("en")[key], view.messages[key]
    if language(view.locale) == "en" or english == translated:
        return [translated]
    before, after = view.with_brackets("", translated).split(translated)
    return [el("span", english, lang="en"), before + translated + after]


def complaint_link(view: View) -> Node | None:
    """The link to where a visitor can complain, where the law asks for one."""
    return el("a", view.messages["complain"], href=view.url("complaint")) if view.rules.authority else None
