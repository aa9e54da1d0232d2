"""Databases that hang: a server that was stopped in the middle of its work, and one that never says anything."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Inside, PostgreSQL accepts connections and answers nothing, neither to these nor to those that it had."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        backends = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        processes = list(connection.exec_driver_sql(backends).scalars())
        folder = connection.exec_driver_sql("SHOW data_directory").scalar_one()
    with open(f"{folder}/postmaster.pid", encoding="ascii") as file:
        processes.append(int(file.readline()))
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@contextmanager
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql+psycopg://somebody@127.0.0.1:{server.getsockname()[1]}/shop"
