"""The visitor's two lists (双清单): what was collected from them, with whom it was shared, and how to close the account."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import Collected, ConfigurationError, Cookie, Service, Shared, StoreError
from consent_widget.notice.model import Notice
from consent_widget.subject import lists as subject_lists
from consent_widget.text import Text
from consent_widget.ui.i18n import messages

from ..conftest import HERE, MakeApp
from ..support.choice_body import choice_body
from ..support.parties import ACME

COLLECTED, SHARED = "/consent/choices/collected", "/consent/choices/shared"
TALLY = Service(
    id="tally", name=Text({"zh-CN": "统计", "en": "Tally"}), company="Tally Ltd", country="CN",
    purposes=("data_analytics",), cookies=(Cookie(name="tally_*"),),
)  # fmt: skip
LINES = [
    Collected(
        what="order", purpose="service_delivery", detail={"zh-CN": "收货地址", "en": "Delivery address"},
        how="Entered at the checkout", first=date(2026, 5, 3), last=datetime(2026, 11, 1, 8, tzinfo=UTC), times=4,
    ),
    Collected(what="Shoe size", first=date(2026, 6, 1)),
    Shared(
        recipient="acme", data=("order",), purpose="partner_sharing", means="By an encrypted file each night",
        detail="Postcode", first=date(2026, 7, 1), last=date(2026, 7, 2), times=2,
    ),
    Shared(recipient="Courier Ltd", contact="privacy@courier.example", data=("order", "Tracking number")),
]  # fmt: skip


@pytest.fixture
def notice(shop: Notice) -> Notice:
    return replace(shop, recipients=(ACME,), services=(TALLY,))


@pytest.fixture
def data(notice: Notice) -> str:
    return notice.data[0].id


def lines(notice: Notice) -> list[Collected | Shared]:
    """The example, with kinds of information that the notice has."""
    id = notice.data[0].id
    return [
        replace(line, what=id)
        if isinstance(line, Collected) and line.what == "order"
        else replace(line, data=tuple(id if each == "order" else each for each in line.data))
        if isinstance(line, Shared)
        else line
        for line in LINES
    ]


Hook = Callable[[str | None], Iterable[Any]]


@pytest.fixture
def make(make_app: MakeApp, notice: Notice) -> Callable[..., Flask]:
    def make(hook: Hook = lambda subject: lines(notice), **more: Any) -> Flask:
        return make_app(CONSENT_NOTICE=notice, CONSENT_COLLECTED=hook, **more)

    return make


def choose(client: FlaskClient, notice: Notice, *args: str, **more: Any) -> None:
    answer = client.post("/consent/records", json=choice_body(notice, *args, **more), headers=HERE)
    assert answer.status_code == 201, answer.text


def files(client: FlaskClient, url: str, lang: str = "en") -> Any:
    return client.get(url, query_string={"format": "json", "lang": lang}).json


def test_the_list_of_what_was_collected_says_what_why_how_when_and_how_often(
    make: Callable[..., Flask], notice: Notice
) -> None:
    client = make().test_client()
    choose(client, notice, "reject_all")
    page, rows = client.get(f"{COLLECTED}?lang=en").text, files(client, COLLECTED)["collected"]
    known = next(row for row in rows if row["what"] == notice.data[0].id)

    assert all(
        each in page for each in ("Delivery address", "Entered at the checkout", "3 May 2026", "1 November 2026")
    )
    assert "Times: 4" in page
    assert known["collected"] == [
        {
            "purpose": "service_delivery", "detail": "Delivery address", "first": "2026-05-03",
            "last": "2026-11-01T08:00:00.000Z", "times": 4, "how": "Entered at the checkout",
        }
    ]  # fmt: skip
    assert [row["what"] for row in rows[1:-1]] == [
        each.id for each in notice.data if each.itemised and each.id != "consent_records"
    ]
    assert rows[-1]["name"] == "Shoe size"
    assert "收货地址" in client.get(f"{COLLECTED}?lang=zh-CN").text


def test_of_the_choices_themselves_everything_is_known(make: Callable[..., Flask], notice: Notice) -> None:
    client = make().test_client()
    assert files(client, COLLECTED)["collected"][0] | {"name": ""} == {
        "what": "consent_records", "name": "", "first": None, "last": None, "times": 0,
    }  # fmt: skip
    choose(client, notice, "reject_all")
    choose(client, notice, "reject_all")

    own = files(client, COLLECTED)["collected"][0]
    assert own["times"] == 2
    assert own["first"] <= own["last"]


@pytest.mark.parametrize(("lang", "unknown"), [("en", "Not known"), ("zh-CN", "不详")])
def test_what_nobody_knows_is_told_as_not_known_and_never_as_none(
    make: Callable[..., Flask], lang: str, unknown: str
) -> None:
    client = make(lambda subject: ()).test_client()

    for url, list in ((COLLECTED, "collected"), (SHARED, "shared")):
        page = client.get(url, query_string={"lang": lang}).text
        assert page.count(unknown) > 5
        assert all(row.get("collected") is None and row.get("shared") is None for row in files(client, url)[list])
        assert ">0<" not in page


def test_the_list_of_recipients_says_who_what_why_by_which_choice_and_since_when(
    make: Callable[..., Flask], notice: Notice
) -> None:
    client = make().test_client()
    choose(client, notice, "allow", "partner_sharing:acme", surface="ask")
    page, rows = client.get(f"{SHARED}?lang=en").text, files(client, SHARED)["shared"]
    acme, tally = rows[0], rows[1]
    courier = next(row for row in rows if row["name"] == "Courier Ltd")

    assert (acme["recipient"], acme["contact"], acme["means"]) == ("acme", ACME.contact, ACME.means["en"])
    (use,) = [each for each in acme["purposes"] if each["id"] == "partner_sharing"]
    assert use["stand"] == "granted"
    assert use["since"]
    assert use["until"]
    assert f"/consent/records/{use['receipt']}" in page
    assert (acme["shared"][0]["times"], acme["shared"][0]["means"]) == (2, "By an encrypted file each night")
    assert (tally["recipient"], tally["shared"], tally["purposes"][0]["stand"]) == ("tally", None, "undecided")
    assert courier["recipient"] is None
    assert courier["contact"] == "privacy@courier.example"
    assert notice.data[0].label["en"] in courier["data"]


@pytest.mark.parametrize(
    ("acts", "stand"),
    [
        ([], "undecided"),
        ([("save", "data_analytics")], "granted"),
        ([("reject_all",)], "refused"),
        ([("save", "data_analytics"), ("reject_all",)], "ended"),
    ],
)
def test_a_recipient_is_told_of_by_the_choice_that_stands_now(
    make: Callable[..., Flask], notice: Notice, acts: list[tuple[str, ...]], stand: str
) -> None:
    client = make().test_client()
    for act in acts:
        choose(client, notice, *act)
    rows = {row["recipient"]: row for row in files(client, SHARED)["shared"]}

    assert rows["tally"]["purposes"][0]["stand"] == stand
    assert bool(rows["tally"]["purposes"][0]["receipt"]) is bool(acts)


def test_a_file_for_spreadsheets_has_the_same_and_runs_no_formula(make: Callable[..., Flask], notice: Notice) -> None:
    evil = [Collected(what="=HYPERLINK(1)"), Shared(recipient="@evil", data=("+1",))]
    client = make(lambda subject: [*lines(notice), *evil]).test_client()
    answer = client.get(f"{COLLECTED}?format=csv&lang=zh-CN")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))

    assert answer.data.startswith("\ufeff".encode())
    assert answer.headers["Content-Disposition"] == 'attachment; filename="collected.csv"'
    assert rows[0] == [messages("zh-CN")[f"list_{name}"] for name in ("what", "why", "how", "when")]
    assert {len(row) for row in rows} == {4}
    assert rows[-1][0] == "'=HYPERLINK(1)"
    shared = client.get(f"{SHARED}?format=csv").data.decode("utf-8-sig")
    assert next(row for row in csv.reader(StringIO(shared)) if "@evil" in row[0])[0].startswith("'@evil")


def test_nothing_that_the_site_says_becomes_markup(make: Callable[..., Flask]) -> None:
    client = make(lambda subject: [Collected(what="<script>alert(1)</script>", detail="<b>")]).test_client()

    assert "<script>alert" not in client.get(COLLECTED).text
    assert "&lt;script&gt;alert" in client.get(COLLECTED).text


def test_a_fault_in_the_sites_function_is_told_and_logged_and_breaks_no_page(
    make: Callable[..., Flask], caplog: pytest.LogCaptureFixture, notice: Notice
) -> None:
    def failing(subject: str | None) -> Iterable[Collected]:
        yield Collected(what="Shoe size")
        raise RuntimeError("the customers' database is away")

    client = make(failing).test_client()
    for url in (COLLECTED, SHARED):
        answer = client.get(f"{url}?lang=en")
        assert answer.status_code == 200
        assert "cannot be read at the moment, so this list is not complete" in answer.text
        assert files(client, url)["site_records"] == "unavailable"
    assert "Shoe size" in client.get(COLLECTED).text
    assert "CONSENT_COLLECTED: the function failed" in caplog.text


def test_what_is_no_line_is_a_fault(make: Callable[..., Flask], caplog: pytest.LogCaptureFixture) -> None:
    client = make(lambda subject: [{"what": "order"}]).test_client()

    assert files(client, COLLECTED)["site_records"] == "unavailable"
    assert "each line must be a Collected or a Shared" in caplog.text


def test_a_function_that_never_ends_is_cut_short(make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(subject: str | None) -> Iterable[Collected]:
        while True:
            yield Collected(what="Shoe size")

    client = make(endless).test_client()
    assert files(client, COLLECTED)["site_records"] == "incomplete"
    assert "too long to be read whole" in client.get(f"{SHARED}?lang=en").text
    monkeypatch.setattr(subject_lists, "SECONDS", -1.0)
    assert len(files(make(endless).test_client(), COLLECTED)["collected"]) < 50


def test_while_the_records_cannot_be_read_the_rest_is_shown_without_503(
    make: Callable[..., Flask], notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make()
    client = app.test_client()
    choose(client, notice, "accept_all")

    def away(*_: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(app.extensions["consent_widget"].store, "history", away)
    for url in (COLLECTED, SHARED):
        answer = client.get(f"{url}?lang=en")
        assert answer.status_code == 200
        assert "Your own choices cannot be read at the moment" in answer.text
    named = files(client, SHARED)["shared"][:2]
    assert {use["stand"] for row in named for use in row["purposes"]} == {"unknown"}
    assert "Delivery address" in client.get(f"{COLLECTED}?lang=en").text


def test_the_function_is_given_the_subject_and_none_before_a_choice(make: Callable[..., Flask], notice: Notice) -> None:
    asked: list[str | None] = []

    def hook(subject: str | None) -> list[Collected]:
        asked.append(subject)
        return []

    client = make(hook).test_client()
    client.get(COLLECTED)
    choose(client, notice, "reject_all")
    client.get(SHARED)

    assert asked[0] is None
    assert asked[1] == client.get_cookie("cw").value.split(".")[1]  # type: ignore[union-attr]


@pytest.mark.parametrize("url", [COLLECTED, SHARED])
@pytest.mark.parametrize("form", ["", "json", "csv"])
def test_nothing_of_the_lists_is_kept_in_a_cache_or_shown_to_other_origins(
    make: Callable[..., Flask], url: str, form: str
) -> None:
    app = make(CONSENT_ORIGINS=["https://other.example"])
    answer = app.test_client().get(
        url, query_string={"format": form} if form else {}, headers={"Origin": "https://other.example"}
    )

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_lists_are_linked_beside_the_way_to_close_the_account_with_its_term(
    make: Callable[..., Flask], notice: Notice, lang: str
) -> None:
    client = make(CONSENT_CLOSE_ACCOUNT={"url": "/account/close"}).test_client()
    choose(client, notice, "reject_all")

    for url in ("/consent/choices", "/consent/preferences", COLLECTED, SHARED):
        page = client.get(url, query_string={"lang": lang}).text
        assert 'href="/account/close"' in page
        assert {"en": "within 15 working days", "zh-CN": "15 个工作日内"}[lang] in page
    assert all(
        f'href="{each}?lang={lang}"' in client.get(f"/consent/choices?lang={lang}").text for each in (COLLECTED, SHARED)
    )
    assert files(client, COLLECTED)["close_account"] == {"url": "/account/close", "working_days": 15}


@pytest.mark.parametrize(
    ("table", "remedy"),
    [
        ({"url": "/x", "working_days": 16}, "from 1 to 15"),
        ({"url": "/x", "working_days": True}, "from 1 to 15"),
        ({"url": "javascript:alert(1)"}, "url must be"),
        ({"url": "//evil.example"}, "url must be"),
        ({"working_days": 3}, "a table with url"),
        ("/x", "a table with url"),
    ],
)
def test_a_way_to_close_the_account_that_cannot_be_used_stops_start_up(
    make: Callable[..., Flask], table: Any, remedy: str
) -> None:
    with pytest.raises(ConfigurationError, match=remedy):
        make(CONSENT_CLOSE_ACCOUNT=table)


@pytest.mark.parametrize(
    "wrong",
    [{"first": "2026-05-03"}, {"last": datetime(2026, 5, 3)}, {"times": -1}, {"times": 1.5}, {"times": True}],
)
def test_a_line_with_a_value_of_another_kind_is_an_error_where_it_is_made(wrong: dict[str, Any]) -> None:
    for kind in (Collected, Shared):
        with pytest.raises(TypeError):
            kind(**({"what": "x"} if kind is Collected else {"recipient": "x"}), **wrong)


def test_a_site_without_the_setting_has_no_such_pages_and_no_link_to_them(make_app: MakeApp) -> None:
    client = make_app().test_client()

    assert client.get(COLLECTED).status_code == 404 == client.get(SHARED).status_code
    assert "collected" not in client.get("/consent/choices?lang=en").text
    assert "cw-list" not in client.application.extensions["consent_widget"].assets.sheet.content.decode()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_whoever_answers_a_request_prints_both_lists_of_a_subject(
    make: Callable[..., Flask], notice: Notice, form: str
) -> None:
    app = make()
    client = app.test_client()
    choose(client, notice, "reject_all")
    subject = client.get_cookie("cw").value.split(".")[1]  # type: ignore[union-attr]
    result = app.test_cli_runner().invoke(args=["consent", "lists", subject, "--format", form, "--locale", "en"])

    assert result.exit_code == 0, result.output
    assert "Delivery address" in result.output
    assert "Courier Ltd" in result.output
    if form == "json":
        both = json.loads(result.output)
        assert both["subject"] == subject
        assert {row["recipient"] for row in both["shared"]} >= {"acme", "tally"}


def test_the_command_says_what_is_missing(make_app: MakeApp, make: Callable[..., Flask]) -> None:
    without = make_app().test_cli_runner().invoke(args=["consent", "lists", "x" * 22])
    other = make().test_cli_runner().invoke(args=["consent", "lists", "x" * 22, "--locale", "fr"])

    assert "Set CONSENT_COLLECTED first" in without.output
    assert "--locale: the notice has zh-CN, en" in other.output
    assert without.exit_code == other.exit_code == 1
