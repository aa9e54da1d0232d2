"""A field that is added to a purpose reaches the visitor."""

from __future__ import annotations

from dataclasses import fields

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from consent_widget import Notice, Purpose, Text
from consent_widget.ui.i18n import MESSAGES

from ..conftest import MakeApp
from ..support.changing import edited

#: Fields without a name of their own in the list of changes: ids and order; texts that are shown under the purpose's
#: name alone; and codes, which are shown as a switch.
UNNAMED = {"id", "group", "label", "description", "control", "consent", "in_accept_all", "revision"}
#: Shown where the purpose is asked about, and not in the preference centre.
ASKED = {"question"}


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_text_of_a_purpose_is_in_the_preference_centre(client: FlaskClient, shop: Notice, locale: str) -> None:
    page = client.get(f"/consent/preferences?lang={locale}").text

    for purpose in shop.purposes:
        for field in (field for field in fields(Purpose) if field.name not in ASKED):
            text = getattr(purpose, field.name)
            if isinstance(text, Text) and field.name != "guardian_description":
                assert str(escape(text[locale])) in page, (purpose.id, field.name)


def test_every_field_of_a_purpose_has_a_name_in_the_list_of_changes() -> None:
    assert {field.name for field in fields(Purpose)} - UNNAMED <= MESSAGES.keys()


@pytest.mark.parametrize(("locale", "said"), [("en", "cannot be deleted from here"), ("zh-CN", "无法从此处删除")])
def test_the_centre_says_which_hosts_of_vendors_it_cannot_delete_anything_from(
    make_app: MakeApp, locale: str, said: str
) -> None:
    service = {
        "id": "film", "name": {"en": "Film", "zh-CN": "影片"}, "company": "Film Ltd", "country": "DE",
        "purposes": ["marketing"],
    }  # fmt: skip
    embedded = edited(services=[{**service, "hosts": ["film.example", "cdn.film.example"]}])
    pages = [
        make_app(CONSENT_NOTICE=notice).test_client().get(f"/consent/preferences?lang={locale}").text
        for notice in (embedded, edited(services=[service]))
    ]

    assert [said in page for page in pages] == [True, False]
    assert "film.example" in pages[0]
    assert "cdn.film.example" in pages[0]
