"""What a scan found, as one HTML file in both languages: for screen and print, and it asks nobody for anything."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from ..vendors.catalogue import read_vendor
from .classify import Finding
from .observed import PHASES, Observations, Phase
from .report import SOME, note_text, without_query, without_query_of_cause, words

LOCALES = ("zh-CN", "en")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def both(key: str, **fill: object) -> str:
    """A text in both languages; the style shows the one that the reader has chosen."""
    texts = {locale: words()[key][locale].format(**fill) for locale in LOCALES}
    return _pair(texts)


def _pair(texts: dict[str, str]) -> str:
    if len(set(texts.values())) == 1:
        return escape(texts["en"])
    return "".join(f'<span lang="{locale}">{escape(text)}</span>' for locale, text in texts.items())


def as_html(seen: Observations, findings: Sequence[Finding]) -> str:
    """The whole report."""
    css = (Path(__file__).parent / "report.css").read_text("utf-8")
    parts = (
        _head(seen, findings),
        *_findings(findings, seen.site),
        _pictures(seen),
        _looked(seen),
        _hosts(seen),
        _stored(seen),
    )
    title = " · ".join(words()["title"][locale] for locale in LOCALES)
    host = escape(urlsplit(seen.url).hostname or "")
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="robots" content="noindex">
<title>{title}: {host}</title><style>{css}</style></head>
<body>
<fieldset class="languages"><legend class="hidden">语言 · Language</legend>
<label><input type="radio" name="language" id="zh" checked><span lang="zh-CN">中文</span></label>
<label><input type="radio" name="language" id="en"><span lang="en">English</span></label></fieldset>
<main>
{"".join(parts)}
</main>
<footer><p>{both("limits_of_scan")}</p></footer>
</body></html>
"""


def _head(seen: Observations, findings: Sequence[Finding]) -> str:
    if findings:
        verdict = f'<p class="verdict bad"><b>{both("found", count=len(findings))}</b></p>'
    else:
        text = both("clean_text" if len(seen.phases) == len(PHASES) else "clean_new")
        verdict = f'<p class="verdict good"><b>{both("clean")}</b>{text}</p>'
    notes = "".join(
        f"<li>{_pair({locale: note_text(key, text, locale) for locale in LOCALES})}</li>" for key, text in seen.notes
    )
    limits = f'<section class="note"><h2>{both("limits")}</h2><ul>{notes}</ul></section>' if notes else ""
    host = escape(urlsplit(seen.url).netloc.rpartition("@")[2])
    return f"""<header><p class="over">{both("title")}</p><h1>{host}</h1>
<p class="small">{escape(seen.date)} · {escape(seen.engine)} · {both("pages", count=len(seen.pages))}</p></header>
{verdict}{limits}"""


def _findings(findings: Sequence[Finding], site: str) -> Iterator[str]:
    for kind, members in groupby(findings, lambda each: each.kind):
        of_kind = sorted(members, key=lambda each: each.group)
        cards = "".join(_card(list(group), site) for _, group in groupby(of_kind, lambda each: each.group))
        count = f'<span class="count">{len(of_kind)}</span>'
        yield f'<section class="{kind}"><h2>{both(kind)} {count}</h2><p>{both(f"{kind}_text")}</p>{cards}</section>'


def _card(members: list[Finding], site: str) -> str:
    rows = "".join(_row(each) for each in members)
    head = _columns("what", "where", "whom", "by")
    return f"<article><h3>{_name(members[0], site)}</h3>{_table(head, rows)}</article>"


def _table(head: str, rows: str) -> str:
    return f'<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>'


def _name(first: Finding, site: str) -> str:
    """Whose it is, by the catalogue's name where it has one."""
    if first.vendor:
        vendor = read_vendor(first.vendor)
        name = _pair({locale: vendor.name.get(locale) or vendor.id for locale in LOCALES})
        company = f' <span class="small">{escape(vendor.company)}, {escape(vendor.country)}</span>'
    else:
        name, company = escape(first.service or first.host), ""
    tag = (
        both("in_notice", id=first.service) if first.service
        else both("in_catalogue", id=first.vendor) if first.vendor
        else both("own") if first.host == site
        else both("unknown")
    )  # fmt: skip
    return f'{name}{company} <span class="tag">{tag}</span>'


def _row(each: Finding) -> str:
    at = f"{each.host}{each.place}" if each.what in ("request", "preconnect") else each.place
    where = f"<code>{escape(at)}</code>"
    if each.what not in ("request", "preconnect"):
        where += f'<br><span class="small">{escape(each.host)}</span>'
    if each.cookies:
        where += f'<br><span class="small">{both("sets", cookies=", ".join(each.cookies))}</span>'
    causes = [without_query_of_cause(cause) for cause in each.initiators] or [
        without_query(page) for page in each.pages
    ]
    by = "<br>".join(f"<code>{escape(cause)}</code>" for cause in list(dict.fromkeys(causes))[:SOME])
    whom = "".join(f'<span class="tag">{both(phase)}</span> ' for phase in each.phases)
    return f"<tr><td>{both(each.what)}<td>{where}<td>{whom}<td>{by}"


def _columns(*keys: str) -> str:
    return "<thead><tr>" + "".join(f'<th scope="col">{both(key)}' for key in keys) + "</thead>"


def _pictures(seen: Observations) -> str:
    figures = "".join(
        f'<figure><img src="{_data(each.image)}" alt="{escape(without_query(each.url))}">'
        f"<figcaption>{both(each.phase)}</figcaption></figure>"
        for each in seen.pictures
    )
    return f'<section><h2>{both("screens")}</h2><div class="pictures">{figures}</div></section>' if figures else ""


def _data(image: bytes) -> str:
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


def _looked(seen: Observations) -> str:
    pages = "".join(f"<li><code>{escape(without_query(page))}</code></li>" for page in dict.fromkeys(seen.pages))
    visitors = " · ".join(both(phase) for phase in seen.phases)
    return f'<section><h2>{both("looked")}</h2><p>{visitors}</p><ul class="plain">{pages}</ul></section>'


def _hosts(seen: Observations) -> str:
    by_host: dict[str, dict[Phase, int]] = {}
    for each in seen.requests:
        counts = by_host.setdefault(urlsplit(each.url).hostname or "", {})
        counts[each.phase] = counts.get(each.phase, 0) + 1
    rows = ((f"<code>{escape(host)}</code>", counts) for host, counts in sorted(by_host.items()))
    return _matrix(seen, "hosts", ("site",), rows)


def _stored(seen: Observations) -> str:
    by_name: dict[tuple[str, str, str], dict[Phase, str]] = {}
    for each in seen.stored:
        by_name.setdefault((each.place, each.name, each.host), {})[each.phase] = "✓"
    rows = (
        (f'{both(place)} <code>{escape(name)}</code> <span class="small">{escape(host)}</span>', phases)
        for (place, name, host), phases in sorted(by_name.items())
    )
    return _matrix(seen, "stored", ("what",), rows)


def _matrix(
    seen: Observations, title: str, first: tuple[str, ...], rows: Iterable[tuple[str, Mapping[Phase, object]]]
) -> str:
    body = "".join(
        f"<tr><td>{head}" + "".join(f'<td class="number">{counts.get(phase, "–")}' for phase in seen.phases)
        for head, counts in rows
    )
    table = _table(_columns(*first, *seen.phases), body)
    return f"<details><summary><h2>{both(title)}</h2></summary>{table}</details>" if body else ""
