"""The keys of a log, as its operator configures them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..errors import ProofError
from .key import COSIGNATURE, PRIVATE, PrivateKey, PublicKey


@dataclass(frozen=True)
class LogKeys:
    """Each of the private keys signs every checkpoint: two of them while the key is changed. `former` are public keys
    that signed earlier ones.
    """

    signing: tuple[PrivateKey, ...]
    former: tuple[PublicKey, ...] = ()

    @staticmethod
    def parse(text: str) -> LogKeys:
        """The keys of a text: one a line, private ones and perhaps public ones, all of one log. Or ProofError."""
        lines = [line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#")]
        signing = tuple(PrivateKey.parse(line) for line in lines if line.startswith(PRIVATE))
        former = tuple(PublicKey.parse(line) for line in lines if not line.startswith(PRIVATE))
        if not signing:
            raise ProofError("There is no private key, which begins with PRIVATE+KEY+.")
        keys = LogKeys(signing, former)
        if len({key.name for key in keys.public}) > 1:
            raise ProofError("All keys must be of the same log, and these have several names.")
        if COSIGNATURE in {key.type for key in keys.public}:
            raise ProofError("This is the key of a witness. A log needs one of its own.")
        return keys

    @property
    def origin(self) -> str:
        """The name of the log: its address without the scheme."""
        return self.signing[0].name

    @cached_property
    def public(self) -> tuple[PublicKey, ...]:
        """The keys that verify its checkpoints, the newest first."""
        return (*(key.public for key in reversed(self.signing)), *self.former)
