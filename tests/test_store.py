from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from consent_widget import SQLStore, StoreError
from consent_widget.choice import Choice, new_key, new_subject


def choice(**more: object) -> Choice:
    base = Choice(
        subject=new_subject(),
        seq=1,
        time=1_800_000_000_123,
        notice="ab" * 32,
        locale="zh-CN",
        action="save",
        surface="centre",
        purposes={"data_analytics": True, "partner_sharing:acme": False},
        valid_until=21_000,
        key=new_key(),
        signals=("gpc",),
        age_band=None,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def test_what_is_added_is_there_as_it_was(store: SQLStore) -> None:
    added = choice()

    assert store.add(added) == added
    assert store.history(added.subject) == [added]


def test_a_key_that_was_used_gives_the_earlier_choice_back(store: SQLStore) -> None:
    first = store.add(choice())

    assert store.add(choice(key=first.key)) == first
    assert list(store.export()) == [first]


def test_a_key_is_one_act_at_each_site(store: SQLStore) -> None:
    shop, club = store.add(choice(site="shop", region="US-CA")), choice(site="club")
    other = store.add(replace(club, key=shop.key))

    assert store.add(replace(club, key=shop.key, id="another")) == other
    assert (list(store.export("shop")), list(store.export("club"))) == ([shop], [other])
    assert list(store.export()) == [shop, other]


def test_fifty_at_once_with_one_key_make_one_record(store: SQLStore) -> None:
    key, kept, barrier = new_key(), [], threading.Barrier(50)

    def add() -> None:
        barrier.wait()
        kept.append(store.add(choice(key=key)))

    threads = [threading.Thread(target=add) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(kept) == 50
    assert len({each.id for each in kept}) == 1
    assert len(list(store.export())) == 1


def test_history_is_one_subjects_and_in_order(store: SQLStore) -> None:
    subject = new_subject()
    mine = [store.add(choice(subject=subject, seq=n)) for n in range(1, 4)]
    store.add(choice())

    assert store.history(subject) == mine


def test_export_reads_more_than_a_page(store: SQLStore) -> None:
    added = [store.add(choice()) for _ in range(1203)]

    assert list(store.export()) == added


@pytest.mark.parametrize("nasty", ["'; DROP TABLE consent_choices; --", '"', "\\", "%", "名字", "😀"])
def test_text_is_never_sql(store: SQLStore, nasty: str) -> None:
    added = store.add(choice(purposes={nasty: True}, locale=nasty[:20]))

    assert store.history(added.subject)[0].purposes == {nasty: True}


def test_a_notice_is_kept_by_its_digest_for_good(store: SQLStore) -> None:
    store.keep_notice("d" * 64, '{"a":1}')
    store.keep_notice("d" * 64, '{"a":1}')

    assert store.notice("d" * 64) == '{"a":1}'
    assert store.notice("e" * 64) is None


def test_a_second_store_on_the_same_database_sees_everything(store: SQLStore, url: str) -> None:
    added = store.add(choice())
    other = SQLStore(url)

    assert other.history(added.subject) == [added]
    other.close()


def test_a_database_that_is_away_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="CONSENT_DATABASE"):
        SQLStore(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite")


def test_sqlite_keeps_each_choice_on_the_disk(tmp_path: Path) -> None:
    store = SQLStore(f"sqlite:///{tmp_path / 'x.sqlite'}")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_a_record_says_everything_in_plain_json() -> None:
    told = choice().plain()

    assert json.loads(json.dumps(told)) == told
    assert "key" not in told
    assert told["time"] == "2027-01-15T08:00:00.123+00:00"
    assert told["valid_until"] == "2027-07-01"


def test_on_sqlite_nothing_of_whoever_is_erased_stays_on_the_disk(tmp_path: Path) -> None:
    store = SQLStore(f"sqlite:///{tmp_path / 'store.sqlite'}")
    for _ in range(50):
        store.add(choice())
    gone = store.add(choice(subject="g" * 22))
    store.add(choice())
    store.erase(gone.subject)
    files = [file.read_bytes() for file in tmp_path.iterdir()]

    assert any(file for file in files)
    assert not [file for file in files if gone.subject.encode() in file or gone.key.encode() in file]
    store.close()
