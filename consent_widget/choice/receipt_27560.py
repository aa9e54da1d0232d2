"""A receipt as ISO/IEC TS 27560:2023 has it, written in the Data Privacy Vocabulary as JSON-LD.

The fields are those of the W3C's guide (https://w3id.org/dpv/guides/consent-27560) and DPV 2.3. Each option that the
choice decided is a consent record of its own, because each has a state of its own. Whoever is named in several of them
is described once, in the receipt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from ..days import iso_date, iso_time
from ..notice.model import Notice
from ..notice.options import Option
from ..notice.parts import Recipient, Service
from ..regions import UNKNOWN
from ..text import Text
from .act import Choice
from .age import read_band
from .issued import Issued
from .keeping import stands_until
from .lifecycle import Event, Stage

_SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#"
_ADDRESSES = (
    "dct:conformsTo", "dct:publisher", "dpv:hasDataController", "dpv:hasDataSubject", "dpv:hasLegalBasis",
    "dpv:isIndicatedBy", "dpv:isExercisedAt", "schema:url",
)  # fmt: skip
#: What the prefixes mean, and which values are addresses or times: so no reader has to fetch anything.
CONTEXT: Mapping[str, object] = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{name: {"@type": "@id"} for name in _ADDRESSES},
    **{name: {"@type": "xsd:dateTime"} for name in ("dct:created", "dpv:isIndicatedAtTime")},
    "dct:date": {"@type": "xsd:date"},
}
_STATES: Mapping[Stage, str] = {
    "given": "dpv:ConsentGiven",
    "renewed": "dpv:RenewedConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "expired": "dpv:ConsentExpired",
    "changed": "dpv:ConsentInvalidated",
}
#: Regions that the vocabulary calls otherwise.
_PLACES = {"UK": "GB", UNKNOWN: ""}


def receipt_27560(
    choice: Choice, notice: Notice, events: Mapping[str, tuple[Event, ...]], issued: Issued
) -> dict[str, object]:
    """The receipt, JSON-ready. `events` are those of each option that the choice decided (lifecycle.py)."""
    writer = _Writer(choice, notice, issued)
    options = [notice.options[key] for key in events]
    return {
        "@context": CONTEXT,
        "@id": issued.receipt(choice),
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": choice.id,
        "dpv:hasIdentifier": choice.id,
        "dct:conformsTo": f"{_SCHEMA}receipt",
        "dct:created": iso_time(issued.now_ms),
        "dct:publisher": writer.controller,
        "dpv:hasEntity": list(writer.entities(options)),
        "dpv:hasNotice": {
            "@id": issued.notice(choice),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": choice.notice,
            "dct:title": writer.text(notice.title),
            "dct:hasVersion": notice.version,
            "dct:date": notice.effective,
            "dct:language": choice.locale,
        },
        "dpv:hasRecordOfActivity": [writer.record(option, events[option.key]) for option in options],
    }


class _Writer(NamedTuple):
    """Writes the parts of one receipt, in the language in which the visitor read the notice."""

    choice: Choice
    notice: Notice
    issued: Issued

    @property
    def controller(self) -> str:
        return f"{self.issued.home}#controller"

    @property
    def subject(self) -> str:
        return f"{self.issued.home}#subject-{self.choice.subject}"

    @property
    def guardian(self) -> str:
        return f"{self.issued.receipt(self.choice)}#guardian"

    def text(self, text: Text) -> dict[str, str]:
        locale = self.choice.locale if self.choice.locale in text else self.notice.locales[0]
        return {"@value": text[locale], "@language": locale}

    def part(self, kind: str, id: str) -> str:
        return f"{self.issued.notice(self.choice)}#{kind}-{quote(id)}"

    def record(self, option: Option, events: tuple[Event, ...]) -> dict[str, object]:
        return {
            "@id": f"{self.issued.receipt(self.choice)}#{quote(option.key, ':@')}",
            "@type": "dpv:ConsentRecord",
            "dct:identifier": f"{self.choice.id}#{option.key}",
            "dct:conformsTo": f"{_SCHEMA}record",
            "dpv:hasDataSubject": self.subject,
            "dpv:hasNotice": {"@id": self.issued.notice(self.choice)},
            "dpv:hasDataController": self.controller,
            "dpv:hasJurisdiction": self.place(self.choice.region or self.notice.country or ""),
            "dpv:hasProcess": self.process(option),
            "dpv:hasConsentControl": {
                "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
                "dpv:isExercisedAt": self.issued.withdraw_at,
            },
            "dpv:hasConsentStatus": [self.event(option, event) for event in events],
        }

    def process(self, option: Option) -> dict[str, object]:
        purpose, controller = option.purpose, self.notice.controller
        where = {"dct:title": self.text(controller.storage_location)} if controller.storage_location else {}
        return {
            "@type": "dpv:Process",
            "dpv:hasPurpose": {
                "@id": self.part("purpose", purpose.id),
                "@type": "dpv:Purpose",
                "dct:identifier": purpose.id,
                "dct:title": self.text(purpose.label),
                "dct:description": self.text(purpose.description),
            },
            "dpv:hasPersonalData": [
                {
                    "@id": self.part("data", category.id),
                    "@type": "dpv:SensitivePersonalData" if category.sensitive else "dpv:PersonalData",
                    "dct:identifier": category.id,
                    "dct:title": self.text(category.label),
                }
                for category in self.notice.data
                if category.id in option.data
            ],
            "dpv:hasLegalBasis": self.legal_basis(option),
            "dpv:hasStorageCondition": [
                {
                    "@type": "dpv:StorageLocation",
                    "dpv:hasLocation": {
                        "@type": "dpv:Location",
                        **(where or {"dct:description": "The notice does not say where."}),
                    },
                },
                {
                    "@type": "dpv:StorageDuration",
                    "dpv:hasDuration": {"@type": "dpv:Duration", "rdf:value": self.text(purpose.retention)},
                },
            ],
            "dpv:hasRecipient": [{"@id": self.controller}, *self.recipients(option)],
        }

    def legal_basis(self, option: Option) -> list[str]:
        """The kind of consent, and the article of the GDPR that the notice names for it."""
        article = option.purpose.legal_basis.get("gdpr", "")
        by_article = {"6(1)(a)": "eu-gdpr:A6-1-a", "9(2)(a)": "eu-gdpr:A9-2-a"}
        return [self.kind(option), *(term for name, term in by_article.items() if name in article)]

    def kind(self, option: Option) -> str:
        return "dpv:ExpressedConsent" if option.purpose.consent == "ordinary" else "dpv:ExplicitlyExpressedConsent"

    def recipients(self, option: Option) -> Iterator[dict[str, object]]:
        """The recipients by name, then the kinds of recipients that the notice tells of."""
        for party in parties_of(self.notice, option):
            yield {"@id": self.part("recipient", party.id)}
        if option.recipient or option.service:
            return
        for each in self.notice.recipient_classes:
            if each.id in option.purpose.recipients:
                kind = "dpv:DataProcessor" if each.role == "processor" else "dpv:Recipient"
                yield {"@id": self.part("kind", each.id), "@type": kind, "dct:title": self.text(each.label)}

    def event(self, option: Option, event: Event) -> dict[str, object]:
        granted, own = event.stage in ("given", "renewed"), event.time == self.choice.time
        by = {"subject": self.subject, "guardian": self.guardian, None: self.controller}[event.by]
        last_day = self.choice.valid_until if granted else stands_until(self.choice)
        until = {"@type": "dpv:UntilTimeDuration", "rdf:value": {"@type": "xsd:date", "@value": iso_date(last_day)}}
        return {
            "@type": [_STATES[event.stage], self.kind(option)],
            "dpv:isIndicatedAtTime": iso_time(event.time),
            "dpv:isIndicatedBy": by,
            "dpv:hasIndicationMethod": f"{self.choice.action}, {self.choice.surface}" if own else event.stage,
            "dpv:hasDuration": until
            if own
            else {"@type": "dpv:UntilEventDuration", "rdf:value": "until the visitor agrees again"},
        }

    def entities(self, options: list[Option]) -> Iterator[dict[str, object]]:
        """Everybody who is named in the records."""
        controller = self.notice.controller
        child = read_band(self.choice.age_band) == "child"
        yield {
            **_entity(self.controller, "dpv:DataController", self.text(controller.name)),
            "schema:address": {"@type": "schema:PostalAddress", "schema:streetAddress": self.text(controller.address)},
            "schema:contactPoint": {
                "@type": "schema:ContactPoint",
                "schema:email": self.text(controller.email)["@value"],
                "schema:telephone": self.text(controller.phone)["@value"],
                **({"schema:name": self.text(controller.officer)} if controller.officer else {}),
            },
        }
        yield {
            "@id": self.subject,
            "@type": ["dpv:DataSubject", *(["dpv:Child"] if child else [])],
            "dct:identifier": self.choice.subject,
            "dpv:hasIdentifier": self.choice.subject,
        }
        if self.choice.actor == "guardian":
            yield {
                **_entity(self.guardian, "dpv:GuardianOfDataSubject", "Parent or guardian (no name is recorded)"),
                "schema:address": "not recorded",
                "schema:contactPoint": "not recorded",
            }
        parties = {each.id: each for option in options for each in parties_of(self.notice, option)}
        yield from map(self.party, parties.values())

    def party(self, party: Recipient | Service) -> dict[str, object]:
        """A recipient by name. A service acts for the site, which answers for it (GDPR 28, PIPL 21)."""
        independent, contact = False, f"through {self.notice.controller.email[self.notice.locales[0]]}"
        if isinstance(party, Recipient):
            classes = {each.id: each for each in self.notice.recipient_classes}
            independent, contact = classes[party.recipient_class].role != "processor", party.contact
        kind = "dpv:ThirdParty" if independent else "dpv:DataProcessor"
        return {
            **_entity(self.part("recipient", party.id), kind, f"{party.name[self.choice.locale]} ({party.company})"),
            "schema:address": {"@type": "schema:PostalAddress", "schema:addressCountry": party.country},
            "dpv:hasLocation": self.place(party.country),
            "schema:contactPoint": {"@type": "schema:ContactPoint", "schema:description": contact},
        }

    def place(self, code: str) -> dict[str, object]:
        name = _PLACES.get(code, code)
        return {"@id": f"loc:{name}"} if name else {"@type": "dpv:Location", "dct:description": "unknown"}


def parties_of(notice: Notice, option: Option) -> list[Recipient | Service]:
    """Those that this option gives information to by name."""
    if option.recipient or option.service:
        return [each for each in (option.recipient, option.service) if each]
    return [each for each in notice.services_of(option.purpose.id) if each.recipient is None]


def _entity(id: str, kind: str, name: object) -> dict[str, object]:
    return {"@id": id, "@type": kind, "dct:identifier": id, "dpv:hasIdentifier": id, "dpv:hasName": name}
