"""Visitors who have chosen, as fixtures of pytest. They need a fixture `app`; and the leak test. In `conftest.py`:

    from consent_widget.testing.fixtures import consent_scan, granted_client, refusing_client

There is no plugin that loads by itself, so other test suites on the machine pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from . import visitors

if TYPE_CHECKING:
    from ..scan.observed import Observations


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
    from .scanning import consent_scan  # here, as other tests need none of it

    return consent_scan
