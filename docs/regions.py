"""Writes the table of `docs/regions.md` from `consent_widget/regions.py`: `python -m docs.regions`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from consent_widget.regions import ELSEWHERE, REGIONS, UNKNOWN, Region

PAGE = Path(__file__).parent / "regions.md"
START, END = "<!-- made by python -m docs.regions -->", "<!-- end -->"
MODELS = {
    "opt_in": "nothing",
    "exempt": "`exemption`",
    "opt_out": "`opt_out`, `exemption`",
}
CHILDREN = {"": "", "advertising": "no advertising", "tracking": "nothing that is not needed"}


def page(text: str) -> str:
    """The page with its table written anew."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n{table()}\n{END}{rest.partition(END)[2]}"


def table() -> str:
    """A line for all regions that have the same rules from the same day on."""
    same: dict[tuple[str, Region], list[str]] = defaultdict(list)
    for code, rows in REGIONS.items():
        for row in rows:
            same[row.since, row.rules].append(code)
    head = (
        "| Region | From | Children are below | On before an answer | After a refusal, asked again at the earliest | "
        "The law asks for GPC | For a child, a guardian cannot allow | Complaints |\n|---|---|---|---|---|---|---|---|"
    )
    lines = [_line(codes, since, rules) for (since, rules), codes in same.items()]
    return "\n".join([head, *lines, _line(["elsewhere, or `CONSENT_REGION` not set"], "", ELSEWHERE)])


def _line(codes: list[str], since: str, rules: Region) -> str:
    return f"| {' | '.join(_cells(codes, since, rules))} |"


def _cells(codes: list[str], since: str, rules: Region) -> Iterator[str]:
    names = (f"`{code}` (unknown)" if code == UNKNOWN else f"`{code}`" if code.isupper() else code for code in codes)
    yield ", ".join(names)
    yield "" if since.startswith("1970") else since
    yield str(rules.consent_age)
    yield MODELS[rules.model]
    yield f"{rules.refusal_days} days" if rules.refusal_days else "as the notice says"
    yield "yes" if rules.signal else ""
    yield CHILDREN[rules.closed_to_children]
    yield f"<{rules.authority.url}>" if rules.authority else ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
