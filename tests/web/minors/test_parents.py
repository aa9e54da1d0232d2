"""A parent without a link of ours: from every page they find whom to write to, what to say and what is done then."""

from __future__ import annotations

import html

import pytest
from flask import Flask, render_template_string

from consent_widget import requires_consent
from consent_widget.notice.model import Notice

from ...conftest import CONTROLLER, MakeApp
from ...support.minors import tell

#: Erased, sent nothing more, and told so: as the statement promises.
PROMISES = {
    "en": ["delete the child’s", "nothing more", "write to tell you"],
    "zh-CN": ["删除孩子的", "不再向孩子发送", "回信告知"],
}
both = pytest.mark.parametrize("lang", ["en", "zh-CN"])


@both
def test_the_page_says_whom_to_write_to_what_to_say_and_what_is_done(app: Flask, lang: str) -> None:
    page = html.unescape(app.test_client().get(f"/consent/parents?lang={lang}").text)

    assert f'href="mailto:{CONTROLLER["email"]}?subject=' in page
    assert CONTROLLER["officer"][lang] in page  # type: ignore[index]
    assert CONTROLLER["phone"] in page
    for words in (*PROMISES[lang], {"en": "order number", "zh-CN": "订单号"}[lang]):
        assert words in page
    assert "/consent/choices/erase" in page


@both
@pytest.mark.parametrize("path", ["preferences", "notice", "choices", "do-not-share", "guardian", "changes", "parents"])
def test_every_page_of_ours_leads_there_from_its_foot(app: Flask, lang: str, path: str) -> None:
    page = app.test_client().get(f"/consent/{path}?lang={lang}").text

    assert f"/consent/parents?lang={lang}" in page.split("<footer>")[1]


def test_a_site_that_knows_no_ages_and_has_no_officer_has_the_page_too(make_app: MakeApp) -> None:
    app = make_app(CONSENT_NOTICE="minimal")
    app.add_url_rule("/", "home", lambda: render_template_string("{{ consent_widget() }}"))
    app.add_url_rule("/report", "report", requires_consent("analytics")(lambda: "in"))

    assert app.test_client().get("/consent/parents").status_code == 200
    assert "/consent/parents" in app.test_client().get("/report").text
    assert "parents" in app.test_client().get("/consent/i18n/en.json").text


def test_a_parent_in_the_childs_browser_is_addressed_as_an_adult(app: Flask, notice: Notice) -> None:
    child = app.test_client()
    tell(child, notice, "child")

    assert "您" in child.get("/consent/parents?lang=zh-CN").text
    assert "您" not in child.get("/consent/preferences?lang=zh-CN").text
