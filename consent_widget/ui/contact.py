"""Contact details as links: an address of email, a page or a telephone in a text can be pressed."""

from __future__ import annotations

import re
from urllib.parse import quote

from .node import Node, el
from .view import View

EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
PAGE = r"https://[^\s，。；、（）();]*[^\s，。；、（）();.,]"
TELEPHONE = r"\+\d[\d -]{6,}\d"
#: What a number may be made of that is known to be a telephone's.
DIGITS = re.compile(r"[\d+ ()-]{3,}", re.ASCII)


def linked(text: str, telephone: str = "") -> list[Node]:
    """`text` with a link around each contact in it: the children of an element. A number without `+` is a contact if it
    is the site's own `telephone`.
    """
    own = f"|{re.escape(telephone)}" if DIGITS.fullmatch(telephone) else ""
    contacts = re.compile(f"({EMAIL})|({PAGE})|({TELEPHONE}{own})", re.ASCII)
    nodes: list[Node] = []
    end = 0
    for found in contacts.finditer(text):
        rel = "noreferrer" if found[2] else None
        nodes += [text[end : found.start()], el("a", found[0], href=_address(*found.groups()), rel=rel)]
        end = found.end()
    return [node for node in (*nodes, text[end:]) if node]


def ways_to_write(view: View, subject: str) -> Node:
    """How to reach the controller: by an email with this subject, and by every other way that the notice tells."""
    controller, locale = view.notice.controller, view.locale
    write = f"mailto:{controller.email[locale]}?subject={quote(subject)}"
    return el(
        "ul.cw-plain",
        el("li", el("a", controller.email[locale], href=write)),
        *(
            el("li", *linked(text[locale], controller.phone[locale]))
            for text in (controller.phone, controller.officer, controller.address)
            if text
        ),
    )


def _address(email: str | None, page: str | None, telephone: str | None) -> str:
    return page or (f"mailto:{email}" if email else "tel:" + re.sub(r"[^+\d]", "", telephone or ""))
