"""Which sites a command is about: the app's own, or those of a service; and what keeps it from being about any."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo

from ..site.away import AwayStore
from ..site.site import Site, current_site
from ..store import is_sql_store

if TYPE_CHECKING:
    from ..store.sql import SQLStore

APPS = "consent_widget.apps"


def in_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """As Flask's with_appcontext, for commands that need the database. What start-up logs of it is the command's error
    here, so it is not logged as well.
    """

    @click.pass_context
    def called(context: click.Context, /, *args: Any, **options: Any) -> Any:
        if not current_app:
            with quietly():
                app = context.ensure_object(ScriptInfo).load_app()
            context.with_resource(app.app_context())
        for _, site in each_site():
            if isinstance(site.store, AwayStore):
                site.store.ping()  # raises the cause
        return context.invoke(command, *args, **options)

    return update_wrapper(called, command)


@contextmanager
def quietly() -> Iterator[None]:
    """Log no errors and warnings."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


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


def log_store() -> SQLStore:
    """The store of the current site, which has the log of its records."""
    store = current_site().store
    if not is_sql_store(store):
        raise click.ClickException("The log is in CONSENT_DATABASE. CONSENT_STORE keeps none.")
    return store
