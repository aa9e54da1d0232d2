"""What a visitor waits for is looked up in an index, however many records there are."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from consent_widget import SQLStore
from consent_widget.store.choices import KNOWN, LATEST, ONE
from consent_widget.store.rows import NEXT
from consent_widget.store.tables import ENTRIES, RECORDS

NAME = b"abcdefghijklmnop"


@pytest.mark.parametrize(
    "query",
    [
        ONE.params(id=NAME),
        LATEST.params(subject=NAME),
        KNOWN.params(subject=NAME, site="shop").limit(1),
        sa.select(RECORDS).where(RECORDS.c.subject == NAME).order_by(RECORDS.c.number),
        sa.select(RECORDS).where(RECORDS.c.id.between(NAME, NAME + b"z")).limit(3),
        sa.select(ENTRIES).where(ENTRIES.c.number == 7),
        NEXT,
    ],
    ids=["of a choice that is sent again", "latest act", "is known", "history", "receipt", "entry", "next number"],
)
def test_no_table_is_read_as_a_whole(store: SQLStore, query: sa.Select[tuple[object]]) -> None:
    with store._engine.connect() as connection:
        engine = store._engine
        text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
        if engine.dialect.name == "sqlite":
            plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
            whole = [line for line in plan if line.startswith("SCAN consent_") and "USING" not in line]
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables are read as a whole else
            plan = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {text}".replace("%", "%%"))]
            whole = [line for line in plan if "Seq Scan" in line]
    assert plan
    assert not whole, plan
