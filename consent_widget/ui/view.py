"""One notice in one locale, and the parts that several surfaces share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..choice.age import MINORS, Age
from ..choice.policy import starts_on
from ..notice.model import Notice
from ..notice.options import Option
from ..notice.parts import Purpose, Successor
from ..regions import Region, region_of
from .i18n import messages
from .locales import own_name
from .node import Node, el


@dataclass(frozen=True)
class View:
    """One notice in one locale, with the addresses that its links and forms use."""

    notice: Notice
    locale: str
    #: The path of our pages, for a tree on a page. Empty in a tree for the script.
    prefix: str = ""
    region: str = ""
    #: Links to the notice lead to this version, or else to the one in effect.
    version: str = ""
    age: Age | None = None
    #: Is everybody asked before anything is on, also where the law of the region does not make a site ask?
    asks_first: bool = False

    @cached_property
    def messages(self) -> Mapping[str, str]:
        """The widget's own messages, by key."""
        return messages(self.locale)

    @property
    def rules(self) -> Region:
        """The rules of the visitor's region."""
        return region_of(self.region)

    def starts_on(self) -> frozenset[str]:
        """The options that are on in this region before a visitor's first answer."""
        return starts_on(self.notice, self.rules, "", asks_first=self.asks_first)

    @property
    def child_below(self) -> int:
        """The age below which a visitor is a child."""
        return (self.age or Age()).child_below

    @property
    def signal(self) -> str:
        """What stands beside the way back while the browser's opt-out signal is honoured; a space where the notice has
        nothing that the signal covers.
        """
        return " " + (self.messages["signal"] if has_opt_outs(self.notice) else "")

    @property
    def others(self) -> tuple[str, ...]:
        """The notice's other locales."""
        return tuple(locale for locale in self.notice.locales if locale != self.locale)

    @property
    def space(self) -> str:
        """What stands between two sentences, as the locale's typography sets it."""
        return "" if self.locale.startswith("zh") else " "

    @property
    def colon(self) -> str:
        """A colon, as the locale's typography sets it."""
        return "：" if self.locale.startswith("zh") else ": "

    @property
    def separator(self) -> str:
        """What stands between names that begin with capital letters, in a row. It never begins a line."""
        return "、" if self.locale.startswith("zh") else "\u00a0· "

    def with_brackets(self, text: str, more: str) -> str:
        """`text` with `more` in brackets, as the locale's typography sets them."""
        return f"{text}（{more}）" if self.locale.startswith("zh") else f"{text} ({more})"

    def path(self, path: str) -> str:
        """The address of `path` below our prefix. For the script: relative to the folder that the script comes from."""
        return f"{self.prefix}/{path}" if self.prefix else path

    @property
    def form(self) -> Mapping[str, str]:
        """The attributes of a form that sends a choice. The script sends choices itself, so for the script it is a form
        that the browser never sends (`method="dialog"`), even if the page has broken the script.
        """
        return self.form_to("preferences") if self.prefix else {"method": "dialog"}

    def form_to(self, path: str) -> Mapping[str, str]:
        """The attributes of a form that is sent to one of our paths. `_self` overrides a page's `<base target>`."""
        return {"method": "post", "action": self.path(path), "target": "_self"}

    def url(self, path: str, locale: str | None = None) -> str:
        """The address of one of our pages, in this or another locale."""
        if self.version and path == "notice":
            return f"{self.path(path)}/{self.version}.{locale or self.locale}"
        return f"{self.path(path)}?lang={locale or self.locale}"

    def listed(self, texts: list[str]) -> str:
        """`texts` as a list in running text."""
        return self.messages["list_separator"].join(texts)


@dataclass(frozen=True)
class Answers:
    """What decides how the switches stand."""

    #: Is this option granted?
    granted: Callable[[Option], bool] = lambda option: False
    #: Does the browser send the opt-out signal (Global Privacy Control)?
    gpc: bool = False
    #: The visitor's age band, or empty if unknown.
    band: str = ""
    #: When the visitor last decided about anything, in seconds since 1970; 0 if never.
    saved: int = 0
    #: Is what is granted allowed in spite of the signal (State.confirmed)?
    confirmed: bool = False

    def on(self, option: Option) -> bool:
        """Does the switch of this option stand on?"""
        return self.granted(option) and not self.off(option)

    def gpc_off(self, option: Option) -> bool:
        """Does the opt-out signal keep this off? Not once the visitor has allowed it in spite of the signal."""
        return self.gpc and option.purpose.gpc_opt_out and not (self.confirmed and self.granted(option))

    def off(self, option: Option) -> bool:
        """Is this off because of the signal or of the visitor's age, whatever was granted?"""
        return self.gpc_off(option) or self.for_adults(option.purpose)

    def for_adults(self, purpose: Purpose) -> bool:
        """Is the visitor a minor, and this purpose for adults only?"""
        return self.band in MINORS and purpose.minors == "off"

    @property
    def child(self) -> bool:
        """Is the visitor a child? Then only a guardian can move the switches."""
        return self.band == "child"


def head(view: View, title: Node, path: str, *ends: Node) -> Node:
    """A surface's head: its title, links to the other languages, and `ends`, such as a close button."""
    languages = [
        el("a.cw-lang", own_name(other, view.notice.locales), href=view.url(path, other), lang=other, data_lang=other)
        for other in view.others
    ]
    return el("div.cw-head", el("h2", title), *languages, *ends)


def action_button(action: str, label: str, *, quiet: bool = False, **attributes: str | bool) -> Node:
    """A button that sends an action."""
    return el("button.cw-quiet" if quiet else "button", label, name="action", value=action, part="button", **attributes)


def preferences_link(view: View) -> Node:
    """A paragraph with the link to the preference centre."""
    return el("p", el("a", view.messages["preferences"], href=view.url("preferences")))


def transfer_text(view: View, successor: Successor, date: str) -> str:
    """Says who takes over the site, and what follows for the visitor's information."""
    name, contact = successor.name[view.locale], successor.contact
    return view.messages["transfer_body"].format(name=name, contact=contact, date=date)


def close_button(view: View) -> Node:
    """The button that closes a dialog and changes nothing."""
    return el("button.cw-x", "×", type="button", aria_label=view.messages["close"], data_close=True)


def has_opt_outs(notice: Notice) -> bool:
    """Has the notice anything that the browser's opt-out signal covers, and that a visitor can opt out of?"""
    return any(option.purpose.gpc_opt_out for option in notice.options.values())


def starts_note(view: View) -> Node | None:
    """Says what is on before the visitor has decided, and how to switch it off: information and a way to object in one
    press (PECR Schedule A1). Of what the browser's opt-out signal covers it says that, too.
    """
    on = [purpose for purpose in view.notice.purposes if purpose.id in view.starts_on()]
    labels = [each.label[view.locale] for each in on if not each.gpc_opt_out]
    if covered := [each.label[view.locale] for each in on if each.gpc_opt_out]:
        labels.append(view.with_brackets(view.listed(covered), view.messages["starts_unless"]))
    return el("p", view.messages["starts_on"].format(what=view.listed(labels))) if labels else None


def gpc_note(view: View, on: bool) -> Node:
    """Says that the browser's opt-out signal is honoured (11 CCR 7025(c)(6)). Hidden unless the signal is `on`."""
    return el("p.cw-small.cw-gpc", view.messages["gpc"], hidden=not on)
