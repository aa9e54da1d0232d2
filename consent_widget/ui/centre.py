"""The preference centre: every purpose, what it means for the visitor, and a switch if they can decide about it."""

from __future__ import annotations

from ..choice.age import MINORS
from ..choice.policy import lifetime
from ..notice.model import Notice
from ..notice.options import option_key
from ..notice.parts import Group, Purpose, Recipient
from .age import note
from .facts import about, facts
from .node import Node, el
from .services import services_on
from .switch import switch
from .view import Answers, View, action_button, close_button, gpc_note, head

BADGES = {"always_on": "always_on", "just_in_time": "when_needed", "opt_in": "separate"}


def centre(view: View, answers: Answers = Answers(), hidden: Node | None = None, *, in_dialog: bool = True) -> Node:
    """The centre as a form. `hidden` holds its hidden fields. In a dialog it has the button that closes it."""
    messages = view.messages
    groups = (_group(view, group, answers) for group in view.notice.groups)
    return el(
        "form.cw-centre",
        # Enter in a form presses its first button
        el("button", name="action", value="reject_all" if answers.child else "save", hidden=True),
        head(view, messages["preferences"], "preferences", *((close_button(view),) if in_dialog else ())),
        el(
            "div.cw-body",
            gpc_note(view, answers.gpc),
            note(view, answers.band) if answers.band in MINORS else None,
            *(group for group in groups if group),
            el(
                "p.cw-small",
                _lifetime(view) + " ",
                el("a", messages["notice"], href=view.url("notice"), data_open="notice"),
                " · ",
                el("a", messages["choices"], href=view.url("choices")),
                *(() if in_dialog else _do_not_share(view)),
            ),
        ),
        el(
            "div.cw-actions.cw-foot",
            action_button("reject_all", messages["reject_all"]),
            *(
                ()
                if answers.child
                else (
                    action_button("accept_all", messages["accept_all"]),
                    action_button("save", messages["save"], quiet=True),
                )
            ),
        ),
        hidden,
        **view.form,
    )


def _do_not_share(view: View) -> tuple[Node, ...]:
    """The link to the opt-out of sale and sharing. Only on our page: sites link it from
    their own footer, and in the script it would cost every visitor bytes.
    """
    if not any(option.purpose.gpc_opt_out for option in view.notice.options.values()):
        return ()
    return " · ", el("a", view.messages["do_not_share"], href=view.url("do-not-share"))


def _lifetime(view: View) -> str:
    days, refused = (lifetime(view.notice, view.region, granted) for granted in (True, False))
    text = view.messages["lasts" if days == refused else "lasts_each"].format(days=days, refused=refused)
    separate = any(purpose.consent == "separate" for purpose in view.notice.purposes)
    return text + (view.space + view.messages["separate_scope"] if separate else "")


def folds(notice: Notice, group: Group) -> bool:
    """Is this group a card that unfolds? One purpose without recipients of its own needs none."""
    purposes = notice.in_group(group.id)
    return len(purposes) > 1 or any(notice.recipients_of(purpose.id) for purpose in purposes)


def _group(view: View, group: Group, answers: Answers) -> Node | None:
    purposes = view.notice.in_group(group.id)
    if not purposes:
        return None
    if not folds(view.notice, group):
        return el("div.cw-card", _purpose(view, purposes[0], answers))
    label = group.label[view.locale]
    return el(
        "div.cw-card",
        el(
            "details",
            el("summary", el("h3", label), _group_state(view, purposes, answers)),
            el("p", group.description[view.locale]),
            *(_purpose(view, purpose, answers) for purpose in purposes),
        ),
        _switch_all(view, purposes, label),
    )


def _group_state(view: View, purposes: tuple[Purpose, ...], answers: Answers) -> Node:
    """How many of a group's switches are on. `data-some` is the pattern with which the script updates it."""
    options = [o for o in view.notice.options.values() if o.in_bulk and o.purpose in purposes]
    if not options:
        return el("span.cw-small", view.messages[BADGES[purposes[0].control]])
    on = sum(map(answers.on, options))
    pattern = view.messages["some_on"]
    return el("span.cw-small", pattern.format(on=on, all=len(options)), data_some=pattern)


def _switch_all(view: View, purposes: tuple[Purpose, ...], label: str) -> Node | None:
    """One switch for a whole group, unless a purpose has recipients of its own. Hidden until the script shows it."""
    options = [option for purpose in purposes if (option := view.notice.options.get(purpose.id)) and option.in_bulk]
    if not options or any(view.notice.recipients_of(purpose.id) for purpose in purposes):
        return None
    name = view.messages["switch_group"].format(group=label)
    return el("input.cw-all", type="checkbox", role="switch", aria_label=name, hidden=True)


def _purpose(view: View, purpose: Purpose, answers: Answers) -> Node:
    option = view.notice.options.get(purpose.id)
    label = purpose.label[view.locale]
    recipients = view.notice.recipients_of(purpose.id) if purpose.control == "opt_in" else ()
    if option and option.in_bulk:
        first = switch(option, label, answers)
    else:
        first = el("div.cw-label", el("b", label), el("span.cw-small", view.messages[BADGES[purpose.control]]))
    unnamed = purpose.consent == "separate" and purpose.control == "opt_in" and not recipients
    return el(
        "div.cw-row",
        first,
        el("p", purpose.description[view.locale]),
        el("p.cw-small", view.messages["gpc_off"]) if option and option.in_bulk and answers.gpc_off(purpose) else None,
        el("p.cw-small", view.messages["separate_none"]) if unnamed else None,
        *(_recipient(view, purpose, recipient, answers) for recipient in recipients),
        el(
            "details",
            el("summary", view.messages["details"], services_on(view, purpose, answers)),
            facts(view, purpose, answers),
        ),
    )


def _recipient(view: View, purpose: Purpose, recipient: Recipient, answers: Answers) -> Node:
    option = view.notice.options[option_key(purpose.id, recipient.id)]
    return el("div.cw-party", switch(option, recipient.name[view.locale], answers), about(view, recipient))
