"""Whatever is changed behind the site's back is found, or it is harmless. A thousand such changes: `python -m
tests.support.tampering 1000`; what came of them is in docs/log.md.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from consent_widget import SQLStore
from consent_widget.notice.model import Notice
from consent_widget.store.tables import ENTRIES
from consent_widget.store.verifying import Verification
from consent_widget.testing.stores import make_choice

from ..support.tampering import CALLED_ERASED, make_site, trials


def test_every_change_is_found_or_harmless_but_what_nobody_outside_has_seen(
    tmp_path: Path, shop: Notice, minimal: Notice
) -> None:
    chance = random.Random(1)
    site = make_site(tmp_path, [shop, minimal], chance)
    outcomes = list(trials(site, tmp_path, 20, chance))

    assert {outcome.kind for outcome in outcomes if outcome.is_missed} <= {"rebuilt: unsigned", CALLED_ERASED}
    assert {finder for outcome in outcomes for finder in outcome.found} >= {"verify", "receipt", "witness"}


def test_the_first_entries_are_missed_and_not_called_pruned(store: SQLStore) -> None:
    for _ in range(3):
        store.add(make_choice())
    with store._writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.number == 0))

    assert "entry 0 is gone" in " ".join(fault.text for fault in Verification(store).run())


def test_names_that_are_no_text_are_an_error_of_the_database(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite"
    SQLStore(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE other (a); PRAGMA writable_schema = ON;"
            "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT), tbl_name = CAST(x'ff' AS TEXT) WHERE name = 'other';"
        )
    store = SQLStore(f"sqlite:///{path}")

    assert "damaged" in str(store.trouble) or "malformed" in str(store.trouble)
    store.close()
