"""Asks again what means something else than it did: about that alone, and whatever else was chosen stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..notice.again import ChangedOption, by_version, told_of
from ..notice.changes import asked_again
from ..notice.news import News
from ..notice.options import Option
from .choices import option_name
from .facts import about
from .node import Node, el
from .view import View, action_button, head

#: The surfaces of answers. An answer `again` counts as having seen what changed; one of the `bar` leaves the rest to be
#: told.
ONLY, ONE_OF_SEVERAL = "again", "bar"


def questions(news: News | None) -> tuple[tuple[Option, ...], ...]:
    """What is asked again because of `news`: all that is agreed to together, and each named recipient by itself (PIPL
    23). What is asked when it is needed is left for then; what is only announced, for the day when it takes effect.
    """
    if news is None or news.announced:
        return ()
    options = [news.after.options[key] for key in asked_again(news.before, news.after)]
    together = tuple(option for option in options if option.in_centre and not option.recipient)
    alone = [(option,) for option in options if option.in_centre and option.recipient]
    return (together, *alone) if together else tuple(alone)


def surface_of(news: News | None) -> str:
    """The surface of an answer where all that changed is shown: there only the other questions are left."""
    return ONE_OF_SEVERAL if len(questions(news)) > 1 else ONLY


def surface_of_layer(news: News | None) -> str:
    """The surface of an answer in the layer, which tells only of what it asks: the bar tells of everything else."""
    if news is None or news.announced:
        return ONLY
    more = any(difference.change_class == "notice" for difference in news.differences) or news.successor
    return ONE_OF_SEVERAL if more else surface_of(news)


def again_layer(
    view: View, changed: Iterable[ChangedOption], hidden: Node | None = None, *, changes: Node, surface: str = ONLY,
    ready: bool = True, scope: Node | None = None,
) -> Node:  # fmt: skip
    """The first layer for a visitor who has chosen before, where all that is to be asked has changed since: what
    changed, in the words of the notice's own list of changes, and two equal answers about it. `changes` is the link to
    the details. `scope`: see `layer`.
    """
    messages, notice = view.messages, view.notice
    title = messages["again"]
    # not `close`, which also refuses each named recipient that was never asked about
    close = el("button.cw-x", "×", name="action", value="refuse", aria_label=messages["close_refusing"])
    asked = by_version(notice, changed)
    return el(
        "section.cw-layer",
        el(
            "form" if view.prefix else "div",
            head(view, title, "changes", close),
            *(_what_changed(view, version, group) for version, group in asked.items()),
            el("p", messages["again_off"] + view.space, changes),
            scope,
            el(
                "div.cw-actions",
                *_answers(view, in_layer=True),
                el(
                    "button.cw-quiet",
                    messages["all_settings"],
                    data_open="centre",
                    part="button",
                    **({"formmethod": "get", "formaction": view.path("preferences")} if view.prefix else {}),
                ),
            ),
            hidden,
            data_surface=surface,
            **(view.form if view.prefix else {}),
        ),
        aria_label=title,
        part="layer",
        data_nosnippet="" if view.prefix else None,
        lang=view.locale,
        hidden=not ready,
    )


def question(view: View, options: Sequence[Option], surface: str, hidden: Node | None = None) -> Node:
    """One question as a form, on the page or in the dialog that shows what changed."""
    recipient, names = options[0].recipient, [option_name(option, view.locale) for option in options]
    return el(
        "form.cw-asked" if recipient else "form.cw-asked.cw-due",
        el("ul", *(_asked(option, name) for option, name in zip(options, names, strict=True))),
        about(view, recipient) if recipient else None,
        el("p", view.messages["again_off"]),
        el("div.cw-actions", *_answers(view)),
        hidden,
        aria_label=view.listed(names),  # there may be several with the same two buttons
        data_surface=surface,
        **view.form,
    )


def _what_changed(view: View, version: str, group: Sequence[ChangedOption]) -> Node:
    """What one version changed. The script removes the options that its visitor need not be asked about."""
    new = view.messages["again_new"]
    labels = [each.option.purpose.label[view.locale] for each in group]
    names = (new.format(what=label) if each.is_new else label for each, label in zip(group, labels, strict=True))
    told = [entry.summary[view.locale] for entry in told_of(view.notice, version)]
    return el(
        "div.cw-asked",
        el("ul", *(_asked(each.option, name) for each, name in zip(group, names, strict=True))),
        el("p", view.space.join(told or [each.option.purpose.description[view.locale] for each in group])),
    )


def _asked(option: Option, name: str) -> Node:
    """An option that the question is about, ticked: what the visitor presses counts for it."""
    return el("li", el("input", type="checkbox", name="grant", value=option.key, checked=True, hidden=True), name)


def _answers(view: View, *, in_layer: bool = False) -> tuple[Node, Node]:
    """The two buttons; in the layer with the ids by which programs that refuse for visitors find them."""
    messages = view.messages
    allow, refuse = ("cw-accept-all", "cw-reject-all") if in_layer else (False, False)
    return (
        action_button("allow", messages["allow"], id=allow),
        action_button("refuse", messages["refuse"], id=refuse),
    )
