"""What every page of ours has around its content."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from consent_widget.notice.model import Notice

from ..conftest import HERE
from ..support.choice_body import choice_body

PAGES = ("preferences", "choices", "notice", "changes", "guardian", "do-not-share", "records/none")


def title(page: str) -> str:
    (found,) = re.findall(r"<title>(.*?)</title>", page)
    return unescape(found)


@pytest.mark.parametrize("path", PAGES)
def test_the_subject_is_the_only_main_heading_and_no_level_is_left_out(client: FlaskClient, path: str) -> None:
    page = client.get(f"/consent/{path}?lang=en").text
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]

    if "<section" in page or "<form" in page or "<article" in page:
        assert levels[:1] == [1]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("preferences", ("preferences", "page")),
        ("choices", ("choices", "page")),
        ("notice", ("notice", "page")),
        ("notice/1.0.0.en", ("notice", "true")),
        ("changes", None),
    ],
)
def test_the_navigation_marks_the_page_that_is_shown(
    client: FlaskClient, path: str, current: tuple[str, str] | None
) -> None:
    nav = client.get(f"/consent/{path}?lang=en").text.split("<nav")[1].split("</nav>")[0]
    marked = re.findall(r'href="/consent/(\S+)\?lang=en" aria-current="(\w+)"', nav)

    assert marked == ([current] if current else [])


def test_the_result_of_an_act_is_first_in_the_title(client: FlaskClient) -> None:
    assert title(client.get("/consent/preferences?lang=en&saved=1").text).startswith(
        "Your choices are saved · Privacy settings · "
    )
    assert title(client.get("/consent/choices?lang=zh-CN&erased=1").text).startswith("全部记录已删除 · 我的选择 · ")
    assert title(client.get("/consent/choices?lang=en").text).startswith("My choices · ")


def test_only_pages_that_show_times_run_a_script_which_the_policy_names_by_its_hash(
    client: FlaskClient, shop: Notice
) -> None:
    before = client.get("/consent/choices?lang=en")
    client.post("/consent/records", json=choice_body(shop), headers=HERE)
    after = client.get("/consent/choices?lang=en")

    assert "<script" not in before.text
    assert "script-src" not in before.headers["Content-Security-Policy"]
    assert after.text.count("<script>") == 1
    assert re.search(r"script-src 'sha384-[\w+/=]{64}'", after.headers["Content-Security-Policy"])
    assert "<script" not in client.get("/consent/preferences").text
