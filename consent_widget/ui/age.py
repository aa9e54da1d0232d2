"""What depends on the visitor's age: the question, the first layer of a child, and why something is locked."""

from __future__ import annotations

from typing import get_args

from ..choice.age import Band
from .node import Node, el
from .view import View, answer, closing


def age_question(view: View, hidden: Node | None = None) -> Node:
    """Three equal answers, none of them chosen for the visitor. A form of its own where `hidden` comes along."""
    w = view.messages
    buttons = (
        answer(f"age_{band}", w[f"age_{band}"].format(age=view.child_below), quiet=True) for band in get_args(Band)
    )
    asked = (el("p", el("b", w["age"])), el("p.cw-small", w["age_why"]), el("div.cw-actions", *buttons))
    return el("form.cw-age.cw-card", *asked, hidden, **view.form) if hidden else el("div.cw-age", *asked)


def question_dialog(view: View) -> Node:
    """The question by itself, where something was pressed that has to wait for the answer."""
    return _dialog(view, view.messages["preferences"], age_question(view))


def locked_dialog(view: View, band: str) -> Node:
    """Why something that was pressed stays off, and the way to who can decide."""
    return _dialog(view, view.messages["preferences"], note(view, band))


def note(view: View, band: str) -> Node:
    """Why switches are locked, in one sentence; for a child with the way to his guardian."""
    w = view.messages
    if band == "teen":
        return el("p.cw-locked", w["teen_note"])
    return el("p.cw-locked", w["child_note"].format(age=view.child_below) + " ", guardian_link(view))


def guardian_link(view: View) -> Node:
    """The way to who can decide: by a link that the site sends, or else as the notice says."""
    w = view.messages
    if view.age and view.age.send:
        return el("a", w["ask_guardian"], href=view.url("guardian"))
    return el("a", w["notice"], href=view.url("notice"), data_open="notice")


def age_dialogs(view: View) -> dict[str, object]:
    """The dialogs and notes for the script, by the first letter of the band; `""` is a visitor of unknown age."""
    dialogs: dict[str, object] = {"c": locked_dialog(view, "child"), "t": locked_dialog(view, "teen")}
    if view.age and view.age.ask:
        dialogs[""] = question_dialog(view)
    return {"dialogs": dialogs, "notes": {"c": note(view, "child"), "t": note(view, "teen")}}


def _dialog(view: View, title: str, content: Node) -> Node:
    return el("form.cw-ask", el("div.cw-head", el("h2", title), closing(view)), el("div.cw-body.cw-dialog", content))
