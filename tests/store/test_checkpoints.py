"""Checkpoints sign what the log holds, in any database, whoever makes them and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent_widget import SQLStore
from consent_widget.errors import LogError
from consent_widget.proof.checkpoint import Checkpoint, opened
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.merkle import check_consistency, consistency, leaf_hash
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Log, Policy
from consent_widget.proof.tiles import ENTRIES as BUNDLE
from consent_widget.proof.tiles import Tile, tiles_of
from consent_widget.store import checkpoints
from consent_widget.store.tables import CHECKPOINTS, ENTRIES, TILES

from ..proof.trees import Tree, naive_root
from ..support.log import KEYS, ORIGIN, PRIVATE, add_entries, entries_in, entry

TRUST = Policy((Log(PRIVATE.public),))


@cache
def tree(size: int) -> Tree:
    return Tree([entry(number) for number in range(size)])


def signed(store: SQLStore) -> Checkpoint:
    return opened(store.sign_checkpoint(KEYS), KEYS.public)


def change(store: SQLStore, statement: sa.Executable) -> None:
    with store._writing() as connection:
        connection.execute(statement)


def test_a_checkpoint_is_of_all_entries(store: SQLStore) -> None:
    assert store.checkpoint() is None
    for size in (0, 1, 255, 256, 257, 300):
        add_entries(store, store.size(), size)
        found = signed(store)
        assert (found.origin, found.size) == (ORIGIN, size)
        assert found.root == naive_root([entry(number) for number in range(size)])
        assert store.checkpoint() == store.sign_checkpoint(KEYS)


@pytest.mark.parametrize("steps", [(700,), (1, 255, 256, 511, 513, 700)])
def test_the_tiles_are_those_of_the_tree_however_it_grew(store: SQLStore, steps: tuple[int, ...]) -> None:
    for size in steps:
        add_entries(store, store.size(), size)
        signed(store)
        for tile in tiles_of(size):
            if tile.level == BUNDLE:
                there = store.bundle(tile) or b""
                first = tile.index * 256
                assert entries_in(there) == [entry(number) for number in range(first, first + tile.width)]
            else:
                assert store.tile(tile) == tree(700)(tile), tile
    assert store.tile(Tile(0, 3)) is store.tile(Tile(1, 0)) is store.bundle(Tile(BUNDLE, 2)) is None


def test_a_tree_of_three_levels_has_its_tiles() -> None:
    with closing(SQLStore("sqlite://")) as store:
        for size in (300, 65_536, 66_000):
            add_entries(store, store.size(), size)
            signed(store)
        for tile in (Tile(2, 0, 1), Tile(1, 0), Tile(1, 1, 1), Tile(0, 0), Tile(0, 257, 208)):
            assert store.tile(tile) == tree(66_000)(tile), tile


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(1, 700), min_size=1, max_size=5))
def test_each_checkpoint_extends_those_before(steps: list[int]) -> None:
    with closing(SQLStore("sqlite://")) as store:
        before = signed(store)
        for step in steps:
            add_entries(store, before.size, before.size + step)
            after = signed(store)
            path = consistency(before.size, after.size, store.hashes(after.size))
            check_consistency(before.size, after.size, before.root, after.root, path)
            before = after


def test_a_checkpoint_may_be_of_some_new_entries_at_a_time(store: SQLStore) -> None:
    add_entries(store, 0, 700)
    sizes = [opened(store.sign_checkpoint(KEYS, 300), KEYS.public).size for _ in range(4)]

    assert sizes == [300, 600, 700, 700]
    assert signed(store).root == naive_root([entry(number) for number in range(700)])


def test_a_record_is_proved_from_the_checkpoint_that_has_it(store: SQLStore) -> None:
    add_entries(store, 0, 300)
    assert store.proof(0, entry(0)) is None
    signed(store)
    add_entries(store, 300, 301)
    for number in (0, 255, 256, 299):
        proof = store.proof(number, entry(number), b"extra")
        assert proof
        assert proof.check(leaf_hash(entry(number)), TRUST).size == 300
        assert (proof.index, proof.extra) == (number, b"extra")
    assert store.proof(300, entry(300)) is None
    with pytest.raises(LogError, match="Record 5 is not what"):
        store.proof(5, entry(6))


def test_a_cosigned_checkpoint_proves_more_than_a_newer_one(store: SQLStore) -> None:
    witness = PrivateKey.make("w.example", COSIGNATURE)
    add_entries(store, 0, 3)
    note = store.sign_checkpoint(KEYS)
    store.add_cosignatures(3, [witness.sign(note.text, 1_700_000_000)])
    add_entries(store, 3, 5)
    newer = store.sign_checkpoint(KEYS)

    cosigned = store.checkpoint_for(2)
    assert cosigned
    assert cosigned.signers([PRIVATE.public, witness.public]) == [PRIVATE.public, witness.public]
    assert store.checkpoint_for(3) == store.checkpoint() == newer
    assert store.checkpoint_for(5) is None


def test_a_receipt_is_from_a_checkpoint_that_enough_witnesses_have_cosigned(store: SQLStore) -> None:
    one, two = (PrivateKey.make(name, COSIGNATURE) for name in ("one.example", "two.example"))
    policy = Policy.parse(
        f"log {PRIVATE.public}\nwitness a {one.public}\nwitness b {two.public}\ngroup both all a b\nquorum both\n"
    )
    for size, witnesses in ((3, (one, two)), (5, (one,))):  # the second one is away
        add_entries(store, store.size(), size)
        note = store.sign_checkpoint(KEYS)
        for witness in witnesses:
            store.add_cosignatures(size, [witness.sign(note.text, 1_700_000_000)], policy.is_cosigned)
    proof = store.proof(2, entry(2))

    assert proof
    assert proof.check(leaf_hash(entry(2)), policy).size == 3


def test_nothing_is_signed_that_does_not_extend_what_was_signed(store: SQLStore) -> None:
    add_entries(store, 0, 300)
    last = store.sign_checkpoint(KEYS)
    altered = ENTRIES.update().where(ENTRIES.c.number == 299).values(entry=bytes(32))
    change(store, altered)
    add_entries(store, 300, 310)
    with pytest.raises(LogError, match="not those of its last checkpoint, of 300 entries"):
        store.sign_checkpoint(KEYS)
    change(store, altered.values(entry=entry(299)))
    change(store, ENTRIES.delete().where(ENTRIES.c.number >= 299))
    with pytest.raises(LogError, match="has 299 entries, and its last checkpoint was signed with 300"):
        store.sign_checkpoint(KEYS)
    add_entries(store, 299, 310)
    change(store, TILES.update().values(hashes=bytes(32)))
    with pytest.raises(LogError, match="not those of its last checkpoint"):
        store.sign_checkpoint(KEYS)
    change(store, TILES.delete())
    with pytest.raises(LogError, match=r"lacks tile/1/000.p/1"):
        store.sign_checkpoint(KEYS)

    assert store.checkpoint() == last


def test_nothing_is_signed_while_entries_are_missing(store: SQLStore) -> None:
    add_entries(store, 0, 300)
    change(store, ENTRIES.delete().where(ENTRIES.c.number == 7))
    with pytest.raises(LogError, match="from number 0 on and before 256, 255 are there"):
        store.sign_checkpoint(KEYS)

    assert store.checkpoint() is None


def test_a_log_keeps_its_key_and_its_name(store: SQLStore) -> None:
    add_entries(store, 0, 3)
    signed(store)
    add_entries(store, 3, 5)
    with pytest.raises(LogError, match=r"is shop\.example/consent/log, and CONSENT_LOG_KEY is a key of other\.example"):
        store.sign_checkpoint(LogKeys((PrivateKey.make("other.example"),)))
    with pytest.raises(LogError, match="add the one before it"):
        store.sign_checkpoint(LogKeys((PrivateKey.make(ORIGIN),)))


def test_a_key_can_be_changed(store: SQLStore) -> None:
    new = PrivateKey.make(ORIGIN)
    add_entries(store, 0, 3)
    signed(store)
    add_entries(store, 3, 4)
    both = store.sign_checkpoint(LogKeys((PRIVATE, new)))
    assert both.signers([PRIVATE.public]) == [PRIVATE.public]
    assert both.signers([new.public]) == [new.public]
    add_entries(store, 4, 5)
    assert store.sign_checkpoint(LogKeys((new,))).signers([PRIVATE.public, new.public]) == [new.public]


def test_a_lost_key_is_replaced_by_its_public_half(store: SQLStore) -> None:
    add_entries(store, 0, 3)
    signed(store)
    add_entries(store, 3, 5)
    keys = LogKeys((PrivateKey.make(ORIGIN),), (PRIVATE.public,))

    assert opened(store.sign_checkpoint(keys), keys.public[:1]).size == 5


def test_of_many_that_sign_at_once_each_gets_the_same_checkpoint(url: str, store: SQLStore) -> None:
    with closing(SQLStore(url)) as other:
        for size in range(100, 1_000, 100):
            add_entries(store, size - 100, size)
            with ThreadPoolExecutor(6) as pool:
                notes = list(pool.map(lambda each: each.sign_checkpoint(KEYS), [store, other] * 3))
            assert set(notes) == {store.checkpoint()}
    with store._reading() as connection:
        sizes = connection.execute(sa.select(CHECKPOINTS.c.size).order_by(CHECKPOINTS.c.size)).scalars().all()
    assert sizes == list(range(100, 1_000, 100))


def test_a_checkpoint_that_is_interrupted_leaves_nothing_half(store: SQLStore) -> None:
    add_entries(store, 0, 300)
    first = store.sign_checkpoint(KEYS)
    add_entries(store, 300, 1_000)

    def fail(connection: sa.Connection, clause: object, *_: object) -> None:
        if str(clause).startswith("INSERT INTO consent_checkpoints"):
            raise KeyboardInterrupt

    sa.event.listen(store._engine, "before_execute", fail)
    with pytest.raises(KeyboardInterrupt):
        store.sign_checkpoint(KEYS)
    sa.event.remove(store._engine, "before_execute", fail)

    assert store.checkpoint() == first
    assert store.tile(Tile(1, 0, 2)) is None
    assert signed(store).root == naive_root([entry(number) for number in range(1_000)])


def test_a_checkpoint_is_needed_when_entries_have_waited_or_are_many(
    store: SQLStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.needs_checkpoint(10)
    store.sign_checkpoint(KEYS)
    assert not store.needs_checkpoint(0)
    add_entries(store, 0, 2)
    assert not store.needs_checkpoint(10)
    for hours in (-1, 1):
        clock = checkpoints.now_ms() + hours * 3_600_000
        with monkeypatch.context() as patched:
            patched.setattr(checkpoints, "now_ms", lambda clock=clock: clock)
            assert store.needs_checkpoint(10), "an hour later, or with a clock that went back"
    monkeypatch.setattr(checkpoints, "MANY", 50)
    add_entries(store, 2, 51)
    assert store.needs_checkpoint(10)


def test_pruned_entries_are_no_longer_served_and_all_else_is_proved(store: SQLStore) -> None:
    add_entries(store, 0, 1_000)
    before = signed(store)
    change(store, ENTRIES.delete().where(ENTRIES.c.number < 512))
    assert store.tile(Tile(0, 1)) is store.bundle(Tile(BUNDLE, 1)) is None
    add_entries(store, 1_000, 1_300)
    after = signed(store)
    proof = store.proof(512, entry(512))

    assert proof
    assert proof.check(leaf_hash(entry(512)), TRUST) == after
    path = consistency(before.size, after.size, store.hashes(after.size))
    check_consistency(before.size, after.size, before.root, after.root, path)


def test_a_note_in_the_database_that_was_altered_is_not_extended(store: SQLStore) -> None:
    add_entries(store, 0, 3)
    note = store.sign_checkpoint(KEYS)
    forged = Checkpoint(ORIGIN, 3, bytes(32)).text
    change(store, CHECKPOINTS.update().values(note=str(Note(forged, note.signatures))))
    add_entries(store, 3, 5)
    with pytest.raises(LogError, match="not signed by the key"):
        store.sign_checkpoint(KEYS)


def test_a_checkpoint_in_the_place_of_another_is_not_extended(store: SQLStore) -> None:
    for size in (3, 5):
        add_entries(store, store.size(), size)
        store.sign_checkpoint(KEYS)
    first = sa.select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == 3).scalar_subquery()
    change(store, CHECKPOINTS.update().where(CHECKPOINTS.c.size == 5).values(note=first))
    add_entries(store, 5, 7)

    with pytest.raises(LogError, match="is stored as the checkpoint of 5 entries is another"):
        store.sign_checkpoint(KEYS)
