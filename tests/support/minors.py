"""What visitors of different ages do, and what is granted to them, on a site that has CONSENT_AGE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from consent_widget import (
    Choice,
    consent,
)
from consent_widget.notice.model import Notice
from consent_widget.site.site import current_site

from ..conftest import HERE
from .choice_body import choice_body
from .parties import ACME

Send = list[tuple[str, str, str]]
CHECKER = replace(ACME, id="checker", purposes=("identity_verification",), data=("identity_documents",))
ADDRESS = "mother@family.example"
HOME = "https://www.shop.example"


def tell(client: FlaskClient, notice: Notice, band: str, **more: Any) -> int:
    body = choice_body(notice, f"age_{band}", **more)
    return client.post("/consent/records", json=body, headers=HERE).status_code


def ask(client: FlaskClient, address: str) -> int:
    return client.post("/consent/guardian", data={"address": address}, headers=HERE).status_code


def grant(client: FlaskClient, notice: Notice, action: str = "accept_all", *keys: str, **headers: str) -> Any:
    return client.post("/consent/records", json=choice_body(notice, action, *keys), headers={**HERE, **headers})


def granted(client: FlaskClient, **headers: str) -> set[str]:
    with client.application.test_request_context(headers=headers | _cookie(client)):
        options = current_site().notice.options.items()
        return {key for key, option in options if _permitted(option) and not option.for_guardian}


def _permitted(option: Any) -> bool:
    return consent.granted(option.purpose.id, option.recipient.id if option.recipient else None)


def _cookie(client: FlaskClient) -> dict[str, str]:
    found = client.get_cookie("cw")
    return {"Cookie": f"cw={found.value}"} if found else {}


def records(app: Flask) -> list[Choice]:
    return list(app.extensions["consent_widget"].store.export())


def subject_of(client: FlaskClient) -> str:
    found = client.get_cookie("cw")
    assert found
    return str(found.value).split(".")[1]
