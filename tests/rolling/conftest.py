"""Several processes of one site on one database: each is an app with connections of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template_string

from consent_widget import SQLStore, consent
from consent_widget.notice.model import Notice

from ..conftest import MakeApp

Release = Callable[..., Flask]


@pytest.fixture
def release(make_app: MakeApp, url: str, store: SQLStore) -> Release:
    """Starts a process that shows this notice."""

    def make(notice: Notice, **config: Any) -> Flask:
        app = make_app(CONSENT_NOTICE=notice, CONSENT_DATABASE=url, **config)
        app.testing = False
        app.add_url_rule("/", "home", lambda: render_template_string("<!doctype html>{{ consent_widget() }}"))
        app.add_url_rule("/granted/<purpose>", "granted", lambda purpose: {"granted": consent.granted(purpose)})
        return app

    return make
