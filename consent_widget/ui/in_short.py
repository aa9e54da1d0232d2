"""The notice in short: what, why, who, what the visitor decides and how to stop. All of it is read from the notice."""

from __future__ import annotations

from collections.abc import Iterable

from ..choice.policy import lifetime
from ..notice.parts import Group, Recipient, Service
from .contact import linked
from .counted import Counted
from .i18n import country
from .node import Node, el
from .rights import complaint_link, offers_opt_out, opt_out_link
from .view import View


def in_short(view: View, *, in_dialog: bool) -> Node:
    """The section on top of the notice (GDPR 12(1): concise and intelligible)."""
    messages = view.messages
    rows = (
        ("short_what", _what(view)),
        ("short_why", _why(view)),
        ("short_who", _who(view)),
        ("short_control", _control(view)),
        ("short_stop", _stop(view, in_dialog=in_dialog)),
    )
    return el(
        "section.cw-short",
        el("h3", messages["in_short"], tabindex="-1"),
        el("dl", *(el("div", el("dt", messages[name]), *lines) for name, lines in rows if lines)),
        id="cw-short",
    )


def group_id(group: Group) -> str:
    """The anchor of a group of purposes."""
    return f"cw-group-{group.id}"


def _what(view: View) -> list[Node]:
    data = [category for category in view.notice.data if category.itemised]
    sensitive = [category.label[view.locale] for category in data if category.sensitive]
    return [
        el("dd", _row(view, (category.label[view.locale] for category in data))),
        *([_line(view, "sensitive", _row(view, sensitive))] if sensitive else []),
    ]


def _why(view: View) -> list[Node]:
    notice, locale = view.notice, view.locale
    groups = [group for group in notice.groups if notice.in_group(group.id)]
    always = [g for g in groups if all(purpose.control == "always_on" for purpose in notice.in_group(g.id))]
    others = [el("a", g.label[locale], href=f"#{group_id(g)}") for g in groups if g not in always]
    return [
        *(el("dd", group.label[locale] + view.colon + group.description[locale]) for group in always),
        *([_line(view, "short_if_agreed", *_between(view, others))] if others else []),
    ]


def _who(view: View) -> list[Node]:
    notice, locale = view.notice, view.locale
    kinds = [kind.label[locale] for kind in notice.recipient_classes]
    parties: tuple[Recipient | Service, ...] = (*notice.recipients, *notice.services)
    named = [view.with_brackets(party.name[locale], country(party.country, locale)) for party in parties]
    return [
        el("dd", notice.controller.name[locale]),
        *([_line(view, "short_kinds", _row(view, kinds))] if kinds else []),
        *([_line(view, "short_named", _row(view, named))] if named else []),
    ]


def _control(view: View) -> list[Node]:
    messages, purposes = view.messages, view.notice.purposes
    on = view.starts_on()
    off = sum(purpose.control != "always_on" and purpose.id not in on for purpose in purposes)
    days, refused = (lifetime(view.notice, view.region, granted) for granted in (True, False))
    lasts = messages["short_lasts" if days == refused else "short_lasts_each"].format(
        days=Counted(days, view.locale), refused=Counted(refused, view.locale)
    )
    return [el("dd", messages["short_off"].format(off=off, all=len(purposes)) + view.space + lasts)] if off else []


def _stop(view: View, *, in_dialog: bool) -> list[Node]:
    """Links to what ends a use. A dialog has only those that every site can follow."""
    messages, controller = view.messages, view.notice.controller
    signalled = [purpose.label[view.locale] for purpose in view.notice.purposes if purpose.gpc_opt_out]
    links = [el("a", messages["preferences"], href=view.url("preferences"), data_open="centre")]
    if not in_dialog:
        links += [el("a", messages["choices"], href=view.url("choices"))]
        links += [opt_out_link(view)] if offers_opt_out(view) else []
    phone = controller.phone[view.locale]
    contact = [*linked(controller.email[view.locale]), *linked(phone, phone)]
    return [
        _line(view, "short_change", *_between(view, links)),
        *([_line(view, "gpc_opt_out", _row(view, signalled))] if signalled else []),
        _line(view, "contact", *_between(view, contact)),
        *([el("dd", complaint)] if (complaint := complaint_link(view)) else []),
    ]


def _line(view: View, name: str, *nodes: Node) -> Node:
    return el("dd", el("b", view.messages[name] + view.colon), *nodes)


def _row(view: View, texts: Iterable[str]) -> str:
    return view.separator.join(texts)


def _between(view: View, nodes: Iterable[Node]) -> list[Node]:
    return [part for node in nodes for part in (view.separator, node)][1:]
