"""The token: a visitor's state as one short text, which anybody can read and only this site can sign.

    1[<band>].<subject>.<seq>.<notice>.<time>[.<until>.<granted>.<denied>]….<signature>

Numbers are in base 36, `time` in seconds and `until` in days since 1970. `granted` and `denied` are the four-character
fingerprints of options, one after the other. `band` is the visitor's age band where it is known: `c` child, `t` teen,
`a` adult. Nothing in a token says who the visitor is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from itsdangerous import BadSignature, Signer

from ..errors import ConfigurationError
from ..notice.options import MAX_OPTIONS
from .signer import make_signer
from .state import Decision, State, base36

FORMAT = "1"
#: 100 characters for the visitor and the signature, and 11 for each option: each may end on a day of its own.
MAX_TOKEN_LENGTH = 100 + 11 * MAX_OPTIONS
SHORTEST_KEY = 16
#: How many tokens are verified only once: with one of them a page costs a fifth less (`python -m bench page`).
REMEMBERED = 500
SUBJECT = re.compile(r"[A-Za-z0-9_-]{22}")
BANDS = {FORMAT: "", f"{FORMAT}c": "child", f"{FORMAT}t": "teen", f"{FORMAT}a": "adult"}
FINGERPRINT = re.compile(r"[A-Za-z0-9_-]{4}")
FINGERPRINTS = re.compile(rf"(?:{FINGERPRINT.pattern})*")


class TokenSigner:
    """Signs and verifies tokens. The last of `keys` signs, all of them verify: add a new key at the end. Tokens of one
    `scope` (site) do not count in another. ConfigurationError for a missing or short key.
    """

    def __init__(self, keys: Sequence[str] | Sequence[bytes], scope: str = "") -> None:
        if not keys or any(len(key) < SHORTEST_KEY for key in keys):
            raise ConfigurationError(
                f"CONSENT_KEYS: every key needs {SHORTEST_KEY} characters or more. Make one with: flask consent keygen"
            )
        #: Visitors look at several pages. It remembers what some hundred visitors sent last, and nothing else of them.
        self.remembered = lru_cache(maxsize=REMEMBERED)(self._read)
        self._signer = make_signer(Signer, keys, f"consent_widget.token.{FORMAT}.{scope}")

    def write(self, state: State) -> str:
        """The token of a state."""
        groups: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for fingerprint, decision in state.decisions.items():
            groups[decision.until][0 if decision.granted else 1].append(fingerprint)
        parts = [FORMAT + state.band[:1], state.subject, base36(state.seq), state.notice, base36(state.time)]
        for until, (granted, denied) in sorted(groups.items()):
            parts += [base36(until), "".join(granted), "".join(denied)]
        return self._signer.sign(".".join(parts)).decode()

    def read(self, token: str) -> State | None:
        """The state in a token. None for one that is forged, cut, malformed or another site's; never an error."""
        # first: nobody fills the memory with texts that are no tokens
        if not 0 < len(token) <= MAX_TOKEN_LENGTH or not token.isascii() or not has_one_spelling(token):
            return None
        return self.remembered(token)

    def _read(self, token: str) -> State | None:
        try:
            version, subject, seq, notice, time, *groups = self._signer.unsign(token).decode().split(".")
            if version not in BANDS or not SUBJECT.fullmatch(subject) or len(groups) % 3:
                return None
            decisions: dict[str, Decision] = {}
            for at in range(0, len(groups), 3):
                day = int(groups[at], 36)
                for fingerprints, granted in ((groups[at + 1], True), (groups[at + 2], False)):
                    if not FINGERPRINTS.fullmatch(fingerprints):
                        return None
                    decisions |= dict.fromkeys(FINGERPRINT.findall(fingerprints), Decision(granted, day))
            return State(subject, int(seq, 36), int(time, 36), notice, decisions, BANDS[version])
        except (BadSignature, ValueError):
            return None


def has_one_spelling(signed: str) -> bool:
    """Does a text end in a signature (HMAC-SHA-256 in base64url) exactly as this package writes it? A decoder accepts
    more spellings: ignored characters, those of plain base64, and unused bits in the last character.
    """
    return signed[-44:-43] == "." and signed[-1] in "AEIMQUYcgkosw048" and "+" not in signed and "/" not in signed
