"""What visitors answer in the consent manager of the page's advertising, as the script sends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from consent_widget import ConfigurationError
from consent_widget.choice.iab import Iab, check_iab, read_iab
from consent_widget.notice.model import Notice

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body

TABLE = {"tcf": {"analytics": ["1", "8"], "marketing": ["1", "4"]}, "grants": ["analytics"]}


def chosen(app: Flask, notice: Notice, action: str, *keys: str, surface: str = "tcf") -> Any:
    body = choice_body(notice, action, *keys, surface=surface)
    return app.test_client().post("/consent/records", json=body, headers=HERE)


def test_a_refusal_there_is_recorded_with_where_it_was_pressed(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app(CONSENT_IAB=TABLE)

    assert chosen(app, minimal, "refuse", "marketing").status_code == 201

    (choice,) = app.extensions["consent_widget"].store.export()
    assert (choice.action, choice.surface, choice.purposes) == ("refuse", "tcf", {"marketing": False})


@pytest.mark.parametrize(
    ("action", "keys", "surface", "status"),
    [
        ("allow", ["analytics"], "tcf", 201),
        ("allow", ["marketing"], "tcf", 422),
        ("allow", ["analytics", "marketing"], "tcf", 422),
        ("accept_all", [], "tcf", 422),
        ("save", ["analytics"], "tcf", 422),
        ("allow", ["analytics"], "gpp", 422),
        ("refuse", ["analytics"], "gpp", 201),
    ],
)
def test_an_agreement_there_grants_what_the_site_says_and_nothing_else(
    make_app: MakeApp, minimal: Notice, action: str, keys: list[str], surface: str, status: int
) -> None:
    assert chosen(make_app(CONSENT_IAB=TABLE), minimal, action, *keys, surface=surface).status_code == status


def test_without_the_setting_nothing_is_granted_from_there(make_app: MakeApp, minimal: Notice) -> None:
    app = make_app()

    assert chosen(app, minimal, "allow", "analytics").status_code == 422
    assert chosen(app, minimal, "refuse", "analytics").status_code == 201
    assert "__tcfapi" not in app.test_client().get("/consent/widget.js").text


def test_the_visitor_reads_where_they_pressed(make_app: MakeApp, minimal: Notice) -> None:
    client = make_app(CONSENT_IAB=TABLE).test_client()
    client.post("/consent/records", json=choice_body(minimal, "refuse", "marketing", surface="tcf"), headers=HERE)

    assert "In this site’s advertising settings (IAB TCF)" in client.get("/consent/choices?lang=en").text
    assert "在本站的广告设置（IAB TCF）中" in client.get("/consent/choices?lang=zh-CN").text


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "must be a table"),
        ({}, "must be a table"),
        ({"grants": ["analytics"]}, "must be a table"),
        ({"tcf": {"analytics": ["1"]}, "vendors": {}}, "must be a table"),
        ({"tcf": {}}, "tcf must map"),
        ({"tcf": {"analytics": [1]}}, r'which are texts, like {"analytics": \["1"\]}'),
        ({"tcf": {"analytics": ["statistics"]}}, "tcf: must name numbers of purposes"),
        ({"tcf": {"analytics": ["０"]}}, "tcf: must name"),
        ({"gpp": {"marketing": ["sale opt out"]}}, "gpp: must name fields"),
        ({"tcf": {"analytics": ["1"]}, "grants": ["marketing"]}, "grants must be"),
        ({"gpp": {"marketing": ["SaleOptOut"]}, "grants": ["marketing"]}, "has agreed to nothing"),
    ],
)
def test_an_unusable_table_says_what_to_write(table: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_iab(table)


def test_the_notice_has_to_have_what_is_followed(minimal: Notice) -> None:
    check_iab(read_iab(TABLE | {"gpp": {"marketing": "SaleOptOut"}}), minimal)

    with pytest.raises(ConfigurationError, match="CONSENT_IAB: the notice has no ads"):
        check_iab(Iab(gpp={"ads": ("SaleOptOut",)}), minimal)
    sensitive = replace(minimal, data=tuple(replace(each, sensitive=True) for each in minimal.data))
    with pytest.raises(ConfigurationError, match=r"CONSENT_IAB: grants: analytics .* is sensitive"):
        check_iab(read_iab(TABLE), sensitive)
