"""HTML that is printed once and filled for each visitor."""

from __future__ import annotations

from consent_widget.ui.node import el
from consent_widget.ui.printed import Printed, gap


def test_a_page_differs_from_the_next_only_in_its_gaps() -> None:
    printed = Printed(el("p", "Dear ", gap("name"), lang="en"), el("a", "back", href=f"/see?next={gap('next')}&x"))

    first = printed.filled({"name": "Ada", "next": "/1"})
    second = printed.filled({"name": "Grace", "next": "/2"})

    assert first == '<p lang="en">Dear Ada</p><a href="/see?next=/1&amp;x">back</a>'
    assert second == '<p lang="en">Dear Grace</p><a href="/see?next=/2&amp;x">back</a>'


def test_what_fills_a_gap_is_text_and_never_markup() -> None:
    printed = Printed(el("p", gap("said"), title=gap("said")))

    assert printed.filled({"said": '"><b>'}) == '<p title="&#34;&gt;&lt;b&gt;">&#34;&gt;&lt;b&gt;</p>'


def test_what_fills_one_gap_opens_no_other() -> None:
    printed = Printed(el("p", gap("one"), gap("two")))

    assert printed.filled({"one": gap("two"), "two": "secret"}).count("secret") == 1
