"""The differences of two notices as lines for a terminal: of each text only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .changes import Difference
from .marked import Sign, marked

#: As `git diff --word-diff` and `wdiff` mark words.
MARKS: dict[Sign, str] = {"del": "[-{}-]", "ins": "{{+{}+}}", None: "{}"}
#: What stayed is shown as far as this many characters around a change.
AROUND = 24


def lines(differences: Iterable[Difference]) -> list[str]:
    """For each difference its class, its place, what is asked again and by which title visitors know it; then the text
    with its changes marked, or both texts where little of the first stayed.
    """
    output = []
    for difference in differences:
        asked = f"  asks again: {', '.join(difference.asked)}" if difference.asked else ""
        title = f"  ({' / '.join(dict.fromkeys(difference.title.values()))})" if difference.title else ""
        output.append(f"{difference.change_class:<10}{difference.where}{asked}{title}")
        for locale in difference.after or difference.before or ():
            before, after = (text.get(locale, "") if text else "" for text in (difference.before, difference.after))
            output += [f"    {line}" for line in _changed(locale, before, after)]
        if difference.before is not None and difference.before == difference.after:
            output.append("    the words are the same, and mean something else now")
    return output


def _changed(locale: str, before: str, after: str) -> Iterator[str]:
    runs = marked(before, after)
    if any(sign is None for sign, _ in runs):
        if len(runs) > 1:
            last = len(runs) - 1
            yield f"[{locale}] " + "".join(
                MARKS[sign].format(text if sign else _shortened(text, first=n == 0, last=n == last))
                for n, (sign, text) in enumerate(runs)
            )
        return
    for sign, text in (("-", before), ("+", after)):
        if text:
            yield f"{sign} [{locale}] {text}"


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """What stayed, without its middle; at either end of the text, without that end."""
    if len(text) <= AROUND * (2 - first - last) + 1:
        return text
    head, tail = _whole_words(text[:AROUND]), _whole_words(text[-AROUND:], end=True)
    return f"{'' if first else head}…{'' if last else tail}"


def _whole_words(text: str, *, end: bool = False) -> str:
    """`text` without a word that was cut at its open side. In Chinese, where nothing stands between words, as it is."""
    words = text.partition(" ")[2] if end else text.rpartition(" ")[0]
    return words + " " * (not end) if words else text
