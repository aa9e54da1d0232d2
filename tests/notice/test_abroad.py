"""What a notice may not say of whom information goes to, and where, without contradicting itself."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from consent_widget import NoticeError, Service, processing
from consent_widget.choice.policy import permits_service
from consent_widget.days import today
from consent_widget.notice.model import Notice
from consent_widget.text import Text
from examples.demo.notice import shop_notice

from ..conftest import HERE, MakeApp
from ..support.changing import chosen
from ..support.choice_body import choice_body
from ..support.parties import ACME, ACME_ABROAD

PIXEL = Service(
    id="pixel", name=Text({"zh-CN": "像素", "en": "Pixel"}), company="Acme Inc.", country="US",
    purposes=("partner_sharing",), recipient="acme",
)  # fmt: skip
ANALYTICS = replace(PIXEL, purposes=("data_analytics",), recipient=None)
HOSTING = replace(PIXEL, purposes=("service_delivery",), recipient=None)


def kind(notice: Notice, id: str, role: Any) -> dict[str, Any]:
    classes = (replace(each, role=role) if each.id == id else each for each in notice.recipient_classes)
    return {"recipient_classes": tuple(classes)}


def received_by(notice: Notice, purpose: str, *recipients: str) -> dict[str, Any]:
    changed = (replace(each, recipients=recipients) if each.id == purpose else each for each in notice.purposes)
    return {"purposes": tuple(changed)}


CONTRADICTIONS: Mapping[str, tuple[dict[str, Any], str]] = {
    "a service abroad that Accept all would load": (
        {"services": (ANALYTICS,)},
        r"services\.pixel: is abroad \(US\), so it needs separate consent by name.*name who runs it under \[\[recip",
    ),
    "a service abroad whose recipient is said to be here": (
        {"services": (PIXEL,), "recipients": (ACME,)},
        r"services\.pixel: is abroad \(US\), and its recipient is said to be in CN\. Say there where",
    ),
    "a recipient abroad without a basis": (
        {"recipients": (replace(ACME_ABROAD, transfer=None),)},
        r"recipients\.acme\.transfer: is missing\. It is abroad.*Say one of: standard_contract, certification,",
    ),
    "a basis that the law here does not know": (
        {"recipients": (replace(ACME_ABROAD, transfer="adequacy"),)},
        r"recipients\.acme\.transfer: 'adequacy' is no basis for a transfer from your country\. Say one of: stan",
    ),
    "a recipient abroad without a word on rights there": (
        {"recipients": (replace(ACME_ABROAD, rights=None),)},
        r"recipients\.acme\.rights: is missing\..*must be told how to exercise their rights there \(PIPL 39\)",
    ),
    "a service abroad that needs no consent, without a basis": (
        {"services": (HOSTING,)},
        r"services\.pixel\.transfer: is missing\. It is abroad",
    ),
    "a country that is no code": ({"country": "China"}, r"country: not a code of ISO 3166\. Write it like CN or DE\."),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_in_china_a_notice_is_refused_that_has(name: str, shop: Notice) -> None:
    contradiction, message = CONTRADICTIONS[name]

    with pytest.raises(NoticeError, match=message):
        replace(shop, **contradiction)


@pytest.mark.parametrize("purpose", ["targeted_advertising", "contact_messages"])
@pytest.mark.parametrize("role", ["independent", None])
def test_in_china_only_processors_receive_what_needs_no_separate_consent(shop: Notice, purpose: str, role: Any) -> None:
    message = rf"purposes\.{purpose}\.recipients: 'partners' is not said to be a processor.*Drop it here, and name each"
    partners = received_by(shop, purpose, "partners")

    with pytest.raises(NoticeError, match=message):
        replace(shop, **kind(shop, "partners", role), **partners)
    assert replace(shop, **kind(shop, "partners", "processor"), **partners).purpose(purpose)


def test_in_china_accept_all_covers_no_sensitive_information(shop: Notice) -> None:
    data = (replace(each, sensitive=each.id == "device_browsing_info") for each in shop.data)

    with pytest.raises(
        NoticeError, match=r"\.data: 'device_browsing_info' is sensitive.*\(PIPL 29\)\. Drop it here, or"
    ):
        replace(shop, data=tuple(data))


def test_in_china_partners_receive_what_rests_on_separate_consent_or_on_none(shop: Notice) -> None:
    for purpose in ("partner_sharing", "service_delivery"):
        assert replace(shop, **received_by(shop, purpose, "partners")).purpose(purpose)


def test_in_china_a_service_abroad_may_run_without_consent_if_its_basis_is_told(shop: Notice) -> None:
    told = replace(shop, services=(replace(HOSTING, transfer="exempt"),))

    assert permits_service(told, None, "pixel", gpc=False, today=today())


@pytest.mark.parametrize("country", ["FR", "EU", "GB"])
def test_under_gdpr_the_basis_is_told_and_nobody_is_asked_by_name(shop: Notice, country: str) -> None:
    with pytest.raises(NoticeError, match=r"services\.pixel\.transfer: is missing.*Say one of: adequacy, standard_con"):
        replace(shop, country=country, services=(ANALYTICS,))
    told = replace(shop, country=country, services=(replace(ANALYTICS, transfer="adequacy"),))

    assert permits_service(told, chosen(told, "accept_all"), "pixel", gpc=False, today=today())


@pytest.mark.parametrize(("country", "near"), [("FR", "NO"), ("GB", "UK"), ("US", "DE"), ("CN", "CN"), (None, "US")])
def test_nothing_is_asked_within_one_area_of_law_or_where_there_is_no_rule(
    shop: Notice, country: str | None, near: str
) -> None:
    assert replace(shop, country=country, services=(replace(ANALYTICS, country=near),)).services


def test_hong_kong_is_abroad_from_china(shop: Notice) -> None:
    with pytest.raises(NoticeError, match=r"is abroad \(HK\)"):
        replace(shop, services=(replace(ANALYTICS, country="HK"),))


def test_a_notice_that_names_no_country_obeys_the_law_of_the_region(make_app: MakeApp, minimal: Notice) -> None:
    abroad = replace(minimal, services=(replace(ANALYTICS, purposes=("analytics",)),))

    make_app(CONSENT_NOTICE=abroad)
    with pytest.raises(NoticeError, match=r"services\.pixel: is abroad"):
        make_app(CONSENT_NOTICE=abroad, CONSENT_REGION="CN")
    with pytest.raises(NoticeError, match=r"services\.pixel\.transfer: is missing"):
        make_app(CONSENT_NOTICE=abroad, CONSENT_REGION="DE")
    make_app(CONSENT_NOTICE=replace(abroad, country="US"), CONSENT_REGION="CN")
    make_app(CONSENT_NOTICE=minimal, CONSENT_REGION="CN")


def test_nothing_goes_abroad_before_its_recipient_is_granted_by_name(make_app: MakeApp, shop: Notice) -> None:
    app = make_app(CONSENT_NOTICE=replace(shop, recipients=(ACME_ABROAD,), services=(PIXEL,)))
    client, notice = app.test_client(), app.extensions["consent_widget"].notice

    def answers(*choice: str) -> tuple[bool, bool, bool]:
        client.post("/consent/records", json=choice_body(notice, *choice), headers=HERE)
        subject = client.get("/consent/choices?format=json").json["subject"]  # type: ignore[index]
        with app.app_context():
            return (
                processing.may_share(subject, "acme"),
                processing.granted(subject, "partner_sharing", "acme"),
                processing.granted_service(subject, "pixel"),
            )

    assert answers("accept_all") == (False, False, False)
    assert answers("save", "partner_sharing:acme") == (True, True, True)
    assert answers("reject_all") == (False, False, False)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-CN", ["国家或地区 美国", "向境外提供的依据 与接收方订立标准合同", "致函 privacy@acme.example"]),
        (
            "en",
            ["Country United States", "Basis of the transfer abroad Standard contract", "Write to privacy@acme.exa"],
        ),
    ],
)
def test_who_decides_by_name_is_told_where_it_goes_on_what_basis_and_the_rights_there(
    make_app: MakeApp, shop: Notice, locale: str, words: list[str]
) -> None:
    client = make_app(CONSENT_NOTICE=replace(shop, recipients=(ACME_ABROAD,))).test_client()
    page = client.get(f"/consent/preferences?lang={locale}").text
    told = " ".join(re.sub("<[^>]+>", " ", html.unescape(page)).split())

    for each in words:
        assert each in told


def test_accept_all_loads_nothing_from_abroad_in_the_demo_and_its_recipient_abroad_says_everything() -> None:
    notice = shop_notice("http://vendors.localhost")
    state = chosen(notice, "accept_all")
    running = [each for each in notice.services if permits_service(notice, state, each.id, gpc=False, today=today())]

    assert {each.country for each in running} == {notice.country} == {"CN"}
    (abroad,) = (each for each in notice.recipients if each.country != "CN")
    assert (abroad.id, abroad.transfer, bool(abroad.rights)) == ("brandhaus", "standard_contract", True)
