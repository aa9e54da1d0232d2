"""Writes `docs/vendors.md` from the catalogue of vendors: `python -m docs.vendors`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from consent_widget.vendors.catalogue import all_vendors
from consent_widget.vendors.model import Kind, Vendor

PAGE = Path(__file__).parent / "vendors.md"
START, END = "<!-- made by python -m docs.vendors -->", "<!-- end -->"
#: Calls that are no matter of consent: they start the tag.
STARTING = ("start", "loaded")
HEADINGS: Mapping[Kind, str] = {
    "analytics": "Analytics · 统计分析",
    "advertising": "Advertising · 广告",
    "embed": "Embedded content · 嵌入内容",
    "chat": "Chat · 在线客服",
    "map": "Maps · 地图",
    "captcha": "Captchas · 验证码",
    "payment": "Payment · 支付",
    "login": "Login · 登录",
    "other": "Others · 其他",
}


def page(text: str) -> str:
    """The page with its list written anew."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n{listed()}\n{END}{rest.partition(END)[2]}"


def listed() -> str:
    """Every vendor, by kind."""
    vendors = list(all_vendors())
    chinese = sum(vendor.country == "CN" for vendor in vendors)
    verified = sum(vendor.verified for vendor in vendors)
    parts = [f"{len(vendors)} vendors, {chinese} of them Chinese; of {verified} every fact is verified."]
    for kind in get_args(Kind):
        rows = [_row(vendor) for vendor in vendors if vendor.kind == kind]
        head = "| `use` | Vendor | Company | Stores | Loads | Calls | Verified |\n|---|---|---|---|---|---|---|"
        parts += [f"### {HEADINGS[kind]}", "\n".join([head, *rows])] if rows else []
    return "\n\n".join(parts)


def _row(vendor: Vendor) -> str:
    names = " · ".join(dict.fromkeys(vendor.name.values()))
    needs = [
        f'`{name} = "{each.example}"`'
        for name, each in vendor.parameters.items()
        if not each.each and each.default is None
    ]
    about = "<br>".join((f"**{names}**", *vendor.description.values(), *([vendor.note] if vendor.note else [])))
    cells = (
        "<br>".join((f"`{vendor.id}`", *needs)),
        about,
        f"{vendor.company} ({vendor.country})",
        "<br>".join(_stored(vendor)) or ("not known" if vendor.storage_unknown else "nothing"),
        "by itself" if vendor.tag and vendor.tag.everywhere else "",
        ", ".join(dict.fromkeys(call.on for call in vendor.calls if call.on not in STARTING)) or "none",
        f"{sum(fact.verified for fact in vendor.facts)} of {len(vendor.facts)}",
    )
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _stored(vendor: Vendor) -> Iterator[str]:
    for cookie in vendor.cookies or ():
        yield f"`{cookie.name}` {cookie.lifetime}" + (f" ({cookie.host})" if cookie.host else "")
    yield from (f"`{key.name}` ({key.place})" for key in vendor.storage or ())


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
