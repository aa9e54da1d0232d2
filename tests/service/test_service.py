"""Many sites in one process: each knows its own visitors and nobody else's."""

from __future__ import annotations

import json
import re
import select
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client, TestResponse

from consent_widget.notice.model import Notice
from consent_widget.script.body import Body
from consent_widget.service.app import HostedSites, create_service
from consent_widget.site.site import Site

from ..browser.servers import live
from ..support.choice_body import choice_body
from ..support.services import CLUB, SHOP, SITES, TOP, documented, nginx, serving, written

HOST = "https://consent.example"
HERE = {"Sec-Fetch-Site": "same-origin", "Origin": HOST}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HostedSites]:
    service = create_service(written(tmp_path))
    yield service
    service.close()


@pytest.fixture
def client(service: HostedSites) -> Client:
    return Client(service)


def site(service: HostedSites, id: str) -> Site:
    found: Site = service.sites[id].extensions["consent_widget"]
    return found


def choose(client: Client, service: HostedSites, id: str, headers: dict[str, str], **more: Any) -> TestResponse:
    told = choice_body(site(service, id).notice, **more)
    return client.post(f"/consent/{id}/records", json=told, headers=headers, base_url=HOST)


def test_each_site_has_its_own_notice_languages_and_id(client: Client) -> None:
    shop, club = (client.get(f"/consent/{id}/widget.js?lang=zh-CN").text for id in ("shop", "club"))

    assert ('"site":"shop"' in shop, '"site":"club"' in club) == (True, True)
    assert ("data_analytics" in shop, "data_analytics" in club) == (True, False)
    assert ("全部接受" in shop, "Accept all" in club) == (True, True)
    rest = [client.get(f"/consent/{id}/widget.0.mjs?lang=zh-CN").text for id in ("shop", "club")]
    assert ('"days":180' in rest[0], '"days":365' in rest[1]) == (True, True)


@pytest.mark.parametrize(
    ("id", "origin", "status"), [("shop", SHOP, 201), ("club", CLUB, 201), ("shop", CLUB, 403), ("club", SHOP, 403)]
)
def test_a_site_takes_choices_from_its_own_origins_only(
    client: Client, service: HostedSites, id: str, origin: str, status: int
) -> None:
    response = choose(client, service, id, {"Origin": origin})

    assert response.status_code == status
    assert response.headers.get("Access-Control-Allow-Origin") == (origin if status == 201 else None)
    assert [choice.site for choice in service.store.export()] == [id] * (status == 201)


def test_a_choice_answers_no_draft_that_another_site_has_in_the_same_database(
    client: Client, service: HostedSites
) -> None:
    shop = site(service, "shop")
    draft, script = replace(shop.notice, version="9.9.9"), Body(b"// its script", "text/javascript")
    service.store.keep_notice(draft.digest, draft.text)

    def answer() -> int:
        return client.post(
            "/consent/shop/records", json=choice_body(draft), headers={"Origin": SHOP}, base_url=HOST
        ).status_code

    assert answer() == 409
    site(service, "club").releases.begin([(script, draft)])
    assert answer() == 409
    shop.releases.begin([(script, draft)])
    assert answer() == 201  # by then it is one of its own releases


def test_a_record_names_its_site_and_its_region(client: Client, service: HostedSites) -> None:
    choose(client, service, "club", {"Origin": CLUB})
    choose(client, service, "shop", {"Origin": SHOP})

    assert [(each.site, each.region) for each in service.store.export()] == [("club", "US"), ("shop", "")]
    assert [each.site for each in service.store.export("shop")] == ["shop"]


def test_pages_of_other_sites_follow_each_visitors_region_by_the_proxys_header(tmp_path: Path) -> None:
    sites = SITES.replace('region = "US"', 'region_header = ["X-Country", "X-State"]')
    service = create_service(written(tmp_path, sites, TOP + "proxies = 1\n"))
    client = Client(service)

    def asked(country: str, state: str = "", path: str = "widget.js") -> TestResponse:
        return client.get(f"/consent/club/{path}", headers={"X-Country": country, "X-State": state})

    first = {code: asked(*code.split("-")) for code in ("US-CA", "US-TX", "CN", "XX")}
    assert all(each.headers["Cache-Control"].startswith("private") for each in first.values())
    assert {"x-country", "x-state"} <= {name.lower() for name in first["CN"].vary}
    rests = {code: re.findall(r"widget\.[0-9a-f]{16}\.mjs", each.text)[0] for code, each in first.items()}
    assert len({rests["US-CA"], rests["US-TX"], rests["CN"]}) == 3
    assert "Your Privacy Choices" in asked("CN", path=rests["US-CA"]).text  # by its hash it is the same for everybody
    choose(client, service, "club", {"Origin": CLUB, "X-Country": "US", "X-State": "CA"})
    choose(client, service, "club", {"Origin": CLUB, "X-Country": "T1"})
    assert [each.region for each in service.store.export()] == ["US-CA", "ZZ"]
    service.close()


def test_a_token_of_another_site_is_refused(client: Client, service: HostedSites) -> None:
    first = choose(client, service, "shop", {"Origin": SHOP}).json
    assert first is not None
    verified = [client.post(f"/consent/{id}/verify", json={"token": first["token"]}).json for id in ("shop", "club")]
    choose(client, service, "club", {"Origin": CLUB}, token=first["token"])
    choose(client, service, "shop", {"Origin": SHOP}, token=first["token"])

    assert [told and told["genuine"] for told in verified] == [True, False]
    one, other, again = service.store.export()
    assert other.subject != one.subject
    assert (again.subject, again.seq) == (one.subject, 2)


def test_one_key_at_two_sites_is_two_acts(client: Client, service: HostedSites) -> None:
    key = "k" * 22
    statuses = [choose(client, service, id, {"Origin": origin}, key=key).status_code
                for id, origin in (("shop", SHOP), ("club", CLUB), ("club", CLUB))]  # fmt: skip

    assert statuses == [201, 201, 200]


def test_nothing_links_a_visitor_who_uses_the_pages_of_two_sites_on_the_services_host(
    client: Client, service: HostedSites
) -> None:
    for id in ("shop", "club", "shop", "club"):
        form = {"action": "reject_all", "notice": site(service, id).notice.digest, "locale": "en", "surface": "page"}
        response = client.post(f"/consent/{id}/preferences", data=form, headers=HERE, base_url=HOST)
        assert response.status_code == 303
        assert response.headers["Set-Cookie"].startswith(f"__Host-cw-{id}=1.")

    shop, club, shop_again, club_again = service.store.export()
    assert shop.subject != club.subject
    assert (shop.subject, club.subject) == (shop_again.subject, club_again.subject)
    assert (shop_again.seq, club_again.seq) == (2, 2)


def test_a_parent_domain_is_for_the_sites_own_hosts(tmp_path: Path) -> None:
    service = create_service(
        written(tmp_path, SITES.replace("[sites.club]", 'cookie_domain="shop.example"\n[sites.club]'))
    )
    client = Client(service)
    away = choose(client, service, "shop", HERE).headers["Set-Cookie"]
    home = client.post(
        "/consent/shop/records",
        json=choice_body(site(service, "shop").notice),
        headers={"Sec-Fetch-Site": "same-origin"},
        base_url=SHOP,
    ).headers.getlist("Set-Cookie")[-1]
    service.close()

    assert (away.startswith("__Host-cw-shop="), "Domain" in away) == (True, False)
    assert (home.startswith("cw="), "Domain=shop.example" in home) == (True, True)


def test_the_services_pages_lead_back_to_the_site(client: Client) -> None:
    assert f'<header><a href="{SHOP}/">' in client.get("/consent/shop/notice", base_url=HOST).text
    assert '<header><a href="/">' in client.get("/consent/shop/notice", base_url=SHOP).text


def test_a_tag_with_an_unknown_id_says_in_the_console_what_to_check(client: Client) -> None:
    response = client.get("/consent/shopp/widget.js")

    assert (response.status_code, response.mimetype) == (200, "text/javascript")
    assert response.text.startswith('console.error("consent_widget: ')
    assert "sites.toml" in response.text
    assert "shopp" not in response.text


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["records", "verify", "preferences", "widget.0123456789abcdef.js", "", "a/b"])
def test_anything_else_of_an_unknown_id_is_refused_and_nothing_echoed(client: Client, method: str, path: str) -> None:
    response = client.open(f"/consent/evil-id/{path}", method=method, headers={"Origin": SHOP})

    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    assert json.loads(response.text)["type"] == "urn:consent_widget:unknown-site"
    assert "evil" not in response.text
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/", "/shop/widget.js", "/x/consent/shop/widget.js", "//consent/shop/widget.js"])
def test_other_paths_are_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code in (404, 308)


def test_health_is_that_of_the_shared_store(
    client: Client, service: HostedSites, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/health").status_code == client.get("/consent/shop/health").status_code == 200
    path = Path(service.store._engine.url.database or "")
    service.close()
    path.unlink()
    path.mkdir()

    assert client.get("/health").status_code == 503


def test_the_pinned_script_can_be_checked_by_pages_of_the_listed_origin(client: Client, service: HostedSites) -> None:
    script = site(service, "shop").assets.scripts["en"].whole
    response = client.get(f"/consent/shop/widget.{script.hash}.js", headers={"Origin": SHOP})

    assert response.data == script.content
    assert response.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in response.vary
    other = client.get(f"/consent/shop/widget.{script.hash}.js", headers={"Origin": CLUB})
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Origin" in other.vary


def test_how_long_to_wait_can_be_read_from_the_page(client: Client, service: HostedSites) -> None:
    headers = choose(client, service, "shop", {"Origin": SHOP}).headers

    assert headers["Access-Control-Expose-Headers"] == "Retry-After"


def test_a_refusal_in_the_us_lasts_a_year_and_its_cookie_too(client: Client, service: HostedSites) -> None:
    def cookie(action: str) -> str:
        return choose(client, service, "club", HERE, action=action).headers["Set-Cookie"]

    assert "Max-Age=31536000" in cookie("reject_all")
    text = client.get("/consent/club/preferences").text
    assert "Agreement lasts 180 days and refusal 365 days." in text


def test_only_configured_proxies_are_believed_about_host_scheme_and_address(
    client: Client, service: HostedSites
) -> None:
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-Host": "www.shop.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
    }
    told = choice_body(site(service, "shop").notice)
    response = client.post("/consent/shop/records", json=told, headers=headers, base_url="http://consent.example")

    assert response.headers["Set-Cookie"].startswith("cw-shop=")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("service")
    path = written(folder, SITES, f"{TOP}proxies = 1\n")
    with serving(path) as url:
        yield url, path


def post(url: str, host: str, notice: Notice) -> tuple[int, str, Any]:
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    headers["Origin"] = f"https://{host}"
    request = urllib.request.Request(url, json.dumps(choice_body(notice)).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return response.status, response.headers["Set-Cookie"], json.load(response)


def test_served_for_real_it_gives_the_script_and_takes_a_choice(running: tuple[str, Path]) -> None:
    url, path = running
    with urllib.request.urlopen(f"{url}/consent/shop/widget.js") as response:
        assert b'"site":"shop"' in response.read()
    service = create_service(path)
    request = urllib.request.Request(
        f"{url}/consent/shop/records",
        json.dumps(choice_body(site(service, "shop").notice)).encode(),
        {"Origin": SHOP, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        assert response.status == 201
        receipt = json.load(response)["receipt"]

    assert receipt["id"] in [choice.id for choice in service.store.export("shop")]
    service.close()


def test_on_the_sites_own_domain_the_server_sets_the_sites_own_cookie(running: tuple[str, Path]) -> None:
    url, path = running
    headers = documented("docs/script-tag.md", "http://127.0.0.1:8000")
    service = create_service(path)
    with live(nginx(url, headers, "https"), "127.0.0.1") as shop:
        status, cookie, told = post(f"{shop}/consent/shop/records", "www.shop.example", site(service, "shop").notice)

    assert (status, cookie.split("=")[0]) == (201, "__Host-cw")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert told["receipt"]["withdraw_at"] == f"{SHOP}/consent/shop/preferences"
    assert told["receipt"]["id"] in [choice.id for choice in service.store.export("shop")]
    service.close()


def test_on_the_sites_own_domain_through_the_services_own_nginx_too(running: tuple[str, Path]) -> None:
    url, path = running
    inner = nginx(url, documented("examples/service/nginx.conf", "http://consent"), "https", real_ip=True)
    service = create_service(path)
    with (
        live(inner, "127.0.0.1") as front,
        live(nginx(front, documented("docs/script-tag.md", "https://consent.example"), "https"), "127.0.0.1") as shop,
    ):
        own = post(f"{shop}/consent/shop/records", "www.shop.example", site(service, "shop").notice)
        shared = post(f"{front}/consent/shop/records", "consent.example", site(service, "shop").notice)
    service.close()

    assert [each[0] for each in (own, shared)] == [201, 201]
    assert [each[1].split("=")[0] for each in (own, shared)] == ["__Host-cw", "__Host-cw-shop"]


HEAD = (
    "POST /consent/shop/records HTTP/1.1\r\nHost: consent.example\r\nContent-Type: application/json\r\nOrigin: " + SHOP
)


def opened(url: str, text: str) -> socket.socket:
    """A connection that has sent `text`, and sends nothing more."""
    to = urlsplit(url)
    assert to.hostname
    assert to.port
    connection = socket.create_connection((to.hostname, to.port), 30)
    connection.sendall(text.encode())
    return connection


def answer(connection: socket.socket) -> str:
    """The response on this connection: its head and its body. Waits until all of it is here, or the connection closes."""
    with connection, connection.makefile("rb") as reading:
        head = reading.readline()
        while line := reading.readline().strip():
            head += line + b"\n"
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return (head + reading.read(int(length[1]) if length else 0)).decode()


def test_clients_that_never_finish_keep_nobody_else_waiting(running: tuple[str, Path]) -> None:
    url, path = running
    service = create_service(path)
    body = json.dumps(choice_body(site(service, "shop").notice)).encode()
    slow = opened(url, f"{HEAD}\r\nContent-Length: 400\r\n\r\n")
    bodies = [opened(url, f"{HEAD}\r\nContent-Length: 400\r\n\r\n{begun}") for begun in ("", "{") for _ in range(64)]
    heads = [opened(url, begun) for begun in ("", HEAD) for _ in range(64)]
    with urllib.request.urlopen(f"{url}/consent/shop/widget.js", timeout=9) as response:
        assert response.status == 200
    request = urllib.request.Request(
        f"{url}/consent/shop/records", body, {"Origin": SHOP, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=9) as response:
        assert response.status == 201
    service.close()
    for _ in range(60):
        if select.select([slow], [], [], 0.5)[0]:
            break
        slow.sendall(b" ")
    told = answer(slow)

    assert told.startswith("HTTP/1.1 408 ")
    assert "application/problem+json" in told
    assert '"urn:consent_widget:body-too-slow"' in told
    assert {answer(each).split("\n")[0].strip() for each in bodies} == {"HTTP/1.1 408 Request Timeout"}
    assert {answer(each) for each in heads} == {""}


@pytest.mark.parametrize(
    "length", ["Content-Length: 50000", "Transfer-Encoding: chunked", "Expect: 100-continue\r\nContent-Length: 50000"]
)
def test_a_body_that_is_too_long_or_has_no_length_is_refused_before_it_arrives(
    running: tuple[str, Path], length: str
) -> None:
    told = answer(opened(running[0], f"{HEAD}\r\n{length}\r\n\r\n"))

    assert told.startswith("HTTP/1.1 413 ")
    assert "sent plain and with its length" in told


def test_a_body_that_arrives_in_pieces_is_read_whole(running: tuple[str, Path]) -> None:
    url, path = running
    service = create_service(path)
    body = json.dumps(choice_body(site(service, "shop").notice))
    service.close()
    connection = opened(url, f"{HEAD}\r\nContent-Length: {len(body)}\r\n\r\n")
    for n in range(0, len(body), 50):
        connection.sendall(body[n : n + 50].encode())
        select.select([], [], [], 0.01)

    assert answer(connection).startswith("HTTP/1.1 201 ")


def test_a_choice_that_breaks_off_is_not_recorded(running: tuple[str, Path]) -> None:
    url, path = running
    service = create_service(path)
    before = len(list(service.store.export("shop")))
    body = "action=reject_all&locale=en&surface=page&notice=" + site(service, "shop").notice.digest
    head = (
        HEAD.replace("records", "preferences")
        .replace("json", "x-www-form-urlencoded")
        .replace(SHOP, "http://consent.example")
    )
    opened(url, f"{head}\r\nContent-Length: {len(body) + 1}\r\n\r\n{body}").close()
    whole = answer(opened(url, f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"))

    assert whole.startswith("HTTP/1.1 303 ")
    assert len(list(service.store.export("shop"))) == before + 1
    service.close()


def test_a_header_that_only_looks_like_the_proxys_is_not_believed(running: tuple[str, Path]) -> None:
    url, path = running
    service = create_service(path)
    body = json.dumps(choice_body(site(service, "shop").notice))
    service.close()
    head = HEAD.replace(SHOP, "http://consent.example").replace("Origin", "X_Forwarded_Proto: https\r\nOrigin")
    told = answer(opened(url, f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}"))

    assert "set-cookie: cw-shop=" in told


def test_cookies_that_come_in_several_headers_are_all_read(running: tuple[str, Path]) -> None:
    url, path = running
    service = create_service(path)
    told = []
    for cookies in ("", "Cookie: a=1\r\nCookie: {cookie}\r\nCookie: b=2\r\n"):
        body = json.dumps(choice_body(site(service, "shop").notice))
        cookie = re.search(r"cw-shop=[^;]+", told[0])[0] if told else ""  # type: ignore[index]
        head = HEAD.replace(
            SHOP, f"http://consent.example\r\n{cookies.format(cookie=cookie)}Sec-Fetch-Site: same-origin"
        )
        told.append(answer(opened(url, f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}")))
    first, second = list(service.store.export("shop"))[-2:]
    service.close()

    assert [each.startswith("HTTP/1.1 201 ") for each in told] == [True, True]
    assert (second.subject, second.seq) == (first.subject, 2)
