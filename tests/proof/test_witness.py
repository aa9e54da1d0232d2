"""When a witness cosigns, and what it answers else (c2sp.org/tlog-witness)."""

from __future__ import annotations

import pytest

from consent_widget.errors import ProofError
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.encoding import encoded
from consent_widget.proof.key import COSIGNATURE, ED25519, PrivateKey
from consent_widget.proof.merkle import EMPTY, complete_hash, consistency, leaf_hash, root
from consent_widget.proof.note import Note
from consent_widget.proof.witness import Refused, Submission, WitnessKeys, read_cosignatures

ORIGIN = "shop.example/consent/log"
LOG = PrivateKey(ORIGIN, ED25519, bytes(range(32)))
OTHER = PrivateKey(ORIGIN, ED25519, bytes(range(1, 33)))
WITNESS = PrivateKey("other.example/consent/witness", COSIGNATURE, bytes(32))
KEYS = WitnessKeys.parse(f"# the shop next door\n{WITNESS.text}\n{LOG.public}\n")
NOW = 1_780_000_000


def read(height: int, n: int, seed: bytes = b"") -> bytes:
    return complete_hash([leaf_hash(seed + b"%d" % number) for number in range(n << height, (n + 1) << height)])


def checkpoint(size: int, seed: bytes = b"") -> Checkpoint:
    return Checkpoint(ORIGIN, size, root(size, lambda height, n: read(height, n, seed)))


def submission(old: int, new: int, *, by: PrivateKey = LOG, seed: bytes = b"") -> Submission:
    note = Note.sign(checkpoint(new, seed).text, [by])
    hashes = consistency(old, new, lambda height, n: read(height, n, seed)) if old <= new else []
    return Submission(old, tuple(hashes), note)


def judge(given: Submission, latest: Checkpoint | None) -> None:
    KEYS.signers(given)
    KEYS.cosign(given, latest, NOW)


def refusal(given: Submission, latest: Checkpoint | None) -> Refused:
    with pytest.raises(Refused) as raised:
        judge(given, latest)
    return raised.value


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (1, 2), (3, 13), (8, 8), (255, 257)])
def test_a_log_that_grew_is_cosigned(old: int, new: int) -> None:
    given = Submission.parse(str(submission(old, new)).encode())
    KEYS.signers(given)
    line = KEYS.cosign(given, checkpoint(old) if old else None, NOW).line

    (signature,) = read_cosignatures(line.encode(), given.note, [WITNESS.public])
    assert WITNESS.public.verifies(given.note.text, signature.value)
    assert int.from_bytes(signature.value[:8], "big") == NOW


def test_what_it_knows_and_nothing_else_is_extended() -> None:
    for old, latest in ((0, 5), (4, 5), (6, 5), (5, None)):
        refused = refusal(submission(old, 9), checkpoint(latest) if latest else None)

        assert (refused.status, refused.size, str(refused)) == (409, latest or 0, f"{latest or 0}\n")


def test_another_tree_of_any_size_is_refused() -> None:
    for old, new in ((5, 9), (5, 5), (8, 9)):
        assert refusal(submission(old, new, seed=b"!"), checkpoint(old)).status == 422


def test_a_log_never_becomes_smaller() -> None:
    assert refusal(submission(5, 4), checkpoint(5)).status == 400
    assert refusal(submission(0, 4), checkpoint(5)).status == 409
    assert refusal(submission(4, 4), checkpoint(5)).status == 409


def test_who_is_not_known_is_told_so() -> None:
    elsewhere = PrivateKey("elsewhere.example/log", ED25519, bytes(32))
    note = Note.sign(Checkpoint(elsewhere.name, 0, EMPTY).text, [elsewhere])

    assert refusal(Submission(0, (), note), None).status == 404
    assert refusal(submission(0, 5, by=OTHER), None).status == 403
    forged = Note(note.text, (LOG.sign("something else\n"),))
    assert refusal(Submission(0, (), forged), None).status == 404
    text = checkpoint(5).text
    assert refusal(Submission(0, (), Note(text, (LOG.sign("something else\n"),))), None).status == 403


def test_proofs_must_be_as_long_as_they_are() -> None:
    given = submission(5, 9)
    for hashes in ((), given.hashes[:-1], (*given.hashes, bytes(32)), given.hashes[::-1]):
        assert refusal(Submission(5, hashes, given.note), checkpoint(5)).status == 422
    assert refusal(Submission(0, (bytes(32),), given.note), None).status == 422


def test_no_entries_have_the_root_of_an_empty_tree() -> None:
    note = Note.sign(Checkpoint(ORIGIN, 0, bytes(32)).text, [LOG])

    assert refusal(Submission(0, (), note), None).status == 422


TRUE = str(submission(5, 9))


@pytest.mark.parametrize(
    "body",
    [
        "", "\n\n", "old 5", "old 5\n\n", TRUE[:-1], TRUE.replace("old 5", "old 05"), TRUE.replace("old 5", "old -5"),
        TRUE.replace("old 5", "old +5"), TRUE.replace("old 5", "new 5"), TRUE.replace("old 5", f"old {2**63}"),
        TRUE.replace("\n", "\r\n"), TRUE.replace("old 5\n", "old 5\nnohash\n"), "old 0\n" + f"{encoded(bytes(32))}\n" * 64 + TRUE[6:],
        TRUE.replace(ORIGIN + "\n9", ORIGIN + "\n+9"), TRUE.replace("old", "ol\x1b"),
    ],
)  # fmt: skip
def test_what_is_no_submission_is_a_bad_request(body: str) -> None:
    with pytest.raises(Refused) as raised:
        Submission.parse(body.encode())

    assert raised.value.status == 400


def test_bytes_that_are_no_text_are_a_bad_request() -> None:
    with pytest.raises(Refused, match="UTF-8"):
        Submission.parse(b"\xff" + TRUE.encode())


@pytest.mark.parametrize(
    "text",
    ["", WITNESS.text, str(LOG.public), f"{LOG.text}\n{LOG.public}", f"{WITNESS.text}\n{WITNESS.text}\n{LOG.public}", f"{WITNESS.text}\n{WITNESS.public}"],
)  # fmt: skip
def test_keys_that_are_not_those_of_a_witness_and_its_logs_are_errors(text: str) -> None:
    with pytest.raises(ProofError):
        WitnessKeys.parse(text)


@pytest.mark.parametrize(
    "answer", [b"", b"\xff", b"5\n", b"<html>", OTHER.sign(submission(0, 9).note.text).line.encode()]
)
def test_an_answer_without_the_witness_s_signature_is_none(answer: bytes) -> None:
    with pytest.raises(ProofError):
        read_cosignatures(answer, submission(0, 9).note, [WITNESS.public])


def test_a_false_cosignature_is_none() -> None:
    line = WITNESS.sign(checkpoint(8).text, NOW).line

    with pytest.raises(ProofError, match="is wrong"):
        read_cosignatures(line.encode(), submission(0, 9).note, [WITNESS.public])
