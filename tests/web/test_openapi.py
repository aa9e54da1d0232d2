"""The description of the addresses: complete, and true of what the app does with requests of every kind."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from consent_widget.choice.actions import Action
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..test_api import table

URL = "/consent/openapi.json"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
CONFIG = {
    "seed": 1,
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    "phases": {"stateful": {"enabled": False}},  # no address leads to another that a program follows
    "headers": {"Accept-Encoding": "identity"},
    # Valid by its description and refused all the same: a form without the marks of its page, and a token of nobody.
    "operations": [
        {"include-path": path, "include-method": "POST", "checks": {"positive_data_acceptance": {"enabled": False}}}
        for path in ("/preferences", "/choices/carried/erase")
    ],
}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(
        CONSENT_NOTICE="shop",
        CONSENT_DATABASE="sqlite://",
        CONSENT_CARRY_OVER={"tool": "klaro", "purposes": {"data_analytics": "statistics"}},
    )


@pytest.fixture
def _each_request_is_of_somebody_who_has_chosen(app: Flask, shop: Notice) -> Iterator[None]:
    """Some requests erase their visitor. After them comes another."""
    visitors: list[str] = []

    @schemathesis.hook
    def before_call(context: object, case: Any, kwargs: object) -> None:
        if not visitors:
            answer = app.test_client().post("/consent/records", json=choice_body(shop), headers=HERE)
            visitors.append(answer.get_json()["token"])
        case.cookies["cw"] = visitors.pop() if "erase" in case.path else visitors[0]

    yield
    schemathesis.hooks.unregister(before_call)


@pytest.mark.usefixtures("_each_request_is_of_somebody_who_has_chosen")
@pytest.mark.slow
def test_nothing_that_is_sent_is_answered_otherwise_than_described(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi(URL, app, config=SchemathesisConfig.from_dict(CONFIG))
    answered, wrong = 0, []
    for event in from_schema(schema).execute():
        assert not isinstance(event, (events.NonFatalError, events.FatalError)), vars(event)
        if isinstance(event, events.ScenarioFinished):
            for case, checks in event.recorder.checks.items():
                answered += 1
                wrong += [
                    (
                        event.recorder.label,
                        check.name,
                        check.failure_info.failure.message,
                        check.failure_info.code_sample,
                    )
                    for check in checks
                    if check.failure_info and case
                ]

    assert wrong == []
    assert answered > 300


def test_every_address_is_described(client: FlaskClient) -> None:
    described = {
        (path, method.upper()) for path, item in client.get(URL).get_json()["paths"].items() for method in item
    }
    listed = {
        (re.sub(r"<(\w+)>", r"{\1}", row[0].strip("`")), method)
        for row in table("Addresses", "Address")
        for method in row[1].split(", ")
    }

    assert {each for each in described if not re.search(r"/records/{name}\.", each[0])} == {
        each for each in listed if not each[0].startswith("/officer")
    }


def test_nobody_learns_there_whether_the_site_has_an_officers_page(make_app: MakeApp) -> None:
    app = make_app(CONSENT_OFFICER=lambda: False, CONSENT_NOTICE="shop")

    assert app.test_client().get("/consent/officer/records").status_code == 404
    assert "officer" not in app.test_client().get(URL).text


def test_every_address_has_a_sentence_and_a_type(client: FlaskClient) -> None:
    document = client.get(URL).get_json()
    operations = [operation for item in document["paths"].values() for operation in item.values()]

    assert all(operation["summary"] and "\n" not in operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == set(document["components"]["schemas"])


@pytest.mark.parametrize("action", get_args(Action))
def test_what_our_script_sends_fits_the_description(client: FlaskClient, shop: Notice, action: str) -> None:
    if action.startswith("age_"):  # this site does not ask
        return
    schema = client.get(URL).get_json()["components"]["schemas"]["Choice"]
    granted = {"save": ("data_analytics",), "allow": ("contact_messages",), "refuse": ("contact_messages",)}
    body = choice_body(shop, action, *granted.get(action, ()))
    check = jsonschema.Draft202012Validator(schema)

    assert check.is_valid(body)
    assert not check.is_valid(body | {"name": "Wang"})
    assert not check.is_valid(body | {"purposes": body["purposes"] | {"legal_compliance": True}})
