"""The log at its address: as the specification has it, for everybody, and nothing that is not in it."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_widget import ConfigurationError, SQLStore
from consent_widget.proof.checkpoint import Checkpoint, opened
from consent_widget.proof.entry import canonical_record
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.merkle import EMPTY, inclusion, leaf_hash, root
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Log, Policy
from consent_widget.proof.tiles import ENTRIES, Tile, hashes_from, tiles_of
from consent_widget.proof.tlog_proof import Proof
from consent_widget.store.tables import CHECKPOINTS
from consent_widget.store.tables import ENTRIES as ENTRIES_TABLE

from ..conftest import HERE, MakeApp
from ..proof.trees import naive_inclusion
from ..support.choice_body import choice_body
from ..support.log import KEYS, ORIGIN, PRIVATE, add_entries, entries_in, entry

LOG = "/consent/log"
SIZE = 600


@pytest.fixture
def site(make_app: MakeApp) -> Flask:
    """A site with a log of 600 entries, and 50 more that are not signed yet."""
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text, CONSENT_LOG_MINUTES=0)
    store = store_of(app)
    add_entries(store, 0, SIZE)
    store.sign_checkpoint(KEYS)
    add_entries(store, SIZE, SIZE + 50)
    return app


@pytest.fixture
def reader(site: Flask) -> FlaskClient:
    return site.test_client()


def store_of(app: Flask) -> SQLStore:
    store: SQLStore = app.extensions["consent_widget"].store
    return store


def test_a_reader_finds_the_whole_tree_by_the_checkpoint_alone(reader: FlaskClient) -> None:
    policy = Policy.parse(reader.get(f"{LOG}/policy").data)
    checkpoint = policy.accept(Note.parse(reader.get(f"{LOG}/checkpoint").data))

    def fetched(tile: Tile) -> bytes:
        return reader.get(f"{LOG}/{tile.path}").data

    assert checkpoint.size == SIZE
    read = hashes_from(fetched, SIZE)
    assert root(SIZE, read) == checkpoint.root
    leaves = [entry(number) for number in range(SIZE)]
    assert inclusion(300, SIZE, read) == naive_inclusion(300, leaves)
    bundles = [fetched(tile) for tile in tiles_of(SIZE) if tile.level == ENTRIES]
    assert [each for bundle in bundles for each in entries_in(bundle)] == leaves


def test_each_answer_has_the_headers_of_the_specification(reader: FlaskClient) -> None:
    checkpoint, tile = reader.get(f"{LOG}/checkpoint"), reader.get(f"{LOG}/tile/0/000")

    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "public, max-age=5"
    assert tile.content_type == "application/octet-stream"
    assert (len(tile.data), tile.headers["Cache-Control"]) == (8192, "public, max-age=31536000, immutable")
    for answer in (checkpoint, tile, reader.get(f"{LOG}/policy")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_a_bundle_is_compressed_for_who_reads_gzip(reader: FlaskClient) -> None:
    path = f"{LOG}/tile/entries/001"
    plain, packed = reader.get(path), reader.get(path, headers={"Accept-Encoding": "gzip"})

    assert (plain.content_encoding, packed.content_encoding) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_what_a_client_has_already_is_not_sent_again_and_parts_are_sent(reader: FlaskClient) -> None:
    path = f"{LOG}/tile/0/001"
    whole = reader.get(path)

    assert reader.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    part = reader.get(path, headers={"Range": "bytes=32-63"})
    assert (part.status_code, part.data) == (206, whole.data[32:64])
    head = reader.head(path)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", "8192")


ELSEWHERE = [
    "0/002", "0/003", "0/002.p/89", "0/002.p/255", "0/002.p/0", "0/2", "0/0000", "00/000", "0/x000/000", "1/000",
    "1/000.p/3", "2/000.p/1", "64/000", "entries/002", "entries/002.p/89", "entries/x001/000", "0/..%2f000", "0/001%00",
    "0/000/../001", "8/0/000", "0", "", "-1/000", "0/000.p/256", "0/９９９",
]  # fmt: skip


def test_nothing_else_is_there(reader: FlaskClient) -> None:
    for path in ELSEWHERE:
        answer = reader.get(f"{LOG}/tile/{path}")
        assert answer.status_code == 404, path
        assert answer.headers.get("Cache-Control") == ("no-store" if path else None), "it may be there in a moment"


def test_every_narrower_tile_of_an_earlier_checkpoint_is_still_there(reader: FlaskClient) -> None:
    wide = reader.get(f"{LOG}/tile/0/002.p/88").data

    for width in (1, 44, 87):
        assert reader.get(f"{LOG}/tile/0/002.p/{width}").data == wide[: 32 * width]
    assert reader.get(f"{LOG}/tile/1/000.p/1").data == reader.get(f"{LOG}/tile/1/000.p/2").data[:32]


def test_pruned_entries_are_gone(site: Flask, reader: FlaskClient) -> None:
    with store_of(site)._writing() as connection:
        connection.execute(ENTRIES_TABLE.delete().where(ENTRIES_TABLE.c.number < 256))

    assert [reader.get(f"{LOG}/tile/{path}").status_code for path in ("0/000", "entries/000")] == [410, 410]
    assert [reader.get(f"{LOG}/tile/{path}").status_code for path in ("0/001", "1/000.p/2")] == [200, 200]


def test_a_site_without_a_log_has_none(client: FlaskClient) -> None:
    for path in ("", "checkpoint", "policy", "tile/0/000"):
        assert client.get(f"{LOG}/{path}").status_code == 404
    assert client.post(f"{LOG}/checkpoint", headers=HERE).status_code == 405


def test_a_database_that_is_away_is_a_503(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text, CONSENT_DATABASE=f"sqlite:///{tmp_path}/missing/x.sqlite")

    assert app.test_client().get(f"{LOG}/checkpoint").status_code == 503


def test_the_policy_has_the_key_and_the_witnesses(make_app: MakeApp) -> None:
    witness = PrivateKey.make("w.example", COSIGNATURE).public
    former = PrivateKey.make(ORIGIN).public  # it was stolen, for example: nobody is to trust what it signs
    app = make_app(
        CONSENT_LOG_KEY=f"{former}\n{PRIVATE.text}",
        CONSENT_LOG_POLICY=f"witness W {witness} https://w.example/\nquorum W\n",
    )
    found = Policy.parse(app.test_client().get(f"{LOG}/policy").data)

    assert found.logs == (Log(PRIVATE.public, f"https://{ORIGIN}"),)
    assert (found.witnesses[0].key, found.quorum) == (witness, "W")


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_page_tells_people_what_the_log_is(reader: FlaskClient, locale: str) -> None:
    page = reader.get(f"{LOG}/?lang={locale}")

    assert page.status_code == 200
    for text in (ORIGIN, str(PRIVATE.public), "600", f'lang="{locale}"', f"{LOG}/checkpoint", f"{LOG}/policy"):
        assert text in page.text, text
    assert reader.get(LOG).status_code == 308


def test_a_response_signs_when_it_is_closed_and_no_failure_reaches_the_visitor(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text)
    store = store_of(app)
    add_entries(store, 0, 300)
    with app.test_client().get("/consent/widget.js"):
        assert store.checkpoint() is None, "before the response is closed"
    assert opened(store.checkpoint() or Note("", ()), KEYS.public).size == 300

    with store._writing() as connection:
        connection.execute(ENTRIES_TABLE.delete().where(ENTRIES_TABLE.c.number > 5))
    add_entries(store, 300, 310)
    signer = app.extensions["consent_widget"].signer
    signer._next = signer._minutes = 0
    with app.test_client().get("/consent/widget.js") as response:
        assert response.status_code == 200
    assert "No checkpoint was signed. The log lacks tile" in caplog.text
    assert PRIVATE.text not in caplog.text


def test_a_choice_is_in_the_log_and_its_receipt_proves_it_to_a_stranger(make_app: MakeApp) -> None:
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text)
    with app.test_client().post(
        "/consent/records", json=choice_body(app.extensions["consent_widget"].notice, "accept_all"), headers=HERE
    ) as answer:
        assert answer.status_code == 201
    note = store_of(app).checkpoint()

    assert note
    assert opened(note, KEYS.public).size == 1
    record = store_of(app).record(answer.get_json()["receipt"]["id"])
    assert record
    proof = Proof.parse((store_of(app).prove(record) or Proof(0, (), note)).text)
    text = canonical_record(record.choice)
    assert proof.extra == record.salt + text
    entry_of_choice = sha256(proof.extra).digest()
    assert proof.check(leaf_hash(entry_of_choice), Policy((Log(PRIVATE.public),))).size == 1
    assert json.loads(text)["action"] == "accept_all"


@pytest.mark.parametrize(
    "note", ["nothing that is signed", str(Note.sign(Checkpoint(ORIGIN, 7, EMPTY).text, [PRIVATE]))]
)
def test_a_damaged_log_keeps_no_site_from_starting(make_app: MakeApp, store: SQLStore, note: str) -> None:
    with store._writing() as connection:
        connection.execute(CHECKPOINTS.insert(), {"size": 3, "time": 0, "cosigned": False, "note": note})
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text, CONSENT_STORE=store)

    assert app.test_client().get("/consent/widget.js").status_code == 200
    assert app.test_client().get(f"{LOG}/checkpoint").status_code == 503


def test_a_new_log_begins_with_a_checkpoint_of_nothing(make_app: MakeApp) -> None:
    app = make_app(CONSENT_LOG_KEY=PRIVATE.text)
    with app.test_client().get(f"{LOG}/?lang=en") as before:
        assert "Nothing is signed yet" in before.text
        assert str(PRIVATE.public) in before.text
    with app.test_client().get(f"{LOG}/") as after:
        assert after.status_code == 200
    assert Checkpoint.parse((store_of(app).checkpoint() or Note("", ())).text) == Checkpoint(ORIGIN, 0, EMPTY)


def test_a_key_of_another_log_stops_the_start(make_app: MakeApp) -> None:
    first = make_app(CONSENT_LOG_KEY=PRIVATE.text)
    store_of(first).sign_checkpoint(KEYS)

    with pytest.raises(
        ConfigurationError, match=r"key of other\.example, and the log in the database is shop\.example"
    ):
        make_app(CONSENT_LOG_KEY=PrivateKey.make("other.example").text)
