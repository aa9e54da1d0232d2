"""Fills a database with made-up records, straight into its tables: `python -m examples.seed URL [RECORDS] [DAYS]`.

They look like a shop's: two languages, three regions, more on some days than on others. The log proves them as it does
any other record: what they say is made up, that it was recorded is not.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from consent_widget import Choice, SQLStore, read_notice
from consent_widget.days import DAY, now_ms, today
from consent_widget.notice.model import Notice
from consent_widget.store.packed import id_from_bytes, subject_from_bytes
from consent_widget.store.rows import NEXT, add_context, context_of, to_row
from consent_widget.store.tables import ENTRIES, RECORDS, SHOWN

CONTROLLER = {"name": "Bench", "address": "1 Bench Road", "email": "a@bench.example", "phone": "1",
              "officer": "Bench", "storage_location": "Bench"}  # fmt: skip
BATCH = 10_000
#: Each with how often it is, of a hundred.
LOCALES = {"zh-CN": 70, "en": 30}
REGIONS = {"CN": 68, "UK": 25, "US-CA": 7}
LAYOUTS = {"box": 82, "bar": 18}
ACTIONS = {"accept_all": 46, "reject_all": 31, "save": 15, "withdraw_all": 4, "close": 3, "refuse": 1}


def seed(store: SQLStore, notice: Notice, records: int, days: int = 365, site: str = "", seed: int = 1) -> None:
    """Add so many records of the last `days`, oldest first, and how often the layer was shown."""
    chance = random.Random(seed)
    keys = [key for key, option in notice.options.items() if option.in_centre and not option.service]
    store.keep_notice(notice.digest, notice.text)
    contexts: dict[tuple[str | None, ...], int] = {}
    rows = _rows(chance, notice, keys, records, days, site)
    with store._engine.begin() as connection:
        number = connection.execute(NEXT).scalar_one()
        while batch := list(islice(rows, BATCH)):
            made: list[dict[str, Any]] = []
            entries: list[dict[str, Any]] = []
            for choice in batch:
                context = context_of(choice)
                if context not in contexts:
                    contexts[context] = add_context(connection, context)
                row = to_row(choice) | {"number": number, "context": contexts[context]}
                entries.append({"number": number, "entry": row.pop("entry")})
                del row["hash"]
                made.append(row)
                number += 1
            connection.execute(ENTRIES.insert(), entries)
            connection.execute(RECORDS.insert(), made)
        shown = [
            {"day": day, "site": site, "locale": locale, "layout": "box", "region": "CN", "notice": notice.digest,
             "number": 1 + int(records / days * weight / 35)}
            for day in range(today() - days // 2, today() + 1)
            for locale, weight in LOCALES.items()
        ]  # fmt: skip
        connection.execute(SHOWN.insert(), shown)


def _rows(
    chance: random.Random, notice: Notice, keys: list[str], records: int, days: int, site: str
) -> Iterator[Choice]:
    def one(of: dict[str, int]) -> str:
        return chance.choices(list(of), list(of.values()))[0]

    weights = [1 + 0.4 * (day % 7 in (2, 3)) + day / days / 2 for day in range(days)]
    of_day = [int(records * weight / sum(weights)) for weight in weights]
    for day in range(records - sum(of_day)):
        of_day[day % days] += 1
    habits = [0.72, 0.35, 0.3, 0.55, 0.5, 0.6, 0.62]
    for day, number in enumerate(of_day, today() - days + 1):
        start = day * DAY * 1000
        length = min(86_000_000, now_ms() - start)  # nobody has chosen later today
        for at in range(number):
            action: Any = one(ACTIONS)
            granted = action == "accept_all"
            purposes = {
                key: granted or (action == "save" and chance.random() < habits[place % 7])
                for place, key in enumerate(keys if action != "refuse" else keys[:1])
            }
            yield Choice(
                id=id_from_bytes(chance.randbytes(16)), subject=subject_from_bytes(chance.randbytes(16)), seq=1,
                time=start + at * length // number,
                notice=notice.digest, locale=one(LOCALES), action=action, purposes=purposes, site=site,
                surface="layer" if action in ("accept_all", "reject_all", "save", "close") else "centre",
                valid_until=day + 180, region=one(REGIONS), layout=one(LAYOUTS),
            )  # fmt: skip


def main() -> None:
    """Seed the database that the command line names."""
    url, *numbers = sys.argv[1:]
    with closing(SQLStore(url)) as store:
        records, days = map(int, [*numbers, *("1000000", "365")[len(numbers) :]])
        seed(store, read_notice("shop", CONTROLLER), records, days)


if __name__ == "__main__":
    main()
