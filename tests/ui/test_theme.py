"""A site's own colours: readable, and nothing but colours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, render_template_string

from consent_widget import ConfigurationError
from consent_widget.resources import STATIC
from consent_widget.ui.theme import DARK, LIGHT, read_theme, theme_css

from ..conftest import MakeApp

GREEN = {"accent": "#2f6b4f", "dark": {"accent": "#8fd0ae", "on_accent": "#0c1f15"}}


def test_what_a_theme_is_compared_with_is_what_the_sheet_has() -> None:
    sheet = (STATIC / "style/layer.css").read_text("utf-8")
    light, dark = sheet.split("@media (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--cw-([a-z-]+): (#\w+);", part)) for part in (light, dark.split("\n}\n")[0])]

    assert {name.replace("-", "_"): value for name, value in found[0].items()} == LIGHT
    assert {name.replace("-", "_"): value for name, value in (found[0] | found[1]).items()} == DARK
    read_theme(LIGHT | {"dark": DARK})


@pytest.mark.parametrize(
    "colour",
    ["#0b57d0", "#ABC", "#88888840", "#8884", "rgb(11 87 208)", "rgba(11,87,208,.5)", "hsl(210 50% 40% / 50%)",
     "oklch(62.8% 0.25 29)", "navy", "CanvasText"],
)  # fmt: skip
def test_a_colour_may_be_written_in_these_ways(colour: str) -> None:
    read_theme({"line": colour})
    assert f"--cw-line:{colour}" in theme_css({"line": colour})


@pytest.mark.parametrize(
    "colour",
    ["red;}", "red}*{display:none", "url(https://evil.example)", "var(--x)", "#12", "#12345", "rgb(1;2)", "rgb(a)",
     "</style>", "red/**/", "", " red", "red\n", "expression(1)", "rgb(" + "1" * 100 + ")", 7, None, ["red"]],
)  # fmt: skip
def test_nothing_but_a_colour_gets_into_the_sheet(colour: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"CONSENT_THEME\.line: not a colour"):
        read_theme({"line": colour})


@pytest.mark.parametrize(
    ("theme", "message"),
    [
        ({"ink": "#999"}, "CONSENT_THEME: ink on paper is 2.85 to 1"),
        ({"muted": "#787878"}, "CONSENT_THEME: muted on paper is 4.42 to 1"),
        ({"paper": "#15171c"}, "CONSENT_THEME: ink on paper is 1.00 to 1"),
        ({"accent": "#ff0"}, "CONSENT_THEME: accent on paper is 1.07 to 1"),
        ({"on_accent": "#0b57d0"}, "CONSENT_THEME: on_accent on accent is 1.00 to 1"),
        ({"dark": {"ink": "#444"}}, "CONSENT_THEME.dark: ink on paper is 1.71 to 1"),
        ({"dark": {"accent": "#2f6b4f"}}, "CONSENT_THEME.dark: accent on paper"),
        ({"dark": "#000"}, "CONSENT_THEME: must be a table"),
        (["#000"], "CONSENT_THEME: must be a table"),
        ({"on-accent": "#fff"}, "CONSENT_THEME.on-accent: no such colour"),
        ({"dark": {"dark": {}}}, "CONSENT_THEME.dark.dark: no such colour"),
    ],
)
def test_what_could_not_be_read_is_refused_with_the_ratio(theme: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_theme(theme)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("ink", ["#767676", "rgb(200 200 200)", "#fff8"])
def test_only_opaque_hex_colours_are_measured_and_enough_is_enough(ink: str) -> None:
    read_theme({"ink": ink})


def test_light_colours_never_reach_into_the_dark() -> None:
    assert theme_css(GREEN) == (
        "@media (prefers-color-scheme:light){:host,.cw-page{--cw-accent:#2f6b4f}}"
        "@media (prefers-color-scheme:dark){:host,.cw-page{--cw-accent:#8fd0ae;--cw-on-accent:#0c1f15}}"
    )
    assert theme_css({}) == ""


def test_the_layer_the_script_and_the_pages_all_have_the_theme(make_app: MakeApp) -> None:
    app: Flask = make_app(CONSENT_THEME=GREEN)

    @app.get("/")
    def home() -> str:
        return render_template_string("{{ consent_widget(inline_style=True) }}")

    client = app.test_client()
    sheet = re.search(r'href="(\S+?\.css)"', client.get("/consent/preferences").text)
    assert sheet
    for path in ("/", "/consent/widget.js", sheet[1]):
        text = client.get(path).text
        assert text.rindex("--cw-accent:#2f6b4f") > text.index("--cw-accent:#0b57d0"), path
