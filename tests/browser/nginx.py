"""A real nginx with a page cache, set up as docs/proxy.md says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs/proxy.md"


@contextmanager
def page_cache(upstream: str, folder: Path) -> Iterator[str]:
    """The address of an nginx that keeps the pages of `upstream`. It says of each response whether it was kept."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("No nginx: install one to run this test, for example: sudo apt-get install nginx-light")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (documented,) = re.findall(r"```nginx\n(proxy_cache_path.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    config = documented.replace("/var/cache/nginx", str(folder)).replace("listen 80", f"listen 127.0.0.1:{port}")
    config = config.replace("http://127.0.0.1:8000", upstream)
    config = config.replace(
        "proxy_cache pages;", "proxy_cache pages; add_header X-Cache $upstream_cache_status always;"
    )
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = " user root;" if os.geteuid() == 0 else ""  # the worker reads what only this test's user may
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log stderr;{user}"
        f"events {{}} http {{ access_log off; {paths} {config} }}"
    )
    server = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    until = monotonic() + 30
    while monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            sleep(0.05)
    pytest.fail("nginx does not answer")
