"""What a witness has cosigned is in the database, in one transaction with the check."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest

from consent_widget import SQLStore
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.cosignature import timestamp_of
from consent_widget.proof.key import COSIGNATURE, ED25519, PrivateKey, Signature
from consent_widget.proof.merkle import EMPTY
from consent_widget.proof.note import Note
from consent_widget.proof.witness import Refused, Submission, WitnessKeys

LOG = PrivateKey("shop.example/consent/log", ED25519, bytes(range(32)))
KEYS = WitnessKeys(PrivateKey("other.example/consent/witness", COSIGNATURE, bytes(32)), (LOG.public,))


def submission(size: int, root: bytes = bytes(32)) -> Submission:
    return Submission(0, (), Note.sign(Checkpoint(LOG.name, size, root).text, [LOG]))


def test_the_last_checkpoint_is_kept_with_the_signatures_of_both(store: SQLStore) -> None:
    given = submission(5)
    line = store.cosign(given, KEYS, 1_780_000_000)

    assert {name: str(note) for name, note in store.witnessed().items()} == {LOG.name: f"{given.note}{line}"}


def test_whoever_sends_the_same_checkpoint_again_and_again_makes_no_writes(store: SQLStore) -> None:
    given = submission(5)
    first = store.cosign(given, KEYS, 1_780_000_000)
    again = replace(given, old=5)

    with store._writing():  # as if a visitor chose: who waited for that would fail
        assert store.cosign(again, KEYS, 1_780_000_059) == first
        with pytest.raises(Refused):
            store.cosign(given, KEYS, 1_780_000_059)
    assert store.cosign(again, KEYS, 1_780_000_060) != first
    with pytest.raises(Refused):
        store.cosign(replace(submission(5, b"1" * 32), old=5), KEYS, 1_780_000_061)


def test_a_clock_that_went_back_moves_no_cosignature_before_an_earlier_one(store: SQLStore) -> None:
    empty = Submission(0, (), Note.sign(Checkpoint(LOG.name, 0, EMPTY).text, [LOG]))
    store.cosign(empty, KEYS, 1_780_000_000)
    larger = Signature.parse(store.cosign(submission(5), KEYS, 1_770_000_000).rstrip("\n"))

    assert timestamp_of(larger.value) == 1_780_000_000


def test_what_was_refused_changes_nothing(store: SQLStore) -> None:
    store.cosign(submission(5), KEYS, 1)
    before = store.witnessed()

    with pytest.raises(Refused):
        store.cosign(submission(9), KEYS, 2)
    assert store.witnessed() == before


def test_a_line_in_the_name_of_another_log_that_is_known_here_does_not_matter(store: SQLStore) -> None:
    other = PrivateKey("third.example/consent/log", ED25519, bytes(range(1, 33)))
    keys = WitnessKeys(KEYS.signing, (LOG.public, other.public))
    given = submission(5)
    forged = replace(given, note=given.note.signed_also([other.sign("something else\n")]))
    line = store.cosign(forged, keys, 1)

    assert str(store.witnessed()[LOG.name]) == f"{given.note}{line}"


def test_of_two_trees_that_are_sent_at_once_one_is_cosigned(store: SQLStore) -> None:
    outcomes: list[object] = []

    def send(root: bytes) -> None:
        try:
            store.cosign(submission(5, root), KEYS, 1)
            outcomes.append(root)
        except Refused as refused:
            outcomes.append(refused.status)

    threads = [Thread(target=send, args=(bytes([number]) * 32,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (root,) = [each for each in outcomes if each != 409]
    assert store.witnessed()[LOG.name].text == Checkpoint(LOG.name, 5, root).text  # type: ignore[arg-type]
    assert len(outcomes) == 6
