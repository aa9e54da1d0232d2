"""Keys, and what they sign (c2sp.org/signed-note, c2sp.org/tlog-cosignature). A key is one line of text, and names its
owner.

Ed25519 signatures of a text (type 1) are made and verified here, and Ed25519 cosignatures of a checkpoint (type 4).
Signatures of other types are passed on, as those of unknown keys are.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, ProofError
from .cosignature import cosigned_text, timestamp_of
from .encoding import decoded, encoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519

#: Types of signatures, and how long the public keys of those that are known here are.
ED25519, COSIGNATURE, MLDSA = 1, 4, 6
LENGTHS = {ED25519: 32, COSIGNATURE: 32, MLDSA: 1312}
#: The types that can be verified here.
VERIFIABLE = (ED25519, COSIGNATURE)
BEGINNING, PRIVATE = "— ", "PRIVATE+KEY+"
HEX = re.compile(r"[0-9a-f]{8}", re.ASCII)


def is_name(text: str) -> bool:
    """Can this name a key? Not with a space, a plus or a control character in it."""
    return bool(text) and "+" not in text and not any(char.isspace() or ord(char) < 32 for char in text)


@dataclass(frozen=True)
class PublicKey:
    """A key that verifies. Its text is called *vkey*: `shop.example/consent/log+c5f01cb4+Aef9…`."""

    name: str
    type: int
    key: bytes
    #: Four bytes that tell keys of the same name apart.
    id: bytes

    @staticmethod
    def make(name: str, type: int, key: bytes) -> PublicKey:
        """The key with the id that follows from the rest."""
        return PublicKey(name, type, key, sha256(_bytes(name) + b"\n" + bytes([type]) + key).digest()[:4])

    @staticmethod
    def parse(text: str) -> PublicKey:
        """The key of a text; ProofError where it is none."""
        name, id, type, material = _parts(text, "a public key (vkey), like name+0123abcd+AQ…")
        key = PublicKey.make(name, type, material)
        if type in LENGTHS and (id != key.id or len(material) != LENGTHS[type]):
            raise ProofError(f"The public key of {name} does not fit its own id: it is damaged.")
        return replace(key, id=id)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.type]) + self.key)}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Has the owner of this key signed the text so?"""
        if self.type == COSIGNATURE:
            if (time := timestamp_of(signature)) is None:
                return False
            text, signature = cosigned_text(text, time), signature[8:]
        ed25519, invalid = _ed25519()
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except (invalid, ValueError):
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A key that signs, kept as the text `PRIVATE+KEY+<name>+<id>+<secret>`. It never shows itself."""

    name: str
    type: int
    seed: bytes = field(repr=False)

    @staticmethod
    def make(name: str, type: int = ED25519) -> PrivateKey:
        """A new key; ProofError where the name cannot name one."""
        if not is_name(name):
            raise ProofError("The name of a key has no spaces and no +. Take an address: shop.example/consent/log")
        return PrivateKey(name, type, os.urandom(32))

    @staticmethod
    def parse(text: str) -> PrivateKey:
        """The key of a text; ProofError, which does not repeat it, where it is none."""
        wanted = f"a private key, like {PRIVATE}name+0123abcd+AQ…"
        if not text.startswith(PRIVATE):
            raise ProofError(f"This is not {wanted}.")
        name, id, type, seed = _parts(text.removeprefix(PRIVATE), wanted)
        if type not in VERIFIABLE or len(seed) != 32:
            raise ProofError(f"The private key of {name} is not an Ed25519 key.")
        key = PrivateKey(name, type, seed)
        if key.public.id != id:
            raise ProofError(f"The private key of {name} does not fit its own id: it is damaged.")
        return key

    @property
    def text(self) -> str:
        """The secret text."""
        return f"{PRIVATE}{self.name}+{self.public.id.hex()}+{encoded(bytes([self.type]) + self.seed)}"

    @cached_property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey.make(self.name, self.type, self._key.public_key().public_bytes_raw())

    @cached_property
    def _key(self) -> ed25519.Ed25519PrivateKey:
        key: ed25519.Ed25519PrivateKey = _ed25519()[0].Ed25519PrivateKey.from_private_bytes(self.seed)
        return key

    def sign(self, text: str, time: int = 0) -> Signature:
        """A signature of the text. A cosignature also says at which time (seconds since 1970) it was made."""
        if self.type == COSIGNATURE:
            value = time.to_bytes(8, "big") + self._key.sign(cosigned_text(text, time).encode())
        else:
            value = self._key.sign(text.encode())
        return Signature(self.name, self.public.id, value)


@dataclass(frozen=True)
class Signature:
    """A line under a note: whose it is, which of their keys made it, and its bytes."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line, with its end."""
        return f"{BEGINNING}{self.name} {encoded(self.key_id + self.value)}\n"

    @staticmethod
    def parse(line: str) -> Signature:
        """The signature of a line without its end, or ProofError."""
        name, _, text = line.removeprefix(BEGINNING).partition(" ")
        value = decoded(text)
        if not line.startswith(BEGINNING) or not is_name(name) or len(value) < 5:
            raise ProofError("A line under the note is not a signature.")
        return Signature(name, value[:4], value[4:])


def _parts(text: str, wanted: str) -> tuple[str, bytes, int, bytes]:
    """Name, id, type and material of a key's text."""
    name, _, rest = text.partition("+")
    id, _, material = rest.partition("+")
    try:
        key = decoded(material)
    except ProofError:
        key = b""
    if not is_name(name) or not HEX.fullmatch(id) or len(key) < 2:
        raise ProofError(f"This is not {wanted}.")
    return name, bytes.fromhex(id), key[0], key[1:]


def _bytes(name: str) -> bytes:
    """A name as bytes. In a policy it may be none of Unicode."""
    return name.encode(errors="surrogateescape")


def _ed25519() -> tuple[Any, type[Exception]]:
    """The library that signs, and what it raises where a signature is wrong. Only sites with a log need it."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise ConfigurationError("Signatures need one more package: pip install 'consent_widget[proof]'") from None
    return ed25519, InvalidSignature
