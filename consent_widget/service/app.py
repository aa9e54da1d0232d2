"""The widget as a service for the pages of many sites: one process, and one Flask app for each site."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from ..errors import UnknownSite
from ..extension import ConsentWidget
from ..site.site import Site
from ..store.sql import SQLStore
from ..web.api import health_of
from ..web.http import problem_response
from .late_rule import LateRule
from .proxies import Proxies
from .sites import Sites, read_sites
from .words import errors_as_in_file

#: With an error status the script would not run, and nobody would learn why there is no widget.
UNKNOWN_SITE_SCRIPT = (
    'console.error("consent_widget: this service has no site of that id. Compare the address of the script with '
    'the [sites.…] tables of its sites.toml; the command `consent-widget snippet` prints the right tag.")'
)


@dataclass(frozen=True)
class HostedSites:
    """Several sites as one WSGI application. Requests for `/consent/<id>/…` go to that site's app, all others to
    `fallback`.
    """

    sites: Mapping[str, Flask]
    fallback: Flask
    store: SQLStore
    #: Where the store is, as an SQLAlchemy URL.
    database: str
    proxies: Proxies

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        parts = environ.get("PATH_INFO", "").split("/")
        app = self.sites.get(parts[2]) if parts[:2] == ["", "consent"] and len(parts) > 2 else None
        if app:  # who asks for the health of the service comes by a way of their own
            self.proxies.check(environ)
        return (app or self.fallback)(environ, start_response)

    def is_at_hand(self, path: str) -> bool:
        """Is this the path of a script whose bytes are there, compressed? Then nothing needs to be waited for."""
        parts = path.split("/")
        app = self.sites.get(parts[2]) if len(parts) == 4 and parts[1] == "consent" else None
        if app is None:
            return False
        site: Site = app.extensions["consent_widget"]
        return not site.varies_by and site.in_effect.assets.is_at_hand(parts[3])

    @property
    def max_body(self) -> int:
        """The size of the largest body that any of the sites accepts, in bytes."""
        sites: list[Site] = [app.extensions["consent_widget"] for app in self.sites.values()]
        return max(site.max_body_bytes for site in sites)

    def close(self) -> None:
        """Close the connections to the database."""
        self.store.close()


def create_service(path: str | Path) -> HostedSites:
    """The service that `sites.toml` describes, for any WSGI server, or ConfigurationError:
    `gunicorn "consent_widget.service:create_service('sites.toml')"`.
    """
    return host_sites(read_sites(path))


def host_sites(config: Sites, running: SQLStore | None = None) -> HostedSites:
    """The service for these sites. They share a database, and nothing in it links their visitors. `running` is that
    database, if it is open already.
    """
    store = running or SQLStore(config.database, "database")
    try:
        with _without_collector():
            sites = {id: _make_app(id, {**settings, "CONSENT_STORE": store}) for id, settings in config.sites.items()}
    except BaseException:
        if store is not running:
            store.close()
        raise
    fallback = _make_fallback(store, sites.values())
    for app in (*sites.values(), fallback):
        if config.proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, config.proxies)  # type: ignore[method-assign]
    return HostedSites(sites, fallback, store, config.database, Proxies(config.proxies))


@contextmanager
def _without_collector() -> Iterator[None]:
    """What is made here stays: to look for garbage in it, again and again, takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class SiteApp(Flask):
    """One site."""

    url_rule_class = LateRule

    def log_exception(self, exc_info: Any) -> None:
        """Log what failed without the address of the request, which may name a visitor's receipt."""
        self.logger.error("A request was not answered (%s).", request.endpoint, exc_info=exc_info)


def _make_app(id: str, settings: Mapping[str, object]) -> Flask:
    app = SiteApp(__name__, static_folder=None)
    app.config.update(settings)
    with errors_as_in_file(id):
        ConsentWidget(app)
    return app


def _make_fallback(store: SQLStore, sites: Iterable[Flask]) -> Flask:
    """What belongs to no site: the health of the service, and the answer to script tags with a wrong id."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/health", endpoint="health", view_func=lambda: _health(store, sites))
    app.add_url_rule("/consent/<id>/widget.js", view_func=_unknown_site_script)
    any_method = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app.add_url_rule(
        "/consent/<path:path>", view_func=_unknown_site, methods=any_method, provide_automatic_options=False
    )
    return app


def _health(store: SQLStore, sites: Iterable[Flask]) -> Response:
    """Healthy once every site has found the database."""
    for app in sites:
        site: Site = app.extensions["consent_widget"]
        if site.reopen:
            site.reopen()
            return health_of(site.store)
    return health_of(store)


def _unknown_site_script(id: str) -> Response:
    response = Response(UNKNOWN_SITE_SCRIPT, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _unknown_site(path: str) -> Response:
    return problem_response(UnknownSite("This service has no such site. Compare the address with its sites.toml."))
