"""What the visitor sees, as trees of elements: the server prints them, the script builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..choice.age import MINORS, Age
from ..notice.model import Notice
from ..notice.options import Option
from ..notice.parts import Purpose
from .i18n import NAMES, messages
from .node import Node, el


@dataclass(frozen=True)
class View:
    """One notice, seen in one locale. With a `prefix`, for a page; without, for the script."""

    notice: Notice
    locale: str
    prefix: str = ""
    region: str = ""
    version: str = ""
    age: Age | None = None

    @cached_property
    def messages(self) -> Mapping[str, str]:
        """The widget's own words."""
        return messages(self.locale)

    @property
    def child_below(self) -> int:
        """The age from which one decides for oneself."""
        return (self.age or Age()).child_below

    @property
    def others(self) -> tuple[str, ...]:
        """The notice's other locales."""
        return tuple(locale for locale in self.notice.locales if locale != self.locale)

    def path(self, path: str) -> str:
        """A path of ours; in what is made for the script, without a prefix: it knows where it comes from."""
        return f"{self.prefix}/{path}" if self.prefix else path

    @property
    def form(self) -> Mapping[str, str]:
        """Where forms go, in the same window whatever a page's `<base target>` says. In what is made for the script:
        nowhere, even where a page has broken the script.
        """
        return self.form_to("preferences") if self.prefix else {"method": "dialog"}

    def form_to(self, path: str) -> Mapping[str, str]:
        """A form of a page, sent to a path of ours."""
        return {"method": "post", "action": self.path(path), "target": "_self"}

    def url(self, path: str, locale: str | None = None) -> str:
        """A path of ours, in this or another locale. With a `version`, the notice is that one's."""
        if self.version and path == "notice":
            return f"{self.path(path)}/{self.version}.{locale or self.locale}"
        return f"{self.path(path)}?lang={locale or self.locale}"

    def listed(self, texts: list[str]) -> str:
        """`texts` as a list in running text."""
        return self.messages["list_separator"].join(texts)


@dataclass(frozen=True)
class Answers:
    """How the switches stand: which options are granted, whether the browser's opt-out signal is on, and how old the
    visitor is, as far as that is known.
    """

    granted: Callable[[Option], bool] = lambda option: False
    gpc: bool = False
    band: str = ""

    def forced_off(self, purpose: Purpose) -> bool:
        """Does the signal keep this purpose off?"""
        return self.gpc and purpose.gpc_opt_out

    def off(self, purpose: Purpose) -> bool:
        """Is this purpose off, by the signal or for the visitor's age, whatever was granted?"""
        return self.forced_off(purpose) or (self.band in MINORS and purpose.minors == "off")

    @property
    def child(self) -> bool:
        """Is it a child's, whose switches a guardian alone can move?"""
        return self.band == "child"


def head(view: View, title: str, path: str, *ends: Node) -> Node:
    """A surface's head: title, the other languages, and what ends it."""
    languages = [
        el("a.cw-lang", NAMES.get(other, other), href=view.url(path, other), lang=other, data_lang=other)
        for other in view.others
    ]
    return el("div.cw-head", el("h2", title), *languages, *ends)


def answer(action: str, label: str, *, quiet: bool = False, **attributes: str | bool) -> Node:
    """A button that answers with an action."""
    return el("button.cw-quiet" if quiet else "button", label, name="action", value=action, part="button", **attributes)


def closing(view: View) -> Node:
    """The button that closes a dialog and changes nothing."""
    return el("button.cw-x", "×", type="button", aria_label=view.messages["close"], data_close=True)


def gpc_note(view: View, on: bool) -> Node:
    """Says that the browser's opt-out signal is honoured (11 CCR 7025(c)(6)), where it is on."""
    return el("p.cw-small", view.messages["gpc"], id="cw-gpc", hidden=not on)
