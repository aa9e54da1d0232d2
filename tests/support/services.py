"""A service as its owner would set it up, and the proxies that the documents describe."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ..conftest import KEY

ROOT = Path(__file__).parent.parent.parent
SHOP, CLUB = "https://www.shop.example", "https://club.example"
CONTROLLER = """controller = { name = "Shop", address = "1 Road", email = "a@shop.example", phone = "+1",
               officer = "Ms Wang", storage_location = "Shanghai" }"""
TOP = f"""
url = "https://consent.example"
keys = ["{KEY}"]
rate_limit = 0
"""
SITES = f"""
[sites.shop]
origins = ["{SHOP}"]
notice = "shop"
{CONTROLLER.replace(chr(10), "")}
[sites.club]
origins = ["{CLUB}"]
region = "US"
locales = ["en"]
{CONTROLLER.replace(chr(10), "")}
"""


def written(folder: Path, sites: str = SITES, top: str = TOP) -> Path:
    path = folder / "sites.toml"
    path.write_text(top + sites, "utf-8")
    return path


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "consent_widget.service.command", *map(str, arguments)]


@contextmanager
def running(path: Path, *arguments: str, log: int | IO[str] = subprocess.PIPE) -> Iterator[tuple[str, Any]]:
    """`consent-widget serve` as a process of its own, on a free port: its address, and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        command("serve", "--config", path, "--port", str(port), *arguments),
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, process.stdout and process.stdout.read().decode()
            try:
                with urllib.request.urlopen(f"{url}/health") as response:
                    assert response.status == 200
                break
            except OSError:
                time.sleep(0.05)
        yield url, process
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout:
            process.stdout.close()


@contextmanager
def serving(path: Path) -> Iterator[str]:
    """The address of a service that runs."""
    with running(path) as (url, _):
        yield url


def documented(name: str, upstream: str) -> dict[str, str]:
    """The headers that the nginx example for this upstream sets, as the document has them."""
    text = (ROOT / name).read_text("utf-8")
    block = next(block for block in re.findall(r"location [^{]*\{(.*?)\}", text, re.DOTALL) if upstream in block)
    return dict(re.findall(r'proxy_set_header\s+(\S+)\s+([^\s"]+);', block))


def nginx(upstream: str, headers: dict[str, str], scheme: str, real_ip: bool = False) -> Callable[..., Any]:
    """A reverse proxy that forwards a path as it stands, and sets these headers as nginx would."""
    address = urlsplit(upstream).netloc

    def forward(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = {
            name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            given["Content-Type"] = environ["CONTENT_TYPE"]
        variables = {
            "$host": environ["HTTP_HOST"].split(":")[0],
            "$http_host": environ["HTTP_HOST"],
            "$scheme": scheme,
            "$remote_addr": given.get("X-Forwarded-For", "") if real_ip else "203.0.113.7",
        }
        sent = given | {name: variables[value] for name, value in headers.items()} | {"Connection": "close"}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        connection = http.client.HTTPConnection(address)
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        connection.request(environ["REQUEST_METHOD"], environ["PATH_INFO"] + query, body or None, sent)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        told = [(name, value) for name, value in response.getheaders() if name.lower() != "transfer-encoding"]
        start_response(f"{response.status} {response.reason}", told)
        return [content]

    return forward
