"""Records are erased, purged, exported, signed, pruned and added at the same moment, and none of it harms another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from consent_widget import SQLStore
from consent_widget.choice.lines import Lines
from consent_widget.days import now_ms
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.entry import canonical_record, commitment
from consent_widget.proof.key import PrivateKey
from consent_widget.proof.log_keys import LogKeys
from consent_widget.proof.merkle import check_inclusion, leaf_hash
from consent_widget.store.exporting import Which
from consent_widget.testing import make_choice

KEYS = LogKeys((PrivateKey.make("shop.example/consent/log"),))


def test_while_everything_runs_at_once_what_is_kept_is_proved_and_what_is_erased_is_nowhere(store: SQLStore) -> None:
    made = [make_choice(site="", time=now_ms()) for _ in range(400)]
    store.take_in(made, [])
    too_old, erased, kept = made[:290], made[290:330], made[330:]
    added = [make_choice(site="", time=now_ms()) for _ in range(40)]

    def export() -> None:
        for _ in range(3):
            list(store.lines(Lines("csv", proofs=True), Which()))

    def purge() -> None:
        store.purge(too_old[start : start + 30] for start in range(0, len(too_old), 30))

    def sign() -> None:
        for _ in range(3):
            store.sign_checkpoint(KEYS)
            store.prune_log()

    def erase() -> None:
        for choice in erased:
            store.erase(choice.subject)

    def add() -> None:
        for choice in added:
            store.add(choice)

    works: list[Callable[[], None]] = [export, purge, sign, erase, add]
    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(work) for work in works]:
            done.result()
    store.sign_checkpoint(KEYS)
    store.prune_log()

    left = {record.choice.id: record for record in store.records()}
    assert left.keys() == {choice.id for choice in (*kept, *added)}
    assert store.first_entry() == 256
    assert store.size() == 440
    for record in left.values():
        proof = store.prove(record)
        assert proof
        signed = Checkpoint.parse(proof.checkpoint.text)
        leaf = leaf_hash(commitment(record.salt, canonical_record(record.choice)))
        check_inclusion(leaf, record.number, signed.size, proof.hashes, signed.root)
