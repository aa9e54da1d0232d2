"""The widget in a Flask app: `ConsentWidget(app)`."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response

from .cli import commands
from .errors import ConfigurationError
from .settings.config import read_settings
from .settings.model import Settings
from .site.start import make_site
from .web.api import gpc
from .web.blueprint import every_host, make_blueprint
from .web.cached import keep_private
from .web.consent import consent, is_granted
from .web.embed import embed
from .web.facade import facade
from .web.forgotten import page_watcher
from .web.gate import service_gate
from .web.guard import early_guard
from .web.http import write_vary
from .web.lazy import with_plain_texts
from .web.partner import partner
from .web.requires import CheckedViews
from .web.streamed import tell_caches


class ConsentWidget:
    """Adds the widget to an app: `ConsentWidget(app)`, or `init_app(app)` in a factory.

    Reads the `CONSENT_…` keys of the app's configuration (see Settings), so set them before. A wrong setting raises
    ConfigurationError here, at start-up. In the base template, put `{{ consent_widget() }}` first in the body: it
    shows the widget on every page.
    """

    def __init__(self, app: Flask | None = None) -> None:
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Register the blueprint, the template names and the commands on `app`."""
        if "consent_widget" in app.extensions:
            raise ConfigurationError("This app already has a consent widget. Call init_app once for each app.")
        config = read_settings(with_plain_texts(app), _folders(app))
        app.cli.add_command(commands)
        site = app.extensions["consent_widget"] = make_site(app, config)
        app.view_functions = CheckedViews(site, app.view_functions)
        _finish_responses(app, config)
        app.register_blueprint(make_blueprint(app, config.url_prefix))
        for host in every_host(app):
            app.add_url_rule("/.well-known/gpc.json", "consent_widget_gpc", gpc, **host)
        app.jinja_env.globals.update(
            consent_widget=embed,
            consent=consent,
            consent_partner=partner,
            consent_service=service_gate,
            consent_embed=facade,
            consent_guard=early_guard,
        )
        app.jinja_env.tests["granted"] = is_granted


def _folders(app: Flask) -> list[Path]:
    """Where files of the app are: beside its module, or beside its package, then where the process was started."""
    root = Path(app.root_path)
    package = [root.parent] if (root / "__init__.py").exists() else []
    return [root, *package, Path.cwd()]


def _finish_responses(app: Flask, config: Settings) -> None:
    """Everything that is done with each response of the app, in one function: each costs every page of the site."""
    look, cached = page_watcher(app), config.render == "cached"

    def finish(response: Response) -> Response:
        if app.debug:
            look(response)
        if response.is_streamed:
            tell_caches(response, cached=cached)
        if cached:
            keep_private(response)
        return write_vary(response)

    hooks = app.after_request_funcs.setdefault(None, [])
    hooks.insert(0, finish)  # the first is called last
    if config.gate_html:
        from .web.gating import html_gate  # the catalogue and the parser, which other sites do not load

        hooks.append(html_gate)  # before those that are there already, which may compress
