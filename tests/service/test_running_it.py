"""What `examples/service` sets up: each file is tried with the program that it is for, as far as that is here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
import pytest

from consent_widget.service.app import create_service
from consent_widget.service.command import main
from consent_widget.service.sites import read_sites

from ..support.choice_body import choice_body
from ..support.services import SHOP, SITES, TOP, serving, written
from .test_metrics import free_port

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples/service"


def text(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return found or pytest.skip(f"No {name} is here.")


@contextmanager
def certificate(folder: Path) -> Iterator[tuple[Path, Path]]:
    key, pem = folder / "key", folder / "pem"
    subprocess.run(
        [program("openssl"), *["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
         "-subj", "/CN=consent.example", "-keyout", str(key), "-out", str(pem)],
        check=True, capture_output=True,
    )  # fmt: skip
    yield pem, key


def nginx_config(folder: Path, upstream: str, port: int, pem: Path, key: Path) -> Path:
    """The example as it stands, at other ports and with a certificate for the test."""
    example = text("nginx.conf")
    for before, after in (
        ("127.0.0.1:8000", upstream.removeprefix("http://")),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/consent.example.pem", str(pem)),
        ("/etc/ssl/consent.example.key", str(key)),
    ):
        assert before in example
        example = example.replace(before, after)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n{temporary}{example}\n}}\n", "utf-8",
    )  # fmt: skip
    return path


@pytest.mark.slow
def test_through_the_documented_nginx_a_choice_is_taken_and_its_cookie_is_secure(tmp_path: Path) -> None:
    nginx, port = program("nginx"), free_port()
    path = written(tmp_path, SITES, f"{TOP}proxies = 1\n")
    with closing(create_service(path)) as made:
        notice = made.sites["shop"].extensions["consent_widget"].notice
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with certificate(tmp_path) as (pem, key), serving(path) as url:
        config = nginx_config(tmp_path, url, port, pem, key)
        arguments = [nginx, "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(config)]
        tested = subprocess.run([*arguments, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        with subprocess.Popen(arguments) as server:
            try:
                answers = []
                for _ in range(3):
                    body = json.dumps(choice_body(notice)).encode()
                    headers = {"Origin": "https://consent.example", "Sec-Fetch-Site": "same-origin"}
                    headers |= {"Content-Type": "application/json", "Host": "consent.example"}
                    answers.append(
                        _patiently(f"https://127.0.0.1:{port}/consent/shop/records", body, headers, trusting)
                    )
            finally:
                server.terminate()
    assert [status for status, _ in answers] == [201] * 3
    assert all(cookie.startswith("__Host-cw-shop=") and "Secure" in cookie for _, cookie in answers)


def _patiently(url: str, body: bytes, headers: dict[str, str], context: ssl.SSLContext) -> tuple[int, str]:
    """Status and cookie; nginx may need a moment to listen."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), context=context) as response:
                return response.status, response.headers["Set-Cookie"]
        except ConnectionRefusedError:
            time.sleep(0.05)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.05)
    pytest.fail("nginx does not answer")


def test_nginx_buffers_and_closes_what_it_keeps_open_before_the_service_does() -> None:
    example = text("nginx.conf")

    assert re.search(r"^\s+proxy_request_buffering on;", example, re.MULTILINE)
    assert re.search(r"^\s+proxy_buffering on;", example, re.MULTILINE)
    assert "keepalive_timeout 5s;" in example  # the service: DEADLINE, 10 seconds
    documented = dict(re.findall(r"proxy_set_header\s+(\S+)\s+(\S+);", (ROOT / "docs/service.md").read_text("utf-8")))
    assert documented.items() <= dict(re.findall(r"proxy_set_header\s+(\S+)\s+(\S+);", example)).items()


def serve_command() -> click.Command:
    return main.commands["serve"]


@pytest.mark.parametrize(
    "line",
    [
        re.search(r"^ExecStart=(.*)$", text("consent.service"), re.MULTILINE)[1],  # type: ignore[index]
        " ".join(["consent-widget", *json.loads(re.search(r"^CMD (\[.*\])$", text("Dockerfile"), re.MULTILINE)[1])]),  # type: ignore[index]
    ],
)
def test_the_service_is_started_with_options_that_it_has(line: str) -> None:
    _, name, *arguments = shlex.split(line)

    assert name == "serve"
    context = serve_command().make_context("serve", arguments)
    assert context.params["config"] == Path("/etc/consent/sites.toml")


def test_the_unit_is_closed_to_everything_it_does_not_need(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    unit = tmp_path / "consent.service"
    unit.write_text(text("consent.service").replace("/opt/consent/bin/consent-widget", "/bin/true"), "utf-8")
    done = subprocess.run(
        [analyze, "security", "--offline=true", str(unit)], capture_output=True, text=True, check=False
    )
    level = re.search(r"exposure level for consent\.service: ([\d.]+)", done.stdout)

    assert level, done.stderr
    assert float(level[1]) <= 3.0
    assert "Unknown key" not in done.stderr


def test_the_unit_reloads_by_hangup_and_writes_to_its_own_folder_alone() -> None:
    settings = dict(re.findall(r"^(\w+)=(.*)$", text("consent.service"), re.MULTILINE))

    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert (settings["ProtectSystem"], settings["StateDirectory"], settings["UMask"]) == ("strict", "consent", "0077")
    assert settings["User"] != "root"


def test_the_image_runs_as_nobody_and_says_how_it_is() -> None:
    example = text("Dockerfile")
    last = example.rpartition("\nFROM ")[2]

    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    check = re.search(r"HEALTHCHECK .*?\n\s+(\[.*\])", last)
    assert check
    compile(json.loads(check[1])[2], "check", "exec")
    for pattern in re.findall(r"^!(\S+)", text("Dockerfile.dockerignore"), re.MULTILINE):
        assert (ROOT / pattern).exists(), pattern


def test_all_that_the_package_is_built_of_goes_into_the_image() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    sent = set(re.findall(r"^!(\S+)", text("Dockerfile.dockerignore"), re.MULTILINE))
    included = re.findall(r'"([^"]+)" = "consent_widget', project) + re.findall(
        r'^(?:readme|path) = "([^"]+)"', project, re.MULTILINE
    )

    assert {each.partition("/")[0] for each in included} <= sent


def test_the_containers_can_write_nowhere_but_where_they_must() -> None:
    consent, database = text("compose.yaml").split("\n  db:\n")

    assert "read_only: true" in consent
    assert "cap_drop: [ALL]" in consent
    assert "no-new-privileges:true" in consent
    assert "no-new-privileges:true" in database
    assert "DB_PASSWORD:?" in consent


def test_the_configuration_of_the_examples_is_one_that_can_be_used(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "sites.toml", tmp_path)
    (tmp_path / "keys.txt").write_text("a-key-for-tests-only-0123456789\n", "utf-8")
    known = read_sites(tmp_path / "sites.toml", {})

    assert known.proxies == 1
    assert known.database == "postgresql+psycopg://consent@db/consent"
    assert known.sites["shop"]["CONSENT_ORIGINS"] == [SHOP]
