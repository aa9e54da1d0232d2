"""What a notice says of the site's own conduct, such as encryption or how long something is kept. No software can know
whether that is so. The notice's table `facts` lists the places of such texts, each with the day on which the site
confirmed it (empty: not yet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .check import texts_in
from .model import Notice

#: What a text says that promises to ask for each recipient alone.
SEPARATE = re.compile(r"单独同意|separate consent", re.IGNORECASE)


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
    yield from _bundled(notice)


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
