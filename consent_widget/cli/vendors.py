"""`flask consent vendors`: the catalogue of vendors, and how old each fact in it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..days import day_of_date, today
from ..errors import ConsentError
from ..plural import plural

if TYPE_CHECKING:
    from ..vendors.model import Fact, Signal, Vendor


@click.command()
@click.argument("vendor", required=False)
@click.option(
    "--older-than", type=click.IntRange(0), metavar="DAYS", help="Only facts that nobody has read since then."
)
def vendors(vendor: str | None, older_than: int | None) -> None:
    """List the vendors that a notice can `use`.

    Or tell everything about one, the VENDOR.
    """
    from ..vendors.catalogue import all_vendors, read_vendor, similar_ids, vendor_ids  # no site imports it to start

    if vendor is not None and vendor not in vendor_ids():
        near = similar_ids(vendor)
        meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ConsentError(f"The catalogue has no vendor {vendor!r}.{meant}")
    chosen = list(all_vendors() if vendor is None else [read_vendor(vendor)])
    if older_than is not None:
        lines = [line for each in chosen for line in _old(each, older_than)]
        lines = lines or [f"No fact is older than {plural(older_than, 'day')}."]
    elif vendor is None:
        lines = [_line(each) for each in chosen]
    else:
        lines = list(_whole(chosen[0]))
    click.echo("\n".join(lines))


def _line(vendor: Vendor) -> str:
    names = " · ".join(dict.fromkeys(vendor.name.values()))
    verified = "verified" if vendor.verified else f"{_verified(vendor)} verified"
    return f"{vendor.id:<26}{vendor.kind:<13}{vendor.country:<4}{names}  ({verified})"


def _verified(vendor: Vendor) -> str:
    return f"{sum(fact.verified for fact in vendor.facts)} of {len(vendor.facts)} facts"


def _whole(vendor: Vendor) -> Iterator[str]:
    yield _line(vendor)
    yield from (f"  {text}" for text in vendor.description.values())
    yield f"  {vendor.company} ({vendor.country}); most sites use it for: {vendor.purpose}"
    for name, parameter in vendor.parameters.items():
        usual = "" if parameter.default is None else f'  (if not said: "{parameter.default}")'
        yield f'  {name} = "{parameter.example}"' + ("  (of each element)" if parameter.each else usual)
    yield from ["  cookies  not known"] if vendor.storage_unknown else []
    for cookie in vendor.cookies or ():
        yield f"  cookie   {cookie.name}  {cookie.lifetime}" + (f"  on {cookie.host}" if cookie.host else "")
    yield from (f"  {key.place:<9}{key.name}" for key in vendor.storage or ())
    yield from (f"  host     {host}" for host in vendor.hosts)
    for name, signal in vendor.signals.items():
        yield f"  signal   {name}  {_granted_with(signal)}"
    for call in vendor.calls:
        target = f" to {call.to}" if call.to else ""
        yield f"  on {call.on:<6}{target} {call.call}"
    yield from [f"  {vendor.note}"] if vendor.note else []
    yield "  Facts:"
    for fact in vendor.facts:
        yield f"    {_age(fact)}  {fact.place}" + "".join(f"  [{source.title}]" for source in fact.sources)


def _granted_with(signal: Signal) -> str:
    if signal.purposes is None:
        return "never granted, unless the notice says with what"
    return " and ".join(("granted with the service", *map(repr, signal.purposes)))


def _old(vendor: Vendor, days: int) -> Iterator[str]:
    for fact in vendor.facts:
        age = _days(fact)
        if age is None or age > days:
            yield f"{_age(fact)}  {vendor.id}.{fact.place}"


def _days(fact: Fact) -> int | None:
    return None if fact.date is None else today() - day_of_date(fact.date)


def _age(fact: Fact) -> str:
    """Its age in days, and `?` where it is no more than a hint."""
    age = _days(fact)
    text = "no source" if age is None else plural(age, "day")
    return f"{text:>9}{' ' if fact.verified else '?'}"
