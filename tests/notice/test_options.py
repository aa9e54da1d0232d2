from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from consent_widget.notice.fields import change_class
from consent_widget.notice.model import Notice
from consent_widget.notice.options import MAX_OPTIONS, make_options
from consent_widget.notice.parts import ConsentKind, Purpose, Recipient, Service
from consent_widget.text import Text

#: Taken before this test was written. Where one of these changes, every visitor is asked again.
DIGESTS = {
    "shop": "d6e07a873dac02c16de570fd772d5ce79fd5c5e45dd2746232ddc48b95a2c010",
    "minimal": "c9907c7b22ac1f076dda910a29da50dd2e37cd4baf91f7825721b1ae71404953",
}
FINGERPRINTS = {
    "shop": {
        "personalized_recommendations": "EHx7", "marketing_messages": "QOwB", "targeted_advertising": "QCxs",
        "marketing_measurement": "JsR5", "service_research": "f7H1", "data_analytics": "_qmu",
        "service_improvement": "ar4X", "event_eligibility": "LBxl", "contact_messages": "4XgG",
        "service_delivery": "tk7w", "payment_processing": "IF1s", "customer_support": "Mch8",
    },
    "minimal": {"functional": "TQZA", "analytics": "ofgT", "marketing": "Lpuc"},
}  # fmt: skip
PURPOSE = Purpose(
    id="ads", group="marketing", label=Text({"en": "Ads"}), description=Text({"en": "Shows ads."}),
    if_refused=Text({"en": "-"}), retention=Text({"en": "A year."}), control="opt_in", consent="ordinary",
    data=("usage", "device"), recipients=("partners", "agencies"),
)  # fmt: skip
RECIPIENT = Recipient(
    id="acme", name=Text({"en": "Acme"}), recipient_class="partners", company="Acme Inc.", contact="p@acme.example",
    country="US", means=Text({"en": "By wire"}), data=("usage", "device"), purposes=("ads",),
)  # fmt: skip
SERVICES = (
    Service(id="pixel", name=Text({"en": "Pixel"}), company="Acme Inc.", country="US", purposes=("ads",)),
    Service(id="beacon", name=Text({"en": "B"}), company="B", country="NL", purposes=("ads",), recipient="acme"),
)
OTHER: dict[str, Any] = {"str": "other", "int": 2, "bool": True, "Text": Text({"en": "other"}), "tuple": ("other",)}


def fingerprints(purpose: Purpose, recipient: Recipient, *services: Service) -> list[str]:
    return [each.fingerprint for each in make_options([purpose], [recipient], services, "en")]


@pytest.mark.parametrize("name", DIGESTS)
def test_the_shipped_notices_keep_their_digests_and_fingerprints(name: str, request: pytest.FixtureRequest) -> None:
    notice: Notice = request.getfixturevalue(name)

    assert notice.digest == DIGESTS[name]
    assert {key: option.fingerprint for key, option in notice.options.items()} == FINGERPRINTS[name]


def keys(*services: Service, consent: ConsentKind = "ordinary") -> list[str]:
    made = make_options([replace(PURPOSE, consent=consent)], [RECIPIENT], services, "en")
    return [each.key for each in made if each.service]


def test_recipients_and_services_keep_their_fingerprints() -> None:
    assert fingerprints(PURPOSE, RECIPIENT, *SERVICES) == ["uuRi", "a5JT", "IRd_"]
    assert fingerprints(PURPOSE, replace(RECIPIENT, revision=2)) == ["S76x", "FhiC"]


@pytest.mark.parametrize("part", [PURPOSE, RECIPIENT, SERVICES[0]], ids=lambda part: type(part).__name__)
def test_a_field_belongs_to_the_fingerprint_exactly_where_it_says_so(part: Any) -> None:
    for field in fields(part):
        if field.name in ("id", "consent"):  # another option, or other options
            continue
        value = getattr(part, field.name)
        other = OTHER.get(type(value).__name__, {"x": "y"} if isinstance(value, dict) else "other")
        if field.name == "purposes":
            other = ("ads", "other") if isinstance(part, Recipient) else ("other",)
        changed = replace(part, **{field.name: other})
        before, after = (
            fingerprints(
                each if isinstance(each, Purpose) else PURPOSE,
                each if isinstance(each, Recipient) else RECIPIENT,
                each if isinstance(each, Service) else SERVICES[0],
            )
            for each in (part, changed)
        )
        assert (before != after) is (change_class(field) == "consent"), field.name


def test_a_service_can_be_decided_alone_where_ordinary_consent_is_enough() -> None:
    assert keys(*SERVICES) == ["ads@pixel"]  # the other one has a recipient, which is decided by name
    assert [keys(*SERVICES, consent=kind) for kind in ("none", "separate", "single_use")] == [[], [], []]


@pytest.mark.parametrize(
    "change",
    [
        {"company": "Other"},
        {"country": "CN"},
        {"recipient": "acme"},
        {"purposes": ("ads", "mail")},
        {"purposes": ("mail",)},
        {"purposes": ("mail", "news")},
        {"id": "other"},
    ],
    ids=str,
)
def test_a_service_that_was_refused_never_starts_before_its_purpose_is_asked_again(change: dict[str, Any]) -> None:
    """Whatever ends an answer about a service ends that of its purpose too, unless it does not serve that any more."""
    purposes = [replace(PURPOSE, id=id) for id in ("ads", "mail", "news")]
    vendor = replace(SERVICES[0], purposes=("ads", "news"))
    before, after = (
        {each.key: each.fingerprint for each in make_options(purposes, [RECIPIENT], [service], "en")}
        for service in (vendor, replace(vendor, **change))
    )

    for key in ("ads@pixel", "news@pixel"):
        purpose, _, _ = key.partition("@")
        assert after.get(key) == before[key] or after[purpose] != before[purpose]


def test_a_notice_with_very_many_services_stays_valid_and_the_last_ones_follow_their_purpose() -> None:
    many = [replace(SERVICES[0], id=f"s{at}") for at in range(300)]
    options = list(make_options([PURPOSE], [RECIPIENT], many, "en"))

    assert len(options) == MAX_OPTIONS
    assert [each.key for each in options[:3]] == ["ads", "ads:acme", "ads@s0"]
