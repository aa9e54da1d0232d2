"""What stands around the database: poolers, servers that copy processes, other people's migrations, MySQL."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects.mysql.base import MySQLDialect
from sqlalchemy.schema import CreateTable

from consent_widget import SQLStore
from consent_widget.store.mounts import network_file_system
from consent_widget.store.tables import METADATA

from .test_store import choice

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_copy_of_the_process_that_python_was_not_told_of_waits_for_nobody_in_it(store: SQLStore) -> None:
    first = store.add(choice())
    with ExitStack() as busy:  # as threads may be while uWSGI copies its master
        for _ in range(store._turns._at_once):
            busy.enter_context(store._turns.take())
        child = ctypes.PyDLL(None).fork()
        if not child:  # as uWSGI does it: no hook of os.register_at_fork is called
            with suppress(BaseException):
                signal.alarm(20)
                os._exit(0 if store.add(choice()) and store.history(first.subject) == [first] else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.add(choice())

    assert len(list(store.export())) == 3


@contextmanager
def pooling(url: str) -> Iterator[str]:
    """Names another process to clients than the one that answers, as PgBouncer does."""
    target = sa.make_url(url).query["host"]

    def serve(client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(f"{target}/.s.PGSQL.5432")
            threading.Thread(target=pump, args=(client, server, False), daemon=True).start()
            pump(server, client, True)

    def pump(source: socket.socket, sink: socket.socket, rename: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if rename:
                    data = re.sub(rb"K\0\0\0\x0c....", b"K\0\0\0\x0c\0\0\0\x01", data, flags=re.DOTALL)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        port = listening.getsockname()[1]
        pooled = sa.make_url(url).set(host="127.0.0.1", port=port).difference_update_query(["host"])
        yield pooled.render_as_string(hide_password=False)


def prepares(store: SQLStore) -> bool:
    with store._reading() as connection:
        driver: Any = connection.connection.driver_connection
        return driver.prepare_threshold is not None


def test_behind_a_pooler_no_statement_is_prepared(postgresql: str) -> None:
    with closing(SQLStore(postgresql)) as direct, pooling(postgresql) as url, closing(SQLStore(url)) as pooled:
        assert (prepares(direct), prepares(pooled)) == (True, False)
        assert pooled.add(choice()) in list(direct.export())


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_mysql_can_have_every_key_and_tells_upper_from_lower_case(table: sa.Table) -> None:
    dialect = MySQLDialect()
    keys = {column.name for index in table.indexes for column in index.columns} | set(table.primary_key.columns.keys())
    for constraint in table.constraints:
        keys |= {column.name for column in getattr(constraint, "columns", ())}
    kinds = {name: table.c[name].type.compile(dialect) for name in keys}

    assert not {name for name, kind in kinds.items() if "BLOB" in kind or "TEXT" in kind}
    assert "COLLATE utf8mb4_bin" in str(CreateTable(table).compile(dialect=dialect))


def test_migrations_of_the_site_leave_our_tables_alone_as_the_guide_says(tmp_path: Path) -> None:
    guide = (DOCS / "operations.md").read_text("utf-8")
    found = re.search(r"```python\n(def include_name.+?)```", guide, re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(found[1], names)
    url = f"sqlite:///{tmp_path / 'site.sqlite'}"
    with closing(SQLStore(url)), closing(sa.create_engine(url).connect()) as connection:
        drops = compare_metadata(MigrationContext.configure(connection), sa.MetaData())
        leaves = MigrationContext.configure(connection, opts={"include_name": names["include_name"]})

        assert ("remove_table", "consent_records") in {(drop[0], drop[1].name) for drop in drops}
        assert compare_metadata(leaves, sa.MetaData()) == []


def test_a_table_of_the_site_with_a_name_of_ours_is_told_at_once(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    lite = url.startswith("sqlite")
    with engine.begin() as connection:
        for statement in ["CREATE SCHEMA others", "SET search_path = others"] if not lite else []:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("CREATE TABLE consent_records (id int, text text)")
    options = {} if lite else {"options": "-c search_path=others"}
    try:
        with closing(SQLStore(sa.make_url(url).update_query_dict(options))) as store:
            assert "another program's" in str(store.trouble)
    finally:
        if not lite:
            with engine.begin() as connection:
                connection.exec_driver_sql("DROP SCHEMA others CASCADE")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/consent.sqlite", ""),
        ("/data/consent.sqlite", "nfs4"),
        ("/data/local/consent.sqlite", ""),
        ("/database/consent.sqlite", ""),
        ("/my data/consent.sqlite", "cifs"),
        ("/twice/consent.sqlite", ""),
        ("", ""),
    ],
)
def test_a_file_on_a_network_file_system_is_known_by_the_mounts_of_the_machine(
    tmp_path: Path, path: str, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "overlay / overlay rw 0 0\nfiler:/x /data nfs4 rw 0 0\n/dev/sdb /data/local ext4 rw 0 0\n"
        "//box/y /my\\040data cifs rw 0 0\nfiler:/z /twice nfs rw 0 0\n/dev/sdc /twice xfs rw 0 0\n",
        "utf-8",
    )
    assert network_file_system(path, str(mounts)) == kind
    assert network_file_system(path, str(tmp_path / "not there")) == ""
