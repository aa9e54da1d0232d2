"""Signed notes are those of C2SP's specification and of Go's note package; hostile ones are refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_widget.errors import ProofError
from consent_widget.proof.checkpoint import Checkpoint, opened
from consent_widget.proof.cosignature import cosigned_text, timestamp_of
from consent_widget.proof.encoding import encoded
from consent_widget.proof.key import COSIGNATURE, PrivateKey, PublicKey, Signature, is_name
from consent_widget.proof.merkle import EMPTY
from consent_widget.proof.note import Note

from .test_merkle import GO

SHOP, SHOP_PRIVATE = PublicKey.parse(GO["key"]["vkey"]), PrivateKey.parse(GO["key"]["skey"])
OTHER = PublicKey.parse(GO["key"]["other_vkey"])
TEXT, SIGNED, BY_TWO = GO["checkpoint_text"], GO["signed"], GO["signed_by_two"]
#: The example of c2sp.org/signed-note.
EXAMPLE_KEY = PublicKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
EXAMPLE = """\
This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""


def test_a_note_is_signed_as_go_signs_it() -> None:
    assert str(Note.sign(TEXT, [SHOP_PRIVATE])) == SIGNED
    assert (SHOP_PRIVATE.text, str(SHOP_PRIVATE.public)) == (GO["key"]["skey"], GO["key"]["vkey"])


def test_the_notes_of_go_and_of_the_specification_verify() -> None:
    assert Note.parse(SIGNED).signers([SHOP, OTHER]) == [SHOP]
    assert Note.parse(BY_TWO).signers([OTHER, SHOP]) == [SHOP, OTHER]
    assert Note.parse(EXAMPLE).signers([EXAMPLE_KEY]) == [EXAMPLE_KEY]
    assert Note.parse(EXAMPLE).text == "This is an example message.\n"


def test_a_changed_byte_is_noticed() -> None:
    for at in range(len(SIGNED.encode())):
        raw = bytearray(SIGNED.encode())
        raw[at] ^= 1
        with pytest.raises(ProofError):
            opened(Note.parse(bytes(raw)), [SHOP])


def test_signatures_by_others_do_not_matter() -> None:
    unknown = Signature("x.example/log", b"\1\2\3\4", b"\xff" * 3000)
    same_name = Signature(SHOP.name, b"\1\2\3\4", b"x")
    same_id = Signature("x.example/log", SHOP.id, b"x")
    note = Note.parse(str(Note.parse(BY_TWO).signed_also([unknown, same_name, same_id])))

    assert note.signers([SHOP]) == [SHOP]
    assert len(note.signatures) == 5


def test_a_forged_line_spoils_the_note() -> None:
    forged = Signature(SHOP.name, SHOP.id, bytes(64))
    for signatures in ([forged], [*Note.parse(SIGNED).signatures, forged]):
        with pytest.raises(ProofError, match="altered"):
            Note(TEXT, tuple(signatures)).signers([SHOP])


def test_a_key_of_another_type_finds_nothing() -> None:
    mldsa = PublicKey.parse(str(PublicKey.make("w.example", 6, bytes(1312))))
    note = Note.sign(TEXT, [SHOP_PRIVATE]).signed_also([Signature("w.example", mldsa.id, bytes(2428))])

    assert note.signers([mldsa, SHOP]) == [SHOP]


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1), st.integers(1, 20))
@settings(max_examples=30)
def test_any_text_can_be_signed_and_read_again(line: str, signers: int) -> None:
    keys = [PrivateKey(f"签名.example/{number}", 1, bytes([number] * 32)) for number in range(signers)]
    text = f"{line}\n\n— not a signature\n\n{line}\n"
    note = Note.parse(str(Note.sign(text, keys)).encode())

    assert note.text == text
    assert note.signers(key.public for key in keys) == [key.public for key in keys]


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\n\n", b"text\n", b"text\n\n", b"text\n\n\n", SIGNED.rstrip("\n").encode(), SIGNED.encode() + b"\n",
        SIGNED.replace("\n", "\r\n").encode(), SIGNED.replace("— ", "- ").encode(), SIGNED.replace("— ", "—").encode(),
        SIGNED.replace("— ", "—  ").encode(), SIGNED.encode() + b"more\n", SIGNED.encode() + "— x.example \n".encode(),
        SIGNED.encode() + "— x.example AAAA\n".encode(), SIGNED.encode() + "— x.example AAAAAAA\n".encode(),
        SIGNED.encode() + "— x.example AAAAAAB=\n".encode(), SIGNED.encode() + "— x+y AAAAAAA=\n".encode(),
        SIGNED.encode() + "— x\u00a0y AAAAAAA=\n".encode(), SIGNED.encode() + "— x AAAA AAA=\n".encode(),
        b"\xff" + SIGNED.encode(), b"\x00" + SIGNED.encode(), b"\t" + SIGNED.encode(), "\ufeff".encode("utf-16"),
        SIGNED.encode() + "— x.example AAAAAAA=\n".encode() * 100, b"x" * 1_000_001 + SIGNED.encode(),
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(raw: bytes) -> None:
    with pytest.raises(ProofError):
        Note.parse(raw)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\u2028b", "a\nb", "a\tb", "a\x00", "\u00a0"])
def test_what_cannot_name_a_key_is_refused(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ProofError, match="name"):
        PrivateKey.make(name)


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a+b", "shop.example/consent/log+c5f01cb4", GO["key"]["vkey"].replace("c5f", "C5F"),
        GO["key"]["vkey"].replace("c5f01cb4", "c5f01cb5"), GO["key"]["vkey"][:-4], GO["key"]["vkey"] + " ",
        GO["key"]["vkey"].replace("shop", "shap"), "a b+" + GO["key"]["vkey"].partition("+")[2], GO["key"]["skey"],
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        PublicKey.parse(text)


@pytest.mark.parametrize("text", [GO["key"]["vkey"], GO["key"]["skey"][:-4], GO["key"]["skey"] + "x", "PRIVATE+KEY+"])
def test_what_is_no_private_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ProofError) as refused:
        PrivateKey.parse(text)

    assert text[40:] not in str(refused.value) or not text[40:]


def test_a_damaged_private_key_is_refused() -> None:
    with pytest.raises(ProofError, match="damaged"):
        PrivateKey.parse(GO["key"]["skey"].replace("c5f01cb4", "c5f01cb5"))


def test_a_private_key_does_not_show_itself() -> None:
    key = PrivateKey.make("shop.example/consent/log")

    assert PrivateKey.parse(key.text) == key
    assert PrivateKey.make(key.name) != key
    assert encoded(key.seed)[5:] not in f"{key!r}{key}{vars(key.public)}"
    assert str(key.seed) not in f"{key!r}{key}{vars(key.public)}"


def test_a_cosignature_says_when_the_checkpoint_was_seen() -> None:
    witness = PrivateKey.parse(PrivateKey.make("w.example", COSIGNATURE).text)
    signature = witness.sign(TEXT, 1_700_000_000)
    note = Note.parse(str(Note.parse(SIGNED).signed_also([signature])))

    assert note.signers([SHOP, witness.public]) == [SHOP, witness.public]
    assert timestamp_of(signature.value) == 1_700_000_000
    assert cosigned_text(TEXT, 5) == f"cosignature/v1\ntime 5\n{TEXT}"
    for changed in (signature.value[:-1], b"\0" * 8 + signature.value[8:], b"\xff" + signature.value[1:]):
        with pytest.raises(ProofError, match="wrong"):
            Note(TEXT, (Signature(witness.name, witness.public.id, changed),)).signers([witness.public])


def test_the_cosignature_of_the_specification_names_its_time() -> None:
    note = Note.parse(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/"
        "behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
        "\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5"
        "nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )

    assert timestamp_of(note.signatures[1].value) == 1_679_315_147
    assert timestamp_of(note.signatures[0].value) is None


def test_a_checkpoint_is_read_and_written() -> None:
    checkpoint = opened(Note.parse(SIGNED), [OTHER, SHOP])

    assert [checkpoint.origin, str(checkpoint.size), encoded(checkpoint.root)] == (TEXT.split("\n")[:3])
    assert checkpoint.text == TEXT
    more = Checkpoint("日志.example", 0, EMPTY, ("an extension", "another"))
    assert Checkpoint.parse(more.text) == more


def test_a_checkpoint_counts_only_with_a_signature_of_its_own_log() -> None:
    text = Checkpoint("other.example/log", 1, bytes(32)).text
    with pytest.raises(ProofError, match="not signed by a known key"):
        opened(Note.sign(text, [SHOP_PRIVATE]), [SHOP])
    with pytest.raises(ProofError, match="not signed by a known key"):
        opened(Note.parse(BY_TWO), [OTHER])


ROOT = encoded(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "a\n1\n", f"a\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"a\n01\n{ROOT}\n", f"a\n-1\n{ROOT}\n", f"a\n+1\n{ROOT}\n",
        f"a\n１\n{ROOT}\n", f"a\n1 \n{ROOT}\n", f"a\n{2**63}\n{ROOT}\n", f"a\n1\n{ROOT[:-4]}\n", f"a\n1\n{ROOT}=\n",
        f"a\n1\n{ROOT}\n\n", f"a\n1\n{ROOT}\n\nx\n", f"a\n1\n{ROOT}\n\tx\n", f"a\n\n1\n{ROOT}\n", "a\n1\nBADBASE64\n",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Checkpoint.parse(text)


def test_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from consent_widget.errors import ConfigurationError\n"
        "from consent_widget.proof.key import PrivateKey\n"
        "from consent_widget.proof import checkpoint, merkle, policy, tiles, tlog_proof\n"
        "try: PrivateKey('a', 1, bytes(32)).public\n"
        "except ConfigurationError as error: print(error)"
    )
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install 'consent_widget[proof]'" in done.stdout
