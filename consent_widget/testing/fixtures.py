"""Visitors who have chosen, as fixtures of pytest. They need a fixture `app`; and the leak test. In `conftest.py`:

    from consent_widget.testing.fixtures import consent_scan, granted_client, refusing_client

There is no plugin that loads by itself, so other test suites on the machine pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ..scan.observed import Observations
from . import visitors
from .scanning import consent_scan as scan_or_skip


@pytest.fixture
def granted_client(app: Flask) -> Callable[..., FlaskClient]:
    """Makes clients whose visitor has agreed to some purposes: `granted_client("analytics")`."""
    return partial(visitors.granted_client, app)


@pytest.fixture
def refusing_client(app: Flask) -> FlaskClient:
    """A client whose visitor has refused everything."""
    return visitors.refusing_client(app)


@pytest.fixture
def consent_scan() -> Callable[..., Observations]:
    """Looks at a running site with a browser: `consent_scan(url)` fails where it sends or stores anything without
    consent.
    """
    return scan_or_skip
