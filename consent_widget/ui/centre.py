"""The preference centre: every purpose, what it means for the visitor, and a switch if they can decide about it."""

from __future__ import annotations

from ..choice.age import MINORS
from ..choice.earlier import CarryOver
from ..choice.policy import lifetime
from ..notice.options import option_key
from ..notice.parts import Purpose, Recipient
from .age import closed_to_minors, note, waits_for_guardian
from .counted import Counted
from .dates import written_day, written_language
from .facts import about, details
from .groups import badge, common_badge, folds, group_card
from .node import Node, el
from .rights import offers_opt_out, opt_out_link
from .switch import switch
from .view import Answers, View, action_button, close_button, gpc_note, head, starts_note


def centre(
    view: View, answers: Answers = Answers(), hidden: Node | None = None, *, in_dialog: bool = True,
    scope: Node | None = None,
) -> Node:  # fmt: skip
    """The centre as a form. `hidden` holds its hidden fields. In a dialog it has the button that closes it. `scope`
    says for which devices the choice counts.
    """
    messages = view.messages
    return el(
        "form.cw-centre",
        # Enter in a form presses its first button
        el("button", name="action", value="reject_all" if answers.child else "save", hidden=True),
        head(view, messages["preferences"], "preferences", *((close_button(view),) if in_dialog else ())),
        el(
            "div.cw-body",
            scope,
            note(view, answers.band) if answers.band in MINORS else None,
            None if answers.child else _opening(view, answers),
            None if answers.saved or answers.band else starts_note(view),
            gpc_note(view, answers.gpc and not answers.confirmed),
            *_cards(view, answers),
            el(
                "p.cw-small",
                None if answers.child else _lifetime(view),
                el("a", messages["notice"], href=view.url("notice"), data_open="notice"),
                " · ",
                el("a", messages["choices"], href=view.url("choices")),
                " · ",
                el("a", messages["parents"], href=view.url("parents")),
            ),
            el("p.cw-small.cw-opt", opt_out_link(view)) if offers_opt_out(view) else None,  # elsewhere a button
        ),
        _foot(view, answers, in_dialog),
        hidden,
        **view.form,
    )


def carried_note(view: View, carry: CarryOver) -> Node:
    """Says that what the switches show was chosen in the site's earlier tool."""
    return el("p.cw-small.cw-earlier", view.messages["carried_over"].format(tool=carry.known_tool.name))


def _opening(view: View, answers: Answers) -> Node:
    """What this is, for a visitor who has not chosen yet; else how much is on, and since when. `data-now` is the
    pattern with which the script says the latter.
    """
    pattern, text = view.messages["now"], view.messages["opening"]
    if answers.saved:
        options = [option for option in view.notice.options.values() if option.in_bulk]
        on = sum(map(answers.on, options))
        text = pattern.format(on=on, all=len(options), date=written_day(answers.saved, view.locale))
    return el("p.cw-now", text, data_now=pattern, lang=written_language(view.locale))


def _foot(view: View, answers: Answers, in_dialog: bool) -> Node:
    """The buttons, with the place where the script says that moved switches are not saved yet."""
    messages = view.messages
    if answers.child:
        return el("div.cw-actions.cw-foot.cw-one", action_button("reject_all", messages["keep_off"]))
    reject = action_button("reject_all", messages["reject_all"])
    return el(
        "div.cw-actions.cw-foot",
        action_button("accept_all", messages["accept_all"]),
        reject,
        el("p", el("b", messages["not_saved"], hidden=True), role="status") if in_dialog else None,
        action_button("save", messages["save"], quiet=True),
    )


def _lifetime(view: View) -> Node:
    """How long a choice lasts, and what “Accept all” leaves out: for those who choose. A child sees neither."""
    days, refused = (lifetime(view.notice, view.region, granted) for granted in (True, False))
    text = view.messages["lasts" if days == refused else "lasts_each"].format(
        days=Counted(days, view.locale), refused=Counted(refused, view.locale)
    )
    if any(purpose.consent == "separate" for purpose in view.notice.purposes):
        text += view.space + view.messages["separate_scope"]
    return el("span.cw-scope", text + view.space)


def _cards(view: View, answers: Answers) -> list[Node]:
    """A card for each group that has purposes."""
    cards = []
    for group in view.notice.groups:
        purposes = view.notice.in_group(group.id)
        if folds(view.notice, group):
            in_head = common_badge(purposes)
            rows = [_purpose(view, purpose, answers, 4, None if in_head else badge(purpose)) for purpose in purposes]
            cards.append(group_card(view, group, answers, rows))
        elif purposes:
            cards.append(el("div.cw-card", _purpose(view, purposes[0], answers, 3, badge(purposes[0]))))
    return cards


def _purpose(view: View, purpose: Purpose, answers: Answers, heading: int, standing: str | None) -> Node:
    """One purpose. `standing` is the message that stands in place of a switch."""
    option = view.notice.options.get(purpose.id)
    recipients = view.notice.recipients_of(purpose.id) if purpose.control == "opt_in" else ()
    has_switch = bool(option and option.in_bulk)
    if option and has_switch:
        first = switch(view, option, answers, heading=heading)
    else:
        label = el("b", purpose.label[view.locale], role="heading", aria_level=str(heading))
        first = el("div.cw-label", label, el("span.cw-small", view.messages[standing]) if standing else None)
    unnamed = purpose.consent == "separate" and purpose.control == "opt_in" and not recipients
    return el(
        "div.cw-row",
        first,
        el("p", purpose.description[view.locale]),
        waits_for_guardian(view, [purpose], answers, view.messages["child_waits"]),
        None if has_switch or recipients else closed_to_minors(view, purpose, answers),
        el("p.cw-small", view.messages["separate_none"]) if unnamed else None,
        *(_recipient(view, purpose, recipient, answers) for recipient in recipients),
        details(view, purpose, answers, beside_recipient=bool(recipients)),
    )


def _recipient(view: View, purpose: Purpose, recipient: Recipient, answers: Answers) -> Node:
    option = view.notice.options[option_key(purpose.id, recipient.id)]
    return el("div.cw-party", switch(view, option, answers), about(view, recipient))
