"""The beginning of the log goes once no record of it is left; what is kept is proved as before."""

from __future__ import annotations

from consent_widget import SQLStore
from consent_widget.days import now_ms
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.merkle import check_inclusion, leaf_hash, root
from consent_widget.testing import make_choice

KEYS = LogKeys((PrivateKey.make("shop.example/consent/log"),))


def fill(store: SQLStore, number: int) -> list[str]:
    """Adds records; returns their subjects."""
    choices = [make_choice(site="", time=now_ms()) for _ in range(number)]
    store.take_in(choices, [])
    return [choice.subject for choice in choices]


def delete(store: SQLStore, subjects: list[str]) -> None:
    """Deletes the records of these subjects, as those that are too old."""
    gone = set(subjects)
    store.purge([[choice for choice in store.export() if choice.subject in gone]])


def proved(store: SQLStore) -> int:
    """Proves every record that is there, and returns how many there are."""
    number = 0
    for record in store.records():
        proof = store.prove(record)
        assert proof
        signed = Checkpoint.parse(proof.checkpoint.text)
        leaf = leaf_hash(commitment(record.salt, canonical_record(record.choice)))
        check_inclusion(leaf, record.number, signed.size, proof.hashes, signed.root)
        number += 1
    return number


def test_whole_tiles_without_a_record_go_and_the_rest_is_proved_as_before(store: SQLStore) -> None:
    subjects = fill(store, 600)
    store.sign_checkpoint(KEYS)
    delete(store, subjects[:589])
    store.erase(subjects[589])
    assert proved(store) == 10

    assert store.prunable() == 512
    assert store.prune_log() == 512

    assert (store.first_entry(), store.size(), store.prunable(), store.prune_log()) == (512, 600, 0, 0)
    assert proved(store) == 10
    fill(store, 300)
    signed = Checkpoint.parse(store.sign_checkpoint(KEYS).text)
    assert root(900, store.hashes(900)) == signed.root
    assert proved(store) == 310


def test_what_has_a_record_or_is_not_signed_stays(store: SQLStore) -> None:
    subjects = fill(store, 300)
    assert store.prunable() == 0
    delete(store, subjects[1:])
    store.sign_checkpoint(KEYS)
    assert store.prunable() == 0
    store.erase(subjects[0])
    assert store.prune_log() == 256

    fill(store, 212)
    assert store.size() == 512
    assert store.prunable() == 0


def test_the_number_of_the_next_record_is_never_given_again(store: SQLStore) -> None:
    delete(store, fill(store, 512))
    store.sign_checkpoint(KEYS)

    assert store.prune_log() == 256
    fill(store, 1)
    assert [number for number, _ in store.entries()][-1] == 512
