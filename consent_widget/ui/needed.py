"""The question about one purpose when it matters: in a dialog, or on a page that needs the consent."""

from __future__ import annotations

from ..notice.options import Option
from ..notice.parts import Purpose, Recipient
from .facts import about, fact_list, facts, meaning
from .node import Node, el
from .view import View, action_button, close_button, head, preferences_link


def consent_question(view: View, option: Option) -> Node:
    """One option as a dialog's content: the question, what a yes may mean, who receives what, and two equal answers."""
    asked = question(view, option.purpose, option.recipient)
    return el(
        "form.cw-ask",
        el("div.cw-head", el("h2", asked), close_button(view)),
        # so that keys scroll it
        el("div.cw-body", *_description(view, option.purpose, option), tabindex="0", role="group", aria_label=asked),
        _answers(view),
    )


def needed(view: View, purpose: Purpose, option: Option | None, hidden: Node | None = None) -> Node:
    """A page's content. `option` is what can be granted there; without one it links to the preference centre."""
    card = el("div.cw-card", *_description(view, purpose, option))
    if option:
        grant = el("input", type="hidden", name="grant", value=option.key)
        parts = [el("form", card, _answers(view), grant, hidden, **view.form)]
    else:
        parts = [card, preferences_link(view)]
    return el(
        "section.cw-needed",
        head(view, question(view, purpose, option.recipient if option else None), "preferences"),
        el("p", view.messages["needed_body"].format(purpose=purpose.label[view.locale])),
        *parts,
    )


def question(view: View, purpose: Purpose, recipient: Recipient | None) -> str:
    """What the visitor is asked: the notice's own question, or one that is made of the purpose's label."""
    name, own = recipient.name[view.locale] if recipient else "", purpose.question
    if own and (name or "{recipient}" not in own[view.locale]):
        return own[view.locale].replace("{recipient}", name)
    pattern = view.messages["ask_recipient" if name else "ask_purpose"]
    return pattern.format(purpose=purpose.label[view.locale], recipient=name)


def _answers(view: View) -> Node:
    answers = (action_button(action, view.messages[action]) for action in ("allow", "refuse"))
    return el("div.cw-actions.cw-foot", *answers)


def _description(view: View, purpose: Purpose, option: Option | None) -> list[Node]:
    recipient = option.recipient if option else None
    meant = meaning(view, purpose)[::-1]  # what a yes may mean is read before anything else
    return [
        el("p", el("b", purpose.label[view.locale] + view.colon), purpose.description[view.locale]),
        *([fact_list(meant)] if meant else []),
        *([_party(view, recipient)] if recipient else []),
        facts(view, purpose, beside_recipient=recipient is not None, beside_meaning=True, asked=True),
    ]


def _party(view: View, recipient: Recipient) -> Node:
    title = view.messages["recipients"] + view.colon + recipient.name[view.locale]
    return el("div.cw-party", el("h3", title), about(view, recipient), role="group", aria_label=title)
