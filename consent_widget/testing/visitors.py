"""Test clients whose visitor has chosen already.

    from consent_widget.testing import SETTINGS, granted_client, refusing_client

    app = create_app({"TESTING": True, **SETTINGS})
    assert granted_client(app, "analytics").get("/report").status_code == 200
    assert refusing_client(app).get("/report").status_code == 403

The choice is recorded as one that a visitor pressed, and signals are sent; but no request is made, so no hook and no
limit of the app gets in its way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from ..choice.act import new_key, new_subject
from ..choice.state import State
from ..choice.submission import answers_from_form, parse
from ..errors import ConfigurationError
from ..notice.model import Notice
from ..site.asking import asks_age
from ..site.site import Site, current_site
from ..subject.ids import require_purpose, require_recipient, require_service
from ..subject.storing import make_site_choice, state_after, store_choice
from ..web.request import cookie_domain, cookie_name

#: Settings for the tests of an app: the records stay in memory, and nobody's key is needed.
SETTINGS: Mapping[str, Any] = MappingProxyType({
    "CONSENT_DATABASE": "sqlite://",
    "CONSENT_KEYS": ("only-for-tests-and-known-to-everybody",),
    "CONSENT_RATE_LIMIT": 0,
})  # fmt: skip


def granted_client(
    app: Flask, *granted: str, client: FlaskClient | None = None, base_url: str | None = None
) -> FlaskClient:
    """A test client whose visitor has agreed to these purposes and to nothing else. `client`: one that there is
    already, for example signed in. `base_url`: where its requests go, if not where the app says (`https://localhost`).

    A purpose with separate consent is named with its recipient, `partner_sharing:acme`, and a service with its purpose,
    `marketing@film`. ConfigurationError for what nobody can agree to in this app. Where the app asks how old visitors
    are (CONSENT_AGE), this one is an adult.
    """
    if not granted:
        raise ConfigurationError("granted_client(app, …): name what the visitor has agreed to, or use refusing_client.")
    return _client_after(app, client, base_url, granted)


def refusing_client(app: Flask, client: FlaskClient | None = None, base_url: str | None = None) -> FlaskClient:
    """A test client whose visitor has pressed "Reject all". One who has not chosen is `app.test_client()`."""
    return _client_after(app, client, base_url, ())


def _client_after(
    app: Flask, client: FlaskClient | None, base_url: str | None, granted: tuple[str, ...]
) -> FlaskClient:
    client = client or app.test_client()
    with app.test_request_context(base_url=base_url):
        site = current_site()
        for key in granted:
            _require_option(site.notice, key)
        state = State(subject=new_subject())
        for action, picked in _acts(site, granted):
            state = _record(site, state, action, picked)
        client.set_cookie(
            cookie_name(site), site.token_signer.write(state), domain=cookie_domain(site) or request.host.split(":")[0],
            origin_only=not cookie_domain(site),
        )  # fmt: skip
    return client


def _acts(site: Site, granted: Collection[str]) -> Iterator[tuple[str, Collection[str]]]:
    """What the visitor presses: the switches of the preference centre first, then each thing that is asked alone."""
    options = site.notice.options
    if asks_age(site, ""):
        yield "age_adult", ()
    on = {key for key in granted if options[key].in_centre}
    yield ("save", on | _services_of(site.notice, on)) if on else ("reject_all", ())
    for key in granted:
        if key not in on:
            yield "allow", (key,)


def _services_of(notice: Notice, purposes: Collection[str]) -> set[str]:
    """The switches of services that stand as those of their purposes."""
    return {key for key, option in notice.options.items() if option.service and option.purpose.id in purposes}


def _record(site: Site, state: State, action: str, picked: Collection[str]) -> State:
    notice = site.notice
    body = {
        "key": new_key(), "notice": notice.digest, "locale": notice.locales[0], "action": action,
        "surface": "ask" if action == "allow" else "centre",
        "purposes": answers_from_form(notice, action, picked, ()),
    }  # fmt: skip
    band = "adult" if site.settings.age else ""
    choice = make_site_choice(site, parse(body, notice), state, band)
    return state_after(site, state, store_choice(site, choice).choice, new=True)


def _require_option(notice: Notice, key: str) -> None:
    """ConfigurationError, with the most similar name, for what no visitor of this notice can agree to."""
    option = notice.options.get(key)
    if option and not option.for_guardian:
        return
    purpose, _, service = key.partition("@")
    purpose, _, recipient = purpose.partition(":")
    found = require_purpose(notice, purpose, recipient or None)
    if service:
        require_service(notice, service)
        raise ConfigurationError(f"The service {service!r} has no switch for {purpose!r} in this notice.")
    if recipient:
        require_recipient(notice, recipient)
    raise ConfigurationError(f"{found.id!r} does not rest on consent: it is on for everybody, and nobody agrees to it.")
