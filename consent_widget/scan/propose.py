"""The services of a notice, written from what a scan saw: known vendors by the catalogue, all others to fill in."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import unquote, urlsplit

from ..notice.model import Notice
from ..vendors.catalogue import read_vendor
from ..vendors.model import Vendor
from .classify import Finding, classify
from .observed import Observations


def propose(seen: Observations, notice: Notice | None = None, own: Collection[str] = ()) -> str:
    """`[[services]]` in TOML for everything that others get or store and that the notice does not tell."""
    findings = [each for each in classify(seen, notice, own) if each.service is None]
    known = dict.fromkeys(each.vendor for each in findings if each.vendor)
    blocks = [_known(read_vendor(id), seen, notice) for id in known]
    unknown = [each for each in findings if each.vendor is None]
    others: dict[str, list[Finding]] = {}
    for each in unknown:
        others.setdefault(each.host, []).append(each)
    blocks += [_unknown(host, members, seen) for host, members in sorted(others.items())]
    if not blocks:
        return "# Nothing to add: the notice tells everything that this scan saw."
    head = f"# What a scan of {urlsplit(seen.url).hostname} saw on {seen.date}, and the notice does not tell.\n"
    return head + "# Look at every line: a scan sees what is there, and not why.\n\n" + "\n\n".join(blocks)


def _known(vendor: Vendor, seen: Observations, notice: Notice | None) -> str:
    lines = [
        f"# {' · '.join(dict.fromkeys(vendor.name.values()))}: {vendor.company} ({vendor.country})",
        "[[services]]",
    ]
    lines.append(f"use = {_text(vendor.id)}")
    values = _parameters(vendor, (each.url for each in seen.requests))
    for name, parameter in vendor.parameters.items():
        if parameter.each or (parameter.default is not None and name not in values):
            continue
        found = values.get(name)
        lines.append(f"{name} = {_text(found)}" if found else f'{name} = ""  # fill in, such as {parameter.example}')
    if notice is None or notice.purpose(vendor.purpose):
        lines.append(f"purposes = [{_text(vendor.purpose)}]")
    else:
        lines.append(f"purposes = []  # which of: {', '.join(each.id for each in notice.purposes)}")
    return "\n".join(lines)


def _parameters(vendor: Vendor, urls: Iterable[str]) -> Mapping[str, str]:
    """The site's own numbers at a vendor, read out of an address that its tag has asked for."""
    values: dict[str, str] = {}
    templates = [each for each in (vendor.tag and vendor.tag.script, vendor.tag and vendor.tag.frame) if each]
    addresses = list(urls)
    for name in vendor.parameters:
        for template in templates:
            if f"{{{name}}}" not in template:
                continue
            pattern = re.escape(template)
            for other, each in vendor.parameters.items():
                group = f"(?P<found>{each.pattern})" if other == name else f"(?:{each.pattern})"
                pattern = pattern.replace(re.escape(f"{{{other}}}"), group)
            # the host may be the site's own, where the tag comes through a gateway
            end = pattern.partition("//")[2].partition("/")[2]
            matches = (re.search(end + r"(?![\w-])", unquote(url)) for url in addresses)
            if match := next(filter(None, matches), None):
                values[name] = match["found"]
    return values


def _unknown(host: str, members: list[Finding], seen: Observations) -> str:
    own = host == seen.site or host.endswith(f".{seen.site}")
    hosts = [] if own else [host]
    cookies = [each.place for each in members if each.what == "cookie"]
    cookies += [name for each in members for name in each.cookies]
    storage = [each.place for each in members if each.what in ("local", "session", "database", "cache", "worker")]
    lines = [
        "# Nobody in the catalogue: whose is this, what for, and does it need consent?" if not own
        else "# Of the site itself, or of a script in its pages: whose is this, what for, and does it need consent?",
        "[[services]]",
        f"id = {_text(_id(host))}",
        f"name = {_text(host)}",
        'company = ""  # who runs it',
        'country = ""  # where the information goes (ISO 3166), such as DE',
        "purposes = []",
    ]  # fmt: skip
    lines += [f"hosts = [{', '.join(map(_text, hosts))}]"] if hosts else []
    names = list(dict.fromkeys(cookies))
    host_of = "" if own else f", host = {_text(host)}"
    tables = (f'{{ name = {_text(each)}, duration = ""{host_of} }}' for each in names)
    lines += [f"cookies = [{', '.join(tables)}]  # fill in how long"] if names else []
    lines += [f"storage = [{', '.join(map(_text, dict.fromkeys(storage)))}]"] if storage else []
    return "\n".join(lines)


def _id(host: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_") or "service"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
