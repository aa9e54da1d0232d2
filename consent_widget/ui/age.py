"""What depends on the visitor's age: the question how old they are, and why something is locked for a minor."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from ..choice.age import Age
from ..notice.parts import Purpose
from .node import Node, el
from .view import Answers, View, action_button, close_button, head


def age_question(view: View, hidden: Node) -> Node:
    """The question how old the visitor is, as a form with `hidden` fields."""
    messages = view.messages
    question = (el("p", el("b", messages["age"])), el("p.cw-small", messages["age_why"]))
    return el("form.cw-card.cw-asked", *question, age_answers(view), hidden, **view.form)


def age_answers(view: View) -> Node:
    """Equal answers to the question how old the visitor is, none preselected."""
    buttons = (
        action_button(f"age_{band}", view.messages[f"age_{band}"].format(age=view.child_below), quiet=True)
        for band in (view.age or Age()).bands
    )
    return el("div.cw-actions.cw-age", *buttons, role="group", aria_label=view.messages["age"])


def locked_page(view: View, purpose: Purpose, *, for_adults: bool) -> Node:
    """In place of a page that a minor cannot open: whether a guardian can, and what it is about."""
    label, description = purpose.label[view.locale], purpose.description[view.locale]
    title, why = _why_locked(view, for_adults=for_adults)
    return el(
        "section.cw-needed",
        head(view, title, "preferences"),
        el("p", why),
        el("div.cw-card", el("h3", label), el("p", description)),
        None if for_adults else el("p", ask_guardian_link(view, "a.cw-button")),
    )


def question_dialog(view: View) -> Node:
    """The question how old the visitor is as a dialog, when they pressed something that has to wait for the answer."""
    return _dialog(view, view.messages["age"], el("p", view.messages["age_why"]), age_answers(view))


def locked_dialog(view: View, *, for_adults: bool) -> Node:
    """A dialog that says why something that was pressed stays off, and who can decide."""
    title, why = _why_locked(view, for_adults=for_adults)
    return _dialog(view, title, el("p", why), None if for_adults else el("p", ask_guardian_link(view)))


def note(view: View, band: str) -> Node:
    """One sentence that says why switches are locked; for a child with the link to their guardian's consent."""
    messages = view.messages
    if band == "teen":
        return el("p.cw-locked", messages["teen_note"])
    text = messages["child_note"].format(age=view.child_below)
    return el("p.cw-locked", *((text + view.space, ask_guardian_link(view)) if sends_links(view) else (text,)))


def sends_links(view: View) -> bool:
    """Does this site send guardians the link to decide by?"""
    return view.age is not None and view.age.send is not None


def waits_for_guardian(view: View, purposes: Iterable[Purpose], answers: Answers, text: str) -> Node | None:
    """What only a child is told of purposes that are on for everybody else, and wait for their guardian. The script
    shows it once it knows the age.
    """
    options = (view.notice.options.get(purpose.id) for purpose in purposes)
    if not view.age or not any(option and option.for_guardian for option in options):
        return None
    return el("span.cw-small", text, data_child=True, hidden=not answers.child)


def closed_to_minors(view: View, purpose: Purpose, answers: Answers) -> Node | None:
    """What only a minor is told of a purpose that has no switch to say it beside: that it is off for them. The script
    shows it once it knows the age.
    """
    if not view.age or purpose.control == "always_on" or purpose.minors != "off":
        return None
    return el("span.cw-small", view.messages["for_adults"], data_minor=True, hidden=not answers.for_adults(purpose))


def ask_guardian_link(view: View, element: str = "a") -> Node:
    """Where a child can ask their guardian: on the page that sends a link, or else where a guardian can write to."""
    if sends_links(view):
        return el(element, view.messages["ask_guardian"], href=view.url("guardian"))
    return el(element, view.messages["parents"], href=view.url("parents"))


def address_child(markup: Markup) -> Markup:
    """In Chinese an adult is 您 and a child 你, also where the notice speaks. linked/age.js does the same."""
    return markup.replace("您", "你")


def age_dialogs(view: View) -> dict[str, object]:
    """The dialogs and notes for the script, by the first letter of the age band; `""` is an unknown age. The dialog of
    a teen is about what is for adults only, and a child gets it there too.
    """
    dialogs: dict[str, object] = {
        "c": locked_dialog(view, for_adults=False),
        "t": locked_dialog(view, for_adults=True),
    }
    if view.age and view.age.ask:
        dialogs[""] = question_dialog(view)
    notes = {"c": note(view, "child"), "t": note(view, "teen")}
    return {"dialogs": dialogs, "notes": notes, "off": view.messages["keep_off"], "adults": view.messages["for_adults"]}


def _why_locked(view: View, *, for_adults: bool) -> tuple[str, str]:
    """A title and a sentence: can a guardian switch it on, or nobody?"""
    messages = view.messages
    if for_adults:
        return messages["adults_only"], messages["adults_only_body"]
    return messages["child_first"], messages["child_first_body"]


def _dialog(view: View, title: str, *content: Node | None) -> Node:
    top = el("div.cw-head", el("h2", title), close_button(view))
    return el("form.cw-ask", top, el("div.cw-body.cw-dialog", *content))
