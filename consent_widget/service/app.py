"""The widget as a service of its own, for pages of many sites: one process, each site an app of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from ..errors import UnknownSite
from ..extension import ConsentWidget
from ..site.site import Site
from ..store.sql import SQLStore
from ..web.api import health_of
from ..web.http import problem_response
from .sites import Sites, in_file, read_sites

#: A script with an error status would not run, and nobody would read why there is no widget.
UNKNOWN = (
    'console.error("consent_widget: this service has no site of that id. Compare the address of the script with '
    'the [sites.…] tables of its sites.toml; the command `consent-widget snippet` prints the right tag.")'
)


@dataclass(frozen=True)
class Hosted:
    """Several sites as one WSGI application: `/consent/<id>/…` is a site's."""

    sites: Mapping[str, Flask]
    elsewhere: Flask
    store: SQLStore

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        parts = environ.get("PATH_INFO", "").split("/")
        app = self.sites.get(parts[2]) if parts[:2] == ["", "consent"] and len(parts) > 2 else None
        return (app or self.elsewhere)(environ, start_response)

    @property
    def largest(self) -> int:
        """How many bytes a body may have that any of the sites takes."""
        sites: list[Site] = [app.extensions["consent_widget"] for app in self.sites.values()]
        return max(site.largest for site in sites)

    def close(self) -> None:
        """Let the database go."""
        self.store.close()


def create_service(path: str | Path) -> Hosted:
    """The service that `sites.toml` describes, for any WSGI server, or ConfigurationError:
    `gunicorn "consent_widget.service:create_service('sites.toml')"`.
    """
    return host(read_sites(path))


def host(known: Sites) -> Hosted:
    """The service for these sites. They share a database, and nothing in it links their visitors."""
    with in_file():
        store = SQLStore(known.database)
    try:
        sites = {id: _site(id, {**config, "CONSENT_STORE": store}) for id, config in known.sites.items()}
    except BaseException:
        store.close()
        raise
    elsewhere = _elsewhere(store)
    for app in (*sites.values(), elsewhere):
        if known.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, known.proxies, known.proxies, known.proxies)  # type: ignore[method-assign]
    return Hosted(sites, elsewhere, store)


def _site(id: str, config: Mapping[str, object]) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config.update(config)
    with in_file(id):
        ConsentWidget(app)
    return app


def _elsewhere(store: SQLStore) -> Flask:
    """What belongs to no site: the health of the whole, and an answer to tags with a wrong id."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/health", endpoint="health", view_func=lambda: health_of(store))
    app.add_url_rule("/consent/<id>/widget.js", view_func=_unknown_script)
    any_method = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app.add_url_rule("/consent/<path:path>", view_func=_unknown, methods=any_method, provide_automatic_options=False)
    return app


def _unknown_script(id: str) -> Response:
    response = Response(UNKNOWN, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _unknown(path: str) -> Response:
    return problem_response(UnknownSite("This service has no such site. Compare the address with its sites.toml."))
