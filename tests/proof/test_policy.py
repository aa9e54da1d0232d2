"""A policy says whom a verifier trusts; a proof holds offline, or says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent_widget.errors import ProofError
from consent_widget.proof import merkle
from consent_widget.proof.checkpoint import Checkpoint
from consent_widget.proof.encoding import encoded
from consent_widget.proof.key import COSIGNATURE, PrivateKey
from consent_widget.proof.note import Note
from consent_widget.proof.policy import Group, Log, Policy, Witness
from consent_widget.proof.tlog_proof import Proof

from .test_merkle import GO, entries, read

SHOP = PrivateKey.parse(GO["key"]["skey"])
KEYS = {
    name: PrivateKey(f"{name.lower()}.example", COSIGNATURE, name.encode() * 16) for name in ("X1", "X2", "X3", "Y1")
}
NOTE = Note.parse(GO["signed"])
#: As in the specification, with spaces and comments wherever they may be.
EXAMPLE = f"""
# an example
 \t log\t{SHOP.public}   https://shop.example/consent/log
witness X1 {KEYS["X1"].public} https://x1.example/
witness X2 {KEYS["X2"].public}
witness X3 {KEYS["X3"].public}
  # 注释
group X-witnesses 2 X1 X2 X3
witness Y1 {KEYS["Y1"].public}
group Y-witnesses any Y1
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def cosigned(*names: str) -> Note:
    return NOTE.signed_also(KEYS[name].sign(NOTE.text, 1_700_000_000) for name in names)


def test_a_policy_is_read_and_written() -> None:
    policy = Policy.parse(EXAMPLE)

    assert policy.logs == (Log(SHOP.public, "https://shop.example/consent/log"),)
    assert policy.witnesses[0] == Witness("X1", KEYS["X1"].public, "https://x1.example/")
    assert policy.groups[1:] == (Group("Y-witnesses", 1, ("Y1",)), Group("X-and-Y", 2, ("X-witnesses", "Y-witnesses")))
    assert Policy.parse(policy.text) == policy
    assert Policy.parse("quorum none") == Policy() == Policy.parse(Policy().text)


@pytest.mark.parametrize("names", [("X1", "X3", "Y1"), ("X1", "X2", "X3", "Y1")])
def test_a_checkpoint_is_accepted_when_its_quorum_has_cosigned(names: tuple[str, ...]) -> None:
    assert Policy.parse(EXAMPLE).accept(cosigned(*names)).size == 70_000


@pytest.mark.parametrize("names", [(), ("Y1",), ("X1", "Y1"), ("X1", "X2", "X3")])
def test_a_checkpoint_is_not_accepted_before(names: tuple[str, ...]) -> None:
    with pytest.raises(ProofError, match=f"of 4 witnesses, {len(names)} have cosigned"):
        Policy.parse(EXAMPLE).accept(cosigned(*names))


def test_a_log_that_is_not_listed_is_not_accepted() -> None:
    with pytest.raises(ProofError, match="known key"):
        Policy.parse("quorum none\n").accept(NOTE)


def test_a_name_may_be_any_bytes() -> None:
    policy = Policy.parse(
        b"witness \xe2\x84\xaa\xff " + str(KEYS["X1"].public).encode() + b"\nquorum \xe2\x84\xaa\xff\n"
    )

    assert policy.quorum != "K"
    assert Policy.parse(policy.text) == policy


W = f"witness W {KEYS['X1'].public}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line"),
        ("quorum W\n", "Line 1.* no line before"),
        (f"quorum W\n{W}", "Line 1"),
        (f"{W}quorum W\nquorum W\n", "Line 3.* none of"),
        (f"{W}{W}quorum none", "Line 2.* twice"),
        (f"{W}witness W {KEYS['X2'].public}\nquorum none", "Line 2.* taken"),
        (f"witness none {KEYS['X2'].public}\nquorum none", "Line 1.* taken"),
        (f"witness W {SHOP.public}\nquorum none", "key of a witness"),
        ("witness W broken\nquorum none", "not a public key"),
        (f"log {SHOP.public}\nlog {SHOP.public}\nquorum none", "Line 2.* twice"),
        (f"log {SHOP.public} url more\nquorum none", "none of"),
        (f"{W}group G 2 W\nquorum G", "from 1 to 1"),
        (f"{W}group G 0 W\nquorum G", "from 1 to 1"),
        (f"{W}group G 01 W\nquorum G", "from 1 to 1"),
        (f"{W}group G ² W\nquorum G", "from 1 to 1"),
        (f"{W}group G any\nquorum none", "none of"),
        (f"{W}group G all W W\nquorum G", "only, once"),
        (f"{W}group G all none\nquorum G", "before"),
        (f"{W}group G all W\ngroup H all W\nquorum G", "Line 3.* one group only"),
        (f"{W}group G all G\nquorum G", "before"),
        (f"{W}quorum none\r\n", "control"),
        (f"{W}quorum none\x00\n", "control"),
        (f"{W}quorum\u00a0none\n", "none of"),
        ("unknown line\n", "Line 1"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProofError, match=message):
        Policy.parse(text)


def proof(index: int = 5, size: int = 13, extra: bytes | None = b"salt and record") -> Proof:
    checkpoint = Checkpoint(SHOP.name, size, merkle.root(size, read(size)))
    path = merkle.inclusion(index, size, read(size))
    return Proof(index, tuple(path), Note.sign(checkpoint.text, [SHOP]), extra)


TRUST = Policy((Log(SHOP.public),))


@pytest.mark.parametrize("extra", [None, b"", b"salt and record"])
@pytest.mark.parametrize(("index", "size"), [(0, 1), (5, 13), (40_000, 65_537)])
def test_a_proof_is_written_read_and_checked(index: int, size: int, extra: bytes | None) -> None:
    made = proof(index, size, extra)
    found = Proof.parse(made.text.encode())

    assert found == made == Proof.parse(made.text)
    assert found.check(merkle.leaf_hash(entries(index + 1)[index]), TRUST).size == size


def test_a_proof_looks_as_the_specification_says() -> None:
    lines = proof().text.split("\n")

    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {encoded(b'salt and record')}", "index 5"]
    assert lines[3:8] == [*next(each["hashes"] for each in GO["inclusion"] if each["size"] == 13), ""]
    assert lines[8:11] == ["shop.example/consent/log", "13", GO["roots"]["13"]]


def test_a_proof_of_something_else_does_not_hold() -> None:
    leaf, made = merkle.leaf_hash(b"record 5"), proof()
    for wrong in (replace(made, index=4), replace(made, hashes=made.hashes[1:]), proof(5, 12), proof(6)):
        with pytest.raises(ProofError):
            replace(wrong, checkpoint=made.checkpoint).check(leaf, TRUST)
    with pytest.raises(ProofError):
        made.check(merkle.leaf_hash(b"record 6"), TRUST)
    with pytest.raises(ProofError, match="known key"):
        made.check(leaf, Policy())


GOOD = proof().text


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", GOOD.replace("@v1", "@v2"), "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.replace("index 5", "index 05"),
        GOOD.replace("index 5", "index -5"), GOOD.replace("index 5\n", ""), GOOD.replace("index 5", "index  5"),
        GOOD.replace("extra c", "extra !"), GOOD.replace("extra", "Extra"), GOOD.replace("index 5\n", "index 5\nAAAA\n"),
        GOOD.replace("index 5\n", "index 5\n" + f"{encoded(bytes(32))}\n" * 60), GOOD.partition("\n\n")[0], GOOD + "\n",
        GOOD.replace("index 5\n", "index 5\n\n"), GOOD.replace("— ", ""),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Proof.parse(text).check(merkle.leaf_hash(b"record 5"), TRUST)
    with pytest.raises(ProofError):
        Proof.parse(b"\xff" + text.encode())
