"""What a notice says of the site's own conduct, such as encryption or how long something is kept. No software can know
whether that is so. The notice's table `facts` lists the places of such texts, each with the day on which the site
confirmed it (empty: not yet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..text import Text
from .check import texts_in
from .model import Notice

#: What a text says that promises to ask for each recipient alone.
SEPARATE = re.compile(r"单独同意|separate consent", re.IGNORECASE)
#: What a text says that promises how long choices are proved. {records_months} in it would be a number by now.
PROOF = re.compile(r"\bproof\b|\brecords? of (your|the|each) (choice|consent)|证明|(选择|同意)的?记录", re.IGNORECASE)


def warnings(notice: Notice) -> Iterator[str]:
    """What the site has to look at itself, as lines for a terminal."""
    texts = dict(texts_in(notice))
    open_facts = [place for place, day in notice.facts.items() if not day]
    if open_facts:
        yield (
            f"{len(open_facts)} facts you assert are not confirmed. If a text is true of your site, write the day into "
            "[facts] in the notice file; if not, change the text:"
        )
    for place in open_facts:
        if place not in texts:
            yield f"  facts.{place}: there is no such text. Drop the line, or correct the place."
            continue
        yield f"  {place}"
        yield from (f"    [{locale}] {text}" for locale, text in texts[place].items())
    yield from _unverified(notice)
    yield from _told(notice)
    yield from _bundled(notice)
    yield from _kept(notice, texts)


def _unverified(notice: Notice) -> Iterator[str]:
    """What the notice tells of vendors from the catalogue that neither they nor public code confirm."""
    for service in notice.services:
        if service.use is None:
            continue
        from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

        if service.storage_unknown:
            yield (
                f"services.{service.id}: nobody knows what it stores in the browser, and visitors read that. Look at a "
                "page with it, and write into the entry what you find, or cookies = [] for nothing."
            )
        told = (
            fact for fact in read_vendor(service.use.vendor).facts if fact.place.split(".")[0] in service.use.fields
        )
        open_places = [fact.place for fact in told if not fact.verified]
        if open_places:
            yield (
                f"services.{service.id}: nobody has verified what the catalogue says of {', '.join(open_places)}. Look "
                "at a page with it, and write into the entry what is different."
            )


def _told(notice: Notice) -> Iterator[str]:
    """What vendors are told of the visitor's choice, where that may not be what the site means."""
    purposes = {purpose.id for purpose in notice.purposes}
    for service in notice.services:
        if service.use is None:
            continue
        from ..vendors.catalogue import read_vendor  # nothing of the catalogue is read where no notice uses it

        where = f"services.{service.id}"
        if service.use.advanced:
            yield (
                f"{where}.advanced: the tag is loaded before visitors have chosen, and for those who refuse. What it "
                "sends then needs consent in the EU as well (ePrivacy Directive 5(3), EDPB Guidelines 2/2023). Leave "
                "it out unless your lawyers agree."
            )
        for name, signal in read_vendor(service.use.vendor).signals.items():
            unknown = sorted({*(signal.purposes or ())} - purposes)
            if unknown and name not in service.use.signals:
                yield (
                    f"{where}.signals.{name}: is never granted, as this notice has no purpose "
                    f'{" or ".join(map(repr, unknown))}. Name those that it follows: signals = {{ {name} = ["…"] }}.'
                )


def _bundled(notice: Notice) -> Iterator[str]:
    """Texts that speak of separate consent, about purposes that are granted without it."""
    for group in notice.groups:
        for purpose in notice.in_group(group.id):
            about = (f"groups.{group.id}.description", group.description)
            places = (*texts_in(purpose, f"purposes.{purpose.id}"), about)
            for place, text in places if purpose.consent != "separate" else ():
                if any(map(SEPARATE.search, text.values())):
                    yield (
                        f"{place}: speaks of separate consent, and purposes.{purpose.id} has consent = "
                        f'"{purpose.consent}". Change one of them.'
                    )


def _kept(notice: Notice, texts: Mapping[str, Text]) -> Iterator[str]:
    """A term that the texts do not tell, or that `purge` does not know."""
    if notice.records_months is None:
        for place, text in texts.items():
            if place.endswith(".retention") and any(map(PROOF.search, text.values())):
                yield (
                    f"{place}: says how long choices are proved, and records_months is not set: `purge` would delete "
                    "nothing. Set it, and write {records_months} for the number."
                )
        return
    number = re.compile(rf"(?<!\d){notice.records_months}(?!\d)")
    for locale in notice.locales:
        if not any(number.search(text[locale]) for text in texts.values()):
            yield (
                f"records_months: no text tells visitors in {locale!r} that records are kept for "
                f"{notice.records_months} months. Write it, with {{records_months}} for the number."
            )
