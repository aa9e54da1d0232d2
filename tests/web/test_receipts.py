"""A receipt in each of its forms: what stands in it in every state, that it fits the standards, and who gets it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyld import jsonld

from consent_widget import SQLStore
from consent_widget.choice.act import new_subject
from consent_widget.choice.receipt_27560 import CONTEXT
from consent_widget.choice.state import State
from consent_widget.notice.model import Notice
from consent_widget.proof.merkle import leaf_hash
from consent_widget.proof.policy import Policy
from consent_widget.proof.tlog_proof import Proof
from consent_widget.store.tables import RECORDS

from ..conftest import HERE, MakeApp
from ..support.acts import act
from ..support.choice_body import choice_body
from ..support.log import KEYS, PRIVATE
from ..support.parties import ACME

#: The forms where no log is signed.
FORMS = ("json", "jsonld", "kantara.json")
STANDARDS = Path(__file__).parents[1] / "choice/standards"
DPV, DCT, SCHEMA = "https://w3id.org/dpv#", "http://purl.org/dc/terms/", "https://schema.org/"
TERMS = {
    f"{namespace}{name}"
    for namespace, names in json.loads((STANDARDS / "dpv-2.3-terms.json").read_text("utf-8"))["terms"].items()
    for name in names.split()
}
#: The mandatory fields of ISO/IEC TS 27560, 6.3, and where each stands in DPV (guides/consent-27560, 7 and 8).
OF_RECORD = {
    "schema_version": (f"{DCT}conformsTo",),
    "record_id": (f"{DCT}identifier",),
    "pii_principal_id": (f"{DPV}hasDataSubject", f"{DCT}identifier"),
    "privacy_notice": (f"{DPV}hasNotice", f"{DCT}identifier"),
    "language": (f"{DPV}hasNotice", f"{DCT}language"),
    "purpose": (f"{DPV}hasProcess", f"{DPV}hasPurpose", f"{DCT}title"),
    "pii_information, pii_type": (f"{DPV}hasProcess", f"{DPV}hasPersonalData", f"{DCT}title"),
    "pii_controllers": (f"{DPV}hasDataController",),
    "storage_locations": (f"{DPV}hasProcess", f"{DPV}hasStorageCondition", f"{DPV}hasLocation"),
    "retention_period": (f"{DPV}hasProcess", f"{DPV}hasStorageCondition", f"{DPV}hasDuration"),
    "jurisdiction": (f"{DPV}hasJurisdiction",),
    "recipient_third_parties": (f"{DPV}hasProcess", f"{DPV}hasRecipient"),
    "withdrawal_method": (f"{DPV}hasConsentControl", f"{DPV}isExercisedAt"),
    "event_time": (f"{DPV}hasConsentStatus", f"{DPV}isIndicatedAtTime"),
    "validity_duration": (f"{DPV}hasConsentStatus", f"{DPV}hasDuration"),
    "entity_id": (f"{DPV}hasConsentStatus", f"{DPV}isIndicatedBy", f"{DPV}hasIdentifier"),
    "event_type, event_state": (f"{DPV}hasConsentStatus", "@type"),
}
OF_PARTY = ("@type", f"{DPV}hasIdentifier", f"{DPV}hasName", f"{SCHEMA}address", f"{SCHEMA}contactPoint")
OF_RECEIPT = {
    "schema_version": (f"{DCT}conformsTo",),
    "receipt_id": (f"{DCT}identifier",),
    "created": (f"{DCT}created",),
}


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME,))


@pytest.fixture
def app(make_app: MakeApp, notice: Notice) -> Flask:
    return make_app(CONSENT_NOTICE=notice, CONSENT_REGION="FR")


def store(app: Flask) -> SQLStore:
    found: SQLStore = app.extensions["consent_widget"].store
    return found


def choose(client: FlaskClient, notice: Notice, *args: str, **more: object) -> str:
    answer = client.post("/consent/records", json=choice_body(notice, *args, **more), headers=HERE)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["receipt"]["id"])


def got(client: FlaskClient, id: str, form: str) -> Any:
    answer = client.get(f"/consent/records/{id}.{form}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="receipt.{form}"'
    return json.loads(answer.text)


def visitor(app: Flask, subject: str) -> FlaskClient:
    """The browser of somebody whose acts were put into the store."""
    client, site = app.test_client(), app.extensions["consent_widget"]
    client.set_cookie("cw", site.token_signer.write(State(subject, len(store(app).history(subject)), 1, "", {})))
    return client


def graph(document: Mapping[str, Any]) -> dict[str, Any]:
    """The nodes of a document by their ids, as somebody reads it who knows JSON-LD alone, and has no network."""
    return {node["@id"]: node for node in jsonld.flatten(document)}


def values(nodes: Mapping[str, Any], node: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    found = [node]
    for name in path:
        found = [value for each in found for value in each.get(name, ())]
        found = [nodes.get(each.get("@id"), each) if isinstance(each, dict) else each for each in found]
    return found


def states(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """The states of each record, by the key of its option."""
    return {
        record["@id"].rpartition("#")[2]: [event["@type"][0].removeprefix("dpv:") for event in record["dpv:hasConsentStatus"]]
        for record in document["dpv:hasRecordOfActivity"]
    }  # fmt: skip


def test_a_receipt_has_every_mandatory_field_of_27560(client: FlaskClient, notice: Notice) -> None:
    choose(client, notice, "allow", "partner_sharing:acme")
    for id in (choose(client, notice, "accept_all"), choose(client, notice, "withdraw_all", locale="zh-CN")):
        nodes = graph(got(client, id, "jsonld"))
        (receipt,) = (node for node in nodes.values() if f"{DPV}ConsentReceipt" in node.get("@type", ()))
        records = values(nodes, receipt, (f"{DPV}hasRecordOfActivity",))

        assert len(records) >= 7
        assert not [name for name, path in OF_RECEIPT.items() if not values(nodes, receipt, path)]
        for record in records:
            assert not [name for name, path in OF_RECORD.items() if not values(nodes, record, path)], record["@id"]
            assert record[f"{DCT}conformsTo"] == [{"@id": "https://w3id.org/dpv/schema/dpv-27560#record"}]
        parties = values(nodes, receipt, (f"{DPV}hasEntity",))
        subjects = [party for party in parties if f"{DPV}DataSubject" in party["@type"]]
        assert len(subjects) == 1
        assert len(parties) >= 2
        for party in parties:
            missing = [name for name in OF_PARTY if not party.get(name)]
            assert missing == ([] if party not in subjects else list(OF_PARTY[2:]))


def test_every_term_exists_in_dpv_2_3(app: Flask, client: FlaskClient, notice: Notice) -> None:
    ids = [choose(client, notice, "allow", "partner_sharing:acme")]
    ids += [choose(client, notice, action) for action in ("accept_all", "accept_all", "reject_all")]
    for id in ids:
        text = json.dumps(jsonld.expand(got(client, id, "jsonld")))
        used = set(re.findall(r'"(https://w3id\.org/dpv[^"]*)"', text))

        assert len(used) > 30
        assert used - TERMS == set()


@pytest.mark.parametrize("region", ["", "ZZ", "UK", "US-CA", "EU", "CN", "IS"])
def test_every_region_is_a_place_of_the_vocabulary_or_told_as_unknown(
    make_app: MakeApp, shop: Notice, region: str
) -> None:
    notice = replace(shop, country=None, controller=replace(shop.controller, storage_location=None))
    client = make_app(CONSENT_NOTICE=notice, CONSENT_REGION=region).test_client()
    document = got(client, choose(client, notice), "jsonld")
    (place,) = {json.dumps(record["dpv:hasJurisdiction"]) for record in document["dpv:hasRecordOfActivity"]}

    expanded = jsonld.expand(document | {"dpv:hasRecordOfActivity": document["dpv:hasRecordOfActivity"][:1]})
    used = set(re.findall(r'"(https://w3id\.org/dpv[^"]*)"', json.dumps(expanded)))
    assert used - TERMS == set()
    assert ("unknown" in place) == (region in ("", "ZZ"))
    assert "The notice does not say where." in json.dumps(expanded)


def test_nothing_in_a_receipt_is_without_a_meaning(client: FlaskClient, notice: Notice) -> None:
    """A reader of JSON-LD drops what the context does not define. Here nothing is dropped."""
    document = got(client, choose(client, notice, "accept_all"), "jsonld")
    names = set(re.findall(r'"([\w-]+:\w+|\w+)":', json.dumps({**document, "@context": 0})))

    assert all(name.partition(":")[0] in CONTEXT and ":" in name for name in names), names


def test_a_kantara_receipt_is_valid_and_names_what_was_agreed_to_alone(client: FlaskClient, notice: Notice) -> None:
    text = (STANDARDS / "kantara-consent-receipt-v1_1-schema.json").read_text("utf-8")
    schema = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    check = jsonschema.Draft4Validator(schema)
    partner = got(client, choose(client, notice, "allow", "partner_sharing:acme"), "kantara.json")
    saved = got(client, choose(client, notice, "save", "data_analytics"), "kantara.json")
    refused = got(client, choose(client, notice, "reject_all", locale="zh-CN"), "kantara.json")

    for receipt in (partner, saved, refused):
        check.validate(receipt)
    (service,) = saved["services"]
    assert [purpose["purposeCategory"] for purpose in service["purposes"]] == [["Data analytics"]]
    assert refused["services"] == []
    assert (refused["language"], saved["jurisdiction"]) == ("zh", "FR")
    (purpose,) = partner["services"][0]["purposes"]
    assert (purpose["thirdPartyDisclosure"], purpose["thirdPartyName"]) == (True, ACME.name["en"])
    assert saved["policyUrl"] == f"http://localhost/consent/notice/{notice.digest}.en"
    assert client.get(saved["policyUrl"]).status_code == 200


def test_each_state_is_told_given_renewed_refused_and_withdrawn(client: FlaskClient, notice: Notice) -> None:
    given = choose(client, notice, "save", "data_analytics", "service_research")
    renewed = choose(client, notice, "save", "data_analytics")
    asked = choose(client, notice, "allow", "partner_sharing:acme")
    ended = choose(client, notice, "withdraw_all")

    first, second, third, last = (states(got(client, id, "jsonld")) for id in (given, renewed, asked, ended))
    assert first["service_research"] == ["ConsentGiven", "ConsentWithdrawn"]
    assert first["data_analytics"] == ["ConsentGiven"]
    assert first["marketing_messages"] == ["ConsentRefused"]
    assert second["data_analytics"] == ["RenewedConsentGiven", "ConsentWithdrawn"]
    assert second["service_research"] == ["ConsentWithdrawn"]
    assert third == {"partner_sharing:acme": ["ConsentGiven", "ConsentWithdrawn"]}
    assert last["partner_sharing:acme"] == ["ConsentWithdrawn"]
    assert last["marketing_messages"] == ["ConsentRefused"]


def test_what_ran_out_is_told_as_expired_and_what_changed_as_invalid(app: Flask, notice: Notice) -> None:
    earlier = replace(
        notice,
        version="0.9.0",
        effective="2026-01-01",
        purposes=tuple(
            replace(each, revision=9) if each.id == "service_research" else each for each in notice.purposes
        ),
    )
    with app.app_context():
        store(app).keep_notice(earlier.digest, earlier.text)
    subject = new_subject()
    old = act(store(app), notice, subject, "allow", "data_analytics", ago=400, site="")
    under = act(store(app), earlier, subject, "allow", "service_research", ago=3, site="")
    client = visitor(app, subject)

    document = got(client, old.id, "jsonld")
    assert states(document) == {"data_analytics": ["ConsentGiven", "ConsentExpired"]}
    (record,) = document["dpv:hasRecordOfActivity"]
    assert record["dpv:hasConsentStatus"][1]["dpv:isIndicatedBy"] == "http://localhost/consent#controller"
    assert states(got(client, under.id, "jsonld")) == {"service_research": ["ConsentGiven", "ConsentInvalidated"]}
    page = client.get(f"/consent/records/{old.id}?lang=en").text
    assert "Data analytics (expired on " in page
    assert "(no longer counts: its meaning changed on " in client.get(f"/consent/records/{under.id}?lang=en").text


def test_a_guardians_choice_names_the_guardian_and_the_child_and_nobodys_name(app: Flask, notice: Notice) -> None:
    subject = new_subject()
    choice = act(
        store(app), notice, subject, "allow", "service_improvement", surface="guardian", actor="guardian",
        age_band="under_14", site="",
    )  # fmt: skip
    document = got(visitor(app, subject), choice.id, "jsonld")

    kinds = [entity["@type"] for entity in document["dpv:hasEntity"]]
    assert ["dpv:DataSubject", "dpv:Child"] in kinds
    assert "dpv:GuardianOfDataSubject" in kinds
    (record,) = document["dpv:hasRecordOfActivity"]
    assert record["dpv:hasConsentStatus"][0]["dpv:isIndicatedBy"].endswith("#guardian")


def test_an_act_that_decides_about_nothing_is_no_consent(client: FlaskClient, app: Flask, notice: Notice) -> None:
    choose(client, notice)
    seen = choose(client, notice, "acknowledge")

    for form in ("jsonld", "kantara.json"):
        refused = client.get(f"/consent/records/{seen}.{form}")
        assert (refused.status_code, refused.get_json()["type"]) == (404, "urn:consent_widget:no-such-form")
    assert got(client, seen, "json")["record"]["action"] == "acknowledge"
    page = client.get(f"/consent/records/{seen}").text
    assert ".jsonld" not in page
    assert "format=json" in page


def test_the_page_offers_each_form_in_plain_words_in_both_languages(client: FlaskClient, notice: Notice) -> None:
    id = choose(client, notice)
    for lang, use in (
        ("en", "For an authority, a lawyer or another company"),
        ("zh-CN", "供监管部门、律师或其他公司使用"),
    ):
        page = client.get(f"/consent/records/{id}?lang={lang}").text
        links = re.findall(r'href="([^"]+)"[^>]*download', page)

        assert use in page
        assert len(links) == len(FORMS)
        assert {client.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize("form", FORMS)
def test_nobody_but_the_visitor_gets_a_file(app: Flask, client: FlaskClient, notice: Notice, form: str) -> None:
    id = choose(client, notice)
    other = app.test_client()
    choose(other, notice)

    for stranger in (app.test_client(), other):
        answer = stranger.get(f"/consent/records/{id}.{form}")
        unknown = stranger.get(f"/consent/records/00000000-0000-4000-8000-000000000000.{form}")
        assert answer.status_code == 404
        assert (answer.data, answer.headers["Content-Type"]) == (unknown.data, "application/problem+json")
    assert client.get(f"/consent/records/{id}.{form}").status_code == 200
    assert client.get(f"/consent/records/{id}.{form}x").status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_an_erased_record_is_gone(app: Flask, client: FlaskClient, notice: Notice, form: str) -> None:
    id = choose(client, notice)
    name = re.findall(rf'href="/consent/records/({id}~[^?"]+)', client.get("/consent/choices").text)[0]
    assert client.get(f"/consent/records/{name}.{form}").status_code == 200

    store(app).erase(next(iter(store(app).export())).subject)
    gone = client.get(f"/consent/records/{name}.{form}")
    assert (gone.status_code, gone.get_json()["type"]) == (410, "urn:consent_widget:receipt-gone")


def test_a_receipt_says_that_withdrawing_does_not_undo_and_what_it_does_not_show(
    client: FlaskClient, notice: Notice
) -> None:
    id = choose(client, notice, "withdraw_all")
    english = client.get(f"/consent/records/{id}?lang=en").text
    chinese = client.get(f"/consent/records/{id}?lang=zh-CN").text

    assert "What was lawfully done before it stays lawful." in english
    assert "It does not show who was using the browser" in english
    assert "不影响撤回前已依法进行的处理" in chinese
    assert "它不能说明当时是谁在使用浏览器" in chinese


def test_a_receipt_speaks_the_language_in_which_the_visitor_read(client: FlaskClient, notice: Notice) -> None:
    document = got(client, choose(client, notice, locale="zh-CN"), "jsonld")
    titles = {
        record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:title"]["@language"]
        for record in document["dpv:hasRecordOfActivity"]
    }

    assert titles == {"zh-CN"}
    assert document["dpv:hasNotice"]["dct:language"] == "zh-CN"
    assert document["dpv:hasNotice"]["dct:title"]["@value"] == notice.title["zh-CN"]


def test_a_proof_shows_that_the_record_is_in_the_log_and_waits_until_it_is_signed(
    make_app: MakeApp, notice: Notice
) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_LOG_KEY=PRIVATE.text, CONSENT_LOG_MINUTES=0)
    client = app.test_client()
    id = choose(client, notice)
    early = client.get(f"/consent/records/{id}.tlog-proof")
    page = client.get(f"/consent/records/{id}?lang=en").text

    assert (early.status_code, early.get_json()["type"]) == (409, "urn:consent_widget:not-in-log-yet")
    assert int(early.headers["Retry-After"]) > 0
    assert "The proof of this record is not there yet" in page
    assert ".tlog-proof" not in page
    store(app).sign_checkpoint(KEYS)
    proof = client.get(f"/consent/records/{id}.tlog-proof")
    page = client.get(f"/consent/records/{id}?lang=en").text
    assert proof.content_type == "text/plain; charset=utf-8"
    assert f"{id}~" in page
    assert ".tlog-proof" in page
    assert 'href="/consent/log/verify?lang=en"' in page
    read = Proof.parse(proof.data)
    assert read.extra is not None
    salt, record = read.extra[:16], read.extra[16:]
    assert json.loads(record) == got(client, id, "json")["record"]
    read.check(leaf_hash(sha256(salt + record).digest()), Policy.parse(client.get("/consent/log/policy").data))
    told = app.test_cli_runner().invoke(args=["consent", "receipt", id, "--format", "tlog-proof"])
    assert told.output == proof.text


def test_without_a_log_no_proof_is_promised(client: FlaskClient, notice: Notice) -> None:
    id = choose(client, notice)
    refused = client.get(f"/consent/records/{id}.tlog-proof")

    assert (refused.status_code, refused.get_json()["type"]) == (404, "urn:consent_widget:no-such-form")
    assert "publishes no log" in client.get(f"/consent/records/{id}?lang=en").text


def test_a_record_that_was_changed_after_it_was_signed_has_no_proof(make_app: MakeApp, notice: Notice) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_LOG_KEY=PRIVATE.text, CONSENT_LOG_MINUTES=0)
    client = app.test_client()
    id = choose(client, notice, "reject_all")
    store(app).sign_checkpoint(KEYS)
    with store(app)._engine.begin() as connection:
        connection.execute(RECORDS.update().values(time=RECORDS.c.time - 86_400_000))

    refused = client.get(f"/consent/records/{id}.tlog-proof")
    assert (refused.status_code, refused.get_json()["type"]) == (500, "urn:consent_widget:not-as-signed")


@pytest.mark.parametrize("render", ["server", "script"])
def test_a_record_names_the_script_and_the_layout_that_asked(make_app: MakeApp, notice: Notice, render: str) -> None:
    app = make_app(CONSENT_NOTICE=notice, CONSENT_LAYOUT="bar", CONSENT_RENDER=render)
    client = app.test_client()
    choose(client, notice)
    choose(client, notice, "allow", "contact_messages", surface="ask", locale="zh-CN")
    client.post("/consent/preferences", data={
        "action": "reject_all", "notice": notice.digest, "locale": "en", "surface": "page",
    }, headers=HERE)  # fmt: skip
    layer, asked, form = store(app).export()
    scripts = app.extensions["consent_widget"].assets.scripts

    name = "rest" if render == "script" else "whole"
    assert (layer.script, layer.layout) == (getattr(scripts["en"], name).hash, "bar")
    assert (asked.script, asked.layout) == (getattr(scripts["zh-CN"], name).hash, "")
    assert (form.script, form.layout) == ("", "")
    ending = "mjs" if render == "script" else "js"
    assert client.get(f"/consent/widget.{layer.script}.{ending}").headers["Cache-Control"].endswith("immutable")
