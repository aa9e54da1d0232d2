"""Which sites a command is about: the app's own, or those of a service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from flask import Flask, current_app

from ..site.site import Site, current_site

APPS = "consent_widget.apps"


def of_service(context: click.Context, apps: Iterable[Flask]) -> None:
    """Let the commands that are called in this context be about these apps."""
    context.meta[APPS] = tuple(apps)


def each_app() -> Iterator[tuple[str, Flask]]:
    """The apps, one after the other. Before each comes its site's id as output begins with it: empty in an app."""
    apps = click.get_current_context().meta.get(APPS)
    if apps is None:
        current_site()  # or an error that says how to add the widget
        yield "", current_app._get_current_object()  # type: ignore[attr-defined]
    for app in apps or ():
        yield f"{app.extensions['consent_widget'].settings.site}: ", app


def each_site() -> Iterator[tuple[str, Site]]:
    """The sites of these apps."""
    for name, app in each_app():
        yield name, app.extensions["consent_widget"].in_effect
