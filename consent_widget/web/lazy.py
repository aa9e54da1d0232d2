"""Texts that say nothing before somebody reads them (`lazy_gettext`), in the app's configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask

from ..errors import ConfigurationError


def with_plain_texts(app: Flask) -> Mapping[str, Any]:
    """The app's configuration, where a lazy text that visitors read is a function of the locale, and any other is what
    it says.
    """
    if "flask_babel" not in sys.modules:  # then nobody has made one, and no time is spent on the import
        return app.config
    return {name: _mapped(value, _way_of(name, app)) for name, value in app.config.items()}


def _way_of(name: str, app: Flask) -> Callable[[object], object]:
    return (lambda text: lambda locale: _said(app, text, locale)) if name == "CONSENT_CONTROLLER" else str


def _mapped(value: Any, change: Callable[[object], object]) -> Any:
    from flask_babel import LazyString

    if isinstance(value, LazyString):
        return change(value)
    if type(value) is dict:
        return {key: _mapped(each, change) for key, each in value.items()}
    return [_mapped(each, change) for each in value] if type(value) is list else value


def _said(app: Flask, text: object, locale: str) -> str:
    from flask_babel import force_locale

    if "babel" not in app.extensions:
        raise ConfigurationError(
            "CONSENT_CONTROLLER: has texts to be translated by Flask-Babel. Call Babel(app) before ConsentWidget(app)."
        )
    with app.app_context(), force_locale(locale.replace("-", "_")):
        return str(text)
